use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adyton_broker::{AdminCommand, AdminReply, ReleaseDocument};
use adyton_brokerd::{Clock, Config, Control, Daemon, init};
use adyton_crypto::SecretBytes;
use adyton_merkle::{Frontier, leaf_hash};
use adyton_protocol::{Leaf, LeafType};
use adyton_tee_software::PlatformKey;
use adyton_types::{ProgramMeasurement, Sha256Digest, UnixTime};
use tempfile::TempDir;

/// 2026-06-01T00:00:00Z.
pub(crate) const NOW: u64 = 1_780_272_000;

/// A clock that a test sets.
#[derive(Clone)]
pub(crate) struct SetClock(Arc<AtomicU64>);

impl Clock for SetClock {
    fn now(&self) -> UnixTime {
        UnixTime::from_secs(self.0.load(Ordering::SeqCst))
    }
}

/// A broker's directory, with what its owner does.
pub(crate) struct World {
    pub(crate) dir: TempDir,
    pub(crate) clock: SetClock,
}

pub(crate) fn document(secret: &str, platform: &PlatformKey, max: u64) -> ReleaseDocument {
    let text = format!(
        r#"
        version = 1
        secret = "{secret}"
        purpose = "study"
        programs = ["{}"]
        not-before = "2026-01-01T00:00:00Z"
        not-after = "2126-12-31T00:00:00Z"
        max-releases = {max}

        [[platform]]
        kind = "software"
        measurements = ["{}"]
        platform-ids = ["{}"]
        min-svn = 1
        require = ["landlock", "no-core", "seccomp", "secret-memory", "traced"]
        "#,
        ProgramMeasurement::new([0xab; 48]),
        Sha256Digest::new([0xcd; 32]),
        platform.fingerprint(),
    );
    text.parse().unwrap()
}

pub(crate) fn put(control: &mut Control, secret: &str, value: &[u8]) {
    let command = AdminCommand::SecretPut {
        name: secret.parse().unwrap(),
        value: SecretBytes::new(value.to_vec()),
        note: String::new(),
    };
    control.execute(command).unwrap();
}

pub(crate) fn allow(control: &mut Control, document: ReleaseDocument) {
    control
        .execute(AdminCommand::PolicyPut { document })
        .unwrap();
}

impl World {
    /// A broker that holds nothing.
    pub(crate) fn empty() -> Self {
        let dir = tempfile::tempdir().unwrap();
        init(&dir.path().join("b"), &"broker.test/log".parse().unwrap()).unwrap();
        Self {
            dir,
            clock: SetClock(Arc::new(AtomicU64::new(NOW))),
        }
    }

    /// A broker that holds `a`, for at most `max` releases to programs on `platform`.
    pub(crate) fn with(platform: &PlatformKey, max: u64) -> Self {
        let world = Self::empty();
        let mut control = world.control();
        put(&mut control, "a", b"value of a");
        allow(&mut control, document("a", platform, max));
        world
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.dir.path().join("b")
    }

    pub(crate) fn control(&self) -> Control {
        Control::open(&self.path()).unwrap()
    }

    pub(crate) fn config(&self) -> Config {
        let mut config = Config::new(self.path(), "127.0.0.1:0".parse().unwrap());
        config.clock = Arc::new(self.clock.clone());
        config
    }

    pub(crate) fn start(&self) -> Daemon {
        Daemon::start(&self.config()).unwrap()
    }

    pub(crate) fn later(&self, secs: u64) {
        self.clock.0.fetch_add(secs, Ordering::SeqCst);
    }

    pub(crate) fn earlier(&self, secs: u64) {
        self.clock.0.fetch_sub(secs, Ordering::SeqCst);
    }
}

/// The log's leaves, after verifying that the checkpoint is over exactly these entries.
pub(crate) fn log(control: &mut Control) -> Vec<Leaf> {
    let mut entries: Vec<Vec<u8>> = Vec::new();
    loop {
        let from = entries.len() as u64;
        let reply = control.execute(AdminCommand::Log { from, limit: 1000 });
        let AdminReply::Log {
            entries: more,
            checkpoint,
            ..
        } = reply.unwrap()
        else {
            panic!("no log");
        };
        if more.is_empty() {
            let checkpoint = control.card().log().open(&checkpoint).unwrap();
            let mut tree = Frontier::new();
            for entry in &entries {
                tree.append(leaf_hash(entry));
            }
            assert_eq!(checkpoint.size, entries.len() as u64);
            assert_eq!(checkpoint.root, tree.root());
            let leaves = entries.iter().map(|entry| Leaf::parse(entry).unwrap());
            return leaves.collect();
        }
        entries.extend(more);
    }
}

pub(crate) fn count_of(leaves: &[Leaf], leaf_type: LeafType) -> u64 {
    leaves.iter().filter(|l| l.leaf_type == leaf_type).count() as u64
}

/// How often the document of `a` was used.
pub(crate) fn releases(control: &mut Control) -> u64 {
    let secret = "a".parse().unwrap();
    match control.execute(AdminCommand::PolicyShow { secret }) {
        Ok(AdminReply::Policy { releases, .. }) => releases,
        other => panic!("{other:?}"),
    }
}

/// Every file under a directory, by its path there.
pub(crate) fn files(dir: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut open = vec![dir.to_owned()];
    while let Some(next) = open.pop() {
        for entry in std::fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else {
                found.push(path.strip_prefix(dir).unwrap().to_owned());
            }
        }
    }
    found.sort();
    found
}
