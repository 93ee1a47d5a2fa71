use std::env;
use std::fs::File;
use std::os::fd::{AsFd as _, AsRawFd};
use std::process::ExitCode;
use std::time::Duration;

use adyton_attester::{SoftwareAttester, measure, read_platform_key};
use adyton_hatch::Hatch;
use adyton_lookup::heap_bytes;
use adyton_protocol::ErrorBody;
use adyton_shield::{
    Enclosed, SecretAlloc, SecretMode, close_inherited, enclose, lock_down, run_on_secret_stack,
};
use adyton_types::TeeKind;

use crate::error::EnclaveError;
use crate::frame::{READY, tell};
use crate::service::{Service, Witness};
use crate::start::Start;

/// The argument by which an `adyton` process becomes the enclave of a look-up service. It is no
/// command for people.
pub const ENCLAVE_ARGUMENT: &str = "lookup-enclave";

/// A service runs until it is stopped; this only has to be a time.
const LONGEST_RUN: Duration = Duration::from_secs(10 * 366 * 86_400);

/// Stack of the one thread: ML-KEM's polynomials take most of it.
const STACK_BYTES: usize = 4 << 20;

/// Becomes the enclave of a look-up service, and stays one until its front is gone, if the process
/// was started as `adyton lookup-enclave`; otherwise does nothing and gives `None`. `memory` is the
/// process's global allocator.
///
/// Call it first thing in `main`, before anything else is allocated or any thread is started.
#[must_use]
pub fn enter_if_asked(memory: &'static SecretAlloc) -> Option<ExitCode> {
    let mut arguments = env::args_os().skip(1);
    let first = arguments.next();
    let asked = first.is_some_and(|first| first == ENCLAVE_ARGUMENT) && arguments.next().is_none();
    asked.then(|| enter(memory))
}

fn enter(memory: &'static SecretAlloc) -> ExitCode {
    // The guardian never comes back from here; its copy of the hatch is closed.
    let enclosed = enclose(LONGEST_RUN);
    let Ok(stdin) = std::io::stdin().as_fd().try_clone_to_owned() else {
        return ExitCode::from(70);
    };
    let hatch = Hatch::over(stdin);
    let result = enclosed
        .map_err(EnclaveError::from)
        .and_then(|enclosed| run(&hatch, &enclosed, memory));
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let (class, text) = (error.class(), error.to_string());
            let body = ErrorBody { class, error: text }.encode();
            // If the front is gone, nobody is left to be told.
            let _ = hatch.send(&tell(READY, class.http_status(), &body));
            ExitCode::from(class.exit_code())
        }
    }
}

fn run(
    hatch: &Hatch,
    enclosed: &Enclosed,
    memory: &'static SecretAlloc,
) -> Result<(), EnclaveError> {
    let (message, mut descriptors) = hatch.receive_with()?;
    let start = Start::parse(&message)?;
    let expected = usize::from(start.tee == TeeKind::Software);
    let found = descriptors.len();
    if found != expected {
        return Err(EnclaveError::Descriptors { found, expected });
    }
    let platform_key = descriptors.pop().map(File::from);
    let mut kept = vec![hatch.raw()];
    kept.extend(platform_key.iter().map(AsRawFd::as_raw_fd));
    close_inherited(&kept)?;
    let executable = File::open("/proc/self/exe")?;
    let heap = heap_bytes(&start.terms, start.tables);
    let secret = memory.enter_secret_mode(heap)?;
    run_on_secret_stack(STACK_BYTES, || {
        let witness = witness(start.tee, platform_key, executable, enclosed, &secret)?;
        hatch.send(&tell(READY, 200, &[]))?;
        Service::new(hatch, start, witness).run()
    })?
}

/// Locks the process down, and takes up what vouches for it.
fn witness(
    tee: TeeKind,
    platform_key: Option<File>,
    executable: File,
    enclosed: &Enclosed,
    memory: &SecretMode,
) -> Result<Witness, EnclaveError> {
    let read = |file| read_platform_key(file, "platform.key".as_ref());
    let key = platform_key.map(read).transpose()?;
    let holding = lock_down(enclosed, memory)?;
    let Some(key) = key else {
        return Ok(Witness::Machine(tee));
    };
    let digest = measure(executable)?;
    let attester = SoftwareAttester::new(key, digest, holding);
    Ok(Witness::Software(attester))
}
