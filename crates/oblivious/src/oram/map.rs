use std::fmt;

use adyton_crypto::CryptoRng;

use super::index::{ENTRIES, Entry, INDEX_LINES, LOAD_BITS, Located};
use super::leaves::Leaves;
use super::positions::Positions;
use super::tree::{Edit, Target, Tree};
use crate::error::ObliviousError;
use crate::kernel::{Cell, Choice, Kernel, KernelSet, LANES, Line, Stores, Task};
use crate::memory::Lines;
use crate::reveal::reveal;
use crate::secret::{Answer, Secret};
use crate::shape::Shape;
use crate::tags::{Name, Namer, TagKey};

/// A map that is read and changed one key at a time.
///
/// # What leaks
/// Whoever sees every address, instruction and time learns the shape, the capacity, and when the
/// map was accessed, and by which function. Not which key, nor whether it was there; by
/// [`Self::access`], which may do any of it, not whether it was read, written or removed. Errors show, too:
/// [`ObliviousError::Full`], and two with the probabilities that they state.
pub struct OramMap {
    shape: Shape,
    kernels: KernelSet,
    namer: Namer,
    key: TagKey,
    state: State,
    stores: Stores,
    capacity: u64,
    lost: bool,
}

/// What an access works on.
struct State {
    leaves: Leaves,
    positions: Positions,
    /// From keys to their records' leaves.
    index: Tree<INDEX_LINES>,
    records: Tree<1>,
    /// Entries whose index block is full: names, then leaves plus one.
    spill: [Lines; 2],
    /// Records there are; secret. One cell.
    len: Lines,
}

