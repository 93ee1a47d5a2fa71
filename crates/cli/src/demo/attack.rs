use adyton_client::{RunError, RunReport};
use serde_json::{Value, json};

use crate::commands::run::denied_line;

/// An attack, and how it ended.
pub(super) struct Attack {
    pub(super) name: &'static str,
    /// Whether it was refused, for the reason that it must be.
    pub(super) held: bool,
    /// What stood in the way, in the words of what did.
    pub(super) reason: String,
}

impl Attack {
    pub(super) fn document(&self) -> Value {
        json!({ "attack": self.name, "refused": self.held, "reason": self.reason })
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
            held: false,
            reason: "the run came to its end".to_owned(),
        },
        Err(error) => Attack {
            name,
            held: by(&error),
            reason: told(&error),
        },
    }
}

fn told(error: &RunError) -> String {
    let mut lines = vec![error.to_string()];
    if let RunError::Denied { denied, .. } = error {
        lines.extend(denied.iter().map(denied_line));
    }
    lines.extend(std::error::Error::source(error).map(ToString::to_string));
    lines.join("\n")
}
