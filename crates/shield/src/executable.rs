//! The file that the process runs.

use std::ffi::{c_int, c_void};
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;

use crate::maps::Mapping;

/// The running executable: its file, and which addresses may differ from it.
pub(crate) struct Executable {
    file: File,
    inode: u64,
    /// Its path, as the memory map has it.
    path: PathBuf,
    /// The writable segment, of which a part is read-only once the addresses in it are filled in.
    changed: Range<usize>,
}

impl Executable {
    pub(crate) fn open() -> io::Result<Self> {
        let file = File::open("/proc/self/exe")?;
        let inode = file.metadata()?.ino();
        Ok(Self {
            file,
            inode,
            path: std::fs::read_link("/proc/self/exe")?,
            changed: writable_segments(),
        })
    }

    pub(crate) const fn file(&self) -> &File {
        &self.file
    }

    /// Whether the mapping is of this file and holds exactly the file's bytes.
    pub(crate) fn is_unchanged_in(&self, mapping: &Mapping) -> bool {
        // The kernel names the file by its device too, but some file systems give another one here than to stat(2).
        mapping.inode == self.inode
            && self.path.as_os_str() == mapping.name.as_str()
            && (mapping.end <= self.changed.start || self.changed.end <= mapping.start)
    }
}

/// The addresses of the main program's writable segments, from the first to the last; all
/// addresses if there is no telling.
fn writable_segments() -> Range<usize> {
    let mut range: Range<usize> = 0..usize::MAX;
    // SAFETY: the callback takes the pointer for what it is, and keeps nothing.
    unsafe { libc::dl_iterate_phdr(Some(first_object), (&raw mut range).cast()) };
    range
}

/// The first object is the main program; a value other than 0 ends the walk.
unsafe extern "C" fn first_object(
    info: *mut libc::dl_phdr_info,
    _: usize,
    range: *mut c_void,
) -> c_int {
    // SAFETY: the C library passes a valid description.
    let info = unsafe { &*info };
    let count = info.dlpi_phnum.into();
    // SAFETY: the description names an array of that many headers.
    let headers = unsafe { std::slice::from_raw_parts(info.dlpi_phdr, count) };
    if let Some(found) = span(info.dlpi_addr, headers) {
        // SAFETY: the caller's range, which outlives the walk.
        unsafe { range.cast::<Range<usize>>().write(found) };
    }
    1
}

fn span(base: u64, headers: &[libc::Elf64_Phdr]) -> Option<Range<usize>> {
    let is_writable = |header: &&libc::Elf64_Phdr| {
        header.p_type == libc::PT_LOAD && header.p_flags & libc::PF_W != 0
    };
    let mut all: Option<Range<u64>> = None;
    for header in headers.iter().filter(is_writable) {
        let start = base.checked_add(header.p_vaddr)?;
        let end = start.checked_add(header.p_memsz)?;
        all = Some(match all {
            Some(so_far) => so_far.start.min(start)..so_far.end.max(end),
            None => start..end,
        });
    }
    let all = all?;
    Some(all.start.try_into().ok()?..all.end.try_into().ok()?)
}
