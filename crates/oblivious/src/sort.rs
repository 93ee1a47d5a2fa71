//! Sorting networks: which places are compared is a matter of the length alone.

use crate::error::ObliviousError;
use crate::kernel::{Cell, Kernel, LANES, Stores};
use crate::memory::Lines;

/// A bitonic sort that remembers every exchange, so that it can be undone on other columns.
///
/// The record is as secret as the order that it led to. Its size depends on the length only.
#[derive(Debug)]
pub(crate) struct Sorter {
    /// For each step of the network a mark for each cell: the lanes that were exchanged. Of two
    /// cells that exchange lanes, the lower one's mark counts.
    tape: Lines,
    lines: usize,
}

impl Sorter {
    /// For columns of so many cells, a power of two.
    pub(crate) fn new(lines: usize, stores: &Stores) -> Result<Self, ObliviousError> {
        debug_assert!(lines.is_power_of_two());
        let runs = (lines * LANES).ilog2() as usize;
        let tape = Lines::new(stores.marks(first_step(runs + 1) * lines))?;
        Ok(Self { tape, lines })
    }

    /// Sorts a column, the smallest first.
    #[inline(always)]
    pub(crate) fn sort<K: Kernel>(&mut self, k: K, keys: &mut [Cell<K>]) {
        assert!(keys.len() == self.lines);
        let runs = (self.lines * LANES).ilog2() as usize;
        for run in 1..=runs {
            let steps = first_step(run) * self.lines..first_step(run + 1) * self.lines;
            let tape = &mut K::marks_mut(&mut self.tape)[steps];
            let (between, within) = tape.split_at_mut(run.saturating_sub(3) * self.lines);
            for i in 0..run.saturating_sub(3) {
                let tape = &mut between[i * self.lines..(i + 1) * self.lines];
                exchange_lines(k, keys, (1 << run, 1 << (run - 1 - i)), tape);
            }
            exchange_lanes(k, keys, run, within);
        }
    }

    /// Puts a column, whose places are those after the sort, back to where its rows came from.
    #[inline(always)]
    pub(crate) fn undo<K: Kernel>(&self, k: K, column: &mut [Cell<K>]) {
        assert!(column.len() == self.lines);
        let runs = (self.lines * LANES).ilog2() as usize;
        for run in (1..=runs).rev() {
            let steps = first_step(run) * self.lines..first_step(run + 1) * self.lines;
            let tape = &K::marks(&self.tape)[steps];
            let (between, within) = tape.split_at(run.saturating_sub(3) * self.lines);
            restore_lanes(k, column, within);
            for i in (0..run.saturating_sub(3)).rev() {
                let tape = &between[i * self.lines..(i + 1) * self.lines];
                restore_lines(k, column, 1 << (run - 1 - i), tape);
            }
        }
    }
}

/// Steps before those that make runs of `2^run`.
const fn first_step(run: usize) -> usize {
    run * (run - 1) / 2
}

/// Puts words that are `step` apart into the order that runs of `run` words have.
#[inline(always)]
fn exchange_lines<K: Kernel>(
    k: K,
    keys: &mut [Cell<K>],
    (run, step): (usize, usize),
    tape: &mut [K::Mark],
) {
    let half = step / LANES;
    let mut start = 0;
    while start < keys.len() {
        let (low, high) = keys[start..].split_at_mut(half);
        let pairs = low.iter_mut().zip(high).zip(&mut tape[start..]);
        if (start * LANES) & run == 0 {
            for ((low, high), tape) in pairs {
                exchange_pair(k, low, high, tape);
            }
        } else {
            for ((low, high), tape) in pairs {
                exchange_falling(k, low, high, tape);
            }
        }
        start += 2 * half;
    }
}

#[inline(always)]
fn exchange_pair<K: Kernel>(k: K, low: &mut Cell<K>, high: &mut Cell<K>, tape: &mut K::Mark) {
    let (a, b) = (k.read(low), k.read(high));
    let swap = k.gt(a, b);
    k.set_mark(tape, k.bits(swap));
    k.write(low, k.select(swap, b, a));
    k.write(high, k.select(swap, a, b));
}

