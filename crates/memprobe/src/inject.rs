//! Making the process betray itself.

#[cfg_attr(target_arch = "x86_64", path = "inject/x86_64.rs")]
#[cfg_attr(not(target_arch = "x86_64"), path = "inject/other.rs")]
mod puppet;

use std::fs;
use std::io;
use std::path::Path;

use crate::maps;
use crate::needle::Needle;
use crate::outcome::{Attack, Outcome};
use crate::ptrace::Attached;
use puppet::Puppet;

/// The largest mapping that is asked for.
const LARGEST: u64 = 64 << 20;

/// Attaches, and has the process call write(2) on each of its writable mappings, as a debugger's
/// `call` does. To the process its secret pages are as readable as any other.
pub(crate) fn code(pid: u32, needle: &Needle) -> Outcome {
    let attack = Attack::CodeInjection;
    let loot = std::env::temp_dir().join(format!("memprobe-loot-{}-{pid}", std::process::id()));
    let outcome = match plunder(pid, &loot).and_then(|()| fs::read(&loot)) {
        Ok(bytes) => match needle.find(&bytes) {
            Some(at) => Outcome::leak(
                attack,
                format!("the process wrote it out, at {at:#x}"),
                bytes.len() as u64,
            ),
            None => Outcome {
                bytes_read: bytes.len() as u64,
                ..Outcome::blocked_by(attack, "what it wrote out holds no secret".into())
            },
        },
        Err(error) if error.kind() == io::ErrorKind::Unsupported => {
            Outcome::not_run(attack, "it is written for x86-64 only")
        }
        Err(error) => Outcome::refused(attack, &error),
    };
    let _ = fs::remove_file(&loot);
    outcome
}

fn plunder(pid: u32, loot: &Path) -> io::Result<()> {
    let mappings = maps::read(pid)?;
    let puppet = Puppet::take_over(Attached::attach(pid)?)?;
    let fd = puppet.open(&loot.to_string_lossy())?;
    for mapping in mappings.iter().filter(|each| each.write) {
        let bytes = (mapping.end - mapping.start).min(LARGEST);
        // One that cannot be read by the process itself is no reason to stop.
        let _ = puppet.write(fd, mapping.start, bytes);
    }
    Ok(())
}
