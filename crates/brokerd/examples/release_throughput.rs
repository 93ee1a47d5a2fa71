//! How many durable releases a broker makes in a second, over TLS on loopback, beside how often the
//! same disk does an `fdatasync` in the same run.
//!
//! `cargo run --release -p adyton-brokerd --example release_throughput [DIRECTORY]`: the directory
//! should be on the disk that a broker would use; by default it is the current one.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs::File;
use std::os::unix::fs::FileExt as _;
use std::path::Path;
use std::sync::{Arc, Barrier, Mutex, PoisonError};
use std::time::{Duration, Instant};

use adyton_broker::AdminCommand;
use adyton_brokerd::{Config, Control, Daemon, Step, Steps, init};
use adyton_crypto::{SecretBytes, os_rng};
use adyton_protocol::{Challenge, Operation, Operations, PendingRelease, ReleaseDraft, RunKeys};
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_transport::{BlockingClient, BrokerAddress, ClientLimits};
use adyton_types::{Evidence, ProgramMeasurement, Protection, Protections, Sha256Digest, TeeKind};

type Failure = Box<dyn std::error::Error>;

/// Clients at once, and how many releases each asks for in one round.
const LOADS: [(usize, usize); 3] = [(1, 40), (8, 15), (64, 5)];

/// Disk and broker take turns, so that what else the machine does meets both alike.
const ROUNDS: usize = 12;

/// How often the disk is asked in one round.
const SYNCS: u32 = 40;

const PROGRAM: ProgramMeasurement = ProgramMeasurement::new([0xab; 48]);
const EXECUTABLE: Sha256Digest = Sha256Digest::new([0xcd; 32]);

#[expect(clippy::print_stdout, reason = "a benchmark prints its figures")]
fn main() -> Result<(), Failure> {
    let place = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let dir = tempfile::tempdir_in(place)?;
    let platform = PlatformKey::generate(&mut os_rng());
    let laps = Arc::new(Laps::default());
    let daemon = broker(&dir.path().join("b"), &platform, &laps)?;
    let address = daemon.broker_address();
    println!("clients  releases/s  fdatasync/s  ratio  median ms  p99 ms");
    for (clients, each) in LOADS {
        let (mut disk, mut broker, mut times) = (Duration::ZERO, Duration::ZERO, Vec::new());
        for _ in 0..ROUNDS {
            disk += syncs(dir.path())?;
            let (took, each_took) = load(&address, &platform, clients, each)?;
            broker += took;
            times.extend(each_took);
        }
        times.sort_unstable();
        let at = |percent: usize| times[(times.len() - 1) * percent / 100].as_secs_f64() * 1e3;
        let disk = f64::from(SYNCS) * ROUNDS as f64 / disk.as_secs_f64();
        let rate = times.len() as f64 / broker.as_secs_f64();
        println!(
            "{clients:7}  {rate:10.0}  {disk:11.0}  {:5.2}  {:9.1}  {:6.1}",
            rate / disk,
            at(50),
            at(99)
        );
        println!("         of which inside, median us: {}", laps.take());
    }
    daemon.stop();
    Ok(())
}

/// A broker that holds one secret, with a document that allows it.
fn broker(path: &Path, platform: &PlatformKey, laps: &Arc<Laps>) -> Result<Daemon, Failure> {
    init(path, &"bench.example/log".parse()?)?;
    let mut control = Control::open(path)?;
    control.execute(AdminCommand::SecretPut {
        name: "a".parse()?,
        value: SecretBytes::new(vec![7; 74]),
        note: String::new(),
    })?;
    let document = format!(
        r#"
        version = 1
        secret = "a"
        purpose = "bench"
        programs = ["{PROGRAM}"]
        not-before = "2026-01-01T00:00:00Z"
        not-after = "2126-01-01T00:00:00Z"
        max-releases = 1000000

        [[platform]]
        kind = "software"
        measurements = ["{EXECUTABLE}"]
        platform-ids = ["{}"]
        min-svn = 1
        require = ["landlock", "no-core", "seccomp", "secret-memory", "traced"]
        "#,
        platform.fingerprint()
    );
    control.execute(AdminCommand::PolicyPut {
        document: document.parse()?,
    })?;
    drop(control);
    let mut config = Config::new(path, "127.0.0.1:0".parse()?);
    config.steps = Arc::clone(laps) as Arc<dyn Steps>;
    Ok(Daemon::start(&config)?)
}