#[inline(always)]
fn exchange_falling<K: Kernel>(k: K, low: &mut Cell<K>, high: &mut Cell<K>, tape: &mut K::Mark) {
    let (a, b) = (k.read(low), k.read(high));
    let swap = k.gt(b, a);
    k.set_mark(tape, k.bits(swap));
    k.write(low, k.select(swap, b, a));
    k.write(high, k.select(swap, a, b));
}

/// The steps of less than a line, all at once. Runs have `2^run` words.
#[inline(always)]
fn exchange_lanes<K: Kernel>(k: K, keys: &mut [Cell<K>], run: usize, tape: &mut [K::Mark]) {
    let lines = keys.len();
    let (first, rest) = tape.split_at_mut(lines);
    let (second, third) = rest.split_at_mut(lines.min(rest.len()));
    for (n, key) in keys.iter_mut().enumerate() {
        // Lanes in whose run the smallest comes first.
        let rising = match run {
            1 => 0b0011_0011,
            2 => 0b0000_1111,
            _ if ((n * LANES) >> run) & 1 == 0 => 0xff,
            _ => 0,
        };
        let v = k.read(key);
        let v = match run {
            1 => cross_exchange::<K, 1>(k, v, rising, &mut first[n]),
            2 => {
                let v = cross_exchange::<K, 2>(k, v, rising, &mut first[n]);
                cross_exchange::<K, 1>(k, v, rising, &mut second[n])
            }
            _ => {
                let v = cross_exchange::<K, 4>(k, v, rising, &mut first[n]);
                let v = cross_exchange::<K, 2>(k, v, rising, &mut second[n]);
                cross_exchange::<K, 1>(k, v, rising, &mut third[n])
            }
        };
        k.write(key, v);
    }
}

/// Lanes whose partner, `J` away, lies above.
const fn lower_lanes(step: usize) -> u8 {
    match step {
        1 => 0b0101_0101,
        2 => 0b0011_0011,
        _ => 0b0000_1111,
    }
}

#[inline(always)]
fn cross_exchange<K: Kernel, const J: usize>(
    k: K,
    v: K::V,
    rising: u8,
    tape: &mut K::Mark,
) -> K::V {
    let partner = k.cross::<J>(v);
    // Where the smaller of both belongs.
    let smaller = k.mask(!(lower_lanes(J) ^ rising));
    let swap = k.gt(k.select(smaller, v, partner), k.select(smaller, partner, v));
    k.set_mark(tape, k.bits(swap));
    k.select(swap, partner, v)
}

#[inline(always)]
fn restore_lines<K: Kernel>(k: K, column: &mut [Cell<K>], step: usize, tape: &[K::Mark]) {
    let half = step / LANES;
    let mut start = 0;
    while start < column.len() {
        let (low, high) = column[start..].split_at_mut(half);
        for ((low, high), tape) in low.iter_mut().zip(high).zip(&tape[start..]) {
            let (a, b, swap) = (k.read(low), k.read(high), k.mask(k.mark(tape)));
            k.write(low, k.select(swap, b, a));
            k.write(high, k.select(swap, a, b));
        }
        start += 2 * half;
    }
}

#[inline(always)]
fn restore_lanes<K: Kernel>(k: K, column: &mut [Cell<K>], tape: &[K::Mark]) {
    let lines = column.len();
    let steps = usize::from(tape.len() >= lines)
        + usize::from(tape.len() >= 2 * lines)
        + usize::from(tape.len() >= 3 * lines);
    let (first, rest) = tape.split_at(lines);
    let (second, third) = rest.split_at(lines.min(rest.len()));
    for (n, line) in column.iter_mut().enumerate() {
        let v = k.read(line);
        let v = match steps {
            1 => k.select(k.mask(k.mark(&first[n])), k.cross::<1>(v), v),
            2 => {
                let v = k.select(k.mask(k.mark(&second[n])), k.cross::<1>(v), v);
                k.select(k.mask(k.mark(&first[n])), k.cross::<2>(v), v)
            }
            _ => {
                let v = k.select(k.mask(k.mark(&third[n])), k.cross::<1>(v), v);
                let v = k.select(k.mask(k.mark(&second[n])), k.cross::<2>(v), v);
                k.select(k.mask(k.mark(&first[n])), k.cross::<4>(v), v)
            }
        };
        k.write(line, v);
    }
}

#[cfg(test)]
mod tests;
