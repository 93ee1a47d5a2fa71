use std::os::fd::{AsFd as _, BorrowedFd};
use std::time::{Duration, Instant, SystemTime};

use adyton_hatch::{Done, FromEnclave, HatchError, Ready, Start, ToEnclave};
use adyton_types::{ProgramMeasurement, TeeKind, UnixTime};

use crate::brokers::Brokers;
use crate::code_cache::CodeCache;
use crate::launch::Enclave;
use crate::machine::Machine;
use crate::output_files::OutputFiles;
use crate::plan::Plan;
use crate::{Observer, RunError, RunReport, RunRequest, Step};

/// How long the enclave may take between two messages, the program's own run apart: reading and
/// compiling a bundle of 256 MiB takes longest.
const PATIENCE: Duration = Duration::from_secs(600);

/// Runs a bundle on sealed inputs inside an enclave of this machine.
///
/// This side is the host's: it opens files and carries messages, and sees no key and no plaintext.
/// Outputs and receipt appear under their names when all is done, or not at all.
///
/// # Errors
/// [`RunError`], by whose fault it is; then nothing was written.
pub fn run(request: &RunRequest, observer: &mut dyn Observer) -> Result<RunReport, RunError> {
    let mut clock = StopWatch::start();
    let plan = Plan::new(request)?;
    let machine = Machine::open(request.tee.as_ref())?;
    let outputs = OutputFiles::create(request, &plan)?;
    let cache = CodeCache::open(request.code_cache.as_deref(), plan.component());
    let mut enclave = Enclave::spawn(&request.adyton)?;
    enclave.allow(PATIENCE)?;
    hand_over(&enclave, &plan, (&outputs, &cache), machine.kind())?;
    clock.lap("runner: start the enclave");
    let mut brokers = Brokers::connect(plan.brokers())?;
    clock.lap("runner: challenges");
    let ready = expect_ready(&mut enclave)?;
    clock.lap("runner: wait until measured");
    observer.enclave(ready.pid, enclave.guardian());
    observer.step(&Step::Measured(ProgramMeasurement::new(ready.program)));
    if !ready.cached {
        cache.publish();
        // Compiling may have taken minutes: a broker has hung up by then, and its challenge is old.
        if !plan.inputs().is_empty() {
            brokers = Brokers::connect(plan.brokers())?;
        }
    }
    if !plan.inputs().is_empty() {
        release(&mut enclave, &machine, &mut brokers, observer)?;
    }
    expect_started(&mut enclave, observer)?;
    clock.lap("runner: release");
    let done = finish(&mut enclave, &machine, &plan)?;
    clock.lap("runner: run");
    let written = outputs.publish(&done)?;
    observer.step(&Step::Sealed);
    clock.lap("runner: publish");
    Ok(RunReport {
        program: ProgramMeasurement::new(ready.program),
        run: ready.run,
        platform: machine.kind(),
        outputs: written,
        receipt: plan.receipt().to_owned(),
        timings: clock.laps.into_iter().chain(done.timings.0).collect(),
    })
}

fn hand_over(
    enclave: &Enclave,
    plan: &Plan,
    (outputs, cache): (&OutputFiles, &CodeCache),
    tee: TeeKind,
) -> Result<(), RunError> {
    let message = Start {
        inputs: plan.inputs().iter().map(|input| input.message()).collect(),
        outputs: outputs.names().cloned().collect(),
        cache_read: cache.read().is_some(),
        cache_write: cache.write().is_some(),
        tee,
        host_time: now(),
    };
    let mut descriptors: Vec<BorrowedFd<'_>> = vec![plan.bundle(), plan.platform_key()];
    descriptors.extend(plan.inputs().iter().map(|input| input.file().as_fd()));
    descriptors.extend(outputs.files().map(|file| file.as_fd()));
    descriptors.extend(
        cache
            .read()
            .into_iter()
            .chain(cache.write())
            .map(|file| file.as_fd()),
    );
    enclave.start(&ToEnclave::Start(message), &descriptors)
}

fn expect_ready(enclave: &mut Enclave) -> Result<Ready, RunError> {
    match enclave.next()? {
        FromEnclave::Ready(ready) => Ok(ready),
        other => Err(out_of_turn("ready", &other)),
    }
}

/// Carries challenges in, requests out to the brokers, and answers in.
fn release(
    enclave: &mut Enclave,
    machine: &Machine,
    brokers: &mut Brokers,
    observer: &mut dyn Observer,
) -> Result<(), RunError> {
    enclave.send(&ToEnclave::Challenges(brokers.challenges()))?;
    let requests = match machine.next(enclave)? {
        FromEnclave::Requests(requests) => requests,
        other => return Err(out_of_turn("requests", &other)),
    };
    let answers = brokers.carry(requests, observer)?;
    enclave.send(&ToEnclave::Answers(answers))
}

fn expect_started(enclave: &mut Enclave, observer: &mut dyn Observer) -> Result<(), RunError> {
    match enclave.next()? {
        FromEnclave::Started => {
            observer.step(&Step::Running);
            Ok(())
        }
        other => Err(out_of_turn("started", &other)),
    }
}

/// Waits for the program's end, for as long as its manifest allows.
fn finish(enclave: &mut Enclave, machine: &Machine, plan: &Plan) -> Result<Done, RunError> {
    let secs = plan.time_secs();
    enclave.allow(Duration::from_secs(secs))?;
    match machine.next(enclave) {
        Ok(FromEnclave::Done(done)) => Ok(done),
        Ok(other) => Err(out_of_turn("done", &other)),
        Err(RunError::Hatch(HatchError::TimedOut)) => Err(RunError::TimeLimit { secs }),
        Err(other) => Err(other),
    }
}

fn out_of_turn(expected: &'static str, found: &FromEnclave) -> RunError {
    RunError::Hatch(HatchError::OutOfTurn {
        expected,
        found: found.name().to_owned(),
    })
}

/// Microseconds of each step, for people and benchmarks.
struct StopWatch {
    last: Instant,
    laps: Vec<(String, u64)>,
}

impl StopWatch {
    #[expect(
        clippy::disallowed_methods,
        reason = "the runner is a shell: it reads the clock"
    )]
    fn start() -> Self {
        Self {
            last: Instant::now(),
            laps: Vec::new(),
        }
    }

    #[expect(
        clippy::disallowed_methods,
        reason = "the runner is a shell: it reads the clock"
    )]
    fn lap(&mut self, step: &str) {
        let now = Instant::now();
        let micros = now.duration_since(self.last).as_micros();
        self.laps
            .push((step.to_owned(), u64::try_from(micros).unwrap_or(u64::MAX)));
        self.last = now;
    }
}

/// The host's clock.
#[must_use]
#[expect(
    clippy::disallowed_methods,
    reason = "the runner is a shell: it reads the clock"
)]
pub fn now() -> UnixTime {
    let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH);
    UnixTime::from_secs(since.map_or(0, |since| since.as_secs()))
}
