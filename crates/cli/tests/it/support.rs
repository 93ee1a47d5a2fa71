//! A home directory, and what a command says.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;
use tempfile::TempDir;

/// How long anything here may take before a test gives up on it: the machine may be busy.
const PATIENCE: Duration = Duration::from_secs(60);

const PROGRAM: &str = env!("CARGO_BIN_EXE_adyton");

/// Somebody's home directory, in which the commands work.
pub(crate) struct Home(TempDir);

impl Home {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().expect("the test's own step"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).expect("the test's own step");
    }

    pub(crate) fn read(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).expect("the test's own step")
    }

    /// What is in a directory here, hidden names included.
    pub(crate) fn names(&self, dir: &str) -> BTreeSet<String> {
        names(&self.path(dir))
    }

    /// A command that is yet to be started. Its words are separated by spaces.
    pub(crate) fn command(&self, words: &str) -> Command {
        self.start(Command::new(PROGRAM), words)
    }

    /// The same, started as from a terminal, where Ctrl-C ends it: what a shell starts in the
    /// background, as these tests may be, ignores SIGINT.
    pub(crate) fn command_of_a_terminal(&self, words: &str) -> Command {
        let mut command = Command::new("env");
        command.args(["--default-signal=INT", PROGRAM]);
        self.start(command, words)
    }

    fn start(&self, mut command: Command, words: &str) -> Command {
        command
            .args(words.split_whitespace())
            .current_dir(self.0.path())
            .env_clear()
            .env("HOME", self.0.path())
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end.
    pub(crate) fn adyton(&self, words: &str) -> Said {
        Said::of(
            words,
            &self.command(words).output().expect("the test's own step"),
        )
    }
}

pub(crate) fn names(dir: &Path) -> BTreeSet<String> {
    let name = |name: &OsStr| name.to_string_lossy().into_owned();
    std::fs::read_dir(dir)
        .expect("the test's own step")
        .map(|entry| name(&entry.expect("the test's own step").file_name()))
        .collect()
}

/// What a command said, and how it ended.
#[derive(Debug)]
pub(crate) struct Said {
    words: String,
    code: Option<i32>,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(words: &str, output: &Output) -> Self {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Self {
            words: words.to_owned(),
            code: output.status.code(),
            out: text(&output.stdout),
            err: text(&output.stderr),
        }
    }

    /// It did what it was told.
    #[track_caller]
    pub(crate) fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{}: {self:#?}", self.words);
        self
    }

    /// It ended with that code, and its message has those words.
    #[track_caller]
    pub(crate) fn fails(self, code: i32, words: &[&str]) -> Self {
        assert_eq!(self.code, Some(code), "{self:#?}");
        assert_eq!(self.out, "", "{self:#?}");
        for word in words {
            assert!(self.err.contains(word), "no `{word}` in {self:#?}");
        }
        self
    }

    /// The JSON document that it printed, and nothing else.
    #[track_caller]
    pub(crate) fn json(&self) -> Value {
        let text = if self.out.is_empty() {
            &self.err
        } else {
            &self.out
        };
        serde_json::from_str(text).unwrap_or_else(|error| panic!("{error} in {self:#?}"))
    }

    pub(crate) fn code(&self) -> Option<i32> {
        self.code
    }
}

/// A text in a JSON document.
#[track_caller]
pub(crate) fn text(json: &Value, key: &str) -> String {
    let value = json.get(key).and_then(Value::as_str);
    value
        .unwrap_or_else(|| panic!("no `{key}` in {json:#}"))
        .to_owned()
}

/// Waits until something holds.
#[track_caller]
#[expect(clippy::disallowed_methods, reason = "a test gives up after a while")]
pub(crate) fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let begun = Instant::now();
    while !holds() {
        assert!(begun.elapsed() < PATIENCE, "it never came to this: {what}");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// All processes that a process has begotten, and that are still there.
pub(crate) fn descendants(of: u32) -> BTreeSet<u32> {
    let parents: Vec<(u32, u32)> = names(Path::new("/proc"))
        .iter()
        .filter_map(|name| name.parse().ok())
        .filter_map(|pid| Some((pid, parent(pid)?)))
        .collect();
    let mut found = BTreeSet::from([of]);
    loop {
        let more = parents
            .iter()
            .filter(|(pid, parent)| found.contains(parent) && !found.contains(pid));
        let more: Vec<u32> = more.map(|(pid, _)| *pid).collect();
        if more.is_empty() {
            break;
        }
        found.extend(more);
    }
    found.remove(&of);
    found
}

/// Whether a process is there and not merely waiting to be reaped.
pub(crate) fn is_alive(pid: u32) -> bool {
    stat(pid).is_some_and(|stat| !stat.starts_with('Z'))
}

fn parent(pid: u32) -> Option<u32> {
    stat(pid)?.split_whitespace().nth(1)?.parse().ok()
}

/// What `/proc/PID/stat` says after the name, which may hold anything.
fn stat(pid: u32) -> Option<String> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    Some(stat.rsplit_once(") ")?.1.to_owned())
}

/// A small file system of memory, which only root can make.
pub(crate) struct SmallDisk(PathBuf);

impl SmallDisk {
    pub(crate) fn mount(at: PathBuf) -> Option<Self> {
        use rustix::mount::{MountFlags, mount};
        std::fs::create_dir(&at).expect("the test's own step");
        let options = c"size=256k,mode=0700";
        let mounted = mount("adyton", &at, "tmpfs", MountFlags::empty(), options);
        mounted.ok().map(|()| Self(at))
    }

    /// Takes all the room there is.
    pub(crate) fn fill(&self) {
        use std::io::Write as _;
        let mut file = std::fs::File::create(self.0.join("filler")).expect("the test's own step");
        while file.write_all(&[0; 4096]).is_ok() {}
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        let _ = rustix::mount::unmount(&self.0, rustix::mount::UnmountFlags::DETACH);
    }
}
