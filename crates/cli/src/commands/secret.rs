use std::path::PathBuf;

use adyton_broker::{AdminCommand, AdminReply, SecretInfo};
use adyton_brokerd::Control;
use adyton_client::read_identity;
use adyton_codec::hex_encode;
use adyton_crypto::SecretBytes;
use adyton_types::Name;
use clap::ArgGroup;
use serde_json::{Value, json};

use super::policy;
use crate::{Failure, Out};

const PUT_EXAMPLES: &str = "\
Examples:
  adyton secret put hospital-a --dir broker --identity hospital-a.key --policy release.toml
  adyton secret put hospital-a --dir broker --policy stricter.toml     the key stays

Without a release document a secret is released to nobody.";

/// What can be done with a broker's secrets.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Put the key of sealed files into a broker, with the document that says who may have it
    Put(PutArgs),
    /// List a broker's secrets, without their values
    #[command(after_help = "Example:\n  adyton secret list --dir broker")]
    List(DirArg),
    /// Show one secret and its release document, without its value
    #[command(after_help = "Example:\n  adyton secret show hospital-a --dir broker")]
    Show(OneArgs),
    /// Delete a secret's value: from then on nobody gets it
    #[command(after_help = "Example:\n  adyton secret delete hospital-a --dir broker")]
    Delete(OneArgs),
}

/// Puts a secret.
#[derive(Debug, clap::Args)]
#[command(after_help = PUT_EXAMPLES, group = ArgGroup::new("what").args(["identity", "policy"]).required(true).multiple(true))]
pub(crate) struct PutArgs {
    /// The secret's name
    name: Name,
    #[command(flatten)]
    dir: DirArg,
    /// The key file that opens the sealed data
    #[arg(long, short, value_name = "FILE")]
    identity: Option<PathBuf>,
    /// The release document
    #[arg(long, short, value_name = "FILE")]
    policy: Option<PathBuf>,
    /// What the key opens, for people
    #[arg(long, value_name = "TEXT", default_value = "")]
    note: String,
}

/// One secret.
#[derive(Debug, clap::Args)]
pub(crate) struct OneArgs {
    /// The secret's name
    name: Name,
    #[command(flatten)]
    dir: DirArg,
}

/// Which broker.
#[derive(Debug, clap::Args)]
pub(crate) struct DirArg {
    /// The broker's directory
    #[arg(long, short, value_name = "DIR")]
    pub(super) dir: PathBuf,
}

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Put(args) => put(args, out),
        Command::List(args) => list(args, out),
        Command::Show(args) => show(args, out),
        Command::Delete(args) => {
            let reply = Control::open(&args.dir.dir)?.execute(AdminCommand::SecretDelete {
                name: args.name.clone(),
            })?;
            recorded(
                &format!("deleted the value of `{}`", args.name),
                &reply,
                out,
            )
        }
    }
}

/// The document is read before anything is changed, and put first: a key is never in the broker
/// under a document that its owner meant to replace.
fn put(args: &PutArgs, out: Out) -> Result<(), Failure> {
    let document = args.policy.as_deref().map(policy::read).transpose()?;
    if let Some(document) = &document
        && *document.secret() != args.name
    {
        let about = document.secret();
        return Err(Failure::misuse(format!(
            "the release document is about `{about}`, not about `{}`",
            args.name
        )));
    }
    let identity = args.identity.as_deref().map(read_identity).transpose()?;
    let mut control = Control::open(&args.dir.dir)?;
    let mut reply = None;
    if let Some(document) = document {
        reply = Some(control.execute(AdminCommand::PolicyPut { document })?);
    }
    if let Some(identity) = identity {
        let value = SecretBytes::new(identity.expose().as_bytes().to_vec());
        let note = args.note.clone();
        reply = Some(control.execute(AdminCommand::SecretPut {
            name: args.name.clone(),
            value,
            note,
        })?);
    }
    match reply {
        Some(reply) => recorded(&format!("put `{}`", args.name), &reply, out),
        None => Ok(()),
    }
}

fn recorded(what: &str, reply: &AdminReply, out: Out) -> Result<(), Failure> {
    match reply {
        AdminReply::Recorded { index, version, policy } => out.result(
            &format!("{what}: version {version}, entry {index} of the log"),
            &json!({ "log-index": index, "version": version, "policy": policy.map(|id| id.to_string()) }),
        ),
        _ => out.result(what, &json!({})),
    }
}

fn list(args: &DirArg, out: Out) -> Result<(), Failure> {
    let reply = Control::open(&args.dir)?.execute(AdminCommand::SecretList)?;
    let secrets = match reply {
        AdminReply::Secrets(secrets) => secrets,
        _ => Vec::new(),
    };
    let text = match secrets.as_slice() {
        [] => "no secrets".to_owned(),
        some => some.iter().map(line).collect::<Vec<_>>().join("\n"),
    };
    out.result(&text, &Value::Array(secrets.iter().map(document).collect()))
}

fn show(args: &OneArgs, out: Out) -> Result<(), Failure> {
    let mut control = Control::open(&args.dir.dir)?;
    let reply = control.execute(AdminCommand::SecretShow {
        name: args.name.clone(),
    })?;
    let AdminReply::Secrets(secrets) = reply else {
        return Ok(());
    };
    let Some(secret) = secrets.first() else {
        return Ok(());
    };
    let (mut text, mut json) = (line(secret), document(secret));
    if secret.policy.is_some()
        && let AdminReply::Policy { document, .. } = control.execute(AdminCommand::PolicyShow {
            secret: args.name.clone(),
        })?
    {
        let lines = document.explain();
        text = format!("{text}\n\n{}", lines.join("\n"));
        json["allows"] = json!(lines);
    }
    out.result(&text, &json)
}

fn line(secret: &SecretInfo) -> String {
    let value = if secret.has_value {
        format!("version {}", secret.version)
    } else {
        "no value".to_owned()
    };
    let policy = match secret.policy {
        Some(_) => format!(
            "released {} of {} times",
            secret.releases, secret.max_releases
        ),
        None => "no release document: released to nobody".to_owned(),
    };
    let note = if secret.note.is_empty() {
        String::new()
    } else {
        format!("  {}", secret.note)
    };
    format!("{:24} {value:12} {policy}{note}", secret.name.as_str())
}

fn document(secret: &SecretInfo) -> Value {
    json!({
        "name": secret.name.as_str(),
        "version": secret.version,
        "has-value": secret.has_value,
        "salt": hex_encode(&secret.salt),
        "note": secret.note,
        "policy": secret.policy.map(|id| id.to_string()),
        "releases": secret.releases,
        "max-releases": secret.max_releases,
    })
}
