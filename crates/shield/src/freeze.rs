//! Takes a process's memory out of everybody else's reach, for writing too.
//!
//! Root may write to any process's memory through `/proc/PID/mem`, even where the process itself
//! may not: the kernel makes a private copy of the page and changes that. Three kinds of mapping
//! are beyond this: secret pages, which the kernel cannot reach at all; shared mappings of which
//! no writable page can exist; and the kernel's own. So every private mapping is replaced, in
//! place, by one of the first two.

use std::ffi::c_int;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::NonNull;

use thiserror::Error;

use crate::executable::Executable;
use crate::maps::{self, Mapping};
use crate::sealed_file;
use crate::secret_region::{SecretMemoryError, SecretRegion};
use crate::secret_thread::{is_on_secret_stack, wait_for_sleeper};
use crate::sys::{check, page_size};

/// Why the process's memory could not be frozen.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FreezeError {
    /// The memory under the caller's feet would be replaced.
    #[error("freezing needs a caller on a secret stack: use `run_on_secret_stack`")]
    NotOnSecretStack,
    /// Others may write while memory moves.
    #[error(
        "the process has {0} threads: only the main thread and the one on the secret stack may run"
    )]
    Threads(u64),
    /// Memory that can be written and run cannot be kept out of an attacker's reach.
    #[error("the mapping at {address:#x} (`{name}`) is writable and executable")]
    WritableCode {
        /// Where it starts.
        address: usize,
        /// What is mapped.
        name: String,
    },
    /// Memory shared with others is no secret.
    #[error("the mapping at {address:#x} (`{name}`) is shared with other processes")]
    SharedMemory {
        /// Where it starts.
        address: usize,
        /// What is mapped.
        name: String,
    },
    /// No secret memory to move to.
    #[error(transparent)]
    Memory(#[from] SecretMemoryError),
    /// A system call failed.
    #[error("{call} failed")]
    System {
        /// Its name.
        call: &'static str,
        /// What it said.
        source: io::Error,
    },
}

/// Bytes below the main thread's stack that are added to it: once it is replaced, the kernel no
/// longer lets it grow.
const STACK_HEADROOM: usize = 256 << 10;

/// What is to become of a mapping.
enum Fate {
    /// Nobody can write to it as it is.
    Stay,
    /// Its pages move to secret memory.
    Secret,
    /// It is mapped from the same file again, without the right to pages of its own.
    Shared,
    /// Its pages move to a file that nobody can write to ever again.
    Sealed,
}

/// Moves all writable memory of the process to secret pages, and all other memory to sealed files.
/// Addresses and access stay as they are; code cannot be added any more.
pub(crate) fn freeze() -> Result<(), FreezeError> {
    if !is_on_secret_stack() {
        return Err(FreezeError::NotOnSecretStack);
    }
    let threads = maps::threads().map_err(failed("stat"))?;
    if threads > 2 {
        return Err(FreezeError::Threads(threads));
    }
    wait_for_sleeper().map_err(failed("read"))?;
    let all = maps::read_own().map_err(failed("read"))?;
    // Without /proc/self/exe the code is copied like that of any library.
    let executable = Executable::open().ok();
    let (mut writable, mut text, mut fixed) = (Vec::new(), Vec::new(), Vec::new());
    for mapping in all {
        match fate(&mapping, executable.as_ref())? {
            Fate::Stay => {}
            Fate::Secret => writable.push(mapping),
            Fate::Shared => text.push(mapping),
            Fate::Sealed => fixed.push(mapping),
        }
    }
    if let Some(executable) = &executable {
        share_file(executable, &text)?;
    }
    seal(&fixed)?;
    hide(&writable)
}

fn fate(mapping: &Mapping, executable: Option<&Executable>) -> Result<Fate, FreezeError> {
    let (address, name) = (mapping.start, || mapping.name.clone());
    if mapping.is_secret() || mapping.is_kernels() {
        Ok(Fate::Stay)
    } else if mapping.write && mapping.execute {
        Err(FreezeError::WritableCode {
            address,
            name: name(),
        })
    } else if mapping.shared && mapping.write {
        Err(FreezeError::SharedMemory {
            address,
            name: name(),
        })
    } else if mapping.shared {
        Ok(Fate::Stay)
    } else if mapping.write {
        Ok(Fate::Secret)
    } else if executable.is_some_and(|file| file.is_unchanged_in(mapping)) {
        Ok(Fate::Shared)
    } else {
        Ok(Fate::Sealed)
    }
}

/// Maps the running executable's own file shared, if nobody can open it for writing while it runs:
/// then its pages need no copy; and they are pinned, by the guardian.
fn share_file(executable: &Executable, mappings: &[Mapping]) -> Result<(), FreezeError> {
    for mapping in mappings {
        replace_by_file(mapping, executable.file(), mapping.offset)?;
    }
    Ok(())
}

/// Replaces mappings that are not writable by mappings of one file, sealed against all writing.
fn seal(mappings: &[Mapping]) -> Result<(), FreezeError> {
    let file = sealed_file::create().map_err(failed("memfd_create"))?;
    let mut offset = 0;
    let mut places = Vec::with_capacity(mappings.len());
    for mapping in mappings {
        if mapping.read {
            places.push(offset);
            copy_to_file(&file, mapping, offset)?;
            offset += mapping.len();
        } else {
            // Nothing to keep; what cannot be accessed needs no bytes behind it.
            places.push(0);
        }
    }
    resize(&file, offset)?;
    sealed_file::seal(&file).map_err(failed("fcntl"))?;
    for (mapping, &offset) in mappings.iter().zip(&places) {
        let replaced = replace_by_file(mapping, &file, offset);
        // Some kernels let nobody replace the vDSO (CONFIG_MSEAL_SYSTEM_MAPPINGS).
        if mapping.name != "[vdso]" {
            replaced?;
        }
    }
    Ok(())
}

