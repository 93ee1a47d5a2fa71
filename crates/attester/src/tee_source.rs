use std::net::TcpStream;
use std::os::unix::net::UnixStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use adyton_tee_tcg_tpm::PcrSelection;
use adyton_types::TeeKind;

use crate::guest::TSM_DIRECTORY;
use crate::{
    Attester, AttesterError, DeviceTransport, GramineAttester, NsmAttester, NsmDevice,
    SevGuestAttester, SevGuestDevice, StreamTransport, Tpm, TpmAttester, TsmAttester, TsmDirectory,
};

/// How long a TPM behind a socket may take: making a key takes the slowest some seconds. A simulator
/// that serves somebody else does not answer at all.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a machine's TEE is asked for Evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TeeSource {
    /// By the kernel of a guest: SEV-SNP, TDX, CCA, SGX under Gramine, Nitro.
    Guest(TeeKind),
    /// At a TPM 2.0.
    Tpm(TpmSource),
}

/// A TPM, and what of it is attested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TpmSource {
    /// Where it is.
    pub place: TpmPlace,
    /// The PCRs that are quoted.
    pub pcrs: PcrSelection,
    /// The certificate of its Attestation Key, and those above it: DER, leaf first; none where the
    /// key was enrolled.
    pub chain: Vec<Vec<u8>>,
}

/// Where a TPM is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TpmPlace {
    /// A device, such as `/dev/tpmrm0`.
    Device(PathBuf),
    /// A Unix socket on which commands are taken as they are, such as swtpm's.
    Socket(PathBuf),
    /// The same over TCP, `HOST:PORT`.
    Tcp(String),
}

impl TeeSource {
    /// Which kind of Evidence it gives.
    #[must_use]
    pub const fn kind(&self) -> TeeKind {
        match self {
            Self::Guest(kind) => *kind,
            Self::Tpm(_) => TeeKind::Tpm,
        }
    }

    /// Opens it, below `root`, which is `/` except in tests.
    ///
    /// # Errors
    /// [`AttesterError`]: the device is not there, may not be opened, or is another TEE's.
    pub fn open(&self, root: &Path) -> Result<Box<dyn Attester + Send>, AttesterError> {
        let kind = match self {
            Self::Tpm(tpm) => return Ok(Box::new(tpm.open()?)),
            Self::Guest(kind) => *kind,
        };
        let found: Box<dyn Attester + Send> = match kind {
            TeeKind::Sgx => Box::new(GramineAttester::open(root)?),
            TeeKind::Nitro => Box::new(NsmAttester::new(NsmDevice::open(root)?)),
            // Kernels before 6.7 have the device alone.
            TeeKind::Snp if !root.join(TSM_DIRECTORY).exists() => {
                Box::new(SevGuestAttester::new(SevGuestDevice::open(root)?))
            }
            TeeKind::Snp | TeeKind::Tdx | TeeKind::Cca => {
                Box::new(TsmAttester::open(TsmDirectory::new(root))?)
            }
            _ => return Err(AttesterError::NoDriver { kind }),
        };
        of_kind(found, kind)
    }
}

/// An interface that several kinds have, if it is of the one that was asked for.
fn of_kind(
    found: Box<dyn Attester + Send>,
    expected: TeeKind,
) -> Result<Box<dyn Attester + Send>, AttesterError> {
    match found.kind() {
        kind if kind == expected => Ok(found),
        found => Err(AttesterError::AnotherTee { expected, found }),
    }
}

impl TpmSource {
    fn open(&self) -> Result<TpmAttester, AttesterError> {
        let tpm = self.place.open()?;
        Ok(TpmAttester::new(tpm, self.pcrs)?.with_chain(self.chain.clone()))
    }
}

impl TpmPlace {
    /// Opens the TPM.
    ///
    /// # Errors
    /// [`AttesterError::Open`].
    pub fn open(&self) -> Result<Tpm, AttesterError> {
        self.connect().map_err(|source| AttesterError::Open {
            place: self.to_string(),
            source,
        })
    }

    fn connect(&self) -> std::io::Result<Tpm> {
        Ok(match self {
            Self::Device(path) => Tpm::new(DeviceTransport::open(path)?),
            Self::Socket(path) => {
                let stream = UnixStream::connect(path)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                Tpm::new(StreamTransport::new(stream))
            }
            Self::Tcp(address) => {
                let stream = TcpStream::connect(address)?;
                stream.set_read_timeout(Some(PATIENCE))?;
                Tpm::new(StreamTransport::new(stream))
            }
        })
    }
}

impl std::fmt::Display for TpmPlace {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Device(path) | Self::Socket(path) => write!(f, "{}", path.display()),
            Self::Tcp(address) => f.write_str(address),
        }
    }
}

#[cfg(test)]
mod tests {
    use adyton_crypto::SecretArray;
    use adyton_types::{ErrorClass, Evidence, ReportData};

    use super::*;

    #[test]
    fn snp_is_asked_by_the_interface_that_is_there() {
        let root = tempfile::tempdir().unwrap();
        let refused = |kind| {
            let error = TeeSource::Guest(kind).open(root.path()).err().unwrap();
            assert_eq!(error.class(), ErrorClass::Unavailable, "{kind}: {error:?}");
            format!("{error:?}")
        };
        // Kernels without configfs-tsm have the device alone, and only for SNP.
        assert!(refused(TeeKind::Snp).contains("sev-guest"));
        assert!(refused(TeeKind::Tdx).contains(TSM_DIRECTORY));
        std::fs::create_dir_all(root.path().join(TSM_DIRECTORY)).unwrap();
        std::fs::remove_dir(root.path().join(TSM_DIRECTORY)).unwrap();
        std::fs::write(root.path().join(TSM_DIRECTORY), "no directory").unwrap();
        assert!(refused(TeeKind::Snp).contains(TSM_DIRECTORY));
    }

    /// A guest of TDX.
    #[derive(Debug)]
    struct Tdx;

    impl Attester for Tdx {
        fn kind(&self) -> TeeKind {
            TeeKind::Tdx
        }

        fn evidence(&self, report_data: &ReportData) -> Result<Evidence, AttesterError> {
            Err(AttesterError::EmptyReportData(*report_data))
        }

        fn sealing_key(&self, _: &str) -> Result<SecretArray<32>, AttesterError> {
            Err(AttesterError::NoDriver { kind: TeeKind::Tdx })
        }
    }

    #[test]
    fn another_tee_behind_the_same_interface_is_refused() {
        assert!(of_kind(Box::new(Tdx), TeeKind::Tdx).is_ok());
        let error = of_kind(Box::new(Tdx), TeeKind::Snp).err().unwrap();
        let another = matches!(
            error,
            AttesterError::AnotherTee {
                expected: TeeKind::Snp,
                found: TeeKind::Tdx
            }
        );
        assert!(another, "{error}");
    }
}
