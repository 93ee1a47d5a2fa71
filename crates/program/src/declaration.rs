//! The rules of a manifest, each in the one place where its part is taken in. Both the author's
//! file and the encoded form are read through here.

use std::collections::BTreeMap;

use adyton_sealing::Recipients;
use adyton_types::{Fingerprint, Name};

use crate::error::{ManifestError, Stream};
use crate::limits::{
    MAX_ARGS, MAX_FILES, MAX_MEMORY_BYTES, MAX_OUTPUT_BYTES, MAX_TEXT_BYTES, MAX_TIME_SECS,
    MAX_VARIABLES, PAGE_BYTES,
};

/// What the author declares: a manifest without its component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Declaration {
    pub(crate) name: Name,
    pub(crate) args: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) inputs: BTreeMap<Name, Option<Fingerprint>>,
    pub(crate) outputs: BTreeMap<Name, (Recipients, u64)>,
    pub(crate) stdout: Option<Name>,
    pub(crate) stderr: Option<Name>,
    pub(crate) memory_bytes: u64,
    pub(crate) time_secs: u64,
    pub(crate) host_clock: bool,
    pub(crate) debug: bool,
}

impl Declaration {
    /// A program that may use a single page for a second, and has nothing.
    pub(crate) const fn new(name: Name) -> Self {
        Self {
            name,
            args: Vec::new(),
            env: BTreeMap::new(),
            inputs: BTreeMap::new(),
            outputs: BTreeMap::new(),
            stdout: None,
            stderr: None,
            memory_bytes: PAGE_BYTES,
            time_secs: 1,
            host_clock: false,
            debug: false,
        }
    }

    pub(crate) fn arg(&mut self, text: &str) -> Result<(), ManifestError> {
        if self.args.len() == MAX_ARGS {
            return Err(ManifestError::TooManyArgs);
        }
        if text.len() > MAX_TEXT_BYTES || text.contains('\0') {
            let index = self.args.len() + 1;
            return Err(ManifestError::Arg { index });
        }
        self.args.push(text.to_owned());
        Ok(())
    }

    /// A variable. That none comes twice is the encodings' own rule.
    pub(crate) fn variable(&mut self, name: &str, value: &str) -> Result<(), ManifestError> {
        let cut = || name.chars().take(80).collect();
        if self.env.len() == MAX_VARIABLES {
            return Err(ManifestError::TooManyVariables);
        }
        let good = |c: u8| c.is_ascii_alphanumeric() || c == b'_';
        if name.is_empty() || !name.bytes().all(good) || name.as_bytes()[0].is_ascii_digit() {
            return Err(ManifestError::VariableName { name: cut() });
        }
        if name.len() + value.len() > MAX_TEXT_BYTES || value.contains('\0') {
            return Err(ManifestError::Variable { name: cut() });
        }
        self.env.insert(name.to_owned(), value.to_owned());
        Ok(())
    }

    pub(crate) fn input(
        &mut self,
        name: Name,
        broker: Option<Fingerprint>,
    ) -> Result<(), ManifestError> {
        if self.inputs.contains_key(&name) {
            return Err(ManifestError::InputTwice { name });
        }
        if self.inputs.len() == MAX_FILES {
            return Err(ManifestError::TooManyInputs);
        }
        self.inputs.insert(name, broker);
        Ok(())
    }

    pub(crate) fn output(
        &mut self,
        name: Name,
        recipients: Recipients,
        max_bytes: u64,
    ) -> Result<(), ManifestError> {
        if self.outputs.contains_key(&name) {
            return Err(ManifestError::OutputTwice { name });
        }
        if self.outputs.len() == MAX_FILES {
            return Err(ManifestError::TooManyOutputs);
        }
        if !(1..=MAX_OUTPUT_BYTES).contains(&max_bytes) {
            return Err(ManifestError::OutputSize {
                output: name,
                found: max_bytes,
            });
        }
        self.outputs.insert(name, (recipients, max_bytes));
        Ok(())
    }

    /// Sends a stream to an output, which has to be declared by now.
    pub(crate) fn stream(&mut self, stream: Stream, name: Name) -> Result<(), ManifestError> {
        if !self.outputs.contains_key(&name) {
            return Err(ManifestError::NoSuchOutput { stream, name });
        }
        match stream {
            Stream::Stdout => self.stdout = Some(name),
            Stream::Stderr => self.stderr = Some(name),
        }
        Ok(())
    }

    pub(crate) const fn memory(&mut self, bytes: u64) -> Result<(), ManifestError> {
        if bytes < PAGE_BYTES || bytes > MAX_MEMORY_BYTES {
            return Err(ManifestError::Memory { found: bytes });
        }
        if !bytes.is_multiple_of(PAGE_BYTES) {
            return Err(ManifestError::MemoryPages { found: bytes });
        }
        self.memory_bytes = bytes;
        Ok(())
    }

    pub(crate) const fn time(&mut self, secs: u64) -> Result<(), ManifestError> {
        if secs == 0 || secs > MAX_TIME_SECS {
            return Err(ManifestError::Time { found: secs });
        }
        self.time_secs = secs;
        Ok(())
    }

    pub(crate) fn clock(&mut self, choice: &str) -> Result<(), ManifestError> {
        self.host_clock = match choice {
            "none" => false,
            "host" => true,
            _ => {
                return Err(ManifestError::Choice {
                    key: "clock",
                    found: choice.chars().take(80).collect(),
                    known: "none, host",
                });
            }
        };
        Ok(())
    }

    /// The network: there is one choice so far, and it is none.
    pub(crate) fn network(&mut self, choice: &str) -> Result<(), ManifestError> {
        if choice == "none" {
            return Ok(());
        }
        Err(ManifestError::Choice {
            key: "network",
            found: choice.chars().take(80).collect(),
            known: "none",
        })
    }
}
