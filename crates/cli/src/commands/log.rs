use std::path::PathBuf;

use adyton_broker::{AdminCommand, AdminReply, MAX_ENTRIES_AT_ONCE, SecretInfo};
use adyton_brokerd::Control;
use adyton_client::{LogError, Shown, read_file, verify_log};
use adyton_merkle::MAX_NOTE_BYTES;
use adyton_protocol::limits::MAX_RECEIPT_BYTES;
use adyton_protocol::{Card, Leaf, MAX_CARD_BYTES, leaf_salt, secret_commitment};
use adyton_types::Fingerprint;
use serde_json::{Value, json};

use super::secret::DirArg;
use crate::failure::failure_from;
use crate::{Failure, Out};

const VERIFY_EXAMPLES: &str = "\
Example:
  adyton log export --dir broker hospital-a-log       the owner publishes it
  adyton log verify hospital-a-log --card card --broker ID
  adyton log verify hospital-a-log --card card --broker ID --receipt study.receipt
                                                      is what the enclave was shown in it?

The exported directory is a C2SP tlog-tiles log: other tools check it too.";

/// What can be done with a broker's decision log.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Show a broker's decisions
    #[command(after_help = "Example:\n  adyton log show --dir broker --from 10")]
    Show(ShowArgs),
    /// Write a broker's log to a directory that can be published
    #[command(after_help = "Example:\n  adyton log export --dir broker hospital-a-log")]
    Export(ExportArgs),
    /// Verify an exported log: every entry, and the signature over all of them
    Verify(VerifyArgs),
}

/// Shows a log.
#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    #[command(flatten)]
    dir: DirArg,
    /// Index of the first entry to show
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// How many entries to show at most
    #[arg(long, default_value_t = MAX_ENTRIES_AT_ONCE)]
    limit: u64,
}

/// Exports a log.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportArgs {
    #[command(flatten)]
    dir: DirArg,
    /// The directory to write to; an earlier export there is continued
    to: PathBuf,
}

/// Verifies a log.
#[derive(Debug, clap::Args)]
#[command(after_help = VERIFY_EXAMPLES)]
pub(crate) struct VerifyArgs {
    /// The exported log
    log: PathBuf,
    /// The broker's card, a public file of its directory
    #[arg(long, value_name = "FILE")]
    card: PathBuf,
    /// The broker's id
    #[arg(long, value_name = "ID")]
    broker: Fingerprint,
    /// A receipt: its releases by this broker must be in the log, and the log must continue what
    /// the enclave was shown (the receipt itself is verified by `adyton receipt verify`)
    #[arg(long = "receipt", value_name = "FILE")]
    receipts: Vec<PathBuf>,
    /// The `checkpoint` file of an earlier export, which the log must continue
    #[arg(long = "earlier", value_name = "FILE")]
    earlier: Vec<PathBuf>,
}

failure_from!(LogError);

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Show(args) => show(args, out),
        Command::Export(args) => {
            let export = Control::open(&args.dir.dir)?.export_log(&args.to)?;
            out.result(
                &format!("wrote {} entries to `{}`", export.size, args.to.display()),
                &json!({ "entries": export.size, "files": export.files }),
            )
        }
        Command::Verify(args) => verify(args, out),
    }
}

fn show(args: &ShowArgs, out: Out) -> Result<(), Failure> {
    let mut control = Control::open(&args.dir.dir)?;
    let mut entries: Vec<(u64, Leaf)> = Vec::new();
    while (entries.len() as u64) < args.limit {
        let from = args.from + entries.len() as u64;
        let limit = (args.limit - entries.len() as u64).min(MAX_ENTRIES_AT_ONCE);
        let AdminReply::Log {
            first,
            entries: more,
            ..
        } = control.execute(AdminCommand::Log { from, limit })?
        else {
            break;
        };
        if more.is_empty() {
            break;
        }
        for (index, entry) in (first..).zip(&more) {
            entries.push((index, Leaf::parse(entry)?));
        }
    }
    let AdminReply::Secrets(secrets) = control.execute(AdminCommand::SecretList)? else {
        return Err(Failure::rejected(
            "the broker did not list its secrets".to_owned(),
        ));
    };
    let about = |index, leaf: &Leaf| secrets.iter().find(|one| is_about(one, index, leaf));
    let text: Vec<_> = entries
        .iter()
        .map(|(index, leaf)| {
            line(*index, leaf, about(*index, leaf))
                .trim_end()
                .to_owned()
        })
        .collect();
    let json = entries
        .iter()
        .map(|(index, leaf)| document(*index, leaf, about(*index, leaf)))
        .collect();
    out.result(&crate::printable::lines(&text), &Value::Array(json))
}

