use std::ffi::c_int;
use std::fs;
use std::io;
use std::path::PathBuf;
use std::time::Duration;

use crate::needle::Needle;
use crate::outcome::{Attack, Outcome};

/// Switches the process's core dumps on, makes it crash with `signal` (SIGSEGV or SIGABRT), waits
/// up to `patience` for its end, and looks for a core file. Kills an ordinary process.
///
/// Looks in the process's working folder for `core` and `core.PID`; if `core_pattern` sends cores
/// elsewhere the attack is not run.
#[must_use]
pub fn force_crash(pid: u32, needle: &Needle, signal: c_int, patience: Duration) -> Outcome {
    let attack = Attack::ForcedCrash;
    let pattern = fs::read_to_string("/proc/sys/kernel/core_pattern").unwrap_or_default();
    if pattern.trim() != "core" {
        return Outcome::not_run(attack, "core_pattern sends cores elsewhere");
    }
    let folder = match fs::read_link(format!("/proc/{pid}/cwd")) {
        Ok(folder) => folder,
        Err(error) => return Outcome::refused(attack, &error),
    };
    let raised = raise_core_limit(pid);
    let ended = match send(pid, signal).and_then(|()| ends_within(pid, patience)) {
        Ok(ended) => ended,
        Err(error) => return Outcome::refused(attack, &error),
    };
    let names = [folder.join("core"), folder.join(format!("core.{pid}"))];
    for core in names {
        if let Some(outcome) = examine(attack, &core, needle) {
            return outcome;
        }
    }
    Outcome::blocked_by(
        attack,
        match (ended, raised) {
            (false, _) => "the signal did not reach the process".into(),
            (true, Ok(())) => "no core was written".into(),
            (true, Err(error)) => format!("no core was written; its limit stayed ({error})"),
        },
    )
}

fn examine(attack: Attack, core: &PathBuf, needle: &Needle) -> Option<Outcome> {
    let bytes = fs::read(core).ok()?;
    // A dump of a process with secrets is not left lying about.
    let _ = fs::remove_file(core);
    Some(match needle.find(&bytes) {
        Some(at) => Outcome::leak(
            attack,
            format!("at {at:#x} in the core"),
            bytes.len() as u64,
        ),
        None => Outcome::blocked_by(attack, "the secret is not in the core".into()),
    })
}

fn raise_core_limit(pid: u32) -> io::Result<()> {
    let pid = pid.try_into().map_err(io::Error::other)?;
    let limit = libc::rlimit {
        rlim_cur: libc::RLIM_INFINITY,
        rlim_max: libc::RLIM_INFINITY,
    };
    let nothing = std::ptr::null_mut();
    // SAFETY: the new limit outlives the call; the old one is not asked for.
    done(unsafe { libc::prlimit(pid, libc::RLIMIT_CORE, &raw const limit, nothing) })
}

fn send(pid: u32, signal: c_int) -> io::Result<()> {
    let pid = pid.try_into().map_err(io::Error::other)?;
    // SAFETY: kill takes numbers only.
    done(unsafe { libc::kill(pid, signal) })
}

fn ends_within(pid: u32, patience: Duration) -> io::Result<bool> {
    // SAFETY: pidfd_open takes numbers only.
    let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
    let fd = c_int::try_from(fd).unwrap_or(-1);
    if fd < 0 {
        // Gone already.
        return Ok(true);
    }
    let mut wait = libc::pollfd {
        fd,
        events: libc::POLLIN,
        revents: 0,
    };
    let millis = patience.as_millis().try_into().unwrap_or(c_int::MAX);
    // SAFETY: one pollfd, which outlives the call.
    let ready = unsafe { libc::poll(&raw mut wait, 1, millis) };
    // SAFETY: the descriptor is ours and used no more.
    unsafe { libc::close(fd) };
    Ok(ready == 1)
}

fn done(ret: c_int) -> io::Result<()> {
    if ret == -1 {
        Err(io::Error::last_os_error())
    } else {
        Ok(())
    }
}