impl OramMap {
    /// An empty map for at most `capacity` records. Memory is taken at once.
    ///
    /// # Errors
    /// [`ObliviousError::OutOfMemory`] if [`Self::memory_bytes`] are not to be had,
    /// [`ObliviousError::Shape`] for values of more than 56 bytes under keys of any length.
    pub fn new(
        shape: Shape,
        capacity: usize,
        kernels: KernelSet,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, ObliviousError> {
        Self::with_stores(shape, capacity, (kernels, Stores::Plain), rng)
    }

    /// An empty map for memory whose ciphertexts somebody reads, where equal contents of 16 bytes
    /// at the same address have equal ciphertexts: a store that changes nothing would show. All
    /// that the map keeps lies beside numbers that are never used again. It takes twice the memory,
    /// and more time (`docs/oblivious.md`, which also says what is not covered).
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn with_fresh_stores(
        shape: Shape,
        capacity: usize,
        kernels: KernelSet,
        rng: &mut impl CryptoRng,
    ) -> Result<Self, ObliviousError> {
        let stores = Stores::fresh(rng);
        Self::with_stores(shape, capacity, (kernels, stores), rng)
    }

    fn with_stores(
        shape: Shape,
        capacity: usize,
        (kernels, stores): (KernelSet, Stores),
        rng: &mut impl CryptoRng,
    ) -> Result<Self, ObliviousError> {
        if shape.payload() > LANES {
            return Err(ObliviousError::Shape {
                key_bytes: 0,
                value_bytes: shape.value_bytes(),
            });
        }
        let (depth, index) = depths(capacity)?;
        let spill = || Lines::new(stores.cells(spill_lines(depth)));
        Ok(Self {
            shape,
            kernels,
            namer: Namer::new(shape, rng),
            key: TagKey::new(shape, rng),
            state: State {
                leaves: Leaves::new(rng),
                positions: Positions::new(index, index, &stores)?,
                index: Tree::new(index, &stores)?,
                records: Tree::new(depth, &stores)?,
                spill: [spill()?, spill()?],
                len: Lines::new(stores.cells(1))?,
            },
            stores,
            capacity: capacity as u64,
            lost: false,
        })
    }

    /// Bytes of memory that a map for `capacity` records takes with plain stores.
    ///
    /// # Errors
    /// [`ObliviousError::Full`] if no map can be so large.
    pub fn memory_bytes(capacity: usize) -> Result<usize, ObliviousError> {
        let (depth, index) = depths(capacity)?;
        Ok(Tree::<1>::memory_bytes(depth)
            + Tree::<INDEX_LINES>::memory_bytes(index)
            + Positions::memory_bytes(index)
            + spill_lines(depth) * 2 * size_of::<Line>())
    }

    /// The record of a key.
    ///
    /// # Errors
    /// If the key is not of the map's shape, or the map was lost.
    pub fn get(&mut self, key: &[u8]) -> Result<Secret<Answer>, ObliviousError> {
        self.order(key, [0; 8], [0, 0])
    }

    /// Inserts or changes a record; the answer is what was there before.
    ///
    /// # Errors
    /// If key or value is not of the map's shape, the map is full or was lost.
    pub fn put(&mut self, key: &[u8], value: &[u8]) -> Result<Secret<Answer>, ObliviousError> {
        let value = self.shape.value(value)?;
        self.order(key, value, [1, 0])
    }

    /// Removes a record; the answer is what was there before.
    ///
    /// # Errors
    /// If the key is not of the map's shape, or the map was lost.
    pub fn remove(&mut self, key: &[u8]) -> Result<Secret<Answer>, ObliviousError> {
        if self.shape.is_checked() {
            // The index would forget a record whose tag is the same before that is noticed.
            self.order(key, [0; 8], [0, 0])?;
        }
        self.order(key, [0; 8], [0, 1])
    }

    /// Puts a record, removes it, or only reads it, which is secret. The value is used if the
    /// record is put. Under keys of any length nothing is removed.
    ///
    /// # Errors
    /// If key or value is not of the map's shape, the map is full or was lost.
    pub fn access(
        &mut self,
        key: &[u8],
        value: &[u8],
        puts: &Secret<bool>,
        removes: &Secret<bool>,
    ) -> Result<Secret<Answer>, ObliviousError> {
        let value = self.shape.value(value)?;
        let puts = u64::from(*puts.danger_reveal());
        let removes = u64::from(*removes.danger_reveal()) & !puts;
        let can_remove = u64::from(!self.shape.is_checked());
        self.order(key, value, [puts, removes & can_remove])
    }

    fn order(
        &mut self,
        key: &[u8],
        value: [u64; 8],
        [puts, removes]: [u64; 2],
    ) -> Result<Secret<Answer>, ObliviousError> {
        if self.lost {
            return Err(ObliviousError::Stash);
        }
        let mut name = [self.namer.name(key)?];
        self.key.tags(&mut name);
        self.state.leaves.prepare();
        let task = Access {
            state: &mut self.state,
            shape: self.shape,
            capacity: self.capacity,
            name: name[0],
            puts: Choice::from_bit(puts),
            removes: Choice::from_bit(removes),
            value,
        };
        let out = self.kernels.run_on(&mut self.stores, task);
        // These three are public, and almost always the same.
        if !reveal(out.good) {
            self.lost = true;
            return Err(ObliviousError::Stash);
        }
        if reveal(out.collides) {
            return Err(ObliviousError::Collision);
        }
        if reveal(out.full) {
            let capacity = usize::try_from(self.capacity).unwrap_or(usize::MAX);
            return Err(ObliviousError::Full { capacity });
        }
        Ok(Secret::new(out.answer))
    }

    /// The leaves of the last access: of the record, of its index block, of the positions.
    pub(crate) fn revealed(&self) -> Vec<u64> {
        let State {
            positions,
            index,
            records,
            ..
        } = &self.state;
        let mut leaves = vec![records.revealed, index.revealed];
        leaves.extend(positions.revealed());
        leaves
    }

    /// Blocks in each stash, in the same order. For statistics: it must not be shown.
    pub(crate) fn in_stashes(&self) -> impl Iterator<Item = usize> {
        let State {
            positions,
            index,
            records,
            ..
        } = &self.state;
        let stores = &self.stores;
        [records.in_stash(stores), index.in_stash(stores)]
            .into_iter()
            .chain(positions.in_stashes(stores))
    }

    /// Leaves of each tree, as a power of two, in the same order.
    pub(crate) fn tree_depths(&self) -> Vec<u32> {
        let State {
            positions,
            index,
            records,
            ..
        } = &self.state;
        let mut depths = vec![records.depth, index.depth];
        depths.extend(positions.depths());
        depths
    }
}

/// Depths of the tree of records and of the index.
fn depths(capacity: usize) -> Result<(u32, u32), ObliviousError> {
    let depth = capacity.max(8).next_power_of_two().ilog2();
    // Leaves are written down in 32 bits, plus one.
    if depth > 31 {
        let capacity = 1 << 31;
        return Err(ObliviousError::Full { capacity });
    }
    Ok((depth, depth - LOAD_BITS))
}

/// Lines for entries whose block is full: a few, and twice as many as a full map needs on average.
const fn spill_lines(depth: u32) -> usize {
    (ENTRIES + (1 << depth >> 19)).div_ceil(LANES)
}

struct Access<'a> {
    state: &'a mut State,
    shape: Shape,
    capacity: u64,
    name: Name,
    puts: Choice,
    removes: Choice,
    value: [u64; 8],
}

