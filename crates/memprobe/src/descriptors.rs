//! Through the files that the process has open or mapped.

use std::fs::{self, File, OpenOptions};
use std::io;
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::fs::{FileExt as _, OpenOptionsExt as _};

use crate::needle::Needle;
use crate::outcome::{Attack, Outcome};

/// The longest part of a file that is read.
const LONGEST: u64 = 64 << 20;

pub(crate) fn proc_fd(pid: u32, needle: &Needle) -> Outcome {
    open_all(Attack::ProcFd, &format!("/proc/{pid}/fd"), needle)
}

pub(crate) fn map_files(pid: u32, needle: &Needle) -> Outcome {
    open_all(Attack::MapFiles, &format!("/proc/{pid}/map_files"), needle)
}

pub(crate) fn pidfd_getfd(pid: u32, needle: &Needle) -> Outcome {
    let attack = Attack::PidfdGetfd;
    let names = match names(&format!("/proc/{pid}/fd")) {
        Ok(names) => names,
        Err(error) => return Outcome::refused(attack, &error),
    };
    let process = match pidfd_open(pid) {
        Ok(process) => process,
        Err(error) => return Outcome::refused(attack, &error),
    };
    let mut tally = Tally::default();
    for name in names {
        let taken = name
            .parse()
            .map_err(io::Error::other)
            .and_then(|fd| take(&process, fd));
        tally.search(&name, taken.map(File::from), needle);
    }
    tally.outcome(attack)
}

fn open_all(attack: Attack, folder: &str, needle: &Needle) -> Outcome {
    let names = match names(folder) {
        Ok(names) => names,
        Err(error) => return Outcome::refused(attack, &error),
    };
    let mut tally = Tally::default();
    for name in names {
        let file = OpenOptions::new()
            .read(true)
            .custom_flags(libc::O_NONBLOCK | libc::O_CLOEXEC)
            .open(format!("{folder}/{name}"));
        tally.search(&name, file, needle);
    }
    tally.outcome(attack)
}

fn names(folder: &str) -> io::Result<Vec<String>> {
    let entries = fs::read_dir(folder)?;
    Ok(entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect())
}

#[derive(Default)]
struct Tally {
    files: usize,
    refused: usize,
    bytes_read: u64,
    found: Option<String>,
}

impl Tally {
    fn search(&mut self, name: &str, file: io::Result<File>, needle: &Needle) {
        self.files += 1;
        let Ok(file) = file else {
            self.refused += 1;
            return;
        };
        // What is in a pipe or a socket is on its way out anyway, and reading would take it away.
        if !file.metadata().is_ok_and(|meta| meta.is_file()) {
            return;
        }
        let found = match Mapped::of(&file) {
            Ok(mapped) => {
                self.bytes_read += mapped.bytes().len() as u64;
                needle.find(mapped.bytes())
            }
            Err(_) => self.pread(&file, needle),
        };
        if let Some(at) = found {
            self.found
                .get_or_insert(format!("in file {name} at {at:#x}"));
        }
    }

    fn pread(&mut self, file: &File, needle: &Needle) -> Option<usize> {
        let mut buffer = vec![0; 1 << 20];
        let read = file.read_at(&mut buffer, 0).unwrap_or(0);
        self.bytes_read += read as u64;
        let found = buffer.get(..read).and_then(|bytes| needle.find(bytes));
        buffer.fill(0);
        found
    }

    fn outcome(self, attack: Attack) -> Outcome {
        let Self {
            files,
            refused,
            bytes_read,
            found,
        } = self;
        match found {
            Some(place) => Outcome::leak(attack, place, bytes_read),
            None => Outcome {
                bytes_read,
                ..Outcome::blocked_by(
                    attack,
                    format!("{files} files, {refused} refused, the secret is in none"),
                )
            },
        }
    }
}

/// A file, mapped to be read.
struct Mapped {
    base: *mut libc::c_void,
    bytes: usize,
}

impl Mapped {
    fn of(file: &File) -> io::Result<Self> {
        let bytes = file.metadata()?.len().min(LONGEST);
        let bytes = usize::try_from(bytes).map_err(io::Error::other)?;
        let (read, shared) = (libc::PROT_READ, libc::MAP_SHARED);
        let anywhere = std::ptr::null_mut();
        // SAFETY: a fresh mapping of an open file.
        let base = unsafe { libc::mmap(anywhere, bytes, read, shared, file.as_raw_fd(), 0) };
        if base == libc::MAP_FAILED {
            return Err(io::Error::last_os_error());
        }
        Ok(Self { base, bytes })
    }

    fn bytes(&self) -> &[u8] {
        // SAFETY: mapped readable for this length until dropped; files do not shrink under an attack.
        unsafe { std::slice::from_raw_parts(self.base.cast(), self.bytes) }
    }
}

impl Drop for Mapped {
    fn drop(&mut self) {
        // SAFETY: this very mapping, which nothing uses hereafter.
        unsafe { libc::munmap(self.base, self.bytes) };
    }
}

fn pidfd_open(pid: u32) -> io::Result<OwnedFd> {
    // SAFETY: pidfd_open takes numbers only.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) })
}

fn take(process: &OwnedFd, fd: u32) -> io::Result<OwnedFd> {
    // SAFETY: pidfd_getfd takes numbers only.
    owned(unsafe { libc::syscall(libc::SYS_pidfd_getfd, process.as_raw_fd(), fd, 0) })
}

fn owned(ret: libc::c_long) -> io::Result<OwnedFd> {
    if ret < 0 {
        return Err(io::Error::last_os_error());
    }
    let fd = ret.try_into().map_err(io::Error::other)?;
    // SAFETY: the kernel has just given this descriptor to us alone.
    Ok(unsafe { OwnedFd::from_raw_fd(fd) })
}
