use std::collections::HashMap;
use std::collections::hash_map::DefaultHasher;
use std::hash::Hasher;
use std::io::{self, Read};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Command, Stdio};

use iced_x86::{Decoder, DecoderOptions, Instruction, InstructionInfoFactory, OpAccess, Register};

use crate::error::TraceError;

/// What one run between the victim's marks did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Trace {
    /// Of every instruction's address and every address that it read or wrote.
    pub(crate) hash: u64,
    pub(crate) steps: u64,
    /// What the victim said.
    pub(crate) said: String,
}

/// Who is told what a single-stepped process does.
pub(crate) trait Watch {
    /// The instruction at an address is about to touch another one, or only to run: its own.
    fn touches(&mut self, _: u64, _: u64) {}

    /// It is about to write so many bytes.
    fn writes(&mut self, _pid: i32, _address: u64, _len: u64) -> io::Result<()> {
        Ok(())
    }

    /// It ran.
    fn ran(&mut self, _pid: i32) -> io::Result<()> {
        Ok(())
    }
}

/// Nobody.
impl Watch for () {}

/// Runs the victim and single-steps it between its marks; `watch` is told of every step. Nothing if
/// this processor has not the kernels.
pub(crate) fn trace(
    victim: &Path,
    case: &str,
    kernels: &str,
    secret: u64,
    watch: &mut dyn Watch,
) -> Result<Option<Trace>, TraceError> {
    let what = format!("{} {case} {kernels} {secret}", victim.display());
    let failed = |source| TraceError::Trace {
        what: what.clone(),
        source,
    };
    // As many digits always: the length of the arguments moves the stack.
    let mut command = Command::new(victim);
    command
        .args([case, kernels, &format!("{secret:04}")])
        .stdout(Stdio::piped())
        .env_clear();
    // SAFETY: two system calls, between fork and exec: nothing is allocated.
    unsafe { command.pre_exec(be_traced) };
    let mut child = command.spawn().map_err(failed)?;
    let pid = i32::try_from(child.id()).map_err(|_| failed(io::ErrorKind::Other.into()))?;
    let (status, hash, steps) = follow(pid, watch).map_err(failed)?;
    let mut said = String::new();
    if let Some(mut out) = child.stdout.take() {
        out.read_to_string(&mut said).map_err(failed)?;
    }
    match (status, steps) {
        (3, _) => Ok(None),
        (0, 1..) => Ok(Some(Trace { hash, steps, said })),
        _ => Err(TraceError::NoTrace { what }),
    }
}

/// No random addresses, and the parent traces.
fn be_traced() -> io::Result<()> {
    // SAFETY: sets a flag of this process.
    let set = unsafe { libc::personality(libc::ADDR_NO_RANDOMIZE as libc::c_ulong) };
    // SAFETY: takes no pointer.
    let traced = unsafe { libc::ptrace(libc::PTRACE_TRACEME, 0, 0, 0) };
    if set < 0 || traced < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(())
}

/// Follows the process to its end. Its exit status, the hash and the number of steps.
fn follow(pid: i32, watch: &mut dyn Watch) -> io::Result<(i32, u64, u64)> {
    let mut steps = Steps {
        hasher: DefaultHasher::new(),
        count: 0,
        decoded: HashMap::new(),
        factory: InstructionInfoFactory::new(),
    };
    let mut stepping = false;
    wait(pid)?;
    loop {
        let request = if stepping {
            libc::PTRACE_SINGLESTEP
        } else {
            libc::PTRACE_CONT
        };
        // SAFETY: a request without pointers about a stopped child.
        if unsafe { libc::ptrace(request, pid, 0, 0) } < 0 {
            return Err(io::Error::last_os_error());
        }
        let status = wait(pid)?;
        if libc::WIFEXITED(status) {
            return Ok((
                libc::WEXITSTATUS(status),
                steps.hasher.finish(),
                steps.count,
            ));
        }
        let signal = libc::WIFSTOPPED(status).then(|| libc::WSTOPSIG(status));
        if matches!(signal, Some(libc::SIGSTOP | libc::SIGCONT)) {
            // Somebody paused it before its next instruction.
            continue;
        }
        if signal != Some(libc::SIGTRAP) {
            return Err(io::Error::other("the victim was killed"));
        }
        if stepping {
            watch.ran(pid)?;
        }
        let registers = registers(pid)?;
        let mark = read(pid, registers.rip - 1)?[0] == 0xcc;
        match registers.r11 {
            0xaaaa if mark => stepping = true,
            0xbbbb if mark => stepping = false,
            _ if stepping => steps.take(pid, &registers, watch)?,
            _ => {}
        }
    }
}

