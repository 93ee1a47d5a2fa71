use std::env;
use std::os::fd::AsFd as _;
use std::process::ExitCode;
use std::time::Duration;

use adyton_hatch::{Failed, FromEnclave, Hatch};
use adyton_program::MAX_BUNDLE_BYTES;
use adyton_shield::{Enclosed, SecretAlloc, close_inherited, enclose, run_on_secret_stack};

use crate::error::EnclaveError;
use crate::handed::Handed;
use crate::laps::Laps;
use crate::session::Session;

/// The argument by which an `adyton` process becomes an enclave. It is no command for people.
pub const ENCLAVE_ARGUMENT: &str = "enclave";

/// The longest run that a manifest can allow, and some more: the runner enforces the manifest's
/// own limit, this only bounds a process that nobody waits for.
const LONGEST_RUN: Duration = Duration::from_secs(604_800 + 3_600);

/// Secret heap: one buffer for each of 128 files, their headers, keys, and 64 MiB of messages; and
/// 512 MiB to compile the program's largest functions, on whose size alone that depends (those of
/// a Go program of 3 MB take 300 MiB). What is not touched is not there.
const HEAP_BYTES: usize = 704 << 20;

/// And for each byte of the bundle, which is read and compiled on that heap: nobody can change it
/// there once it is measured. Compiling takes some twenty bytes a byte.
const HEAP_PER_BUNDLE_BYTE: usize = 32;

/// Stack of the thread that does everything: the guest's own, and what the host calls need.
const STACK_BYTES: usize = adyton_sandbox::DEFAULT_STACK_BYTES + (2 << 20);

/// Secret memory that every enclave maps, beside its program's own: what the machine's limits must
/// allow at the very least.
pub const LEAST_SECRET_BYTES: usize = HEAP_BYTES + STACK_BYTES;

/// Becomes an enclave, and stays one until the run is over, if the process was started as
/// `adyton enclave`; otherwise does nothing and gives `None`. `memory` is the process's global
/// allocator.
///
/// Call it first thing in `main`, before anything else is allocated or any thread is started.
#[must_use]
pub fn enter_if_asked(memory: &'static SecretAlloc) -> Option<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    let asked = arguments
        .next()
        .is_some_and(|first| first == ENCLAVE_ARGUMENT)
        && arguments.next().is_none();
    asked.then(|| enter(memory))
}

fn enter(memory: &'static SecretAlloc) -> ExitCode {
    let laps = Laps::start();
    // The guardian never comes back from here; its copy of the hatch is closed.
    let enclosed = enclose(LONGEST_RUN);
    let Ok(stdin) = std::io::stdin().as_fd().try_clone_to_owned() else {
        return ExitCode::from(70);
    };
    let hatch = Hatch::over(stdin);
    let result = enclosed
        .map_err(EnclaveError::from)
        .and_then(|e| run(&hatch, &e, memory, laps));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let failed = Failed {
                class: error.class(),
                message: error.to_string(),
            };
            // If the runner is gone, nobody is left to be told.
            let _ = hatch.send(&FromEnclave::Failed(failed).encode());
            ExitCode::from(error.class().exit_code())
        }
    }
}

fn run(
    hatch: &Hatch,
    enclosed: &Enclosed,
    memory: &'static SecretAlloc,
    laps: Laps,
) -> Result<(), EnclaveError> {
    let handed = Handed::receive(hatch)?;
    let mut keep = handed.descriptors();
    keep.push(hatch.raw());
    close_inherited(&keep).map_err(EnclaveError::Read)?;
    let executable = std::fs::File::open("/proc/self/exe").map_err(EnclaveError::Read)?;
    let bundle = handed.bundle.metadata().map_err(EnclaveError::Read)?.len();
    let bundle = usize::try_from(bundle.min(MAX_BUNDLE_BYTES)).unwrap_or(0);
    let secret = memory.enter_secret_mode(HEAP_BYTES + HEAP_PER_BUNDLE_BYTE * bundle)?;
    run_on_secret_stack(STACK_BYTES, || {
        Session::new(hatch, enclosed, (memory, &secret), executable, laps).run(handed)
    })?
}
