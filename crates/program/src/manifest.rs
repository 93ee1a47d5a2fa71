use std::collections::BTreeMap;

use adyton_crypto::sha384;
use adyton_sealing::Recipients;
use adyton_types::{Fingerprint, Name};

use crate::declaration::Declaration;
use crate::error::ManifestError;
use crate::limits::{MAX_COMPONENT_BYTES, MAX_MANIFEST_BYTES};

/// All that decides how a program behaves, normalised: what is measured.
///
/// Having one tells you that it follows every rule of `specs/program-measurement.md`, and nothing
/// about whether the program does what its author says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Manifest {
    pub(crate) name: Name,
    pub(crate) component_sha384: [u8; 48],
    pub(crate) component_size: u64,
    pub(crate) args: Vec<String>,
    pub(crate) env: BTreeMap<String, String>,
    pub(crate) inputs: Vec<Input>,
    pub(crate) outputs: Vec<Output>,
    pub(crate) stdout: Option<Name>,
    pub(crate) stderr: Option<Name>,
    pub(crate) limits: Limits,
    pub(crate) clock: Clock,
    pub(crate) debug: bool,
}

/// An input that the program declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Input {
    name: Name,
    broker: Option<Fingerprint>,
}

impl Input {
    /// Its name, in the program `/in/NAME`.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// The id of the one broker that may release its key; without one, the owner of the data
    /// decides by where it puts the key.
    #[must_use]
    pub const fn broker(&self) -> Option<&Fingerprint> {
        self.broker.as_ref()
    }
}

/// An output that the program declares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Output {
    name: Name,
    recipients: Recipients,
    max_bytes: u64,
}

impl Output {
    /// Its name, in the program `/out/NAME`.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// For whom it is sealed.
    #[must_use]
    pub const fn recipients(&self) -> &Recipients {
        &self.recipients
    }

    /// The most plaintext bytes that it may have.
    #[must_use]
    pub const fn max_bytes(&self) -> u64 {
        self.max_bytes
    }
}

/// How much a program may use.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    memory_bytes: u64,
    time_secs: u64,
}

impl Limits {
    /// Linear memory in bytes, a multiple of 65,536.
    #[must_use]
    pub const fn memory_bytes(&self) -> u64 {
        self.memory_bytes
    }

    /// Time in seconds. The host enforces it, so it protects the operator and not the owners.
    #[must_use]
    pub const fn time_secs(&self) -> u64 {
        self.time_secs
    }
}

/// Which time the program sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Clock {
    /// Every clock stands still.
    None,
    /// The host's clock, which is the adversary's word.
    Host,
}

impl Clock {
    /// The word for it in a manifest.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Host => "host",
        }
    }
}

/// Which network the program sees.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Network {
    /// None at all.
    None,
}

impl Network {
    /// The word for it in a manifest.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::None => "none",
        }
    }
}

impl Manifest {
    /// A declaration together with the component that it is about.
    pub(crate) fn new(
        declaration: Declaration,
        component_sha384: [u8; 48],
        component_size: u64,
    ) -> Result<Self, ManifestError> {
        if !(1..=MAX_COMPONENT_BYTES).contains(&component_size) {
            return Err(ManifestError::ComponentSize {
                found: component_size,
            });
        }
        let input = |(name, broker)| Input { name, broker };
        let output = |(name, (recipients, max_bytes))| Output {
            name,
            recipients,
            max_bytes,
        };
        let manifest = Self {
            name: declaration.name,
            component_sha384,
            component_size,
            args: declaration.args,
            env: declaration.env,
            inputs: declaration.inputs.into_iter().map(input).collect(),
            outputs: declaration.outputs.into_iter().map(output).collect(),
            stdout: declaration.stdout,
            stderr: declaration.stderr,
            limits: Limits {
                memory_bytes: declaration.memory_bytes,
                time_secs: declaration.time_secs,
            },
            clock: if declaration.host_clock {
                Clock::Host
            } else {
                Clock::None
            },
            debug: declaration.debug,
        };
        match manifest.encode().len() {
            found if found > MAX_MANIFEST_BYTES => Err(ManifestError::TooLong { found }),
            _ => Ok(manifest),
        }
    }

    /// A declaration together with the component's bytes.
    pub(crate) fn of_component(
        declaration: Declaration,
        component: &[u8],
    ) -> Result<Self, ManifestError> {
        Self::new(declaration, sha384(&[component]), component.len() as u64)
    }

    /// The program's name, its `argv[0]`.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// SHA-384 of the component.
    #[must_use]
    pub const fn component_sha384(&self) -> &[u8; 48] {
        &self.component_sha384
    }

    /// Size of the component in bytes.
    #[must_use]
    pub const fn component_size(&self) -> u64 {
        self.component_size
    }

    /// The arguments behind `argv[0]`.
    #[must_use]
    pub fn args(&self) -> &[String] {
        &self.args
    }

    /// The environment: all of it.
    #[must_use]
    pub const fn env(&self) -> &BTreeMap<String, String> {
        &self.env
    }

    /// The inputs, sorted by name.
    #[must_use]
    pub fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    /// The input of that name.
    #[must_use]
    pub fn input(&self, name: &Name) -> Option<&Input> {
        self.inputs.iter().find(|input| input.name == *name)
    }

    /// The outputs, sorted by name.
    #[must_use]
    pub fn outputs(&self) -> &[Output] {
        &self.outputs
    }

    /// The output of that name.
    #[must_use]
    pub fn output(&self, name: &Name) -> Option<&Output> {
        self.outputs.iter().find(|output| output.name == *name)
    }

    /// The output to which standard output goes; without one it is dropped.
    #[must_use]
    pub const fn stdout(&self) -> Option<&Name> {
        self.stdout.as_ref()
    }

    /// The output to which standard error goes; without one it is dropped.
    #[must_use]
    pub const fn stderr(&self) -> Option<&Name> {
        self.stderr.as_ref()
    }

    /// How much it may use.
    #[must_use]
    pub const fn limits(&self) -> &Limits {
        &self.limits
    }

    /// Which time it sees.
    #[must_use]
    pub const fn clock(&self) -> Clock {
        self.clock
    }

    /// Which network it sees.
    #[must_use]
    pub const fn network(&self) -> Network {
        Network::None
    }

    /// Whether the host may learn how the program failed: its exit code, or the text of its trap.
    #[must_use]
    pub const fn debug(&self) -> bool {
        self.debug
    }
}