fn wait(pid: i32) -> io::Result<i32> {
    let mut status = 0;
    // SAFETY: writes the status, which outlives the call.
    if unsafe { libc::waitpid(pid, &raw mut status, 0) } < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(status)
}

fn registers(pid: i32) -> io::Result<libc::user_regs_struct> {
    let mut registers = std::mem::MaybeUninit::uninit();
    // SAFETY: writes the structure, which outlives the call.
    if unsafe { libc::ptrace(libc::PTRACE_GETREGS, pid, 0, registers.as_mut_ptr()) } < 0 {
        return Err(io::Error::last_os_error());
    }
    // SAFETY: it was written.
    Ok(unsafe { registers.assume_init() })
}

/// Sixteen bytes of the process's memory.
pub(crate) fn read(pid: i32, at: u64) -> io::Result<[u8; 16]> {
    let mut bytes = [0; 16];
    let own = libc::iovec {
        iov_base: bytes.as_mut_ptr().cast(),
        iov_len: bytes.len(),
    };
    let other = libc::iovec {
        iov_base: std::ptr::without_provenance_mut(usize::try_from(at).unwrap_or(0)),
        iov_len: bytes.len(),
    };
    // SAFETY: writes sixteen bytes to an array of so many; the other address is checked by the kernel.
    let len = unsafe { libc::process_vm_readv(pid, &raw const own, 1, &raw const other, 1, 0) };
    if len < 1 {
        return Err(io::Error::last_os_error());
    }
    Ok(bytes)
}

struct Steps {
    hasher: DefaultHasher,
    count: u64,
    decoded: HashMap<u64, Instruction>,
    factory: InstructionInfoFactory,
}

impl Steps {
    /// Takes the instruction in that is about to run.
    fn take(
        &mut self,
        pid: i32,
        registers: &libc::user_regs_struct,
        watch: &mut dyn Watch,
    ) -> io::Result<()> {
        let at = registers.rip;
        let instruction = if let Some(known) = self.decoded.get(&at) {
            *known
        } else {
            let bytes = read(pid, at)?;
            let decoded = Decoder::with_ip(64, &bytes, at, DecoderOptions::NONE).decode();
            self.decoded.insert(at, decoded);
            decoded
        };
        self.count += 1;
        self.hasher.write_u64(at);
        watch.touches(at, at);
        for memory in self.factory.info(&instruction).used_memory() {
            let address = memory.virtual_address(0, |register, _, _| value(registers, register));
            let address = address.unwrap_or(u64::MAX);
            self.hasher.write_u64(address);
            watch.touches(at, address);
            self.hasher.write_u8(memory.access() as u8);
            let reads = matches!(memory.access(), OpAccess::Read | OpAccess::NoMemAccess);
            if !reads {
                let len = memory.memory_size().size() as u64;
                watch.writes(pid, address, len)?;
            }
        }
        Ok(())
    }
}

fn value(registers: &libc::user_regs_struct, register: Register) -> Option<u64> {
    Some(match register.full_register() {
        Register::RAX => registers.rax,
        Register::RBX => registers.rbx,
        Register::RCX => registers.rcx,
        Register::RDX => registers.rdx,
        Register::RSI => registers.rsi,
        Register::RDI => registers.rdi,
        Register::RBP => registers.rbp,
        Register::RSP => registers.rsp,
        Register::R8 => registers.r8,
        Register::R9 => registers.r9,
        Register::R10 => registers.r10,
        Register::R11 => registers.r11,
        Register::R12 => registers.r12,
        Register::R13 => registers.r13,
        Register::R14 => registers.r14,
        Register::R15 => registers.r15,
        Register::FS => registers.fs_base,
        Register::GS => registers.gs_base,
        Register::ES | Register::CS | Register::SS | Register::DS => 0,
        // A vector of addresses: the scanner forbids those.
        _ => return None,
    })
}
