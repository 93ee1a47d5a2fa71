use std::collections::BTreeMap;
use std::fmt;
use std::path::PathBuf;

use adyton_attester::TeeSource;
use adyton_transport::BrokerAddress;
use adyton_types::{Name, ProgramMeasurement, TeeKind};

use crate::Existing;

/// What to run, on what, and where the results go.
#[derive(Debug, Clone)]
pub struct RunRequest {
    /// The `adyton` executable that becomes the enclave. Its digest is the platform measurement.
    pub adyton: PathBuf,
    /// The bundle.
    pub bundle: PathBuf,
    /// The sealed inputs.
    pub inputs: BTreeMap<Name, Source>,
    /// Where outputs go that are not to stand under `NAME.age` in the placement's directory.
    pub outputs: BTreeMap<Name, PathBuf>,
    /// Where everything else goes.
    pub placement: Placement,
    /// The software TEE's platform key. A run that another TEE vouches for has its compiled code
    /// kept under it.
    pub platform_key: PathBuf,
    /// The TEE that vouches for the run, where that is not the software TEE.
    pub tee: Option<TeeSource>,
    /// The directory of compiled code, where it is to be kept.
    pub code_cache: Option<PathBuf>,
}

/// A sealed input and who holds its key.
#[derive(Debug, Clone)]
pub struct Source {
    /// The sealed file.
    pub path: PathBuf,
    /// The broker; without one, the run is refused before it starts.
    pub broker: Option<BrokerAddress>,
    /// The secret's name there.
    pub secret: Name,
}

/// Where results go.
#[derive(Debug, Clone)]
pub struct Placement {
    /// The directory of outputs and receipt.
    pub dir: PathBuf,
    /// The receipt's file, where not `BUNDLE.receipt` in that directory.
    pub receipt: Option<PathBuf>,
    /// What to do where a file is there already.
    pub existing: Existing,
}

/// What a run has come to.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Step {
    /// The enclave is up and has measured the program.
    Measured(ProgramMeasurement),
    /// A broker is being asked.
    Asking(String),
    /// All keys are released; the inputs are opened.
    Released,
    /// The program runs.
    Running,
    /// The outputs are sealed.
    Sealed,
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Measured(program) => {
                let text = program.to_string();
                write!(f, "measured {}...", text.get(..16).unwrap_or(&text))
            }
            Self::Asking(broker) => write!(f, "asking {broker}"),
            Self::Released => f.write_str("keys released"),
            Self::Running => f.write_str("running"),
            Self::Sealed => f.write_str("outputs sealed"),
        }
    }
}

/// Is told how a run comes along.
pub trait Observer {
    /// A step was reached.
    fn step(&mut self, step: &Step);

    /// The process ids of enclave and guardian, once they are up; for attacks on them.
    fn enclave(&mut self, _pid: u32, _guardian: u32) {}

    /// A broker's answer, before it is handed to the enclave. What is returned is handed on: the
    /// connection's owner may alter anything, and the enclave has to notice.
    fn answer(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }

    /// A request, before it is handed to a broker.
    fn request(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        bytes
    }
}

/// What came of a run.
#[derive(Debug, Clone)]
pub struct RunReport {
    /// The program measurement, as the enclave stated it.
    pub program: ProgramMeasurement,
    /// The run's id.
    pub run: [u8; 32],
    /// The kind of TEE that vouches for it.
    pub platform: TeeKind,
    /// The sealed outputs.
    pub outputs: Vec<Output>,
    /// The receipt's file.
    pub receipt: PathBuf,
    /// Microseconds of each step, in order.
    pub timings: Vec<(String, u64)>,
}

/// A sealed output.
#[derive(Debug, Clone)]
pub struct Output {
    /// Its name in the manifest.
    pub name: Name,
    /// Its file.
    pub path: PathBuf,
    /// Its length in bytes, as a sealed file.
    pub size: u64,
}
