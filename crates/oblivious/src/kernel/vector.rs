use super::barrier::Choice;

/// One cache line: eight words.
pub(crate) type Line = [u64; 8];

/// Words in a [`Line`].
pub(crate) const LANES: usize = 8;

/// Eight 64-bit lanes and what may be done with them. No operation's time or memory access depends
/// on a lane.
pub(crate) trait Kernel: Copy {
    /// Eight lanes.
    type V: Copy;
    /// Eight yes-or-no lanes.
    type M: Copy;

    fn load(self, from: &Line) -> Self::V;
    fn store(self, to: &mut Line, v: Self::V);
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

/// Something to run on one of the kernels.
pub(crate) trait Task {
    type Out;

    /// Implementations are `#[inline(always)]`, and so is all that they call.
    fn run<K: Kernel>(self, k: K) -> Self::Out;
}

/// A line of what `word` makes of 0 to 7. All of it is inlined, which `array::from_fn` is not always.
#[inline(always)]
pub(crate) fn each(word: impl Fn(usize) -> u64) -> Line {
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
