use std::slice;

use super::barrier::Choice;

/// One cache line: eight words.
pub(crate) type Line = [u64; 8];

/// Words in a [`Line`].
pub(crate) const LANES: usize = 8;

/// Eight words as a [`Kernel`] keeps them in memory.
pub(crate) type Cell<K> = [<K as Kernel>::Word; LANES];

/// Eight 64-bit lanes and what may be done with them. No operation's time or memory access depends
/// on a lane.
pub(crate) trait Kernel: Copy {
    /// Eight lanes.
    type V: Copy;
    /// Eight yes-or-no lanes.
    type M: Copy;
    /// How a word that depends on a secret lies in memory. The default is zero.
    type Word: Copy + Default;
    /// How eight bits that depend on a secret lie in memory.
    type Mark: Copy;

    fn load(self, from: &Line) -> Self::V;
    fn store(self, to: &mut Line, v: Self::V);
    /// Reads eight words that may depend on a secret.
    fn read(self, from: &Cell<Self>) -> Self::V;
    fn write(self, to: &mut Cell<Self>, v: Self::V);
    fn word(self, from: &Self::Word) -> u64;
    fn set(self, to: &mut Self::Word, word: u64);
    fn mark(self, from: &Self::Mark) -> u8;
    fn set_mark(self, to: &mut Self::Mark, bits: u8);
    /// Memory as cells.
    fn cells(lines: &[Line]) -> &[Cell<Self>];
    fn cells_mut(lines: &mut [Line]) -> &mut [Cell<Self>];
    /// Memory as marks.
    fn marks(lines: &[Line]) -> &[Self::Mark];
    fn marks_mut(lines: &mut [Line]) -> &mut [Self::Mark];
    /// Writes eight words, each followed by the number, so that each pair is written at once or at
    /// least is, at no moment, what it has been before.
    fn store_pairs(self, to: &mut [Line; 2], v: Self::V, number: u64);
    /// The first words of eight pairs.
    fn load_pairs(self, from: &[Line; 2]) -> Self::V;
    /// Writes one such pair.
    fn store_pair(self, to: &mut [u64; 2], word: u64, number: u64);
    /// The same word in all lanes.
    fn splat(self, word: u64) -> Self::V;
    fn or(self, a: Self::V, b: Self::V) -> Self::V;
    fn xor(self, a: Self::V, b: Self::V) -> Self::V;
    fn eq(self, a: Self::V, b: Self::V) -> Self::M;
    /// `a > b`, unsigned.
    fn gt(self, a: Self::V, b: Self::V) -> Self::M;
    /// Whether a lane of `a` has a bit in common with `b`'s.
    fn test(self, a: Self::V, b: Self::V) -> Self::M;
    fn select(self, m: Self::M, yes: Self::V, no: Self::V) -> Self::V;
    /// Lane `i` of the result is lane `i ^ J`; `J` is 1, 2 or 4.
    fn cross<const J: usize>(self, v: Self::V) -> Self::V;
    /// Bit `i` is lane `i`.
    fn bits(self, m: Self::M) -> u8;
    fn mask(self, bits: u8) -> Self::M;
    /// Lane `i` of the result is all lanes of `v[i]`, or-ed.
    fn fold(self, v: [Self::V; 8]) -> Self::V;

    /// All lanes yes, or all no.
    #[inline(always)]
    fn choice(self, choice: Choice) -> Self::M {
        self.mask(choice.word().to_le_bytes()[0])
    }
}

/// How a kernel keeps words if they lie in memory as they are.
macro_rules! plain_words {
    () => {
        type Word = u64;
        type Mark = u8;

        #[inline(always)]
        fn read(self, from: &Line) -> Self::V {
            self.load(from)
        }

        #[inline(always)]
        fn write(self, to: &mut Line, v: Self::V) {
            self.store(to, v);
        }

        #[inline(always)]
        fn word(self, from: &u64) -> u64 {
            *from
        }

        #[inline(always)]
        fn set(self, to: &mut u64, word: u64) {
            *to = word;
        }

        #[inline(always)]
        fn mark(self, from: &u8) -> u8 {
            *from
        }

        #[inline(always)]
        fn set_mark(self, to: &mut u8, bits: u8) {
            *to = bits;
        }

        #[inline(always)]
        fn cells(lines: &[Line]) -> &[Line] {
            lines
        }

        #[inline(always)]
        fn cells_mut(lines: &mut [Line]) -> &mut [Line] {
            lines
        }

        #[inline(always)]
        fn marks(lines: &[Line]) -> &[u8] {
            crate::kernel::vector::bytes(lines)
        }

        #[inline(always)]
        fn marks_mut(lines: &mut [Line]) -> &mut [u8] {
            crate::kernel::vector::bytes_mut(lines)
        }
    };
}
pub(super) use plain_words;

/// Memory as bytes.
#[inline(always)]
pub(super) fn bytes(lines: &[Line]) -> &[u8] {
    // SAFETY: bytes need no alignment, and every word is eight of them.
    unsafe { slice::from_raw_parts(lines.as_ptr().cast(), size_of_val(lines)) }
}

/// Memory as bytes.
#[inline(always)]
pub(super) fn bytes_mut(lines: &mut [Line]) -> &mut [u8] {
    // SAFETY: as above; and all bytes are words again afterwards.
    unsafe { slice::from_raw_parts_mut(lines.as_mut_ptr().cast(), size_of_val(lines)) }
}

/// Something to run on one of the kernels.
pub(crate) trait Task {
    type Out;

    /// Implementations are `#[inline(always)]`, and so is all that they call.
    fn run<K: Kernel>(self, k: K) -> Self::Out;
}

/// What `word` makes of 0 to 7. All of it is inlined, which `array::from_fn` is not always.
#[inline(always)]
pub(crate) fn each<W>(word: impl Fn(usize) -> W) -> [W; LANES] {
    [
        word(0),
        word(1),
        word(2),
        word(3),
        word(4),
        word(5),
        word(6),
        word(7),
    ]
}
