use std::fs::OpenOptions;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use adyton_brokerd::{Config, Control, Daemon, init};
use adyton_protocol::LeafType;
use rustix::mount::{MountFlags, UnmountFlags, mount, unmount};

use crate::enclave::{Enclave, connect, send};
use crate::world::{allow, count_of, document, log, put, releases};

/// A file system of a few megabytes, which only root can make.
struct Small(PathBuf);

impl Small {
    fn mount(at: &Path) -> Option<Self> {
        let mounted = mount(
            "adyton",
            at,
            "tmpfs",
            MountFlags::empty(),
            c"size=4m,mode=0700",
        );
        mounted.ok().map(|()| Self(at.to_owned()))
    }
}

impl Drop for Small {
    fn drop(&mut self) {
        let _ = unmount(&self.0, UnmountFlags::DETACH);
    }
}

/// Takes all the room there is.
fn fill(path: &Path) {
    let mut file = OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .unwrap();
    for size in [1 << 16, 1 << 12, 1] {
        while file.write_all(&vec![0; size]).is_ok() {}
    }
}

#[test]
fn a_full_disk_stops_releases_and_room_starts_them_again() {
    let dir = tempfile::tempdir().unwrap();
    let Some(_small) = Small::mount(dir.path()) else {
        eprintln!("skipped: mounting a small file system takes root");
        return;
    };
    let path = dir.path().join("b");
    init(&path, &"broker.test/log".parse().unwrap()).unwrap();
    let mut enclave = Enclave::new();
    let mut control = Control::open(&path).unwrap();
    put(&mut control, "a", b"value of a");
    allow(&mut control, document("a", &enclave.platform, 100_000));
    drop(control);
    let daemon = Daemon::start(&Config::new(&path, "127.0.0.1:0".parse().unwrap())).unwrap();
    let mut client = connect(&daemon.broker_address());
    let filler = dir.path().join("filler");
    fill(&filler);
    // The file has some room of its own; when that is used up, the broker says so, and no more.
    let mut released = 0_u64;
    let refused = loop {
        let pending = enclave.again().fresh(&mut client, &["a"]);
        match send(&mut client, &pending) {
            crate::enclave::Asked::Released(_) => released += 1,
            other => break (pending, other.failed()),
        }
        assert!(released < 50_000, "the disk never fills");
    };
    assert_eq!(refused.1, 503);
    std::fs::remove_file(&filler).unwrap();
    // The very same request, now that there is room.
    assert_eq!(send(&mut client, &refused.0).released().len(), 1);
    drop(client);
    daemon.stop();
    let mut control = Control::open(&path).unwrap();
    assert_eq!(releases(&mut control), released + 1);
    assert_eq!(
        count_of(&log(&mut control), LeafType::Release),
        released + 1
    );
}
