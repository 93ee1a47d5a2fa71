//! Attaching as a debugger does.

use std::ffi::{c_int, c_long, c_uint, c_void};
use std::io;

use crate::needle::Needle;
use crate::outcome::{Attack, Outcome};
use crate::read::{judge, scan};

/// An attached process; let go when dropped.
#[derive(Debug)]
pub(crate) struct Attached(libc::pid_t);

impl Attached {
    /// PTRACE_ATTACH, and waits for the stop.
    pub(crate) fn attach(pid: u32) -> io::Result<Self> {
        let pid = pid.try_into().map_err(io::Error::other)?;
        request(libc::PTRACE_ATTACH, pid, 0)?;
        let attached = Self(pid);
        attached.wait()?;
        Ok(attached)
    }

    /// PTRACE_SEIZE and PTRACE_INTERRUPT, and waits for the stop.
    pub(crate) fn seize(pid: u32) -> io::Result<Self> {
        let pid = pid.try_into().map_err(io::Error::other)?;
        request(libc::PTRACE_SEIZE, pid, 0)?;
        let attached = Self(pid);
        request(libc::PTRACE_INTERRUPT, pid, 0)?;
        attached.wait()?;
        Ok(attached)
    }

    fn wait(&self) -> io::Result<()> {
        let mut status: c_int = 0;
        // SAFETY: `status` outlives the call.
        let waited = unsafe { libc::waitpid(self.0, &raw mut status, libc::__WALL) };
        if waited == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }

    /// PTRACE_PEEKDATA, word by word.
    fn peek(&self, at: u64, into: &mut [u8]) -> io::Result<usize> {
        let mut done = 0;
        for word in into.chunks_exact_mut(size_of::<c_long>()) {
            match self.peek_word(at + done as u64) {
                Ok(value) => word.copy_from_slice(&value.to_ne_bytes()),
                Err(error) if done == 0 => return Err(error),
                Err(_) => break,
            }
            done += word.len();
        }
        Ok(done)
    }

    pub(crate) const fn pid(&self) -> libc::pid_t {
        self.0
    }

    /// Lets it run until it stops again.
    pub(crate) fn resume(&self) -> io::Result<()> {
        request(libc::PTRACE_CONT, self.0, 0)?;
        self.wait()
    }

    /// One word of its memory.
    pub(crate) fn peek_word(&self, at: u64) -> io::Result<c_long> {
        let address = usize::try_from(at).unwrap_or(usize::MAX);
        let address: *mut c_void = std::ptr::without_provenance_mut(address);
        let mut word: c_long = 0;
        // The raw call writes the word through the data pointer, and returns errors as errors.
        // SAFETY: `word` outlives the call; the address is not ours.
        let ret = unsafe {
            libc::syscall(
                libc::SYS_ptrace,
                libc::PTRACE_PEEKDATA,
                self.0,
                address,
                &raw mut word,
            )
        };
        if ret == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok(word)
    }
}

impl Drop for Attached {
    fn drop(&mut self) {
        // The process may be gone; then there is nothing to let go.
        let _ = request(libc::PTRACE_DETACH, self.0, 0);
    }
}

pub(crate) fn attach(pid: u32, needle: &Needle) -> Outcome {
    peek_all(Attack::PtraceAttach, pid, needle, Attached::attach(pid))
}

pub(crate) fn seize(pid: u32, needle: &Needle) -> Outcome {
    peek_all(Attack::PtraceSeize, pid, needle, Attached::seize(pid))
}

fn peek_all(attack: Attack, pid: u32, needle: &Needle, attached: io::Result<Attached>) -> Outcome {
    match attached {
        Ok(attached) => judge(
            attack,
            scan(pid, needle, |at, into| {
                // A word at a time is slow: a page tells whether the rest is worth it.
                let piece = into.len().min(64 << 10);
                attached.peek(at, into.get_mut(..piece).unwrap_or_default())
            }),
        ),
        Err(error) => Outcome::refused(attack, &error),
    }
}

fn request(request: c_uint, pid: libc::pid_t, data: c_long) -> io::Result<()> {
    let nothing = std::ptr::null_mut::<c_void>();
    // SAFETY: none of the requests used here makes the kernel write to this process.
    let ret = unsafe { libc::ptrace(request, pid, nothing, data) };
    if ret == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