/// Replaces writable mappings by secret pages with the same bytes.
fn hide(mappings: &[Mapping]) -> Result<(), FreezeError> {
    let bytes = |mapping: &Mapping| mapping.len() + headroom(mapping);
    let total = mappings.iter().map(bytes).sum();
    let staged = SecretRegion::new(total)?.leak();
    let mut offset = 0;
    for mapping in mappings {
        // SAFETY: the offsets add up to `total`, the length of the staging region.
        let place = unsafe { staged.add(offset) };
        move_to(place, mapping)?;
        offset += bytes(mapping);
    }
    Ok(())
}

fn headroom(mapping: &Mapping) -> usize {
    if mapping.name == "[stack]" {
        STACK_HEADROOM
    } else {
        0
    }
}

/// Copies a mapping to the staging area and puts those pages in its place. Between the two nothing
/// may write to the mapping: the allocator's and the C library's variables are in one of them.
fn move_to(place: NonNull<u8>, mapping: &Mapping) -> Result<(), FreezeError> {
    let headroom = headroom(mapping);
    let page = page_size();
    for at in (0..mapping.len()).step_by(page) {
        let from = std::ptr::with_exposed_provenance::<u8>(mapping.start + at);
        // SAFETY: within the staging area.
        let to = unsafe { place.add(headroom + at) };
        // SAFETY: both are one whole page; the mapping is writable, hence readable.
        unsafe { copy_unless_zero(from, to.as_ptr(), page) };
    }
    let target = std::ptr::with_exposed_provenance_mut::<libc::c_void>(mapping.start - headroom);
    let bytes = mapping.len() + headroom;
    let flags = libc::MREMAP_MAYMOVE | libc::MREMAP_FIXED;
    // SAFETY: the new pages hold what the old ones held, so nobody can tell the difference.
    let moved = unsafe { libc::mremap(place.as_ptr().cast(), bytes, bytes, flags, target) };
    if moved == libc::MAP_FAILED {
        return Err(failed("mremap")(io::Error::last_os_error()));
    }
    Ok(())
}

/// Secret pages are zero, and cost nothing until they are touched.
///
/// # Safety
/// `from` is readable and `to` writable for `bytes`, both aligned to pages.
unsafe fn copy_unless_zero(from: *const u8, to: *mut u8, bytes: usize) {
    // SAFETY: the caller's promise; a page is aligned to words.
    let words =
        unsafe { std::slice::from_raw_parts(from.cast::<usize>(), bytes / size_of::<usize>()) };
    if words.iter().any(|&word| word != 0) {
        // SAFETY: the caller's promise; the two do not overlap.
        unsafe { to.copy_from_nonoverlapping(from, bytes) };
    }
}

fn resize(file: &OwnedFd, bytes: usize) -> Result<(), FreezeError> {
    let bytes = bytes.try_into().unwrap_or(libc::off_t::MAX);
    // SAFETY: ftruncate takes no pointer.
    check(unsafe { libc::ftruncate(file.as_raw_fd(), bytes) })
        .map(drop)
        .map_err(failed("ftruncate"))
}

fn copy_to_file(file: &OwnedFd, mapping: &Mapping, offset: usize) -> Result<(), FreezeError> {
    let mut done = 0;
    while done < mapping.len() {
        let from = std::ptr::with_exposed_provenance(mapping.start + done);
        let left = mapping.len() - done;
        let at = (offset + done).try_into().unwrap_or(libc::off_t::MAX);
        // SAFETY: the kernel checks the addresses; the mapping is readable.
        let wrote = unsafe { libc::pwrite(file.as_raw_fd(), from, left, at) };
        match usize::try_from(wrote) {
            Ok(0) => break,
            Ok(wrote) => done += wrote,
            // Pages past the end of the mapped file: they cannot be read here either.
            Err(_) if io::Error::last_os_error().raw_os_error() == Some(libc::EFAULT) => break,
            Err(_) => return Err(failed("pwrite")(io::Error::last_os_error())),
        }
    }
    Ok(())
}

fn replace_by_file(
    mapping: &Mapping,
    file: &impl AsRawFd,
    offset: usize,
) -> Result<(), FreezeError> {
    let mut prot: c_int = libc::PROT_NONE;
    if mapping.read {
        prot |= libc::PROT_READ;
    }
    if mapping.execute {
        prot |= libc::PROT_EXEC;
    }
    let target = std::ptr::with_exposed_provenance_mut(mapping.start);
    let flags = libc::MAP_SHARED | libc::MAP_FIXED;
    let at = offset.try_into().unwrap_or(libc::off_t::MAX);
    // SAFETY: the file holds the very bytes of the mapping, so nobody can tell the difference.
    let mapped = unsafe { libc::mmap(target, mapping.len(), prot, flags, file.as_raw_fd(), at) };
    if mapped == libc::MAP_FAILED {
        return Err(failed("mmap")(io::Error::last_os_error()));
    }
    Ok(())
}

fn failed(call: &'static str) -> impl Fn(io::Error) -> FreezeError {
    move |source| FreezeError::System { call, source }
}
