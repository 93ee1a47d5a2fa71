use std::path::PathBuf;

use adyton_client::{LookupClient, read_file};
use adyton_lookup::{Key, ValueForm};
use adyton_types::ErrorClass;
use serde_json::json;

use super::keys::Owner;
use super::service::{ServiceArgs, refused};
use crate::{Failure, Out};

/// The longest address book, in bytes.
const MAX_BOOK_BYTES: u64 = 64 << 20;

/// Asks which keys are in a table.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  adyton lookup query HOST:PORT#ID +4915123456789 --owner HEX --platform-id ID --platform-measurement SHA256
  adyton lookup query HOST:PORT#ID --book contacts.txt --owner HEX --platform-id ID --platform-measurement SHA256

Prints each key that is in the table, and its value. The operator of the service, and the network,
learn when you ask and the class of how many; not which, nor how many are found.")]
pub(crate) struct Args {
    #[command(flatten)]
    service: ServiceArgs,
    /// Keys: phone numbers with + and country code, e-mail addresses or their SHA-256, or bytes
    #[arg(allow_hyphen_values = false)]
    keys: Vec<String>,
    /// A file with one key a line
    #[arg(long, value_name = "FILE")]
    book: Option<PathBuf>,
    /// The owner of the table, as `adyton lookup owner-key` prints it
    #[arg(long, value_name = "HEX")]
    owner: Owner,
    /// How values are shown: text or hex
    #[arg(long, value_name = "FORM", default_value = "text")]
    values: ValueForm,
}

pub(super) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let texts = texts(args)?;
    let pins = args.service.pins(&args.owner.0)?;
    let mut client = LookupClient::connect(&args.service.address, &pins).map_err(refused)?;
    let kind = client.terms().keys;
    let mut keys: Vec<Key> = Vec::with_capacity(texts.len());
    for (n, text) in texts.iter().enumerate() {
        let key = kind
            .parse(text)
            .map_err(|error| Failure::from(error).context(format!("key {} (`{text}`)", n + 1)))?;
        keys.push(key);
    }
    let found = client.look_up(&keys).map_err(refused)?;
    let found_keys: Vec<(&String, String)> = texts
        .iter()
        .zip(&found.values)
        .filter_map(|(text, value)| Some((text, args.values.show(value.as_deref()?))))
        .collect();
    let lines: Vec<String> = found_keys
        .iter()
        .map(|(key, value)| format!("{key}\t{value}"))
        .collect();
    out.note(&format!("{} of {} found", lines.len(), texts.len()));
    let document: Vec<_> = found_keys
        .iter()
        .map(|(key, value)| json!({ "key": key, "value": value }))
        .collect();
    out.result(
        &lines.join("\n"),
        &json!({ "asked": texts.len(), "epoch": found.epoch, "found": document }),
    )
}

fn texts(args: &Args) -> Result<Vec<String>, Failure> {
    let mut texts = args.keys.clone();
    if let Some(book) = &args.book {
        let bytes = read_file(book, "address book", MAX_BOOK_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|_| {
            let text = format!("`{}` is not in UTF-8", book.display());
            Failure::of(ErrorClass::Malformed, text)
        })?;
        texts.extend(text.lines().map(str::to_owned));
    }
    if texts.is_empty() {
        return Err(Failure::usage(
            "no key was given; name some, or say --book FILE",
        ));
    }
    Ok(texts)
}
