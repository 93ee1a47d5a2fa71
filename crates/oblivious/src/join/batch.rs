use std::fmt;

use adyton_crypto::CryptoRng;
use zeroize::Zeroize;

use super::class::BatchClass;
use super::scratch::Scratch;
use crate::error::ObliviousError;
use crate::kernel::{Kernel, KernelSet, LANES, Stores, Task};
use crate::memory::Lines;
use crate::shape::Shape;
use crate::table::Table;
use crate::tags::Name;

/// Queries of one client or of several, to be answered together, and the memory for it.
///
/// Class, clients, quotas and the number of keys that each client hands in are public. A client
/// whose number of keys is secret fills its request up with keys that it has handed in already:
/// that a key comes twice shows nowhere.
pub struct Batch {
    pub(super) shape: Shape,
    pub(super) class: BatchClass,
    /// Names of keys: their words, then their other halves.
    pub(super) names: [Lines; 2],
    /// The other halves of tags.
    pub(super) checks: Lines,
    pub(super) stores: Stores,
    pub(super) used: usize,
    pub(super) clients: Vec<(usize, usize)>,
    pub(super) scratch: Scratch,
}

/// A client of a [`Batch`]: by this its answers are found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Client(pub(super) usize);

impl Batch {
    /// An empty batch.
    ///
    /// # Errors
    /// [`ObliviousError::OutOfMemory`] if [`Self::memory_bytes`] are not to be had.
    pub fn new(shape: Shape, class: BatchClass) -> Result<Self, ObliviousError> {
        Self::with_stores(shape, class, Stores::Plain)
    }

    /// An empty batch for memory whose ciphertexts somebody reads, where equal contents of 16 bytes
    /// at the same address have equal ciphertexts: a store that changes nothing would show. All
    /// that the batch keeps lies beside numbers that are never used again. It takes somewhat more than
    /// twice the memory, and more time (`docs/oblivious.md`, which also says what is not covered).
    ///
    /// # Errors
    /// [`ObliviousError::OutOfMemory`] as in [`Self::new`].
    pub fn with_fresh_stores(
        shape: Shape,
        class: BatchClass,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, ObliviousError> {
        Self::with_stores(shape, class, Stores::fresh(rng))
    }

    fn with_stores(
        shape: Shape,
        class: BatchClass,
        stores: Stores,
    ) -> Result<Self, ObliviousError> {
        let column = || Lines::new(stores.cells(class.queries() / LANES));
        Ok(Self {
            shape,
            class,
            names: [column()?, column()?],
            checks: column()?,
            scratch: Scratch::new(class, shape.payload(), &stores)?,
            stores,
            used: 0,
            clients: Vec::new(),
        })
    }

    /// Bytes of memory that a batch takes, about, with plain stores.
    #[must_use]
    pub const fn memory_bytes(shape: Shape, class: BatchClass) -> usize {
        Scratch::memory_bytes(class, shape.payload()) + class.queries() * 3 * 8
    }

    /// Its class.
    #[must_use]
    pub const fn class(&self) -> BatchClass {
        self.class
    }

    /// Places that no client has yet.
    #[must_use]
    pub const fn left(&self) -> usize {
        self.class.queries() - self.used
    }

    /// Takes a client's keys. It gets `quota` places, which it may use in part.
    ///
    /// `table` is the one that will be asked, or at least the one whose keys these are.
    ///
    /// # Errors
    /// [`ObliviousError::BatchFull`] if there is no room for the quota, [`ObliviousError::Quota`]
    /// if there are more keys, and whatever is wrong with a key. The batch is as it was then, so
    /// that no other client is affected.
    pub fn add_client<'k>(
        &mut self,
        table: &Table,
        quota: usize,
        keys: impl IntoIterator<Item = &'k [u8]>,
    ) -> Result<Client, ObliviousError> {
        if table.shape() != self.shape {
            return Err(ObliviousError::OtherShape);
        }
        if quota > self.left() {
            return Err(ObliviousError::BatchFull {
                asked: quota,
                left: self.left(),
            });
        }
        let mut asked = 0;
        let mut first = Name { word: 0, check: 0 };
        for key in keys {
            let name = table.name(key)?;
            if asked == 0 {
                first = name;
            }
            if asked < quota {
                self.set_name(table.kernels(), self.used + asked, name);
            }
            asked += 1;
        }
        if asked > quota {
            return Err(ObliviousError::Quota { asked, quota });
        }
        // What is left of the quota repeats a key: no place is ever asked that was not asked for.
        for at in asked..quota {
            self.set_name(table.kernels(), self.used + at, first);
        }
        self.clients.push((self.used, quota));
        self.used += quota;
        Ok(Client(self.clients.len() - 1))
    }

    /// Forgets all clients and wipes their queries. What was made of those is overwritten by the next
    /// batch, and wiped when this is dropped.
    pub fn clear(&mut self) {
        for column in self.names.iter_mut().chain([&mut self.checks]) {
            column.words_mut().zeroize();
        }
        self.used = 0;
        self.clients.clear();
    }

    pub(super) fn name(&self, at: usize) -> Name {
        let [words, checks] = &self.names;
        Name {
            word: self.stores.word(words.words(), at),
            check: self.stores.word(checks.words(), at),
        }
    }

    fn set_name(&mut self, kernels: KernelSet, at: usize, name: Name) {
        let columns = &mut self.names;
        kernels.run_on(&mut self.stores, SetName { columns, at, name });
    }
}

struct SetName<'a> {
    columns: &'a mut [Lines; 2],
    at: usize,
    name: Name,
}

impl Task for SetName<'_> {
    type Out = ();

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) {
        let [words, checks] = self.columns;
        let (at, name) = (self.at, self.name);
        k.set(&mut K::cells_mut(words).as_flattened_mut()[at], name.word);
        k.set(&mut K::cells_mut(checks).as_flattened_mut()[at], name.check);
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} of {} places)", self.used, self.class.queries())
    }
}
