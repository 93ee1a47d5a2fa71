//! Moving rows to secret places by networks of shifts.

use crate::error::ObliviousError;
use crate::kernel::{Cell, Kernel, LANES, Stores, each};
use crate::memory::Lines;

/// A way for the rows of columns: from places that lie side by side to places further apart in the
/// same order ([`Route::push`]), or back ([`Route::pull`]).
///
/// There is one step for each power of two below the length: each row whose distance has that bit
/// moves so far. In which step a row moves is secret and kept here, a bit for each place and step;
/// which places are read and written is not.
#[derive(Debug)]
pub(crate) struct Route {
    /// For each step, the smallest first, a mark for each cell: between which places and those
    /// above them rows move. The bit is the lower place's.
    tape: Lines,
    lines: usize,
    /// Cells that hold all rows when they lie side by side.
    lead: usize,
}

impl Route {
    /// For columns of `lines` cells whose rows, side by side, lie in the first `lead`. Both are
    /// powers of two.
    pub(crate) fn new(lines: usize, lead: usize, stores: &Stores) -> Result<Self, ObliviousError> {
        debug_assert!(lines.is_power_of_two() && lead.is_power_of_two() && lead <= lines);
        let steps = (lines * LANES).ilog2() as usize;
        let tape = Lines::new(stores.marks(steps * lines))?;
        Ok(Self { tape, lines, lead })
    }

    /// Plans from rows that lie side by side: the one at place `p` has to go `distances[p]` up.
    /// Where there is no row, the distance is zero. The distances are used up.
    #[inline(always)]
    pub(crate) fn plan_spread<K: Kernel>(&mut self, k: K, distances: &mut [Cell<K>]) {
        assert!(distances.len() == self.lines);
        let (lines, lead) = (self.lines, self.lead);
        for step in (0..lines.ilog2() as usize + 3).rev() {
            let tape = &mut K::marks_mut(&mut self.tape)[step * lines..(step + 1) * lines];
            let bit = k.splat(1 << step);
            if step < 3 {
                plan_up_lanes(k, (bit, 1 << step), distances, tape);
            } else {
                let by = 1 << (step - 3);
                let (stride, width) = windows(lines, lead, by);
                let mut start = 0;
                while start < lines {
                    for at in (start..start + width).rev() {
                        let (low, high) = two(distances, at, by);
                        k.set_mark(&mut tape[at], hand_over(k, bit, low, high));
                    }
                    start += stride;
                }
            }
        }
    }

    /// Plans from rows that lie apart: the one at place `p` has to go `distances[p]` down, so that
    /// all lie side by side. Where there is no row, the distance is zero. The distances are used up.
    #[inline(always)]
    pub(crate) fn plan_gather<K: Kernel>(&mut self, k: K, distances: &mut [Cell<K>]) {
        assert!(distances.len() == self.lines && self.lead == self.lines);
        let lines = self.lines;
        for step in 0..lines.ilog2() as usize + 3 {
            let tape = &mut K::marks_mut(&mut self.tape)[step * lines..(step + 1) * lines];
            let bit = k.splat(1 << step);
            if step < 3 {
                plan_down_lanes(k, (bit, 1 << step), distances, tape);
            } else {
                let by = 1 << (step - 3);
                for (at, tape) in tape[..lines - by].iter_mut().enumerate() {
                    let (low, high) = two(distances, at, by);
                    k.set_mark(tape, hand_over(k, bit, high, low));
                }
            }
        }
    }

    /// Spreads the rows of a column. Places that no row goes to keep what was there on the way.
    #[inline(always)]
    pub(crate) fn push<K: Kernel>(&self, k: K, column: &mut [Cell<K>]) {
        assert!(column.len() == self.lines);
        let (lines, lead) = (self.lines, self.lead);
        for step in (0..lines.ilog2() as usize + 3).rev() {
            let tape = &K::marks(&self.tape)[step * lines..(step + 1) * lines];
            if step < 3 {
                push_lanes(k, 1 << step, column, tape);
            } else {
                let by = 1 << (step - 3);
                let (stride, width) = windows(lines, lead, by);
                let mut start = 0;
                while start < lines {
                    for at in (start..start + width).rev() {
                        let (low, high) = two(column, at, by);
                        let v = k.select(k.mask(k.mark(&tape[at])), k.read(low), k.read(high));
                        k.write(high, v);
                    }
                    start += stride;
                }
            }
        }
    }

    /// Brings the rows of a column side by side. Places behind the last row keep what was there on
    /// the way.
    #[inline(always)]
    pub(crate) fn pull<K: Kernel>(&self, k: K, column: &mut [Cell<K>]) {
        assert!(column.len() == self.lines);
        let (lines, lead) = (self.lines, self.lead);
        for step in 0..lines.ilog2() as usize + 3 {
            let tape = &K::marks(&self.tape)[step * lines..(step + 1) * lines];
            if step < 3 {
                pull_lanes(k, 1 << step, column, tape);
            } else {
                let by = 1 << (step - 3);
                let (stride, width) = windows(lines, lead, by);
                let mut start = 0;
                while start < lines {
                    for (n, tape) in tape[start..start + width].iter().enumerate() {
                        let (low, high) = two(column, start + n, by);
                        let v = k.select(k.mask(k.mark(tape)), k.read(high), k.read(low));
                        k.write(low, v);
                    }
                    start += stride;
                }
            }
        }
    }
}

