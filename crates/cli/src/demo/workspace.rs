use std::fs::DirBuilder;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::sync::mpsc;
use std::thread;

use adyton_client::FileError;

use crate::Failure;

/// Exit code of a process that was interrupted: 128 + SIGINT.
const INTERRUPTED: i32 = 130;

/// The directory of a demonstration or a benchmark. Unless it is to be kept it is removed, on Ctrl-C
/// too.
pub(crate) struct Workspace {
    path: PathBuf,
    temporary: bool,
}

impl Workspace {
    pub(super) fn create(keep: Option<&Path>) -> Result<Self, Failure> {
        let (path, temporary) = match keep {
            Some(dir) => (dir.to_owned(), false),
            None => (temporary_name(), true),
        };
        DirBuilder::new()
            .mode(0o700)
            .create(&path)
            .map_err(|error| match error.kind() {
                std::io::ErrorKind::AlreadyExists => Failure::misuse(format!(
                    "`{}` is there already; the demonstration wants a directory of its own",
                    path.display()
                )),
                _ => FileError::io("create", &path, error).into(),
            })?;
        let path = path
            .canonicalize()
            .map_err(|error| FileError::io("open", &path, error))?;
        if temporary {
            remove_on_interrupt(path.clone());
        }
        Ok(Self { path, temporary })
    }

    /// One that is removed in the end.
    pub(crate) fn temporary() -> Result<Self, Failure> {
        Self::create(None)
    }

    pub(crate) fn path(&self) -> &Path {
        &self.path
    }
}

impl Drop for Workspace {
    fn drop(&mut self) {
        if self.temporary {
            // What cannot be removed is in the system's directory for temporary files.
            let _ = std::fs::remove_dir_all(&self.path);
        }
    }
}

fn temporary_name() -> PathBuf {
    let random = adyton_crypto::random::<8>(&mut adyton_crypto::os_rng());
    std::env::temp_dir().join(format!(
        "adyton-{}",
        adyton_codec::hex_encode(random.expose())
    ))
}

/// The brokers end by themselves when this process does.
fn remove_on_interrupt(path: PathBuf) {
    let (ready, wait) = mpsc::channel();
    thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build();
        let Ok(runtime) = runtime else { return };
        runtime.block_on(async {
            let interrupt = tokio::signal::ctrl_c();
            // The other side waits for this alone.
            let _ = ready.send(());
            if interrupt.await.is_ok() {
                // What is still at work may write a file meanwhile.
                let mut tries = 0..100;
                while std::fs::remove_dir_all(&path).is_err() && path.exists() {
                    if tries.next().is_none() {
                        break;
                    }
                }
                end();
            }
        });
    });
    // A thread that cannot start leaves Ctrl-C as it was.
    let _ = wait.recv();
}

#[expect(clippy::exit, reason = "an interrupted command ends at once")]
fn end() {
    std::process::exit(INTERRUPTED);
}
