//! Figures: clocks, medians, tables.

use std::time::{Duration, Instant};

use crate::error::XtaskError;
use crate::out;
use crate::repo::read;

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
pub(super) fn now() -> Instant {
    Instant::now()
}

/// Processor time, user and system, of all children that this process has waited for and of theirs,
/// in steps of 10 ms (proc(5), `/proc/pid/stat`, fields 16 and 17).
pub(super) fn children_cpu() -> Result<Duration, XtaskError> {
    let stat = read("/proc/self/stat".as_ref())?;
    let (_, fields) = stat.rsplit_once(") ").unwrap_or(("", &stat));
    let ticks: u64 = fields
        .split(' ')
        .skip(13)
        .take(2)
        .filter_map(|field| field.parse::<u64>().ok())
        .sum();
    Ok(Duration::from_millis(ticks * 10))
}

/// The figure below which this share of them lies.
pub(super) fn percentile(figures: &[f64], percent: usize) -> f64 {
    let mut sorted = figures.to_vec();
    sorted.sort_by(f64::total_cmp);
    let last = sorted.len().saturating_sub(1);
    sorted
        .get(last * percent / 100)
        .copied()
        .unwrap_or(f64::NAN)
}

pub(super) fn median(figures: &[f64]) -> f64 {
    percentile(figures, 50)
}

/// Rows under their heads, the first column to the left and all others to the right.
pub(super) fn table(head: &[&str], rows: &[Vec<String>]) {
    let head: Vec<String> = head.iter().map(|&name| name.to_owned()).collect();
    let all: Vec<&Vec<String>> = std::iter::once(&head).chain(rows).collect();
    let width = |column: usize| {
        let cells = all.iter().filter_map(|row| row.get(column));
        cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..head.len()).map(width).collect();
    for row in all {
        let cells = row.iter().zip(&widths).enumerate();
        let cells = cells.map(|(n, (cell, &width))| {
            if n == 0 {
                format!("{cell:<width$}")
            } else {
                format!("{cell:>width$}")
            }
        });
        out::line(cells.collect::<Vec<_>>().join("  ").trim_end());
    }
}

/// What the figure should be, and whether it is.
pub(super) fn bar(what: &str, reached: bool) {
    let verdict = if reached { "reached" } else { "missed" };
    out::line(&format!("bar: {what}: {verdict}"));
}

/// What else the machine does, which weighs on every figure.
pub(super) fn load() -> String {
    let load = read("/proc/loadavg".as_ref()).unwrap_or_default();
    let load: Vec<&str> = load.split(' ').take(3).collect();
    let cpus = std::thread::available_parallelism().map_or(0, usize::from);
    format!("load average {} on {cpus} processors", load.join(" "))
}
