use std::path::{Path, PathBuf};

use adyton_client::read_file;
use adyton_pki::{Certificate, TrustAnchor, parse_pem_chain};
use adyton_types::ErrorClass;
use adyton_verifier::CcaEndorsements;
use adyton_verifier::material::{MAX_CCA_TEXT_BYTES, MAX_FILE_BYTES, Trust, danger_cca_platforms};

use crate::Failure;

/// The record of an enrolment takes 140 bytes.
const MAX_ENROLMENT_BYTES: u64 = 1024;

/// What is trusted, beside the vendors' own roots.
#[derive(Debug, clap::Args)]
#[command(next_help_heading = "What to trust")]
pub(crate) struct TrustArgs {
    /// A root certificate of a TPM's maker or cloud to trust; none is built in; may be repeated
    #[arg(long, value_name = "FILE")]
    tpm_root: Vec<PathBuf>,
    /// A TPM's key to trust, by the record of its enrolment in your own store; may be repeated
    #[arg(long, value_name = "FILE")]
    tpm_enrolled: Vec<PathBuf>,
    /// Keys and Reference Values of CCA platforms to trust, as text: no vendor signs them yet
    #[arg(long, value_name = "FILE")]
    cca: Option<PathBuf>,
    /// The least TCB evaluation number that Intel's documents may be of
    #[arg(long, value_name = "NUMBER", default_value_t = 0)]
    min_evaluation: u32,
    /// The greatest age of a Nitro document
    #[arg(long, value_name = "SECONDS", default_value_t = adyton_verifier::NITRO_MAX_AGE_SECS)]
    nitro_max_age: u64,
    /// Do without AMD's revocation list, for old Evidence with which none was kept
    #[arg(long)]
    danger_without_amd_revocation_list: bool,
    /// Trust this certificate as another root of the vendor whose root's name it bears: whoever has
    /// its key can forge Evidence. For tests; the output says so; may be repeated
    #[arg(long, value_name = "FILE")]
    danger_root: Vec<PathBuf>,
}

impl TrustArgs {
    /// What is trusted, and what of that is no vendor's: lines that every output has to show.
    pub(crate) fn trust(&self) -> Result<(Trust, Vec<String>), Failure> {
        let mut trust = Trust::vendors();
        trust.intel_min_evaluation = self.min_evaluation;
        trust.nitro_max_age_secs = self.nitro_max_age;
        trust.danger_amd_without_revocation_list = self.danger_without_amd_revocation_list;
        for path in &self.tpm_root {
            let roots = certificates(path)?;
            trust
                .tpm
                .extend(roots.iter().map(TrustAnchor::from_certificate));
        }
        for path in &self.tpm_enrolled {
            let record = read_file(path, "enrolment", MAX_ENROLMENT_BYTES)?;
            let trusted = trust.danger_with_enrolment(&record);
            trust = trusted.map_err(|error| {
                Failure::new(error.class(), &error).context(format!("`{}`", path.display()))
            })?;
        }
        trust.cca = self.cca.as_deref().map(cca).transpose()?;
        let mut dangers = Vec::new();
        for path in &self.danger_root {
            for root in certificates(path)? {
                let trusted = trust.danger_with_root(&root);
                trust = trusted.ok_or_else(|| no_root(path, &root))?;
                let name = root.subject_common_name().unwrap_or_default();
                let key = root.public_key().fingerprint();
                dangers.push(format!(
                    "`{}` is trusted as root `{name}` (key {key}), and no vendor stands behind it",
                    path.display()
                ));
            }
        }
        Ok((trust, dangers))
    }
}

/// What the caller knows of CCA platforms.
fn cca(path: &Path) -> Result<CcaEndorsements, Failure> {
    let bytes = read_file(path, "text about CCA platforms", MAX_CCA_TEXT_BYTES as u64)?;
    let named = |failure: Failure| failure.context(format!("`{}`", path.display()));
    let text = String::from_utf8(bytes);
    let text = text.map_err(|_| {
        let what = "a text about CCA platforms is in UTF-8";
        named(Failure::of(ErrorClass::Malformed, what))
    })?;
    danger_cca_platforms(&text).map_err(|error| named(Failure::new(error.class(), &error)))
}

fn no_root(path: &Path, root: &Certificate) -> Failure {
    let name = root.subject_common_name().unwrap_or_default();
    Failure::misuse(format!(
        "`{}` is the certificate of `{}`, which is the name of no vendor's root",
        path.display(),
        name.escape_debug()
    ))
    .with_details([
        "expected one of ARK-Milan, ARK-Genoa, ARK-Turin, Intel SGX Root CA, aws.nitro-enclaves, NVIDIA Device Identity CA, NVIDIA CoRIM signing Root CA".to_owned(),
        "what to do: name roots of TPM makers and clouds with --tpm-root".to_owned(),
    ])
}

/// The certificates of a file in DER or PEM.
fn certificates(path: &Path) -> Result<Vec<Certificate>, Failure> {
    let bytes = read_file(path, "root certificate", MAX_FILE_BYTES as u64)?;
    let certificates = match Certificate::parse(&bytes) {
        Ok(one) => Ok(vec![one]),
        Err(_) => parse_pem_chain(&bytes),
    };
    certificates.map_err(|error| {
        Failure::new(ErrorClass::Malformed, &error).context(format!("`{}`", path.display()))
    })
}
