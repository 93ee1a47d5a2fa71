use std::io::Write as _;
use std::path::{Path, PathBuf};

use adyton_appraisal::{MAX_LIST_BYTES, ReferenceDraft, ReferenceError, ReferenceValues};
use adyton_client::{Access, Existing, FileError, NewFile, read_file};
use adyton_types::ErrorClass;
use serde_json::{Value, json};

use crate::signing_key::SigningKeyFile;
use crate::{Failure, Out};

mod import;

const SIGN_EXAMPLES: &str = "\
Example:
  adyton reference sign images.toml --key signer.key --out images.refs

The text is TOML:
  version = 1
  name = \"images\"                        # the same for all editions
  serial = 3                             # each edition has a higher one than the one before
  not-before = \"2026-01-01T00:00:00Z\"
  not-after = \"2027-01-01T00:00:00Z\"
  [[value]]
  kind = \"snp\"
  measurement = \"HEX\"
  note = \"image 1.4\"

A policy names the list by name, signer and least serial, and `adyton verify --endorsements` reads it:
  reference-values = { name = \"images\", signer = \"FINGERPRINT\", min-serial = 3 }";

const IMPORT_EXAMPLES: &str = "\
Example:
  adyton reference import vendor.corim --signer vendor.pem --kind snp \\
    --name images --serial 3 --not-after 2027-01-01T00:00:00Z --out images.toml
  adyton reference sign images.toml --key signer.key --out images.refs

What is taken: digests of a class of platforms, without further conditions. All else is listed, with
where it stands in the CoRIM and why it was left out. Read the draft before you sign it.";

const SHOW_EXAMPLES: &str = "\
Example:
  adyton reference show images.refs       its values, and whose key signed them";

/// What can be done with lists of Reference Values.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Sign a list of the measurements that are acceptable
    #[command(after_help = SIGN_EXAMPLES)]
    Sign(SignArgs),
    /// Make a draft of a list from a vendor's CoRIM
    #[command(after_help = IMPORT_EXAMPLES)]
    Import(import::Args),
    /// Show a signed list
    #[command(after_help = SHOW_EXAMPLES)]
    Show(ShowArgs),
}

/// Signs a list.
#[derive(Debug, clap::Args)]
pub(crate) struct SignArgs {
    /// The values, as text
    draft: PathBuf,
    /// The key that signs: Ed25519, as `adyton keygen --signing` makes it
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// Where the signed list goes
    #[arg(long, short, value_name = "FILE")]
    out: PathBuf,
    /// Replace the signed list if it is there already
    #[arg(long, short)]
    force: bool,
}

/// Shows a list.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// The signed list
    list: PathBuf,
}

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Sign(args) => sign(args, out),
        Command::Import(args) => import::run(args, out),
        Command::Show(args) => show(args, out),
    }
}

fn sign(args: &SignArgs, out: Out) -> Result<(), Failure> {
    let named = |error: ReferenceError| Failure::from(error).context(path(&args.draft));
    let bytes = read_file(
        &args.draft,
        "draft of reference values",
        2 * MAX_LIST_BYTES as u64,
    )?;
    let text = String::from_utf8(bytes).map_err(|_| {
        let wrong = Failure::of(ErrorClass::Malformed, "a draft is a text in UTF-8");
        wrong.context(path(&args.draft))
    })?;
    let draft: ReferenceDraft = text.parse().map_err(named)?;
    let key = SigningKeyFile::read(&args.key)?.ed25519(&args.key)?;
    let signed = draft.sign(&key).map_err(named)?;
    let list = ReferenceValues::parse(&signed).map_err(named)?;
    let existing = if args.force {
        Existing::Replace
    } else {
        Existing::Refuse
    };
    let file = NewFile::create(&args.out, Access::Public, existing)?;
    let written = file.file().write_all(&signed);
    written.map_err(|error| FileError::io("write", &args.out, error))?;
    file.publish()?;
    out.result(&described(&list), &document(&list))
}

fn show(args: &ShowArgs, out: Out) -> Result<(), Failure> {
    let bytes = read_file(
        &args.list,
        "list of reference values",
        MAX_LIST_BYTES as u64,
    )?;
    let list = ReferenceValues::parse(&bytes)
        .map_err(|error| Failure::from(error).context(path(&args.list)))?;
    out.result(&described(&list), &document(&list))
}

fn path(path: &Path) -> String {
    format!("`{}`", path.display())
}

fn described(list: &ReferenceValues) -> String {
    let draft = list.draft();
    let mut lines = vec![
        format!("list    `{}`, edition {}", draft.name, draft.serial),
        format!("signer  {}", list.signer()),
        format!(
            "counts  from {} until {}",
            draft.not_before, draft.not_after
        ),
    ];
    let values = draft.values.iter();
    lines.extend(values.map(|((kind, measurement), note)| {
        format!(
            "  {:10} {measurement}  {}",
            kind.to_string(),
            note.escape_debug()
        )
    }));
    lines.join("\n")
}

fn document(list: &ReferenceValues) -> Value {
    let draft = list.draft();
    let values = draft.values.iter().map(|((kind, measurement), note)| {
        json!({ "kind": kind.as_str(), "measurement": measurement.to_string(), "note": note })
    });
    json!({
        "name": draft.name.as_str(),
        "serial": draft.serial,
        "signer": list.signer().to_string(),
        "not-before": draft.not_before.to_string(),
        "not-after": draft.not_after.to_string(),
        "values": values.collect::<Vec<_>>(),
    })
}
