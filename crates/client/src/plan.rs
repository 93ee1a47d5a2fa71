use std::collections::BTreeMap;
use std::fs::File;
use std::os::fd::{AsFd as _, BorrowedFd};
use std::os::unix::fs::FileExt as _;
use std::path::{Path, PathBuf};

use adyton_hatch::InputFile;
use adyton_program::{Bundle, MAX_BUNDLE_BYTES};
use adyton_sealing::{Header, MAX_HEADER_BYTES};
use adyton_transport::BrokerAddress;
use adyton_types::Name;

use crate::places::Places;
use crate::{FileError, RunError, RunRequest, Source, read_file};

/// A run whose parts all are there: the bundle is whole, the inputs are the ones that it declares,
/// and each has a broker. The enclave checks the same again; here it is for good messages early.
#[derive(Debug)]
pub(crate) struct Plan {
    bundle: File,
    platform_key: File,
    inputs: Vec<Input>,
    outputs: BTreeMap<Name, PathBuf>,
    receipt: PathBuf,
    time_secs: u64,
    component: [u8; 48],
}

/// A declared input, opened.
#[derive(Debug)]
pub(crate) struct Input {
    name: Name,
    file: File,
    broker: BrokerAddress,
    secret: Name,
}

impl Input {
    pub(crate) const fn file(&self) -> &File {
        &self.file
    }

    pub(crate) fn message(&self) -> InputFile {
        InputFile {
            name: self.name.clone(),
            broker: *self.broker.id().as_bytes(),
            secret: self.secret.clone(),
        }
    }
}

impl Plan {
    pub(crate) fn new(request: &RunRequest) -> Result<Self, RunError> {
        let bytes = read_file(&request.bundle, "bundle", MAX_BUNDLE_BYTES)?;
        let bundle = Bundle::parse(&bytes).map_err(|source| RunError::Bundle {
            path: request.bundle.clone(),
            source,
        })?;
        let manifest = bundle.manifest();
        let inputs: Vec<&Name> = manifest.inputs().iter().map(|input| input.name()).collect();
        let outputs: Vec<&Name> = manifest
            .outputs()
            .iter()
            .map(|output| output.name())
            .collect();
        if let Some(name) = request.inputs.keys().find(|name| !inputs.contains(name)) {
            return Err(RunError::InputUnknown {
                name: name.clone(),
                declared: list(&inputs),
            });
        }
        if let Some(name) = request.outputs.keys().find(|name| !outputs.contains(name)) {
            return Err(RunError::OutputUnknown {
                name: name.clone(),
                declared: list(&outputs),
            });
        }
        let dir = &request.placement.dir;
        let place = |name: &&Name| {
            let path = request.outputs.get(*name).cloned();
            (
                (*name).clone(),
                path.unwrap_or_else(|| dir.join(format!("{name}.age"))),
            )
        };
        let outputs: BTreeMap<Name, PathBuf> = outputs.iter().map(place).collect();
        let receipt = receipt_path(request);
        keep_apart(request, &outputs, &receipt)?;
        Ok(Self {
            inputs: inputs
                .iter()
                .map(|name| open_input(name, request))
                .collect::<Result<_, _>>()?,
            outputs,
            receipt,
            time_secs: manifest.limits().time_secs(),
            component: *manifest.component_sha384(),
            bundle: open(&request.bundle)?,
            platform_key: open_platform_key(&request.platform_key)?,
        })
    }

    pub(crate) fn bundle(&self) -> BorrowedFd<'_> {
        self.bundle.as_fd()
    }

    pub(crate) fn platform_key(&self) -> BorrowedFd<'_> {
        self.platform_key.as_fd()
    }

    pub(crate) fn inputs(&self) -> &[Input] {
        &self.inputs
    }

    pub(crate) const fn outputs(&self) -> &BTreeMap<Name, PathBuf> {
        &self.outputs
    }

    pub(crate) fn receipt(&self) -> &Path {
        &self.receipt
    }

    pub(crate) const fn time_secs(&self) -> u64 {
        self.time_secs
    }

    /// SHA-384 of the component.
    pub(crate) const fn component(&self) -> &[u8; 48] {
        &self.component
    }

    /// The brokers that the run needs, each once, in the inputs' order.
    pub(crate) fn brokers(&self) -> Vec<BrokerAddress> {
        let mut brokers: Vec<BrokerAddress> = Vec::new();
        for input in &self.inputs {
            if !brokers.iter().any(|known| known.id() == input.broker.id()) {
                brokers.push(input.broker.clone());
            }
        }
        brokers
    }
}

fn open_input(name: &Name, request: &RunRequest) -> Result<Input, RunError> {
    let Source {
        path,
        broker,
        secret,
    } = request
        .inputs
        .get(name)
        .ok_or_else(|| RunError::InputMissing { name: name.clone() })?;
    let broker = broker
        .clone()
        .ok_or_else(|| RunError::BrokerMissing { name: name.clone() })?;
    let file = open(path)?;
    expect_sealed(name, path, &file)?;
    Ok(Input {
        name: name.clone(),
        file,
        broker,
        secret: secret.clone(),
    })
}

/// A file in clear would be found out in the enclave, after a broker had released its key for
/// nothing.
fn expect_sealed(name: &Name, path: &Path, file: &File) -> Result<(), RunError> {
    let mut start = vec![0; MAX_HEADER_BYTES];
    // The enclave reads from the same open file: its position stays.
    let read = file
        .read_at(&mut start, 0)
        .map_err(|error| FileError::io("read", path, error))?;
    match Header::parse(start.get(..read).unwrap_or_default()) {
        Ok(_) => Ok(()),
        Err(source) => Err(RunError::InputNotSealed {
            name: name.clone(),
            path: path.to_owned(),
            source,
        }),
    }
}

/// No result takes another's place, or that of a file that the run reads.
fn keep_apart(
    request: &RunRequest,
    outputs: &BTreeMap<Name, PathBuf>,
    receipt: &Path,
) -> Result<(), RunError> {
    let mut places = Places::default();
    places.read(&request.bundle, "the bundle");
    places.read(&request.platform_key, "the platform key");
    for (name, source) in &request.inputs {
        places.read(&source.path, format!("the input `{name}`"));
    }
    for (name, path) in outputs {
        places.write(path, format!("the output `{name}`"))?;
    }
    places.write(receipt, "the receipt")
}

fn open(path: &Path) -> Result<File, FileError> {
    let file = File::open(path).map_err(|error| FileError::io("open", path, error))?;
    let meta = file
        .metadata()
        .map_err(|error| FileError::io("open", path, error))?;
    if meta.is_file() {
        Ok(file)
    } else {
        Err(FileError::NotAFile {
            path: path.to_owned(),
        })
    }
}

fn open_platform_key(path: &Path) -> Result<File, RunError> {
    match open(path) {
        Err(FileError::Io { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(RunError::NoPlatformKey {
                path: path.to_owned(),
            })
        }
        other => Ok(other?),
    }
}

fn receipt_path(request: &RunRequest) -> PathBuf {
    request.placement.receipt.clone().unwrap_or_else(|| {
        // Not `with_extension`, by which `model.v1` and `model.v2` would share a receipt.
        let mut name = request.bundle.file_stem().unwrap_or_default().to_owned();
        name.push(".receipt");
        request.placement.dir.join(name)
    })
}

fn list(names: &[&Name]) -> String {
    match names {
        [] => "none".to_owned(),
        names => names
            .iter()
            .map(|name| name.as_str())
            .collect::<Vec<_>>()
            .join(", "),
    }
}
