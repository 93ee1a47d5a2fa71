use std::fs::File;
use std::io::Write as _;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::Duration;

use adyton_client::{Observer, RunError, Source, Step};
use adyton_codec::hex_encode;
use adyton_crypto::{os_rng, random};
use adyton_memprobe::{Needle, Outcome, Target, Verdict, attack_all};

use super::attack::{Attack, Outcome as Ended, judge};
use super::hospital::seal_text;
use super::stage::{Say, Stage};
use crate::Failure;

/// How long the program is given to read its input before it is attacked.
const SETTLE: Duration = Duration::from_millis(400);

/// The mask under which the attacker keeps what it looks for, so as not to find its own copy.
const MASK: u8 = 0x5a;

/// Attacks the memory of a running enclave that holds a record which nobody else has, and of an
/// ordinary process that holds the same: the enclave must withstand what the other falls to.
pub(super) fn attacks(stage: &Stage, say: Say<'_>) -> Result<Vec<Attack>, Failure> {
    let record = format!(
        "patient {} has a secret",
        hex_encode(random::<24>(&mut os_rng()).expose())
    );
    let needle = Needle::from_masked(record.bytes().map(|byte| byte ^ MASK).collect(), MASK);
    let hospital = stage
        .hospitals
        .first()
        .ok_or_else(|| Failure::misuse("there are hospitals"))?;
    let sealed = stage.dir.join("record.age");
    seal_text(&record, &sealed, &hospital.recipients)?;

    let mut request = stage.request("hold.adyton", "attack-7");
    request.inputs = [hospital.source()]
        .into_iter()
        .map(|(name, source)| {
            (
                name,
                Source {
                    path: sealed.clone(),
                    ..source
                },
            )
        })
        .collect();
    let mut attacker = Attacker {
        needle: &needle,
        target: None,
        outcomes: Vec::new(),
    };
    let ended = stage.attempt(&request, &mut attacker)?;
    let run = judge("", ended, |error| {
        matches!(error, RunError::TimeLimit { .. })
    });
    if attacker.outcomes.is_empty() {
        return Err(Failure::unavailable(format!(
            "the enclave to attack did not run: {}",
            run.reason
        )));
    }
    let ordinary = Ordinary::start(&record, &stage.recipient)?;
    let control = attack_all(
        Target {
            pid: ordinary.0.id(),
            guardian: None,
        },
        &needle,
    );
    table(&attacker.outcomes, &control, say);
    let fell = control.iter().filter(|outcome| outcome.leaked()).count();
    if fell == 0 {
        return Err(Failure::unavailable(
            "no attack succeeded even on an ordinary process, so that nothing is shown; run the demonstration as root",
        ));
    }
    Ok(attacker
        .outcomes
        .iter()
        .filter(|outcome| !matches!(outcome.verdict, Verdict::NotRun { .. }))
        .map(memory_attack)
        .collect())
}

/// What each attack did to the enclave, and to the ordinary process.
fn table(enclave: &[Outcome], control: &[Outcome], say: Say<'_>) {
    let who = if rustix::process::geteuid().is_root() {
        "root"
    } else {
        "another process of this user"
    };
    say(&format!(
        "\nmemory      {who} looks for a record in the enclave's memory, and in an ordinary process's\n"
    ));
    for outcome in enclave {
        let other = control.iter().find(|other| other.attack == outcome.attack);
        let other = other.map_or_else(|| "-".to_owned(), verdict);
        say(&format!(
            "            {:26} enclave: {:58} ordinary: {other}",
            outcome.attack.to_string(),
            verdict(outcome)
        ));
    }
}

fn memory_attack(outcome: &Outcome) -> Attack {
    Attack {
        name: outcome.attack.as_str(),
        outcome: match &outcome.verdict {
            Verdict::Leaked { .. } => Ended::Succeeded,
            Verdict::Blocked { .. } => Ended::Refused,
            Verdict::NotRun { .. } => Ended::Undecided,
        },
        reason: verdict(outcome),
    }
}

fn verdict(outcome: &Outcome) -> String {
    match &outcome.verdict {
        Verdict::Leaked { place } => format!("LEAKED ({place})"),
        Verdict::Blocked { reason } => format!("nothing ({reason})"),
        Verdict::NotRun { reason } => format!("not run ({reason})"),
    }
}

/// Attacks the enclave as soon as the program runs.
struct Attacker<'a> {
    needle: &'a Needle,
    target: Option<Target>,
    outcomes: Vec<Outcome>,
}

impl Observer for Attacker<'_> {
    fn step(&mut self, step: &Step) {
        if let (Step::Running, Some(target)) = (step, self.target) {
            thread::sleep(SETTLE);
            self.outcomes = attack_all(target, self.needle);
        }
    }

    fn enclave(&mut self, pid: u32, guardian: u32) {
        self.target = Some(Target {
            pid,
            guardian: Some(guardian),
        });
    }
}

/// An ordinary process that holds a record: `adyton seal`, waiting for more to seal, with the same
/// record in a file in memory that is its standard output.
struct Ordinary(Child);

impl Ordinary {
    fn start(record: &str, recipient: &str) -> Result<Self, Failure> {
        let fail = |error: std::io::Error| {
            Failure::unavailable(format!("cannot start a process: {error}"))
        };
        let file = rustix::fs::memfd_create("record", rustix::fs::MemfdFlags::CLOEXEC);
        let mut file = File::from(file.map_err(|error| fail(error.into()))?);
        file.write_all(record.as_bytes()).map_err(fail)?;
        let mut child = Command::new("/proc/self/exe")
            .args(["--quiet", "seal", "-", "--out", "-", "--to", recipient])
            .stdin(Stdio::piped())
            .stdout(Stdio::from(file))
            .stderr(Stdio::null())
            .spawn()
            .map_err(fail)?;
        if let Some(stdin) = child.stdin.as_mut() {
            stdin
                .write_all(record.as_bytes())
                .and_then(|()| stdin.flush())
                .map_err(fail)?;
        }
        thread::sleep(SETTLE);
        Ok(Self(child))
    }
}

impl Drop for Ordinary {
    fn drop(&mut self) {
        // A failure means that it has ended already.
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