/// How long the steps of each release take.
#[derive(Debug, Default)]
struct Laps(Mutex<BTreeMap<&'static str, Vec<Duration>>>);

thread_local! {
    static BEFORE: Cell<Option<Instant>> = const { Cell::new(None) };
}

impl Laps {
    fn take(&self) -> String {
        let laps = std::mem::take(&mut *self.0.lock().unwrap_or_else(PoisonError::into_inner));
        let median = |(name, mut times): (&str, Vec<Duration>)| {
            times.sort_unstable();
            format!("{name} {}", times[times.len() / 2].as_micros())
        };
        laps.into_iter().map(median).collect::<Vec<_>>().join(", ")
    }
}

impl Steps for Laps {
    fn reached(&self, step: Step) {
        let name = match step {
            // Taken on another caller's thread, where decisions are made together.
            Step::Decided => return,
            Step::Received => "",
            Step::Verified => "verify",
            Step::Committed => "decide and commit",
            Step::Answered => "seal and sign",
        };
        let before = BEFORE.replace(Some(now()));
        if let Some(before) = before.filter(|_| step != Step::Received) {
            let mut laps = self.0.lock().unwrap_or_else(PoisonError::into_inner);
            laps.entry(name).or_default().push(before.elapsed());
        }
    }
}

/// A block written over and over, as often as it gets durable: what any database could do at most
/// with one commit after the other.
fn syncs(dir: &Path) -> Result<Duration, Failure> {
    let file = File::create(dir.join("sync"))?;
    file.write_all_at(&[1; 64 << 10], 0)?;
    file.sync_all()?;
    let start = now();
    for n in 0..SYNCS {
        file.write_all_at(&[2; 4096], u64::from(n % 16) * 4096)?;
        file.sync_data()?;
    }
    Ok(start.elapsed())
}

/// Requests are made before the clock starts: making them is the enclaves' work, not the broker's.
fn load(
    address: &BrokerAddress,
    platform: &PlatformKey,
    clients: usize,
    each: usize,
) -> Result<(Duration, Vec<Duration>), Failure> {
    let mut ready = Vec::new();
    for _ in 0..clients {
        let mut client = BlockingClient::connect(address, ClientLimits::default())?;
        let challenge = Challenge::parse(&client.get("/v1/challenge")?.body)?;
        let requests = (0..each).map(|_| request(address, challenge.clone(), platform));
        ready.push((client, requests.collect::<Result<Vec<_>, _>>()?));
    }
    let barrier = Barrier::new(clients + 1);
    let mut times = Vec::new();
    let start = std::thread::scope(|scope| {
        let asking: Vec<_> = ready
            .into_iter()
            .map(|(client, requests)| {
                let barrier = &barrier;
                scope.spawn(move || {
                    barrier.wait();
                    ask(client, &requests)
                })
            })
            .collect();
        barrier.wait();
        let start = now();
        for one in asking {
            times.extend(one.join().expect("no client panics"));
        }
        start
    });
    let took = start.elapsed();
    if times.len() == clients * each {
        Ok((took, times))
    } else {
        Err("a release was refused".into())
    }
}

/// Asks one after the other, until one is refused; opens the last, to see that it is a release.
fn ask(mut client: BlockingClient, requests: &[PendingRelease]) -> Vec<Duration> {
    let mut times = Vec::with_capacity(requests.len());
    let mut last = Vec::new();
    for pending in requests {
        let start = now();
        match client.post("/v1/release", pending.request().to_vec()) {
            Ok(answer) if answer.status == 200 => last = answer.body,
            _ => return times,
        }
        times.push(start.elapsed());
    }
    if requests
        .last()
        .is_some_and(|last_one| last_one.open(&last).is_err())
    {
        times.clear();
    }
    times
}

fn request(
    address: &BrokerAddress,
    challenge: Challenge,
    platform: &PlatformKey,
) -> Result<PendingRelease, Failure> {
    let operations = Operations::new(vec![Operation {
        secret: "a".parse()?,
        purpose: "bench".parse()?,
    }])?;
    let keys = RunKeys::generate(&mut os_rng());
    let draft = ReleaseDraft::new(&keys, *address.id(), challenge, PROGRAM, operations)?;
    let protections = Protections::from(Protection::ALL);
    let report = SoftwareReport::new(draft.report_data(), EXECUTABLE, protections);
    Ok(draft.finish(&Evidence {
        kind: TeeKind::Software,
        bytes: report.sign(platform),
    }))
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}
