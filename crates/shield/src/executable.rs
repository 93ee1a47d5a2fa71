//! The file that the process runs.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::fd::AsRawFd as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::maps::Mapping;
use crate::sys::{check, soft_limit};

/// The running executable: its file, and which addresses may differ from it.
pub(crate) struct Executable {
    file: File,
    inode: u64,
    /// Its path, as the memory map has it.
    path: PathBuf,
    segments: Segments,
}

/// Where the program's segments are.
struct Segments {
    /// Addresses from the first writable segment to the last. A part of these is read-only once
    /// the addresses in it are filled in. All addresses if there is no telling.
    changed: Range<usize>,
    /// Bytes of the file that hold the others: code and constants.
    fixed_bytes: usize,
}

/// How much is locked at a time: meanwhile no other thread can change the address space.
const PIECE: usize = 1 << 20;

impl Executable {
    pub(crate) fn open() -> io::Result<Self> {
        let file = File::open("/proc/self/exe")?;
        let inode = file.metadata()?.ino();
        Ok(Self {
            file,
            inode,
            path: std::fs::read_link("/proc/self/exe")?,
            segments: Segments::find(),
        })
    }

    pub(crate) const fn file(&self) -> &File {
        &self.file
    }

    /// Whether the mapping is of this file and holds exactly the file's bytes.
    pub(crate) fn is_unchanged_in(&self, mapping: &Mapping) -> bool {
        let changed = &self.segments.changed;
        // The kernel names the file by its device too, but some file systems give another one here than to stat(2).
        mapping.inode == self.inode
            && self.path.as_os_str() == mapping.name.as_str()
            && (mapping.end <= changed.start || changed.end <= mapping.start)
    }

    /// Locks the file's code and constants in memory, for as long as the process lives, so that
    /// they are not read from disk again. Does nothing for a user who may lock a certain amount
    /// only: secret memory needs that more.
    pub(crate) fn pin(&self) -> io::Result<()> {
        if !locks_without_limit()? {
            return Ok(());
        }
        let (bytes, read) = (self.segments.fixed_bytes, libc::PROT_READ);
        let (anywhere, fd) = (std::ptr::null_mut(), self.file.as_raw_fd());
        // SAFETY: a fresh mapping of an open file, which stays.
        let base = unsafe { libc::mmap(anywhere, bytes, read, libc::MAP_SHARED, fd, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        for at in (0..bytes).step_by(PIECE) {
            let piece = base.wrapping_byte_add(at);
            // SAFETY: mlock changes no memory.
            check(unsafe { libc::mlock(piece, PIECE.min(bytes - at)) })?;
        }
        Ok(())
    }
}

/// Whether RLIMIT_MEMLOCK does not bind this process: found out by locking more than it allows,
/// in memory that is never there.
fn locks_without_limit() -> io::Result<bool> {
    let limit = soft_limit(libc::RLIMIT_MEMLOCK)?;
    let Some(more) = usize::try_from(limit)
        .ok()
        .and_then(|limit| limit.checked_add(1))
    else {
        return Ok(true);
    };
    let flags = libc::MAP_PRIVATE | libc::MAP_ANONYMOUS | libc::MAP_NORESERVE | libc::MAP_LOCKED;
    let anywhere = std::ptr::null_mut();
    // SAFETY: a fresh mapping, without access.
    let mapped = unsafe { libc::mmap(anywhere, more, libc::PROT_NONE, flags, -1, 0) };
    if mapped == libc::MAP_FAILED {
        return Ok(false);
    }
    // SAFETY: that very mapping, which nobody knows.
    check(unsafe { libc::munmap(mapped, more) })?;
    Ok(true)
}

impl Segments {
    fn find() -> Self {
        let mut found = Self {
            changed: 0..usize::MAX,
            fixed_bytes: 0,
        };
        // SAFETY: the callback takes the pointer for what it is, and keeps nothing.
        unsafe { libc::dl_iterate_phdr(Some(first_object), (&raw mut found).cast()) };
        found
    }

    fn of(base: u64, headers: &[libc::Elf64_Phdr]) -> Option<Self> {
        let mut changed: Option<Range<u64>> = None;
        let mut fixed_bytes = 0;
        for header in headers.iter().filter(|each| each.p_type == libc::PT_LOAD) {
            if header.p_flags & libc::PF_W == 0 {
                fixed_bytes = fixed_bytes.max(header.p_offset.checked_add(header.p_filesz)?);
                continue;
            }
            let start = base.checked_add(header.p_vaddr)?;
            let end = start.checked_add(header.p_memsz)?;
            changed = Some(match changed {
                Some(so_far) => so_far.start.min(start)..so_far.end.max(end),
                None => start..end,
            });
        }
        let changed = changed?;
        Some(Self {
            changed: changed.start.try_into().ok()?..changed.end.try_into().ok()?,
            fixed_bytes: fixed_bytes.try_into().ok()?,
        })
    }
}

/// The first object is the main program; a value other than 0 ends the walk.
unsafe extern "C" fn first_object(
    info: *mut libc::dl_phdr_info,
    _: usize,
    found: *mut c_void,
) -> c_int {
    // SAFETY: the C library passes a valid description.
    let info = unsafe { &*info };
    let count = info.dlpi_phnum.into();
    // SAFETY: the description names an array of that many headers.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, count) };
    if let Some(segments) = Segments::of(info.dlpi_addr, headers) {
        // SAFETY: the caller's value, which outlives the walk.
        unsafe { found.cast::<Segments>().write(segments) };
    }
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_programs_own_segments_are_found() {
        let executable = Executable::open().unwrap();
        let segments = &executable.segments;
        assert!(segments.fixed_bytes > 0 && segments.changed.end < usize::MAX);
        // A function's code is the file's; a variable's page is not.
        static VARIABLE: std::sync::atomic::AtomicU32 = std::sync::atomic::AtomicU32::new(1);
        let all = crate::maps::read_own().unwrap();
        let is_unchanged = |address: usize| {
            let mapping = all
                .iter()
                .find(|each| (each.start..each.end).contains(&address));
            executable.is_unchanged_in(mapping.unwrap())
        };
        assert!(is_unchanged((first_object as *const ()).addr()));
        assert!(!is_unchanged((&raw const VARIABLE).addr()));
    }
}
