use std::fmt;

use zeroize::Zeroize;

use super::class::BatchClass;
use super::scratch::Scratch;
use crate::error::ObliviousError;
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
    pub(super) names: Vec<Name>,
    pub(super) tags: Vec<Name>,
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
        let none = Name { word: 0, check: 0 };
        Ok(Self {
            shape,
            class,
            names: vec![none; class.queries()],
            tags: vec![none; class.queries()],
            used: 0,
            clients: Vec::new(),
            scratch: Scratch::new(class, shape.payload())?,
        })
    }

    /// Bytes of memory that a batch takes, about.
    #[must_use]
    pub const fn memory_bytes(shape: Shape, class: BatchClass) -> usize {
        Scratch::memory_bytes(class, shape.payload()) + class.queries() * 2 * size_of::<Name>()
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
        let places = &mut self.names[self.used..self.used + quota];
        let mut asked = 0;
        for key in keys {
            let name = table.name(key)?;
            if let Some(place) = places.get_mut(asked) {
                *place = name;
            }
            asked += 1;
        }
        if asked > quota {
            return Err(ObliviousError::Quota { asked, quota });
        }
        // What is left of the quota repeats a key: no place is ever asked that was not asked for.
        let filler = places.first().copied().filter(|_| asked > 0);
        places[asked..].fill(filler.unwrap_or(Name { word: 0, check: 0 }));
        self.clients.push((self.used, quota));
        self.used += quota;
        Ok(Client(self.clients.len() - 1))
    }

    /// Forgets all clients, their queries and answers.
    pub fn clear(&mut self) {
        self.wipe();
        self.used = 0;
        self.clients.clear();
    }

    fn wipe(&mut self) {
        for name in self.names.iter_mut().chain(&mut self.tags) {
            name.word.zeroize();
            name.check.zeroize();
        }
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        self.wipe();
    }
}

impl fmt::Debug for Batch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Batch({} of {} places)", self.used, self.class.queries())
    }
}
