//! The debugger's own core dump.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::needle::Needle;
use crate::outcome::{Attack, Outcome};

/// `gcore -a` writes also what the process asked to be left out of dumps.
pub(crate) fn gcore(pid: u32, needle: &Needle) -> Outcome {
    let attack = Attack::Gcore;
    let prefix = scratch(pid);
    let mut command = Command::new("gcore");
    command
        .arg("-a")
        .arg("-o")
        .arg(&prefix)
        .arg(pid.to_string());
    command
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null());
    let Ok(status) = command.status() else {
        return Outcome::not_run(attack, "gdb is not installed");
    };
    let core = prefix.with_extension(pid.to_string());
    let dumped = fs::read(&core);
    // A dump of a process with secrets is not left lying about.
    let _ = fs::remove_file(&core);
    match dumped {
        Ok(bytes) => match needle.find(&bytes) {
            Some(at) => Outcome::leak(
                attack,
                format!("at {at:#x} in the core"),
                bytes.len() as u64,
            ),
            None => Outcome {
                bytes_read: bytes.len() as u64,
                ..Outcome::blocked_by(attack, "the secret is not in the core".into())
            },
        },
        Err(_) => Outcome::blocked_by(attack, format!("no core was written ({status})")),
    }
}

fn scratch(pid: u32) -> PathBuf {
    std::env::temp_dir().join(format!("memprobe-{}-{pid}", std::process::id()))
}
