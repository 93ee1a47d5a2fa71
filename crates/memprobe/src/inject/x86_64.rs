use std::ffi::{c_int, c_long, c_uint, c_ulonglong, c_void};
use std::io;
use std::mem::MaybeUninit;

use crate::ptrace::Attached;

/// `syscall`, then `int3`.
const SYSTEM_CALL: c_long = 0xcc_050f;

/// A stopped process that makes system calls for its attacker; put back as it was when dropped.
pub(super) struct Puppet {
    attached: Attached,
    saved: libc::user_regs_struct,
    code: c_long,
}

impl Puppet {
    /// Writes a system call over the next instruction.
    pub(super) fn take_over(attached: Attached) -> io::Result<Self> {
        let mut registers = MaybeUninit::<libc::user_regs_struct>::zeroed();
        move_registers(&attached, libc::PTRACE_GETREGS, registers.as_mut_ptr())?;
        // SAFETY: all-zero is a valid set of registers, and so is what the kernel wrote.
        let saved = unsafe { registers.assume_init() };
        let code = attached.peek_word(saved.rip)?;
        let puppet = Self {
            attached,
            saved,
            code,
        };
        puppet.poke(saved.rip, SYSTEM_CALL)?;
        Ok(puppet)
    }

    /// Has it open a file to write to.
    pub(super) fn open(&self, path: &str) -> io::Result<u64> {
        // Below the part of the stack that a function may use without saying so.
        let place = (self.saved.rsp - 4096) & !7;
        let mut bytes = path.as_bytes().to_vec();
        bytes.resize(path.len() / 8 * 8 + 8, 0);
        for (at, word) in (place..).step_by(8).zip(bytes.chunks_exact(8)) {
            let word = word.try_into().map_err(io::Error::other)?;
            self.poke(at, c_long::from_ne_bytes(word))?;
        }
        let flags = libc::O_WRONLY | libc::O_CREAT | libc::O_TRUNC;
        let flags = flags.try_into().map_err(io::Error::other)?;
        self.call(libc::SYS_open, [place, flags, 0o600])
    }

    /// Has it write its own memory to the file.
    pub(super) fn write(&self, fd: u64, start: u64, bytes: u64) -> io::Result<u64> {
        self.call(libc::SYS_write, [fd, start, bytes])
    }

    fn call(&self, number: c_long, [a, b, c]: [c_ulonglong; 3]) -> io::Result<u64> {
        let mut registers = self.saved;
        registers.rax = number.try_into().map_err(io::Error::other)?;
        // Whatever call it was stopped in must not be started again.
        registers.orig_rax = c_ulonglong::MAX;
        (registers.rdi, registers.rsi, registers.rdx) = (a, b, c);
        move_registers(&self.attached, libc::PTRACE_SETREGS, &raw mut registers)?;
        self.attached.resume()?;
        move_registers(&self.attached, libc::PTRACE_GETREGS, &raw mut registers)?;
        match i64::from_ne_bytes(registers.rax.to_ne_bytes()) {
            error @ -4095..0 => Err(io::Error::from_raw_os_error(
                c_int::try_from(-error).unwrap_or(libc::EINVAL),
            )),
            _ => Ok(registers.rax),
        }
    }

    fn poke(&self, at: u64, word: c_long) -> io::Result<()> {
        let at = usize::try_from(at).map_err(io::Error::other)?;
        let at = std::ptr::without_provenance_mut::<c_void>(at);
        // SAFETY: the kernel writes to the other process only.
        let ret = unsafe { libc::ptrace(libc::PTRACE_POKEDATA, self.attached.pid(), at, word) };
        if ret == -1 {
            return Err(io::Error::last_os_error());
        }
        Ok(())
    }
}

impl Drop for Puppet {
    fn drop(&mut self) {
        // If this fails the process is gone, or will crash: nothing can be done about either.
        let _ = self.poke(self.saved.rip, self.code);
        let _ = move_registers(&self.attached, libc::PTRACE_SETREGS, &raw mut self.saved);
    }
}

fn move_registers(
    attached: &Attached,
    request: c_uint,
    registers: *mut libc::user_regs_struct,
) -> io::Result<()> {
    let nothing = std::ptr::null_mut::<c_void>();
    // SAFETY: the pointer is to a whole set of registers, which outlives the call.
    let ret = unsafe { libc::ptrace(request, attached.pid(), nothing, registers) };
    if ret == -1 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}