/// Where rows can be before a step of `by` lines: in the first so many lines of every stride.
///
/// Rows begin in the first `lead` lines, and larger steps moved them by multiples of `2 * by`.
#[inline(always)]
fn windows(lines: usize, lead: usize, by: usize) -> (usize, usize) {
    if by >= lead {
        (2 * by, lead)
    } else {
        (lines, lines - by)
    }
}

/// The line at `at` and the one that lies `by` above.
#[inline(always)]
fn two<C>(column: &mut [C], at: usize, by: usize) -> (&mut C, &mut C) {
    let (below, above) = column.split_at_mut(at + by);
    (&mut below[at], &mut above[0])
}

/// Moves the distances that have the bit; which ones is the answer.
#[inline(always)]
fn hand_over<K: Kernel>(k: K, bit: K::V, from: &mut Cell<K>, to: &mut Cell<K>) -> u8 {
    let (source, target) = (k.read(from), k.read(to));
    let moves = k.test(source, bit);
    k.write(to, k.select(moves, source, target));
    k.write(from, k.select(moves, k.splat(0), source));
    k.bits(moves)
}

/// The eight words from `by` below the line on; zeros before the first line.
#[inline(always)]
fn below<K: Kernel>(k: K, column: &[Cell<K>], line: usize, by: usize) -> K::V {
    let words = column.as_flattened();
    match words[..]
        .get((line * LANES).wrapping_sub(by)..)
        .and_then(<[K::Word]>::first_chunk)
    {
        Some(chunk) => k.read(chunk),
        None => {
            let none = K::Word::default();
            let at = |i: usize| if i < by { none } else { words[i - by] };
            k.read(&each(at))
        }
    }
}

/// The eight words from `by` above the line's first on; zeros behind the last line.
#[inline(always)]
fn above<K: Kernel>(k: K, column: &[Cell<K>], line: usize, by: usize) -> K::V {
    let words = column.as_flattened();
    match words[line * LANES + by..].first_chunk() {
        Some(chunk) => k.read(chunk),
        None => {
            let rest = &words[line * LANES + by..];
            let none = K::Word::default();
            let at = |i: usize| if i < rest.len() { rest[i] } else { none };
            k.read(&each(at))
        }
    }
}

#[inline(always)]
fn plan_up_lanes<K: Kernel>(
    k: K,
    (bit, by): (K::V, usize),
    distances: &mut [Cell<K>],
    tape: &mut [K::Mark],
) {
    for line in (0..distances.len()).rev() {
        let own = k.read(&distances[line]);
        let coming = below(k, distances, line, by);
        let leaves = k.test(own, bit);
        let stays = k.select(leaves, k.splat(0), own);
        let v = k.select(k.test(coming, bit), coming, stays);
        k.write(&mut distances[line], v);
        k.set_mark(&mut tape[line], k.bits(leaves));
    }
}

#[inline(always)]
fn plan_down_lanes<K: Kernel>(
    k: K,
    (bit, by): (K::V, usize),
    distances: &mut [Cell<K>],
    tape: &mut [K::Mark],
) {
    for line in 0..distances.len() {
        let own = k.read(&distances[line]);
        let coming = above(k, distances, line, by);
        let comes = k.test(coming, bit);
        let stays = k.select(k.test(own, bit), k.splat(0), own);
        k.write(&mut distances[line], k.select(comes, coming, stays));
        k.set_mark(&mut tape[line], k.bits(comes));
    }
}

#[inline(always)]
fn push_lanes<K: Kernel>(k: K, by: usize, column: &mut [Cell<K>], tape: &[K::Mark]) {
    for line in (0..column.len()).rev() {
        let before = if line == 0 {
            0
        } else {
            k.mark(&tape[line - 1])
        };
        // The bits of the places `by` below each of this line's.
        let coming = k.mark(&tape[line]) << by | before >> (LANES - by);
        let v = k.select(
            k.mask(coming),
            below(k, column, line, by),
            k.read(&column[line]),
        );
        k.write(&mut column[line], v);
    }
}

#[inline(always)]
fn pull_lanes<K: Kernel>(k: K, by: usize, column: &mut [Cell<K>], tape: &[K::Mark]) {
    for line in 0..column.len() {
        let v = k.select(
            k.mask(k.mark(&tape[line])),
            above(k, column, line, by),
            k.read(&column[line]),
        );
        k.write(&mut column[line], v);
    }
}

#[cfg(test)]
mod tests;
