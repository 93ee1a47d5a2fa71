//! A manifest in plain words, for owners who are no programmers. The words say what the enclave
//! enforces, and nothing about what the program means to do.

use std::fmt;

use crate::manifest::{Clock, Input, Manifest, Network, Output};

/// What a statement is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Topic {
    /// Which program it is.
    Program,
    /// What it reads.
    Reads,
    /// What it writes, and for whom.
    Writes,
    /// What becomes of what it prints.
    Prints,
    /// What it is told when it starts.
    Told,
    /// What it can reach.
    Reaches,
    /// Which time it sees.
    Clock,
    /// How much it may use.
    Limits,
    /// What may leave beside the outputs.
    Debug,
}

impl Topic {
    /// The word for it on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Program => "program",
            Self::Reads => "reads",
            Self::Writes => "writes",
            Self::Prints => "prints",
            Self::Told => "is told",
            Self::Reaches => "reaches",
            Self::Clock => "clock",
            Self::Limits => "limits",
            Self::Debug => "debug",
        }
    }
}

impl fmt::Display for Topic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// One thing that is true of every run of the program.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What it is about.
    pub topic: Topic,
    /// One sentence, without a full stop.
    pub text: String,
    /// Whether it gives the host more than it would have by default: to be shown as a warning.
    pub warns: bool,
}

impl Statement {
    fn new(topic: Topic, text: impl Into<String>) -> Self {
        Self {
            topic,
            text: text.into(),
            warns: false,
        }
    }

    fn warning(topic: Topic, text: impl Into<String>) -> Self {
        Self {
            warns: true,
            ..Self::new(topic, text)
        }
    }
}

impl Manifest {
    /// What an owner agrees to with this program's measurement, in plain words and a fixed order.
    #[must_use]
    pub fn describe(&self) -> Vec<Statement> {
        let mut all = vec![Statement::new(
            Topic::Program,
            format!(
                "`{}`, a WebAssembly program of {}",
                self.name(),
                bytes(self.component_size())
            ),
        )];
        self.describe_files(&mut all);
        self.describe_prints(&mut all);
        self.describe_surroundings(&mut all);
        all
    }

    fn describe_files(&self, all: &mut Vec<Statement>) {
        if self.inputs().is_empty() {
            all.push(Statement::new(Topic::Reads, "no data at all"));
        }
        all.extend(self.inputs().iter().map(describe_input));
        if self.outputs().is_empty() {
            all.push(Statement::new(Topic::Writes, "no result at all"));
        }
        for output in self.outputs() {
            all.push(describe_output(output));
            if !output.recipients().is_post_quantum() {
                all.push(Statement::new(
                    Topic::Writes,
                    format!(
                        "`{}` could be opened by a quantum computer, if one ever comes; `age1pq1...` recipients could not",
                        output.name()
                    ),
                ));
            }
        }
    }

    fn describe_prints(&self, all: &mut Vec<Statement>) {
        for (stream, goes) in [
            ("standard output", self.stdout()),
            ("error messages", self.stderr()),
        ] {
            let text = match goes {
                Some(name) => format!("{stream} into the result `{name}`, sealed as it is"),
                None => format!("{stream} to nobody: it is thrown away"),
            };
            all.push(Statement::new(Topic::Prints, text));
        }
    }

    fn describe_surroundings(&self, all: &mut Vec<Statement>) {
        for (index, arg) in self.args().iter().enumerate() {
            let text = format!("argument {}: {arg:?}", index + 1);
            all.push(Statement::new(Topic::Told, text));
        }
        for (name, value) in self.env() {
            let text = format!("variable {name}: {value:?}");
            all.push(Statement::new(Topic::Told, text));
        }
        all.push(match self.network() {
            Network::None => Statement::new(
                Topic::Reaches,
                "no network and no files but those named above",
            ),
        });
        all.push(match self.clock() {
            Clock::None => Statement::new(Topic::Clock, "none: time stands still for it"),
            Clock::Host => Statement::warning(
                Topic::Clock,
                "the host's, which the host can set as it likes",
            ),
        });
        let limits = self.limits();
        let text = format!(
            "{} of memory and {}",
            bytes(limits.memory_bytes()),
            duration(limits.time_secs())
        );
        all.push(Statement::new(Topic::Limits, text));
        all.push(if self.debug() {
            Statement::warning(
                Topic::Debug,
                "ON: the host learns how the program failed (exit code, or trap), which may tell about the data",
            )
        } else {
            Statement::new(
                Topic::Debug,
                "off: the host learns sizes, times and whether the program succeeded, and no content",
            )
        });
    }
}

fn describe_input(input: &Input) -> Statement {
    let by = match input.broker() {
        Some(broker) => format!("only the broker {broker} can release it"),
        None => "whichever broker its owner gave the key to can release it".to_owned(),
    };
    Statement::new(Topic::Reads, format!("`{}`; {by}", input.name()))
}

fn describe_output(output: &Output) -> Statement {
    let recipients: Vec<&str> = output
        .recipients()
        .as_slice()
        .iter()
        .map(|recipient| recipient.as_str())
        .collect();
    let text = format!(
        "`{}`, up to {}, which only the holders of these keys can open: {}",
        output.name(),
        bytes(output.max_bytes()),
        recipients.join(", ")
    );
    Statement::new(Topic::Writes, text)
}

/// A size in the largest unit that divides it, else to one decimal: `64 KiB`, `1.3 MiB`.
fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["bytes", "KiB", "MiB", "GiB", "TiB"];
    let mut unit = 0;
    let mut size = 1u64;
    while unit + 1 < UNITS.len() && count / size >= 1024 {
        size *= 1024;
        unit += 1;
    }
    let (whole, tenths) = (count / size, (count % size) * 10 / size);
    let name = UNITS[unit];
    match tenths {
        0 => format!("{whole} {name}"),
        _ => format!("{whole}.{tenths} {name}"),
    }
}

/// A time in the largest unit that divides it: `5 minutes`, `90 seconds`.
fn duration(secs: u64) -> String {
    let (count, unit) = match secs {
        s if s % 86_400 == 0 => (s / 86_400, "day"),
        s if s % 3600 == 0 => (s / 3600, "hour"),
        s if s % 60 == 0 => (s / 60, "minute"),
        s => (s, "second"),
    };
    let plural = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{plural}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_read_well() {
        for (count, text) in [
            (1, "1 bytes"),
            (1023, "1023 bytes"),
            (65_536, "64 KiB"),
            (1_400_000, "1.3 MiB"),
            (1 << 40, "1 TiB"),
            (u64::MAX, "16777215.9 TiB"),
        ] {
            assert_eq!(bytes(count), text);
        }
        for (secs, text) in [
            (1, "1 second"),
            (90, "90 seconds"),
            (300, "5 minutes"),
            (3600, "1 hour"),
            (604_800, "7 days"),
        ] {
            assert_eq!(duration(secs), text);
        }
    }
}