struct Accessed {
    answer: Answer,
    /// Whether every stash sufficed.
    good: Choice,
    full: Choice,
    collides: Choice,
}

impl Task for Access<'_> {
    type Out = Accessed;

    #[inline(always)]
    fn run<K: Kernel>(self, k: K) -> Accessed {
        let state = self.state;
        state.positions.ask_ahead::<K>();
        state.index.ask_ahead::<K>();
        state.records.ask_ahead::<K>();
        let next = state.leaves.draw(state.records.depth);
        let dummy = state.leaves.draw(state.records.depth);
        let len = k.word(&K::cells(&state.len)[0][0]);
        let room = crate::kernel::less(len, self.capacity);
        let mut entry = Entry {
            name: self.name.word,
            next,
            stays: self.removes.not(),
            inserts: Choice::from_bit(0),
        };
        let [names, leaves] = &mut state.spill;
        let spilt = entry.apply(k, K::cells_mut(names), K::cells_mut(leaves));
        entry.inserts = self.puts.and(room).and(spilt.found.not());
        let (good, located) = locate(k, state, entry);
        let placed = located.found.or(located.inserted);
        entry.inserts = entry.inserts.and(placed.not());
        let [names, leaves] = &mut state.spill;
        let put = entry
            .apply(k, K::cells_mut(names), K::cells_mut(leaves))
            .inserted;
        let found = spilt.found.or(located.found);
        let inserted = located.inserted.or(put);
        let leaf = (spilt.leaf | located.leaf).wrapping_sub(1);
        let target = Target {
            name: self.name.word,
            leaf: found.select(leaf, dummy),
            next,
        };
        let edit = EditRecord {
            shape: self.shape,
            puts: self.puts,
            keeps: found.and(self.removes.not()).or(inserted),
            check: self.name.check,
            value: self.value,
        };
        let (kept, (answer, collides)) = state.records.access(k, target, edit);
        let len = len + inserted.bit() - found.and(self.removes).bit();
        k.set(&mut K::cells_mut(&mut state.len)[0][0], len);
        Accessed {
            answer,
            good: good.and(kept),
            full: self.puts.and(found.or(inserted).not()),
            collides,
        }
    }
}

/// Looks the record's leaf up in the index.
#[inline(always)]
fn locate<K: Kernel>(k: K, state: &mut State, entry: Entry) -> (Choice, Located) {
    let block = entry.name >> (64 - state.index.depth);
    let next = state.leaves.draw(state.index.depth);
    let positions = &mut state.positions;
    let (good, leaf) = positions.exchange(k, block, next, &mut state.leaves);
    let target = Target {
        name: block,
        leaf,
        next,
    };
    let (kept, located) = state.index.access(k, target, entry);
    (good.and(kept), located)
}

struct EditRecord {
    shape: Shape,
    puts: Choice,
    keeps: Choice,
    check: u64,
    value: [u64; 8],
}

impl Edit<1> for EditRecord {
    /// What was there before; whether it is another key's.
    type Out = (Answer, Choice);

    #[inline(always)]
    fn edit<K: Kernel>(
        self,
        k: K,
        found: Choice,
        [block]: &mut [Cell<K>; 1],
    ) -> (Choice, (Answer, Choice)) {
        let words = self.shape.value_words();
        let mut collides = Choice::from_bit(0);
        let mut value = self.value;
        if self.shape.is_checked() {
            collides = found.and(Choice::eq(k.word(&block[words]), self.check).not());
            value[words] = self.check;
        }
        let is_found = found.and(collides.not());
        let writes = self.puts.and(collides.not());
        let (old, zero) = (k.read(block), k.splat(0));
        // Public: the words that are of the value.
        let of_value = k.mask((0xff_u16 >> (LANES - words)).to_le_bytes()[0]);
        let shown = k.select(of_value, k.select(k.choice(is_found), old, zero), zero);
        let mut before = [0; LANES];
        k.store(&mut before, shown);
        let new = k.select(k.choice(writes), k.load(&value), old);
        k.write(block, new);
        let answer = Answer {
            found: is_found.bit(),
            value: before,
            value_bytes: self.shape.value_bytes(),
        };
        (self.keeps, (answer, collides))
    }
}

impl fmt::Debug for OramMap {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OramMap(at most {} records)", self.capacity)
    }
}

#[cfg(test)]
mod tests;
