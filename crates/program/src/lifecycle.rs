use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use adyton_types::{ErrorClass, Fingerprint, Name, ProgramMeasurement};
use thiserror::Error;

use crate::manifest::Manifest;

/// How far a run is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Phase {
    /// The bundle is measured. Nothing is known to anybody else.
    Measured,
    /// A TEE has given Evidence over a binding with this measurement.
    Attested,
    /// The key of every declared input is here.
    Released,
    /// The program runs.
    Running,
    /// The program has ended well, and outputs are being sealed.
    Exited,
    /// Every declared output is sealed.
    Sealed,
    /// The receipt is signed: the run is over.
    Receipted,
    /// The run was cancelled: nothing of it may leave.
    Cancelled,
}

impl Phase {
    /// The word for it on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Measured => "measured",
            Self::Attested => "attested",
            Self::Released => "released",
            Self::Running => "running",
            Self::Exited => "exited",
            Self::Sealed => "sealed",
            Self::Receipted => "receipted",
            Self::Cancelled => "cancelled",
        }
    }
}

impl fmt::Display for Phase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The order in which one run goes, and what must be there at each step.
///
/// ```text
/// Measured -> Attested -> Released -> Running -> Exited -> Sealed -> Receipted
///     \___________\___________\___________\_________\________\____-> Cancelled
/// ```
/// It fails closed: an event that is refused cancels the run, and a cancelled run takes no event.
#[derive(Debug, Clone)]
pub struct Lifecycle {
    measurement: ProgramMeasurement,
    phase: Phase,
    /// Inputs whose keys are awaited, with the only broker that may release each.
    awaited: BTreeMap<Name, Option<Fingerprint>>,
    /// Outputs that are not sealed yet, with the most bytes of each.
    unsealed: BTreeMap<Name, u64>,
    /// What has been taken off the two: an event that comes twice is told from one that is foreign.
    done: BTreeSet<Name>,
}

impl Lifecycle {
    /// A run of a program that has just been measured.
    #[must_use]
    pub fn new(manifest: &Manifest) -> Self {
        let inputs = manifest.inputs().iter();
        let outputs = manifest.outputs().iter();
        Self {
            measurement: manifest.measurement(),
            phase: Phase::Measured,
            awaited: inputs
                .map(|input| (input.name().clone(), input.broker().copied()))
                .collect(),
            unsealed: outputs
                .map(|output| (output.name().clone(), output.max_bytes()))
                .collect(),
            done: BTreeSet::new(),
        }
    }

