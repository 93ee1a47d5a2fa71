use std::io::Write as _;
use std::path::PathBuf;

use adyton_attester::{AttesterError, EkKind, LoadedKey, Tpm, TpmDriverError, TpmPlace};
use adyton_client::{Access, Existing, FileError, NewFile, now, read_file};
use adyton_codec::hex_encode;
use adyton_crypto::os_rng;
use adyton_pki::{Certificate, Crl, TrustAnchor};
use adyton_tee_tcg_tpm::{EnrolledAk, Enrolment, TpmEndorsements, TpmError, TrustedEk};
use adyton_types::{Fingerprint, UnixTime};
use clap::ValueEnum;
use serde_json::json;

use crate::failure::failure_from;
use crate::machine::{certificates, place};
use crate::{Failure, Out};

/// The largest revocation list of a TPM's maker.
const MAX_CRL_BYTES: u64 = 2 << 20;

const DAY_SECS: u64 = 86_400;

/// What can be done with a machine's TPM.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show a TPM's keys: what an owner pins, and who certified them
    #[command(after_help = "Example:\n  adyton tpm show --json")]
    Show(DeviceArgs),
    /// Enrol a TPM: write the record by which its Attestation Key is trusted
    #[command(after_help = ENROL_EXAMPLES)]
    Enrol(EnrolArgs),
}

const ENROL_EXAMPLES: &str = "\
Examples:
  adyton tpm enrol --ek-root maker.pem --out machine-7.tpm        its maker's certificate says it is a TPM
  adyton tpm enrol --ek-fingerprint HEX --out machine-7.tpm       you know its key from elsewhere
  adyton verify evidence --tpm-enrolled machine-7.tpm
  cp machine-7.tpm endorsements/tpm-enrolled/                     for `adyton broker serve --endorsements`

The TPM has to open a secret that only the TPM with that Endorsement Key opens, and only for that
Attestation Key. So one TPM has both.
The record is not signed. It says what this command saw: make it while you trust the machine that it
runs on, before the machine goes to its operator, and keep it where only you write.";

/// Which TPM.
#[derive(Debug, clap::Args)]
pub(crate) struct DeviceArgs {
    /// Where the TPM is: a device, or a socket that takes its commands, `unix:PATH` or `tcp:HOST:PORT`
    #[arg(long, value_name = "PLACE", default_value = "/dev/tpmrm0", value_parser = place)]
    tpm: TpmPlace,
}

/// Enrols a TPM.
#[derive(Debug, clap::Args)]
#[command(group(clap::ArgGroup::new("trusted").required(true)))]
pub(crate) struct EnrolArgs {
    #[command(flatten)]
    device: DeviceArgs,
    /// Which of its Endorsement Keys
    #[arg(long, value_name = "KIND", default_value = "ecc")]
    ek: EkWord,
    /// The root certificate of its maker: the Endorsement Key's certificate has to lead to it; may be
    /// repeated
    #[arg(long, value_name = "FILE", group = "trusted")]
    ek_root: Vec<PathBuf>,
    /// The Endorsement Key itself, by the SHA-256 of its SubjectPublicKeyInfo
    #[arg(long, value_name = "HEX", group = "trusted")]
    ek_fingerprint: Option<Fingerprint>,
    /// Take whatever Endorsement Key is shown. Somebody between you and the TPM could show that of
    /// another TPM, or of one in software
    #[arg(long, group = "trusted")]
    danger_any_ek: bool,
    /// The Endorsement Key's certificate, if the TPM does not hold it
    #[arg(long, value_name = "FILE", requires = "ek_root")]
    ek_certificate: Option<PathBuf>,
    /// Certificates of authorities between it and the root; may be repeated
    #[arg(long, value_name = "FILE", requires = "ek_root")]
    authority: Vec<PathBuf>,
    /// A revocation list of theirs, in DER; may be repeated
    #[arg(long, value_name = "FILE", requires = "ek_root")]
    crl: Vec<PathBuf>,
    /// For how long the key is trusted
    #[arg(long, value_name = "DAYS", default_value_t = 365, value_parser = clap::value_parser!(u64).range(1..=3650))]
    days: u64,
    /// The file for the record
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// Replace the file, if it is there
    #[arg(long, short)]
    force: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum EkWord {
    /// ECC P-256
    Ecc,
    /// RSA-2048
    Rsa,
}

impl EkWord {
    const fn kind(self) -> EkKind {
        match self {
            Self::Ecc => EkKind::EccP256,
            Self::Rsa => EkKind::Rsa2048,
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Ecc => "ECC P-256",
            Self::Rsa => "RSA-2048",
        }
    }
}

failure_from!(TpmError);

impl From<TpmDriverError> for Failure {
    fn from(error: TpmDriverError) -> Self {
        AttesterError::from(error).into()
    }
}

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Show(args) => show(args, out),
        Command::Enrol(args) => enrol(args, out),
    }
}

