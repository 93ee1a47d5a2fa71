//! The demonstration: everything that Adyton does, on this machine, and every attack on it.
//!
//! What could run elsewhere is a process of its own here: each hospital's broker, and the enclave
//! of each run. Nothing is simulated; the same commands do the same by hand.

mod attack;
mod attacks;
mod hospital;
mod memory;
mod plan;
mod stage;
mod workspace;

use std::path::Path;
use std::time::Instant;

use serde_json::{Value, json};

use crate::{Failure, Out};
use attack::Attack;
use stage::Stage;
pub(crate) use workspace::Workspace;

/// Runs the demonstration, in `keep` or in a temporary directory.
#[expect(
    clippy::disallowed_methods,
    reason = "the demonstration says how long it took"
)]
pub(crate) fn run(keep: Option<&Path>, out: Out) -> Result<(), Failure> {
    let begun = Instant::now();
    let workspace = Workspace::create(keep)?;
    let say = |text: &str| out.note(text);
    say("Three hospitals, one program, one result\n");
    let stage = Stage::set(workspace.path(), &say)?;
    let result = stage.perform(&say)?;
    say("\nNow everything is attacked. Each attack must fail.\n");
    let attacks = attacks::all(&stage, &result, &say)?;
    let secs = begun.elapsed().as_secs_f64();
    let failed: Vec<&Attack> = attacks.iter().filter(|attack| !attack.held()).collect();
    say(&closing(keep, secs, &attacks));
    out.document(&json!({
        "program": result.program.to_string(),
        "report": result.report,
        "receipt-verified": true,
        "attacks": attacks.iter().map(Attack::document).collect::<Vec<Value>>(),
        "seconds": secs,
        "directory": keep.map(|dir| dir.display().to_string()),
    }))?;
    match failed.as_slice() {
        [] => Ok(()),
        some => Err(
            Failure::rejected(format!("{} attacks were not refused", some.len())).with_details(
                some.iter()
                    .map(|attack| format!("{}: {}", attack.name, attack.reason)),
            ),
        ),
    }
}

fn closing(keep: Option<&Path>, secs: f64, attacks: &[Attack]) -> String {
    let held = attacks.iter().filter(|attack| attack.held()).count();
    let files = match keep {
        Some(dir) => format!("All files are in `{}`.\n", dir.display()),
        None => "Say --keep DIR to have the files.\n".to_owned(),
    };
    format!(
        "\n{held} of {} attacks failed, as they must. All of it took {secs:.1} s.\n{files}\
         Next: adyton tee doctor, adyton new --help, adyton run --help, docs/getting-started.md",
        attacks.len()
    )
}