    /// How far the run is.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        self.phase
    }

    /// Which program it runs.
    #[must_use]
    pub const fn measurement(&self) -> &ProgramMeasurement {
        &self.measurement
    }

    /// The inputs whose keys are not here yet.
    pub fn awaited(&self) -> impl Iterator<Item = &Name> {
        self.awaited.keys()
    }

    /// There is Evidence over a binding that states `program`. A program without inputs has all
    /// its keys now.
    ///
    /// # Errors
    /// If the binding states another program, or it is not the time.
    pub fn attested(&mut self, program: &ProgramMeasurement) -> Result<(), LifecycleError> {
        self.expect("Evidence", &[Phase::Measured])?;
        if *program != self.measurement {
            return self.refuse(LifecycleError::OtherProgram);
        }
        self.phase = Phase::Attested;
        self.release_if_complete();
        Ok(())
    }

    /// `broker` has released the key of `input`, and the answer was verified.
    ///
    /// # Errors
    /// If the input is not declared or has its key already, if the manifest names another broker,
    /// or it is not the time.
    pub fn released(&mut self, input: &Name, broker: &Fingerprint) -> Result<(), LifecycleError> {
        self.expect("a released key", &[Phase::Attested, Phase::Released])?;
        let Some(only) = self.awaited.get(input) else {
            let name = input.clone();
            return if self.done.contains(input) {
                self.refuse(LifecycleError::InputTwice { name })
            } else {
                self.refuse(LifecycleError::UnknownInput { name })
            };
        };
        if only.is_some_and(|only| only != *broker) {
            let name = input.clone();
            return self.refuse(LifecycleError::OtherBroker { name });
        }
        self.awaited.remove(input);
        self.done.insert(input.clone());
        self.release_if_complete();
        Ok(())
    }

    /// The program starts.
    ///
    /// # Errors
    /// If a declared input's key is not here, or it is not the time.
    pub fn started(&mut self) -> Result<(), LifecycleError> {
        if let (Phase::Attested, Some(name)) = (self.phase, self.awaited.keys().next()) {
            let name = name.clone();
            return self.refuse(LifecycleError::InputMissing { name });
        }
        self.expect("the program's start", &[Phase::Released])?;
        self.phase = Phase::Running;
        // From here on the names are those of outputs, which may be called as inputs are.
        self.done.clear();
        Ok(())
    }

    /// The program has ended well: with exit code 0 and within its limits. How it ends otherwise
    /// is for [`cancel`](Self::cancel).
    ///
    /// # Errors
    /// If it is not the time.
    pub fn exited(&mut self) -> Result<(), LifecycleError> {
        self.expect("the program's end", &[Phase::Running])?;
        self.phase = Phase::Exited;
        self.seal_if_complete();
        Ok(())
    }

    /// An output of `size` bytes of plaintext was sealed to the recipients that the manifest names.
    ///
    /// # Errors
    /// If the output is not declared, is sealed already, or is longer than the manifest allows, or
    /// it is not the time.
    pub fn sealed(&mut self, output: &Name, size: u64) -> Result<(), LifecycleError> {
        self.expect("a sealed output", &[Phase::Exited, Phase::Sealed])?;
        let name = output.clone();
        let Some(max) = self.unsealed.get(output).copied() else {
            return if self.done.contains(output) {
                self.refuse(LifecycleError::OutputTwice { name })
            } else {
                self.refuse(LifecycleError::UnknownOutput { name })
            };
        };
        if size > max {
            return self.refuse(LifecycleError::OutputTooLong { name, size, max });
        }
        self.unsealed.remove(output);
        self.done.insert(name);
        self.seal_if_complete();
        Ok(())
    }

    /// The receipt was signed.
    ///
    /// # Errors
    /// If a declared output is not sealed, or it is not the time.
    pub fn receipted(&mut self) -> Result<(), LifecycleError> {
        if let (Phase::Exited, Some(name)) = (self.phase, self.unsealed.keys().next()) {
            let name = name.clone();
            return self.refuse(LifecycleError::OutputMissing { name });
        }
        self.expect("a receipt", &[Phase::Sealed])?;
        self.phase = Phase::Receipted;
        Ok(())
    }

    /// Ends the run, whatever the reason: a denial, an input that does not open, a program that
    /// ends badly, the operator. Gives the phase that it had reached; a run that is over stays so.
    pub const fn cancel(&mut self) -> Phase {
        let reached = self.phase;
        if !matches!(reached, Phase::Receipted) {
            self.phase = Phase::Cancelled;
        }
        reached
    }

    fn release_if_complete(&mut self) {
        if self.awaited.is_empty() {
            self.phase = Phase::Released;
        }
    }

    fn seal_if_complete(&mut self) {
        if self.unsealed.is_empty() {
            self.phase = Phase::Sealed;
        }
    }

    fn expect(&mut self, event: &'static str, phases: &[Phase]) -> Result<(), LifecycleError> {
        let phase = self.phase;
        if phases.contains(&phase) {
            return Ok(());
        }
        self.refuse(LifecycleError::Order { event, phase })
    }

    fn refuse<T>(&mut self, error: LifecycleError) -> Result<T, LifecycleError> {
        if self.phase != Phase::Receipted {
            self.phase = Phase::Cancelled;
        }
        Err(error)
    }
}

/// Why an event was refused, and the run with it.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum LifecycleError {
    /// It is not the time for this.
    #[error("{event} came while the run was {phase}")]
    Order {
        /// What came.
        event: &'static str,
        /// How far the run was.
        phase: Phase,
    },
    /// The Evidence is about another program.
    #[error("the Evidence states another program than the one that was measured")]
    OtherProgram,
    /// A key for an input that the manifest does not declare.
    #[error("the program declares no input `{name}`")]
    UnknownInput {
        /// The name.
        name: Name,
    },
    /// A second key for an input.
    #[error("the key of input `{name}` was released twice")]
    InputTwice {
        /// The name.
        name: Name,
    },
    /// A key from a broker that the manifest does not name for the input.
    #[error("the manifest lets another broker release the key of input `{name}`")]
    OtherBroker {
        /// The name.
        name: Name,
    },
    /// The program should start without a declared input.
    #[error("the key of input `{name}` is not here; every declared input needs one")]
    InputMissing {
        /// The name.
        name: Name,
    },
    /// An output that the manifest does not declare.
    #[error("the program declares no output `{name}`")]
    UnknownOutput {
        /// The name.
        name: Name,
    },
    /// An output that was sealed before.
    #[error("output `{name}` was sealed twice")]
    OutputTwice {
        /// The name.
        name: Name,
    },
    /// An output beyond its limit.
    #[error("output `{name}` measures {size} bytes; the manifest allows {max}")]
    OutputTooLong {
        /// The name.
        name: Name,
        /// Its size.
        size: u64,
        /// The manifest's limit.
        max: u64,
    },
    /// The receipt should be signed without a declared output.
    #[error("output `{name}` is not sealed; every declared output is, empty or not")]
    OutputMissing {
        /// The name.
        name: Name,
    },
}

impl LifecycleError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::OtherProgram | Self::OtherBroker { .. } | Self::OutputTooLong { .. } => {
                ErrorClass::Rejected
            }
            _ => ErrorClass::Misuse,
        }
    }
}
