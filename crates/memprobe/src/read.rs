//! The two ways of reading another process's memory by address.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;

use crate::maps::{self, Mapping};
use crate::needle::Needle;
use crate::outcome::{Attack, Outcome};

/// Bytes read at a time, and how far apart pages are tried after one was refused.
const PIECE: u64 = 1 << 20;
const PAGE: u64 = 4096;

/// After so many refused pages of one mapping in a row, only one page a piece is tried: the kernel
/// refuses by mapping, not by page, and a reservation of gigabytes would take seconds.
const REFUSED_PAGES: u64 = 4096;

/// The longest part of a mapping that is read: a reservation of terabytes holds nothing.
const LONGEST: u64 = 1 << 30;

/// What could be read of a process until the needle was among it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Bytes that could be read.
    pub bytes_read: u64,
    /// Bytes that are mapped.
    pub bytes_mapped: u64,
    /// Address and mapping of the first needle.
    pub found: Option<(u64, String)>,
}

/// Reads all of a process that `/proc/PID/mem` yields, and looks for the needle.
///
/// # Errors
/// If the process's memory cannot even be opened.
pub fn scan_plain(pid: u32, needle: &Needle) -> io::Result<Scan> {
    let memory = File::open(format!("/proc/{pid}/mem"))?;
    scan(pid, needle, |at, into| memory.read_at(into, at))
}

pub(crate) fn proc_mem(pid: u32, needle: &Needle) -> Outcome {
    judge(Attack::ProcMem, scan_plain(pid, needle))
}

pub(crate) fn process_vm_readv(pid: u32, needle: &Needle) -> Outcome {
    judge(
        Attack::ProcessVmReadv,
        scan(pid, needle, |at, into| vm_readv(pid, at, into)),
    )
}

pub(crate) fn judge(attack: Attack, scan: io::Result<Scan>) -> Outcome {
    match scan {
        Ok(Scan {
            bytes_read,
            found: Some((at, name)),
            ..
        }) => Outcome::leak(
            attack,
            format!("at {at:#x} in {}", named(&name)),
            bytes_read,
        ),
        Ok(scan) => Outcome {
            bytes_read: scan.bytes_read,
            ..Outcome::blocked_by(
                attack,
                format!(
                    "{} of {} KiB can be read, and the secret is not there",
                    scan.bytes_read >> 10,
                    scan.bytes_mapped >> 10
                ),
            )
        },
        Err(error) => Outcome::refused(attack, &error),
    }
}

fn named(name: &str) -> &str {
    if name.is_empty() {
        "anonymous memory"
    } else {
        name
    }
}

/// Reads all mappings with `read`, page by page where it refuses, until the needle is found.
pub(crate) fn scan(
    pid: u32,
    needle: &Needle,
    read: impl Fn(u64, &mut [u8]) -> io::Result<usize>,
) -> io::Result<Scan> {
    let mut result = Scan {
        bytes_read: 0,
        bytes_mapped: 0,
        found: None,
    };
    // One buffer, wiped at the end: what was read must not be found by the next attack on us.
    let mut buffer = vec![0; usize::try_from(PIECE).unwrap_or(0) + needle.len()];
    let mut mappings = maps::read(pid)?;
    // Secrets are where the process writes.
    mappings.sort_by_key(|mapping| !mapping.write);
    for mapping in mappings {
        result.bytes_mapped += mapping.end - mapping.start;
        scan_mapping(&mapping, needle, &read, &mut buffer, &mut result);
        // An attacker who has it looks no further.
        if result.found.is_some() {
            break;
        }
    }
    buffer.fill(0);
    Ok(result)
}

fn scan_mapping(
    mapping: &Mapping,
    needle: &Needle,
    read: &impl Fn(u64, &mut [u8]) -> io::Result<usize>,
    buffer: &mut [u8],
    result: &mut Scan,
) {
    let end = mapping.end.min(mapping.start.saturating_add(LONGEST));
    // The end of the last piece stays in front of the next, for needles across the border.
    let keep = needle.len().saturating_sub(1);
    let mut carried = 0;
    let mut at = mapping.start;
    let mut refused = 0;
    while at < end {
        let want = usize::try_from((end - at).min(PIECE)).unwrap_or(0);
        let Some(into) = buffer.get_mut(carried..carried + want) else {
            return;
        };
        match read(at, into) {
            Ok(got) if got > 0 => {
                let have = carried + got;
                if let Some(offset) = buffer.get(..have).and_then(|bytes| needle.find(bytes)) {
                    let place = at + offset as u64 - carried as u64;
                    result.found = Some((place, mapping.name.clone()));
                    return;
                }
                refused = 0;
                result.bytes_read += got as u64;
                at += got as u64;
                let tail = have - keep.min(have);
                buffer.copy_within(tail..have, 0);
                carried = have - tail;
            }
            _ => {
                carried = 0;
                refused += 1;
                let step = if refused < REFUSED_PAGES { PAGE } else { PIECE };
                at = (at | (PAGE - 1)).saturating_add(1 + step - PAGE);
            }
        }
    }
}

fn vm_readv(pid: u32, at: u64, into: &mut [u8]) -> io::Result<usize> {
    let local = libc::iovec {
        iov_base: into.as_mut_ptr().cast(),
        iov_len: into.len(),
    };
    let remote = libc::iovec {
        iov_base: std::ptr::without_provenance_mut(usize::try_from(at).unwrap_or(usize::MAX)),
        iov_len: into.len(),
    };
    let pid = pid.try_into().map_err(io::Error::other)?;
    // SAFETY: the kernel writes to `into` only, which outlives the call; the other address is not ours.
    let read = unsafe { libc::process_vm_readv(pid, &raw const local, 1, &raw const remote, 1, 0) };
    usize::try_from(read).map_err(|_| io::Error::last_os_error())
}
