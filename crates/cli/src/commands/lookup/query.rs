use std::path::PathBuf;

use adyton_client::{LookupClient, read_file};
use adyton_lookup::{Key, MAX_QUERY_KEYS, QueryClass, Terms, ValueForm};
use adyton_tokens::Token;
use adyton_types::ErrorClass;
use serde_json::json;

use super::keys::Owner;
use super::service::{ServiceArgs, refused};
use super::tokens::{read_tokens, write_tokens};
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
    /// The file of tokens, if the service takes them: what the query costs is taken out
    #[arg(long, value_name = "FILE")]
    tokens: Option<PathBuf>,
    /// How values are shown: text or hex
    #[arg(long, value_name = "FORM", default_value = "text")]
    values: ValueForm,
}

pub(super) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let texts = texts(args)?;
    let (pins, dangers) = args.service.pins(&args.owner.0, out)?;
    let mut client = LookupClient::connect(&args.service.address, &pins).map_err(refused)?;
    let kind = client.terms().keys;
    let mut keys: Vec<Key> = Vec::with_capacity(texts.len());
    for (n, text) in texts.iter().enumerate() {
        let key = kind
            .parse(text)
            .map_err(|error| Failure::from(error).context(format!("key {} (`{text}`)", n + 1)))?;
        keys.push(key);
    }
    let mut purse = purse(args, client.terms(), keys.len())?;
    let found = client.look_up_with(&keys, &mut purse).map_err(refused)?;
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
        &json!({ "asked": texts.len(), "epoch": found.epoch, "found": document, "dangers": dangers }),
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

/// Takes what so many keys cost out of the file of tokens, before they are sent: one that may have
/// been spent is not to be spent again.
fn purse(args: &Args, terms: &Terms, keys: usize) -> Result<Vec<Token>, Failure> {
    let Some(path) = &args.tokens else {
        return Ok(Vec::new());
    };
    let (whole, rest) = (keys / MAX_QUERY_KEYS, keys % MAX_QUERY_KEYS);
    let price = |keys| QueryClass::holding(keys).map_or(0, |class| terms.price(class));
    let last = if rest > 0 { price(rest) } else { 0 };
    let price = whole * price(MAX_QUERY_KEYS) + last;
    let mut tokens = read_tokens(path)?;
    let Some(left) = tokens.len().checked_sub(price) else {
        return Err(Failure::unavailable(format!(
            "the query costs {price} tokens, and `{}` has {}: request more",
            path.display(),
            tokens.len()
        )));
    };
    let purse = tokens.split_off(left);
    write_tokens(path, &tokens)?;
    Ok(purse)
}
