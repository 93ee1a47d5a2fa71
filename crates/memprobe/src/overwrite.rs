//! Changing the process: who can write its code or its pointers makes it do anything.

use std::fs::OpenOptions;
use std::os::unix::fs::FileExt as _;

use crate::maps;
use crate::outcome::{Attack, Outcome};

const PAGE: u64 = 4096;

/// The most pages of a mapping that are tried.
const MOST_PAGES: u64 = 4096;

/// Opens the program's file for writing, and writes one byte of every page back to itself.
pub(crate) fn proc_mem(pid: u32) -> Outcome {
    let attack = Attack::Overwrite;
    let program = format!("/proc/{pid}/exe");
    if OpenOptions::new().write(true).open(&program).is_ok() {
        return Outcome::leak(
            attack,
            "the running program's file can be written".into(),
            0,
        );
    }
    let memory = OpenOptions::new()
        .read(true)
        .write(true)
        .open(format!("/proc/{pid}/mem"));
    let (memory, mappings) = match (memory, maps::read(pid)) {
        (Ok(memory), Ok(mappings)) => (memory, mappings),
        (Err(error), _) | (_, Err(error)) => return Outcome::refused(attack, &error),
    };
    let (mut tried, mut written, mut place) = (0_u64, 0, None);
    for mapping in mappings {
        let end = mapping
            .end
            .min(mapping.start.saturating_add(MOST_PAGES * PAGE));
        for at in (mapping.start..end).step_by(4096) {
            let mut byte = [0];
            // What cannot be read may still be writable: a zero will do.
            let _ = memory.read_at(&mut byte, at);
            tried += 1;
            if memory.write_at(&byte, at).is_ok_and(|wrote| wrote == 1) {
                written += 1;
                place.get_or_insert_with(|| format!("{at:#x} in `{}`", mapping.name));
            }
        }
    }
    match place {
        Some(place) => Outcome::leak(
            attack,
            format!("{written} of {tried} pages can be changed, the first at {place}"),
            0,
        ),
        None => Outcome::blocked_by(attack, format!("none of {tried} pages can be changed")),
    }
}