fn show(args: &DeviceArgs, out: Out) -> Result<(), Failure> {
    let mut tpm = args.tpm.open()?;
    let (mut lines, mut keys) = (Vec::new(), Vec::new());
    for word in [EkWord::Ecc, EkWord::Rsa] {
        let ek = tpm.endorsement_key(word.kind())?;
        tpm.flush(&ek)?;
        let fingerprint = ek.public().key().fingerprint();
        let certificate = tpm.ek_certificate(word.kind())?;
        let issuer = certificate.and_then(|der| {
            let certificate = Certificate::parse(&der).ok()?;
            let issuer = certificate.issuer_common_name().unwrap_or_default();
            Some(issuer.escape_debug().to_string())
        });
        let said = issuer.as_deref().map_or_else(
            || "the TPM holds no certificate for it".to_owned(),
            |issuer| format!("its certificate names the issuer `{issuer}`, unverified"),
        );
        lines.push(format!(
            "endorsement key  {fingerprint}  {}; {said}",
            word.name()
        ));
        keys.push(json!({
            "kind": word.name(),
            "fingerprint": fingerprint.to_string(),
            "issuer": issuer,
        }));
    }
    let ak = tpm.attestation_key()?;
    tpm.flush(&ak)?;
    let (fingerprint, name) = (
        ak.public().key().fingerprint(),
        hex_encode(&ak.public().name()),
    );
    lines.push(format!("attestation key  {fingerprint}  name {name}"));
    out.result(
        &lines.join("\n"),
        &json!({
            "endorsement-keys": keys,
            "attestation-key": { "fingerprint": fingerprint.to_string(), "name": name },
        }),
    )
}

fn enrol(args: &EnrolArgs, out: Out) -> Result<(), Failure> {
    let at = now();
    let mut tpm = args.device.tpm.open()?;
    let ek = tpm.endorsement_key(args.ek.kind())?;
    let enrolled = match tpm.attestation_key() {
        Ok(ak) => {
            let enrolled = with_keys(args, &mut tpm, &ek, &ak, at);
            tpm.flush(&ak)?;
            enrolled
        }
        Err(error) => Err(error.into()),
    };
    // A TPM without a resource manager would keep the key.
    tpm.flush(&ek)?;
    let enrolled = enrolled?;
    let existing = match args.force {
        true => Existing::Replace,
        false => Existing::Refuse,
    };
    let file = NewFile::create(&args.out, Access::Public, existing)?;
    let written = file.file().write_all(&enrolled.encode());
    written.map_err(|error| FileError::io("write", &args.out, error))?;
    file.publish()?;
    let (id, name) = (enrolled.ek(), hex_encode(enrolled.name()));
    let (path, until) = (args.out.display().to_string(), enrolled.not_after());
    let danger = "DANGER: nobody vouches for the Endorsement Key";
    if args.danger_any_ek {
        out.note(danger);
    }
    out.result(
        &format!(
            "enrolled until {until}: wrote `{path}`\nplatform id      {id}\nattestation key  name {name}"
        ),
        &json!({
            "platform-id": id.to_string(),
            "name": name,
            "until": until.to_string(),
            "path": path,
            "danger": args.danger_any_ek.then_some(danger),
        }),
    )
}

/// What the TPM has to show with both keys loaded.
fn with_keys(
    args: &EnrolArgs,
    tpm: &mut Tpm,
    ek: &LoadedKey,
    ak: &LoadedKey,
    at: UnixTime,
) -> Result<EnrolledAk, Failure> {
    let trusted = trusted_ek(args, tpm, ek, at)?;
    let rng = &mut os_rng();
    let (pending, credential) = Enrolment::begin(&trusted, ak.public().clone(), rng)?;
    let opened = tpm.activate_credential(ek, ak, &credential)?;
    let valid_secs = args.days.saturating_mul(DAY_SECS);
    Ok(pending.finish(opened.expose(), at, valid_secs)?)
}

fn trusted_ek(
    args: &EnrolArgs,
    tpm: &mut Tpm,
    ek: &LoadedKey,
    at: UnixTime,
) -> Result<TrustedEk, Failure> {
    let public = ek.public().clone();
    if args.ek_root.is_empty() {
        let shown = public.key().fingerprint();
        let pin = args.ek_fingerprint.unwrap_or(shown);
        return Ok(TrustedEk::pinned(public, &pin)?);
    }
    let chain = match &args.ek_certificate {
        Some(path) => {
            let chain = certificates(path)?;
            chain.iter().map(|one| one.der().to_vec()).collect()
        }
        None => {
            let certificate = tpm.ek_certificate(args.ek.kind())?;
            let missing = "the TPM holds no certificate for this Endorsement Key: name it with --ek-certificate, or pin the key with --ek-fingerprint";
            vec![certificate.ok_or_else(|| Failure::unavailable(missing))?]
        }
    };
    let (mut roots, mut authorities, mut lists) = (Vec::new(), Vec::new(), Vec::new());
    for path in &args.ek_root {
        roots.extend(
            certificates(path)?
                .iter()
                .map(TrustAnchor::from_certificate),
        );
    }
    for path in &args.authority {
        authorities.extend(certificates(path)?);
    }
    for path in &args.crl {
        let bytes = read_file(path, "revocation list", MAX_CRL_BYTES)?;
        lists.push(Crl::parse(&bytes).map_err(|error| {
            Failure::new(adyton_types::ErrorClass::Malformed, &error)
                .context(format!("`{}`", path.display()))
        })?);
    }
    let maker = TpmEndorsements::new(roots)
        .with_intermediates(authorities)
        .with_crls(lists);
    Ok(maker.trusted_ek(public, &chain, at)?)
}
