//! Starting the victim, and learning who it is.

use std::io::{BufRead as _, BufReader};
use std::os::fd::{AsRawFd as _, FromRawFd as _, OwnedFd};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, Command, ExitStatus, Stdio};

use adyton_memprobe::{Needle, Target};

pub(crate) const ROLE: &str = "ADYTON_SHIELD_VICTIM";
pub(crate) const SECRET: &str = "ADYTON_SHIELD_SECRET";
const MASK: u8 = 0xa5;

/// A secret of 32 bytes that this process knows only masked.
pub(crate) fn masked_secret() -> Vec<u8> {
    (0..32_u8)
        .map(|i| i.wrapping_mul(37).wrapping_add(91))
        .collect()
}

pub(crate) fn needle() -> Needle {
    Needle::from_masked(masked_secret(), MASK)
}

/// In the victim: the secret in clear.
pub(crate) fn unmask(masked: &[u8], into: &mut Vec<u8>) {
    into.extend(masked.iter().map(|byte| byte ^ MASK));
}

pub(crate) struct Victim {
    pub(crate) child: Child,
    /// Closing it lets the victim end.
    pub(crate) hold: Option<ChildStdin>,
    /// What it said when it was ready: words.
    pub(crate) said: Vec<String>,
}

impl Victim {
    pub(crate) fn start(role: &str) -> Self {
        Self::start_as(role, None)
    }

    pub(crate) fn start_as(role: &str, user: Option<u32>) -> Self {
        let mut command = command(role);
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        let mut child = command.spawn().expect("the test program starts");
        let hold = child.stdin.take();
        let mut line = String::new();
        let output = child.stdout.take().expect("stdout is piped");
        BufReader::new(output)
            .read_line(&mut line)
            .expect("the victim speaks text");
        let said = line.split_whitespace().map(str::to_owned).collect();
        Self { child, hold, said }
    }

    /// A number that it said.
    pub(crate) fn number(&self, index: usize) -> u32 {
        let word = self.said.get(index);
        word.and_then(|word| word.parse().ok())
            .unwrap_or_else(|| panic!("the victim said {:?}", self.said))
    }

    /// The enclave and its guardian.
    pub(crate) fn target(&self) -> Target {
        assert_eq!(self.said.first().map(String::as_str), Some("ready"));
        let guardian = self.number(2);
        Target {
            pid: self.number(1),
            guardian: (guardian != 0).then_some(guardian),
        }
    }

    /// Says how it ended, without letting it.
    pub(crate) fn wait(mut self) -> ExitStatus {
        self.child.wait().expect("the victim is our child")
    }

    /// Lets it end, and says how it did.
    pub(crate) fn finish(mut self) -> ExitStatus {
        drop(self.hold.take());
        self.child.wait().expect("the victim is our child")
    }
}

impl Drop for Victim {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A folder of this test run's own, for cores.
pub(crate) fn scratch() -> PathBuf {
    if std::env::vars_os().any(|(name, _)| name == ROLE) {
        // A victim that starts another is in it already.
        return PathBuf::from(".");
    }
    let folder = std::env::temp_dir().join(format!("adyton-shield-{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for temporary files");
    folder
}

pub(crate) fn command(role: &str) -> Command {
    let me = std::env::current_exe().expect("the test program has a path");
    let masked: Vec<String> = masked_secret().iter().map(u8::to_string).collect();
    let mut command = Command::new(me);
    command
        .env(ROLE, role)
        .env(SECRET, masked.join(","))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::inherit())
        .current_dir(scratch());
    command
}

/// Something that can be waited for until it ends, child or not.
pub(crate) struct Watched(OwnedFd);

impl Watched {
    pub(crate) fn process(pid: u32) -> Self {
        // SAFETY: pidfd_open takes numbers only.
        let fd = unsafe { libc::syscall(libc::SYS_pidfd_open, pid, 0) };
        let fd = fd.try_into().expect("a descriptor is small");
        assert!(fd >= 0, "process {pid} is there");
        // SAFETY: the kernel has just given this descriptor to us alone.
        Self(unsafe { OwnedFd::from_raw_fd(fd) })
    }

    pub(crate) fn ends_within(&self, millis: i32) -> bool {
        let mut wait = libc::pollfd {
            fd: self.0.as_raw_fd(),
            events: libc::POLLIN,
            revents: 0,
        };
        // SAFETY: one pollfd, which outlives the call.
        unsafe { libc::poll(&raw mut wait, 1, millis) == 1 }
    }
}

pub(crate) fn kill(pid: u32, signal: i32) {
    let pid = pid.try_into().expect("process ids are small");
    // SAFETY: kill takes numbers only.
    assert_eq!(unsafe { libc::kill(pid, signal) }, 0, "kill {pid}");
}

pub(crate) fn is_root() -> bool {
    // SAFETY: geteuid takes no argument.
    unsafe { libc::geteuid() == 0 }
}
