use adyton_client::{RunError, RunReport};
use serde_json::{Value, json};

use crate::commands::run::denied_line;

/// An attack, and how it ended.
pub(super) struct Attack {
    pub(super) name: &'static str,
    pub(super) outcome: Outcome,
    /// What stood in the way, in the words of what did.
    pub(super) reason: String,
}

/// How an attack ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Outcome {
    /// It was refused, for the reason that it must be.
    Refused,
    /// It went through.
    Succeeded,
    /// Something else stood in its way, so that nothing is known.
    Undecided,
}

impl Attack {
    pub(super) fn held(&self) -> bool {
        self.outcome == Outcome::Refused
    }

    pub(super) fn document(&self) -> Value {
        json!({ "attack": self.name, "refused": self.held(), "reason": self.reason })
    }
}

/// What a run that must fail failed of. `by` says whether that is the reason that it must fail of.
pub(super) fn judge(
    name: &'static str,
    result: Result<RunReport, RunError>,
    by: impl FnOnce(&RunError) -> bool,
) -> Attack {
    match result {
        Ok(_) => Attack {
            name,
            outcome: Outcome::Succeeded,
            reason: "the run came to its end".to_owned(),
        },
        Err(error) => Attack {
            name,
            outcome: if by(&error) {
                Outcome::Refused
            } else {
                Outcome::Undecided
            },
            reason: told(&error),
        },
    }
}

fn told(error: &RunError) -> String {
    let mut lines = vec![error.to_string()];
    if let RunError::Denied { denied, .. } = error {
        lines.extend(denied.iter().map(denied_line));
    }
    let source = std::error::Error::source(error).map(ToString::to_string);
    lines.extend(source.filter(|text| !lines[0].contains(text.as_str())));
    lines.join("\n")
}
