use std::sync::Arc;

use adyton_client::{Observer, RunError, Step};
use adyton_crypto::os_rng;
use adyton_protocol::{Challenge, Denial, ErrorBody, ReleaseDraft, Request, RunKeys};
use adyton_transport::{BlockingClient, ClientLimits};
use adyton_types::ErrorClass;

use super::attack::{Attack, Outcome, judge};
use super::memory;
use super::plan::{self, HEART};
use super::stage::{Performance, Say, Stage, write};
use crate::Failure;
use crate::commands::run::denied_line;

/// How an attack is mounted.
type Mount = fn(&Stage, &Performance) -> Result<Attack, Failure>;

/// Mounts every attack.
pub(super) fn all(
    stage: &Stage,
    performance: &Performance,
    say: Say<'_>,
) -> Result<Vec<Attack>, Failure> {
    let mut done = Vec::new();
    let attacks: [Mount; 6] = [
        altered_bundle,
        altered_program,
        another_platform,
        replayed_evidence,
        altered_input,
        swapped_answer,
    ];
    for attack in attacks {
        let attack = attack(stage, performance)?;
        tell(&attack, say);
        done.push(attack);
    }
    for attack in memory::attacks(stage, say)? {
        done.push(attack);
    }
    Ok(done)
}

fn tell(attack: &Attack, say: Say<'_>) {
    let mark = match attack.outcome {
        Outcome::Refused => "refused",
        Outcome::Succeeded => "SUCCEEDED",
        Outcome::Undecided => "NOT TRIED",
    };
    say(&format!(
        "{mark:9}   {}\n            {}",
        attack.name,
        attack.reason.replace('\n', "\n            ")
    ));
}

/// Whether a broker denied for the sake of a claim.
fn denied_for(claim: &'static str) -> impl Fn(&RunError) -> bool {
    move |error| match error {
        RunError::Denied { denied, .. } => denied
            .iter()
            .any(|denied| denied.failed.claim.contains(claim)),
        _ => false,
    }
}

struct Silent;

impl Observer for Silent {
    fn step(&mut self, _: &Step) {}
}

fn altered_bundle(stage: &Stage, _: &Performance) -> Result<Attack, Failure> {
    let mut bundle = stage.heart.bundle.clone();
    let middle = bundle.len() / 2;
    bundle[middle] ^= 1;
    write(&stage.dir.join("altered.adyton"), &bundle)?;
    let result = stage.attempt(&stage.request("altered.adyton", "attack-1"), &mut Silent)?;
    Ok(judge(
        "one byte of the bundle is changed",
        result,
        |error| error.class() == ErrorClass::Rejected,
    ))
}

/// The program's author changes one letter and makes a proper bundle of it.
fn altered_program(stage: &Stage, _: &Performance) -> Result<Attack, Failure> {
    let mut module = HEART.to_vec();
    let text = b"/out/";
    let at = module.windows(text.len()).position(|window| window == text);
    let at = at.ok_or_else(|| Failure::misuse("the program writes to /out/"))?;
    module[at + 1] ^= 1;
    let program = plan::build(&stage.source, &module)?;
    write(&stage.dir.join("rebuilt.adyton"), &program.bundle)?;
    let result = stage.attempt(&stage.request("rebuilt.adyton", "attack-2"), &mut Silent)?;
    Ok(judge(
        "one letter of the program is changed, and the bundle made anew",
        result,
        denied_for("program"),
    ))
}

fn another_platform(stage: &Stage, _: &Performance) -> Result<Attack, Failure> {
    let mut request = stage.request("heart.adyton", "attack-3");
    request.platform_key = stage.dir.join("another-tee").join("platform.key");
    adyton_attester::create_platform_key(&request.platform_key, &mut os_rng())?;
    let result = stage.attempt(&request, &mut Silent)?;
    Ok(judge(
        "the program runs on another platform",
        result,
        denied_for("platform"),
    ))
}

/// The Evidence of the good run, on a request with the attacker's own keys.
fn replayed_evidence(stage: &Stage, performance: &Performance) -> Result<Attack, Failure> {
    let name = "recorded Evidence is sent again, with the attacker's own keys";
    let hospital = stage
        .hospitals
        .first()
        .ok_or_else(|| Failure::misuse("there are hospitals"))?;
    let recorded = Request::parse(&performance.request)
        .map_err(|error| Failure::new(error.class(), &error))?;
    let mut client = BlockingClient::connect(&hospital.address, ClientLimits::default())?;
    let challenge = Challenge::parse(&client.get("/v1/challenge")?.body)?;
    let card = challenge.card.clone();
    let keys: Arc<RunKeys> = RunKeys::generate(&mut os_rng());
    let (id, program) = (*hospital.address.id(), performance.program);
    let draft = ReleaseDraft::new(&keys, id, challenge, program, recorded.operations().clone());
    let pending = draft
        .map_err(|error| Failure::new(error.class(), &error))?
        .finish(recorded.evidence());
    let before = hospital.releases()?;
    let answer = client.post("/v1/release", pending.request().to_vec())?;
    let counted = hospital.releases()? - before;
    let reason = match Denial::verify(&answer.body, &card, pending.digest()) {
        Ok(denial) => denial
            .denied()
            .iter()
            .map(denied_line)
            .collect::<Vec<_>>()
            .join("\n"),
        Err(_) => {
            ErrorBody::parse(&answer.body).map_or_else(|error| error.to_string(), |body| body.error)
        }
    };
    let reason = format!(
        "broker {} answers {}: {reason}",
        hospital.address.authority(),
        answer.status
    );
    let outcome = match (answer.status, counted) {
        (403, 0) => Outcome::Refused,
        (200, _) | (_, 1..) => Outcome::Succeeded,
        _ => Outcome::Undecided,
    };
    Ok(Attack {
        name,
        outcome,
        reason,
    })
}

fn altered_input(stage: &Stage, _: &Performance) -> Result<Attack, Failure> {
    let mut request = stage.request("heart.adyton", "attack-5");
    let path = stage.dir.join("altered.age");
    if let Some(source) = request.inputs.values_mut().next() {
        let fail = |error| adyton_client::FileError::io("read", &source.path, error);
        let mut sealed = std::fs::read(&source.path).map_err(fail)?;
        let near_the_end = sealed.len() - 100;
        sealed[near_the_end] ^= 1;
        write(&path, &sealed)?;
        source.path = path;
    }
    let result = stage.attempt(&request, &mut Silent)?;
    Ok(judge(
        "one byte of a sealed file is changed",
        result,
        |error| {
            matches!(
                error,
                RunError::Cancelled {
                    class: ErrorClass::Rejected,
                    ..
                }
            )
        },
    ))
}

/// Hands every enclave the answer that another enclave got.
struct Swap<'a>(&'a [u8]);

impl Observer for Swap<'_> {
    fn step(&mut self, _: &Step) {}

    fn answer(&mut self, _: Vec<u8>) -> Vec<u8> {
        self.0.to_vec()
    }
}

fn swapped_answer(stage: &Stage, performance: &Performance) -> Result<Attack, Failure> {
    let request = stage.request("heart.adyton", "attack-6");
    let result = stage.attempt(&request, &mut Swap(&performance.answer))?;
    Ok(judge(
        "the brokers' answers are swapped for an earlier one",
        result,
        |error| {
            matches!(
                error,
                RunError::Cancelled {
                    class: ErrorClass::Rejected,
                    ..
                }
            )
        },
    ))
}
