use std::io::Write as _;
use std::path::{Path, PathBuf};

use adyton_appraisal::{
    CorimImport, CorimSigner, MAX_CORIM_BYTES, ReferenceDraft, danger_import_unverified_corim,
    import_corim,
};
use adyton_client::{Access, Existing, FileError, NewFile, read_file};
use adyton_codec::base64_decode;
use adyton_pki::{Certificate, parse_pem_chain};
use adyton_types::{ErrorClass, Name, TeeKind, UnixTime};
use clap::ArgGroup;
use serde_json::{Value, json};

use crate::failure::failure_from;
use crate::{Failure, Out};

/// The most bytes of a file with a key or a certificate.
const MAX_KEY_BYTES: u64 = 64 << 10;

/// Makes a draft from a CoRIM.
#[derive(Debug, clap::Args)]
#[command(group = ArgGroup::new("who").args(["signer", "danger_unverified"]).required(true))]
pub(crate) struct Args {
    /// The CoRIM, signed (COSE_Sign1)
    corim: PathBuf,
    /// The key that signed it, which you trust: a public key or a certificate, in PEM or DER
    #[arg(long, value_name = "FILE")]
    signer: Option<PathBuf>,
    /// Take it whoever made it, signed or not: whoever carried it can have altered it
    #[arg(long)]
    danger_unverified: bool,
    /// The kind of TEE whose measurements its digests are
    #[arg(long, value_name = "KIND")]
    kind: TeeKind,
    /// The list's name
    #[arg(long, value_name = "NAME")]
    name: Name,
    /// The list's edition
    #[arg(long, value_name = "NUMBER")]
    serial: u64,
    /// From when on the list counts [default: as the CoRIM says]
    #[arg(long, value_name = "TIME")]
    not_before: Option<UnixTime>,
    /// Until when the list counts [default: as the CoRIM says]
    #[arg(long, value_name = "TIME")]
    not_after: Option<UnixTime>,
    /// Where the draft goes [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
}

failure_from!(adyton_appraisal::CorimError);

pub(super) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let named = |failure: Failure| failure.context(format!("`{}`", args.corim.display()));
    let bytes = read_file(&args.corim, "CoRIM", MAX_CORIM_BYTES as u64)?;
    let import = match &args.signer {
        Some(path) => import_corim(&bytes, &signer(path)?, args.kind),
        None => danger_import_unverified_corim(&bytes, args.kind),
    };
    let import = import.map_err(|error| named(error.into()))?;
    let draft = draft(args, &import).map_err(|failure| {
        named(failure.with_details(import.left.iter().map(|left| format!("left out: {left}"))))
    })?;
    if args.danger_unverified {
        out.note("DANGER: nobody vouches for this CoRIM");
    }
    for taken in import.taken.values() {
        out.note(&format!(
            "taken: {}: {}",
            taken.at,
            taken.note.escape_debug()
        ));
    }
    for left in &import.left {
        out.note(&format!("left out: {left}"));
    }
    let text = format!(
        "# From the CoRIM `{}`. Read it before you sign it.\n{draft}",
        import.id.escape_debug()
    );
    if let Some(to) = &args.out {
        let file = NewFile::create(to, Access::Public, Existing::Refuse)?;
        let written = file.file().write_all(text.as_bytes());
        written.map_err(|error| FileError::io("write", to, error))?;
        file.publish()?;
    }
    let shown = if args.out.is_some() { "" } else { &text };
    out.result(shown, &document(&import, args.danger_unverified, &text))
}

fn draft(args: &Args, import: &CorimImport) -> Result<ReferenceDraft, Failure> {
    if import.taken.is_empty() {
        let kind = args.kind;
        return Err(Failure::rejected(format!(
            "it holds no measurement of kind {kind} that a list can say"
        )));
    }
    let lacks = |what: &str| {
        Failure::usage(format!(
            "the CoRIM does not say {what}, so you have to: --not-before and --not-after"
        ))
    };
    let values = import.taken.iter();
    Ok(ReferenceDraft {
        name: args.name.clone(),
        serial: args.serial,
        not_before: (args.not_before.or(import.not_before))
            .ok_or_else(|| lacks("from when it counts"))?,
        not_after: (args.not_after.or(import.not_after))
            .ok_or_else(|| lacks("until when it counts"))?,
        values: values
            .map(|(key, taken)| (key.clone(), taken.note.clone()))
            .collect(),
    })
}

/// A public key, or that of a certificate, in PEM or DER.
fn signer(path: &Path) -> Result<CorimSigner, Failure> {
    let bytes = read_file(path, "public key or certificate", MAX_KEY_BYTES)?;
    let certificate = Certificate::parse(&bytes).ok();
    let certificate = certificate.or_else(|| parse_pem_chain(&bytes).ok()?.into_iter().next());
    let signer = match certificate {
        Some(certificate) => CorimSigner::from_key(certificate.public_key().clone()),
        None => CorimSigner::from_spki(&spki(&bytes).unwrap_or(bytes)),
    };
    signer.map_err(|error| {
        Failure::of(ErrorClass::Malformed, error.to_string())
            .context(format!("`{}`", path.display()))
    })
}

fn spki(pem: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(pem).ok()?;
    let (_, rest) = text.split_once("-----BEGIN PUBLIC KEY-----")?;
    let (inside, _) = rest.split_once("-----END PUBLIC KEY-----")?;
    let packed: String = inside.split_ascii_whitespace().collect();
    base64_decode(&packed).ok()
}

fn document(import: &CorimImport, unverified: bool, draft: &str) -> Value {
    let taken = import.taken.iter().map(|((kind, measurement), taken)| {
        json!({
            "kind": kind.as_str(),
            "measurement": measurement.to_string(),
            "at": taken.at,
            "note": taken.note,
        })
    });
    let left = import.left.iter();
    let left = left.map(|left| json!({ "at": left.at, "why": left.why }));
    json!({
        "corim": import.id,
        "profile": import.profile,
        "verified": !unverified,
        "taken": taken.collect::<Vec<_>>(),
        "left-out": left.collect::<Vec<_>>(),
        "draft": draft,
    })
}
