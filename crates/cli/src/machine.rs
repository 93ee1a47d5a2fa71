use std::path::{Path, PathBuf};

use adyton_attester::{TeeSource, TpmPlace, TpmSource};
use adyton_client::read_file;
use adyton_pki::{Certificate, parse_pem_chain};
use adyton_tee_tcg_tpm::{HashAlg, PcrSelection, PcrSet};
use adyton_types::{ErrorClass, TeeKind};

use crate::Failure;

/// A certificate chain of a TPM's key takes a few KiB.
const MAX_CHAIN_BYTES: u64 = 64 << 10;

/// Which TEE of this machine vouches for what is done here.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "The TEE")]
pub(crate) struct MachineArgs {
    /// The TEE that vouches for it: `software`, or what the machine is or has, as `adyton tee doctor`
    /// says: snp, tdx, cca, sgx, nitro, tpm
    #[arg(long, value_name = "KIND", default_value = "software")]
    tee: TeeKind,
    /// Where the TPM is: a device, or a socket that takes its commands, `unix:PATH` or `tcp:HOST:PORT`
    #[arg(long, value_name = "PLACE", default_value = "/dev/tpmrm0", value_parser = place)]
    tpm: TpmPlace,
    /// The PCRs that the TPM quotes: what they say of the machine is the platform measurement
    #[arg(long, value_name = "BANK:PCRS", default_value = "sha256:0,1,2,3,4,5,6,7", value_parser = pcrs)]
    pcrs: PcrSelection,
    /// The certificate of the TPM's Attestation Key, and those above it (PEM, or DER of one); not
    /// needed where the broker knows the key by its enrolment
    #[arg(long, value_name = "FILE")]
    ak_certificate: Option<PathBuf>,
}

impl MachineArgs {
    /// Where Evidence comes from; `None` for the software TEE, which is the enclave itself.
    pub(crate) fn source(&self) -> Result<Option<TeeSource>, Failure> {
        Ok(match self.tee {
            TeeKind::Software => None,
            TeeKind::Tpm => Some(TeeSource::Tpm(TpmSource {
                place: self.tpm.clone(),
                pcrs: self.pcrs,
                chain: self.chain()?,
            })),
            kind => Some(TeeSource::Guest(kind)),
        })
    }

    fn chain(&self) -> Result<Vec<Vec<u8>>, Failure> {
        let Some(path) = &self.ak_certificate else {
            return Ok(Vec::new());
        };
        let chain = certificates(path)?;
        Ok(chain.iter().map(|one| one.der().to_vec()).collect())
    }
}

/// The certificates of a file, in PEM or one in DER.
pub(crate) fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let bytes = read_file(path, "certificate", MAX_CHAIN_BYTES)?;
    let chain = if bytes.starts_with(b"-----BEGIN") {
        parse_pem_chain(&bytes)
    } else {
        Certificate::parse(&bytes).map(|one| vec![one])
    };
    chain.map_err(|error| {
        Failure::of(
            ErrorClass::Malformed,
            format!(
                "`{}` holds no certificate in PEM or DER: {error}",
                path.display()
            ),
        )
    })
}

/// Where a TPM is, as words.
pub(crate) fn place(text: &str) -> Result<TpmPlace, String> {
    Ok(match text.split_once(':') {
        Some(("unix", path)) => TpmPlace::Socket(path.into()),
        Some(("tcp", address)) => TpmPlace::Tcp(address.to_owned()),
        _ if text.starts_with('/') => TpmPlace::Device(text.into()),
        _ => return Err("write /dev/tpmrm0, unix:PATH or tcp:HOST:PORT".to_owned()),
    })
}

fn pcrs(text: &str) -> Result<PcrSelection, String> {
    let form = || "write it as sha256:0,4,7".to_owned();
    let (bank, indices) = text.split_once(':').ok_or_else(form)?;
    let bank = HashAlg::from_name(bank)
        .ok_or_else(|| format!("`{bank}` is no bank; there are sha256, sha384 and sha512"))?;
    let indices: Result<Vec<u8>, _> = indices.split(',').map(str::parse).collect();
    let set = PcrSet::new(indices.map_err(|_| form())?).map_err(|error| error.to_string())?;
    if set.is_empty() {
        return Err(form());
    }
    Ok(PcrSelection::new(bank, set))
}
