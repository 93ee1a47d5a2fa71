//! The file that the process runs.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io;
use std::mem::MaybeUninit;
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
    /// Whether nobody can write to the file while it runs.
    denies_writers: bool,
}

/// Where the program's segments are.
struct Segments {
    /// Addresses from the first writable segment to the last. A part of these is read-only once
    /// the addresses in it are filled in. All addresses if there is no telling.
    changed: Range<usize>,
    /// Bytes of the file that hold the others: code and constants.
    fixed_bytes: usize,
}

/// A mapping of the executable's code and constants, part of it locked in memory.
pub(crate) struct ToPin {
    base: *mut c_void,
    bytes: usize,
    done: usize,
}

/// How much is locked at a time, some 0.5 ms: the enclave may need its guardian meanwhile.
const PIECE: usize = 4 << 20;

impl Executable {
    pub(crate) fn open() -> io::Result<Self> {
        let file = File::open("/proc/self/exe")?;
        let inode = file.metadata()?.ino();
        let release = std::fs::read_to_string("/proc/sys/kernel/osrelease")?;
        Ok(Self {
            denies_writers: denies_writers(file_system(&file)?, &release),
            file,
            inode,
            path: std::fs::read_link("/proc/self/exe")?,
            segments: Segments::find(),
        })
    }

    pub(crate) const fn file(&self) -> &File {
        &self.file
    }

    /// Whether the mapping is of this file and holds exactly the file's bytes, now and later.
    pub(crate) fn is_unchanged_in(&self, mapping: &Mapping) -> bool {
        let changed = &self.segments.changed;
        // The kernel names the file by its device too, but some file systems give another one here than to stat(2).
        self.denies_writers
            && mapping.inode == self.inode
            && self.path.as_os_str() == mapping.name.as_str()
            && (mapping.end <= changed.start || changed.end <= mapping.start)
    }

    /// Maps the file's code and constants, to be locked in memory for as long as the process
    /// lives, so that they are not read from disk again. None for a user who may lock a certain
    /// amount only: secret memory needs that more.
    pub(crate) fn to_pin(&self) -> io::Result<Option<ToPin>> {
        if !locks_without_limit()? {
            return Ok(None);
        }
        let (bytes, read) = (self.segments.fixed_bytes, libc::PROT_READ);
        let (anywhere, fd) = (std::ptr::null_mut(), self.file.as_raw_fd());
        // SAFETY: a fresh mapping of an open file, which stays.
        let base = unsafe { libc::mmap(anywhere, bytes, read, libc::MAP_SHARED, fd, 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Some(ToPin {
            base,
            bytes,
            done: 0,
        }))
    }
}

impl ToPin {
    /// Locks the next piece, and gives back what is left to do. A refusal ends it: pinning is the
    /// second line only.
    pub(crate) fn pin_some(mut self) -> Option<Self> {
        let left = self.bytes.saturating_sub(self.done);
        let piece = self.base.wrapping_byte_add(self.done);
        // SAFETY: mlock changes no memory.
        check(unsafe { libc::mlock(piece, PIECE.min(left)) }).ok()?;
        self.done += PIECE;
        (self.done < self.bytes).then_some(self)
    }
}

/// ext2 to ext4, XFS, Btrfs, F2FS, tmpfs: file systems whose files have pages of their own.
const OWN_PAGES: [u64; 5] = [0xef53, 0x5846_5342, 0x9123_683e, 0xf2f5_2010, 0x0102_1994];

/// Whether the kernel lets nobody write to the pages of a file that runs (`ETXTBSY`).
///
/// On overlayfs it keeps writers from the file on top only: whoever writes to the one below, as
/// root can outside a container, changes the very pages that are mapped. A FUSE or network server
/// changes them as it likes. And Linux 6.11 and 6.12 came without the rule.
fn denies_writers(file_system: u64, kernel_release: &str) -> bool {
    let without = ["6.11.", "6.11-", "6.12.", "6.12-"];
    OWN_PAGES.contains(&file_system) && !without.iter().any(|it| kernel_release.starts_with(it))
}

fn file_system(file: &File) -> io::Result<u64> {
    let mut found = MaybeUninit::<libc::statfs>::zeroed();
    // SAFETY: `found` outlives the call and has room for the answer.
    check(unsafe { libc::fstatfs(file.as_raw_fd(), found.as_mut_ptr()) })?;
    // SAFETY: all-zero is a valid value, and so is what the kernel wrote.
    let found = unsafe { found.assume_init() };
    u64::try_from(found.f_type).map_err(io::Error::other)
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
        let code = is_unchanged((first_object as *const ()).addr());
        assert_eq!(code, executable.denies_writers);
        assert!(!is_unchanged((&raw const VARIABLE).addr()));
    }
    #[test]
    fn a_file_that_can_be_written_below_is_not_shared() {
        let (overlay, fuse, nfs) = (0x794c_7630, 0x6573_5546, 0x6969);
        for below in [overlay, fuse, nfs, 0] {
            assert!(!denies_writers(below, "6.18.4"));
        }
        for own in OWN_PAGES {
            assert!(denies_writers(own, "6.5.0-14-generic"));
            assert!(denies_writers(own, "6.1.0"));
            assert!(!denies_writers(own, "6.11.0-8-generic"));
            assert!(!denies_writers(own, "6.12.1"));
        }
    }
}
