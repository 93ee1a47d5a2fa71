//! kill -9 at every step of a release, and at chance moments: what is left is always whole.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use adyton_brokerd::{Config, Daemon, Step, Steps};
use adyton_protocol::LeafType;
use adyton_tee_software::PlatformKey;
use adyton_transport::{BrokerAddress, TransportError};
use rustix::process::{Signal, getpid, kill_process};

use crate::enclave::{Asked, Enclave, connect, look};
use crate::world::{World, count_of, log, releases};

/// Ends the process, with no chance to tidy up, when a step is reached for the `left`th time.
#[derive(Debug)]
struct Killer {
    step: Step,
    left: AtomicU64,
}

impl Steps for Killer {
    fn reached(&self, step: Step) {
        if step == self.step && self.left.fetch_sub(1, Ordering::SeqCst) == 1 {
            kill_process(getpid(), Signal::KILL).unwrap();
        }
    }
}

/// A daemon in a process of its own: this test binary, told to run [`child`] alone.
struct Broker {
    process: Child,
    _input: ChildStdin,
    _output: BufReader<ChildStdout>,
    address: BrokerAddress,
}

impl Broker {
    /// Starts it; it ends itself at the `nth` time of a step, if one is given.
    fn spawn(dir: &Path, end: Option<(Step, u64)>) -> Self {
        let mut process = Command::new(std::env::current_exe().unwrap())
            .args(["--exact", "crash::child", "--ignored", "--nocapture"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut input = process.stdin.take().unwrap();
        let (step, nth) = match end {
            Some((step, nth)) => (Step::ALL.iter().position(|s| *s == step).unwrap(), nth),
            None => (0, 0),
        };
        writeln!(input, "{step} {nth} {}", dir.display()).unwrap();
        let mut output = BufReader::new(process.stdout.take().unwrap());
        let mut line = String::new();
        let address = loop {
            line.clear();
            assert_ne!(
                output.read_line(&mut line).unwrap(),
                0,
                "the child has ended"
            );
            if let Some((_, address)) = line.trim().split_once("ADDRESS ") {
                break address.parse().unwrap();
            }
        };
        Self {
            process,
            _input: input,
            _output: output,
            address,
        }
    }

    fn kill(&mut self) {
        self.process.kill().unwrap();
        self.process.wait().unwrap();
    }
}

#[test]
#[ignore = "a process that the other tests start"]
fn child() {
    let mut line = String::new();
    std::io::stdin().read_line(&mut line).unwrap();
    let Some((step, rest)) = line.trim().split_once(' ') else {
        return;
    };
    let (nth, dir) = rest.split_once(' ').unwrap();
    let mut config = Config::new(dir, "127.0.0.1:0".parse().unwrap());
    config.steps = Arc::new(Killer {
        step: Step::ALL[step.parse::<usize>().unwrap()],
        left: AtomicU64::new(nth.parse().unwrap()),
    });
    let daemon = Daemon::start(&config).unwrap();
    println!("\nADDRESS {}", daemon.broker_address());
    let mut rest = Vec::new();
    std::io::stdin().read_to_end(&mut rest).unwrap();
    daemon.stop();
}

/// Asks until the broker is gone; returns the indices of the leaves of what was released, each
/// proven to this enclave, and how many requests it sent.
fn ask_until_gone(address: &BrokerAddress, platform: &[u8]) -> (Vec<u64>, u64) {
    let mut enclave = Enclave::new();
    enclave.platform = PlatformKey::parse(platform).unwrap();
    let mut client = connect(address);
    let (mut indices, mut sent) = (Vec::new(), 0);
    loop {
        let Ok(challenge) = client.get("/v1/challenge") else {
            return (indices, sent);
        };
        let challenge = adyton_protocol::Challenge::parse(&challenge.body).unwrap();
        let pending = enclave.again().request(*address.id(), challenge, &["a"]);
        sent += 1;
        match client.post("/v1/release", pending.request().to_vec()) {
            Ok(answer) => match look(&pending, &answer) {
                Asked::Released(released) => {
                    let (_, proofs, _) = released.into_parts();
                    indices.push(proofs[0].index);
                }
                other => panic!("{other:?}"),
            },
            Err(TransportError::Interrupted { .. } | TransportError::Connect { .. }) => {
                return (indices, sent);
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// What must hold on the disk: every secret that left is in the log, counts are what the log says,
/// the log is what its checkpoint says. Returns how many releases there are.
fn whole(world: &World, left: &[u64]) -> u64 {
    let mut control = world.control();
    assert!(!control.is_running());
    let leaves = log(&mut control);
    for index in left {
        let leaf = &leaves[usize::try_from(*index).unwrap()];
        assert_eq!(leaf.leaf_type, LeafType::Release);
    }
    let recorded = count_of(&leaves, LeafType::Release);
    assert_eq!(releases(&mut control), recorded);
    recorded
}

#[test]
fn a_kill_at_any_step_loses_and_invents_nothing() {
    for step in Step::ALL {
        for nth in [1, 3] {
            let enclave = Enclave::new();
            let world = World::with(&enclave.platform, 1000);
            let mut broker = Broker::spawn(&world.path(), Some((step, nth)));
            let platform = enclave.platform.encode();
            let (left, sent) = ask_until_gone(&broker.address, platform.expose());
            assert!(!broker.process.wait().unwrap().success());
            assert_eq!((left.len() as u64, sent), (nth - 1, nth), "{step:?}");
            let recorded = whole(&world, &left);
            // The last one is recorded if, and only if, the kill came after the commit.
            let committed = matches!(step, Step::Committed | Step::Answered);
            assert_eq!(recorded, nth - u64::from(!committed), "{step:?}");
            // And the broker goes on: the next release is the next leaf.
            let mut broker = Broker::spawn(&world.path(), None);
            let mut client = connect(&broker.address);
            let pending = enclave.fresh(&mut client, &["a"]);
            let index = crate::enclave::send(&mut client, &pending).released()[0].1;
            broker.kill();
            assert_eq!(whole(&world, &[left, vec![index]].concat()), recorded + 1);
        }
    }
}

#[test]
fn kills_at_chance_moments_under_load_lose_nothing() {
    let enclave = Enclave::new();
    let world = World::with(&enclave.platform, 1_000_000);
    let platform = enclave.platform.encode();
    let mut left: Vec<u64> = Vec::new();
    let mut sent = 0;
    for round in 0..6 {
        let mut broker = Broker::spawn(&world.path(), None);
        let address = broker.address.clone();
        let asked: Vec<(Vec<u64>, u64)> = std::thread::scope(|scope| {
            let asking: Vec<_> = (0..4)
                .map(|_| scope.spawn(|| ask_until_gone(&address, platform.expose())))
                .collect();
            // Long enough for a few releases, and a moment more each time.
            std::thread::sleep(Duration::from_millis(40 + 9 * round));
            broker.kill();
            asking.into_iter().map(|one| one.join().unwrap()).collect()
        });
        for (indices, requests) in asked {
            left.extend(indices);
            sent += requests;
        }
        let recorded = whole(&world, &left);
        assert!((left.len() as u64..=sent).contains(&recorded));
    }
    left.sort_unstable();
    assert!(
        left.windows(2).all(|pair| pair[0] != pair[1]),
        "a leaf twice"
    );
}