fn verify(args: &VerifyArgs, out: Out) -> Result<(), Failure> {
    let card = read_file(&args.card, "broker's card", MAX_CARD_BYTES as u64)?;
    let card = Card::parse(&card).map_err(|error| {
        Failure::from(error).context(format!("`{}` is no broker's card", args.card.display()))
    })?;
    if card.id() != args.broker {
        return Err(Failure::rejected(format!(
            "`{}` is the card of another broker",
            args.card.display()
        ))
        .with_details([
            format!("expected {}", args.broker),
            format!("found    {}", card.id()),
        ]));
    }
    let shown = shown(args, &card)?;
    let (checkpoint, leaves) = verify_log(&args.log, &card, &shown)?;
    let releases = leaves
        .iter()
        .filter(|leaf| leaf.leaf_type.as_str() == "release")
        .count();
    let mut text = format!(
        "VERIFIED: {} entries, {releases} of them releases, root {}",
        checkpoint.size, checkpoint.root
    );
    for each in &shown {
        text += &format!("\nit continues what `{}` shows", each.what);
    }
    out.result(
        &text,
        &json!({
            "verified": true,
            "entries": checkpoint.size,
            "releases": releases,
            "root": checkpoint.root.to_string(),
            "continues": shown.iter().map(|each| &each.what).collect::<Vec<_>>(),
        }),
    )
}

/// What others were shown of the log.
fn shown(args: &VerifyArgs, card: &Card) -> Result<Vec<Shown>, Failure> {
    let mut shown = Vec::new();
    for path in &args.receipts {
        let receipt = read_file(path, "receipt", MAX_RECEIPT_BYTES as u64)?;
        let name = path.display().to_string();
        let found = Shown::in_receipt(&name, &receipt, card)?;
        if found.is_empty() {
            return Err(Failure::rejected(format!(
                "`{name}` has no release by the broker {}",
                card.id()
            )));
        }
        shown.extend(found);
    }
    for path in &args.earlier {
        let checkpoint = read_file(path, "checkpoint", MAX_NOTE_BYTES as u64)?;
        shown.push(Shown {
            what: path.display().to_string(),
            checkpoint: String::from_utf8_lossy(&checkpoint).into_owned(),
            leaves: Vec::new(),
        });
    }
    Ok(shown)
}

/// Whether a leaf is about a secret: it only holds a commitment, which the owner can open.
fn is_about(secret: &SecretInfo, index: u64, leaf: &Leaf) -> bool {
    let salt = leaf_salt(&secret.salt, index);
    leaf.secret == Some(secret_commitment(&salt, &secret.name))
}

fn line(index: u64, leaf: &Leaf, about: Option<&SecretInfo>) -> String {
    let secret = about.map_or_else(String::new, |secret| format!(" `{}`", secret.name));
    let program = leaf.program.map_or_else(String::new, |program| {
        let text = program.to_string();
        format!(" program {}...", text.get(..16).unwrap_or(&text))
    });
    format!(
        "{index:>6}  {}  {:8}{secret}{program} {}",
        leaf.time,
        leaf.leaf_type.as_str(),
        leaf.detail
    )
}

fn document(index: u64, leaf: &Leaf, about: Option<&SecretInfo>) -> Value {
    json!({
        "name": about.map(|secret| secret.name.as_str()),
        "index": index,
        "time": leaf.time.to_string(),
        "type": leaf.leaf_type.as_str(),
        "request": leaf.request.map(|digest| digest.to_string()),
        "secret": leaf.secret.map(|digest| digest.to_string()),
        "version": leaf.version,
        "policy": leaf.policy.map(|digest| digest.to_string()),
        "program": leaf.program.map(|program| program.to_string()),
        "platform": leaf.platform.as_ref().map(|platform| json!({
            "kind": platform.kind.as_str(),
            "measurement": platform.measurement.to_string(),
            "id": platform.id.to_string(),
        })),
        "detail": leaf.detail,
    })
}
