use std::cell::Cell as Counter;

use super::barrier::Choice;
use super::vector::{Cell, Kernel, LANES, Line, Task};

/// A kernel that keeps each word that depends on a secret beside the number of its store.
///
/// Where equal contents of 16 bytes at the same address have equal ciphertexts, and somebody reads
/// those, a store that changes nothing shows. Here every 16 bytes hold one word and a number that
/// is never used again, so that they are at no moment what they have been before.
#[derive(Clone, Copy)]
pub(super) struct Fresh<'a, K> {
    kernel: K,
    stores: &'a Counter<u64>,
}

/// A task whose stores are numbered.
pub(super) struct Freshly<'a, T> {
    pub(super) task: T,
    /// Stores so far.
    pub(super) stores: &'a mut u64,
}

impl<T: Task> Task for Freshly<'_, T> {
    type Out = T::Out;

    #[inline(always)]
    fn run<K: Kernel>(self, kernel: K) -> T::Out {
        // In a register, for the most part.
        let stores = Counter::new(*self.stores);
        let out = self.task.run(Fresh {
            kernel,
            stores: &stores,
        });
        *self.stores = stores.get();
        out
    }
}

impl<K> Fresh<'_, K> {
    #[inline(always)]
    fn number(&self) -> u64 {
        let next = self.stores.get().wrapping_add(1);
        self.stores.set(next);
        next
    }
}

impl<K: Kernel> Kernel for Fresh<'_, K> {
    type V = K::V;
    type M = K::M;
    type Word = [u64; 2];
    type Mark = u64;

    #[inline(always)]
    fn read(self, from: &Cell<Self>) -> K::V {
        let (lines, _) = from.as_flattened().as_chunks();
        self.kernel
            .load_pairs(lines.first_chunk().expect("two lines"))
    }

    #[inline(always)]
    fn write(self, to: &mut Cell<Self>, v: K::V) {
        let (lines, _) = to.as_flattened_mut().as_chunks_mut();
        let lines = lines.first_chunk_mut().expect("two lines");
        self.kernel.store_pairs(lines, v, self.number());
    }

    #[inline(always)]
    fn word(self, [word, _]: &[u64; 2]) -> u64 {
        *word
    }

    #[inline(always)]
    fn set(self, to: &mut [u64; 2], word: u64) {
        self.kernel.store_pair(to, word, self.number());
    }

    #[inline(always)]
    fn mark(self, from: &u64) -> u8 {
        from.to_le_bytes()[0]
    }

    #[inline(always)]
    fn set_mark(self, to: &mut u64, bits: u8) {
        *to = self.number() << 8 | u64::from(bits);
    }

    #[inline(always)]
    fn cells(lines: &[Line]) -> &[Cell<Self>] {
        let (pairs, _) = lines.as_flattened().as_chunks();
        pairs.as_chunks::<LANES>().0
    }

    #[inline(always)]
    fn cells_mut(lines: &mut [Line]) -> &mut [Cell<Self>] {
        let (pairs, _) = lines.as_flattened_mut().as_chunks_mut();
        pairs.as_chunks_mut::<LANES>().0
    }

    #[inline(always)]
    fn marks(lines: &[Line]) -> &[u64] {
        lines.as_flattened()
    }

    #[inline(always)]
    fn marks_mut(lines: &mut [Line]) -> &mut [u64] {
        lines.as_flattened_mut()
    }

    #[inline(always)]
    fn store_pairs(self, to: &mut [Line; 2], v: K::V, number: u64) {
        self.kernel.store_pairs(to, v, number);
    }

    #[inline(always)]
    fn load_pairs(self, from: &[Line; 2]) -> K::V {
        self.kernel.load_pairs(from)
    }

    #[inline(always)]
    fn store_pair(self, to: &mut [u64; 2], word: u64, number: u64) {
        self.kernel.store_pair(to, word, number);
    }

    #[inline(always)]
    fn load(self, from: &Line) -> K::V {
        self.kernel.load(from)
    }

    #[inline(always)]
    fn store(self, to: &mut Line, v: K::V) {
        self.kernel.store(to, v);
    }

    #[inline(always)]
    fn splat(self, word: u64) -> K::V {
        self.kernel.splat(word)
    }

    #[inline(always)]
    fn or(self, a: K::V, b: K::V) -> K::V {
        self.kernel.or(a, b)
    }

    #[inline(always)]
    fn xor(self, a: K::V, b: K::V) -> K::V {
        self.kernel.xor(a, b)
    }

    #[inline(always)]
    fn eq(self, a: K::V, b: K::V) -> K::M {
        self.kernel.eq(a, b)
    }

    #[inline(always)]
    fn gt(self, a: K::V, b: K::V) -> K::M {
        self.kernel.gt(a, b)
    }

    #[inline(always)]
    fn test(self, a: K::V, b: K::V) -> K::M {
        self.kernel.test(a, b)
    }

    #[inline(always)]
    fn select(self, m: K::M, yes: K::V, no: K::V) -> K::V {
        self.kernel.select(m, yes, no)
    }

    #[inline(always)]
    fn cross<const J: usize>(self, v: K::V) -> K::V {
        self.kernel.cross::<J>(v)
    }

    #[inline(always)]
    fn bits(self, m: K::M) -> u8 {
        self.kernel.bits(m)
    }

    #[inline(always)]
    fn mask(self, bits: u8) -> K::M {
        self.kernel.mask(bits)
    }

    #[inline(always)]
    fn fold(self, v: [K::V; 8]) -> K::V {
        self.kernel.fold(v)
    }

    #[inline(always)]
    fn choice(self, choice: Choice) -> K::M {
        self.kernel.choice(choice)
    }
}
