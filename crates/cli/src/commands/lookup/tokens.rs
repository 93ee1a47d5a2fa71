use std::io::Write as _;
use std::path::{Path, PathBuf};

use adyton_client::{Access, Existing, FileError, LookupClient, NewFile, read_file};
use adyton_crypto::{SecretBytes, os_rng};
use adyton_lookup::{
    MAX_TOKEN_FILE_BYTES, MAX_TOKENS, WireFault, encode_issuer, encode_issuer_key, encode_pending,
    encode_tokens, parse_issuer, parse_issuer_key, parse_pending, parse_tokens,
};
use adyton_tokens::{IssuerKey, REQUEST_BYTES, RESPONSE_BYTES, Token, TokenError, TokenKey};
use serde_json::json;

use super::keys::Owner;
use super::service::{ServiceArgs, refused};
use crate::failure::failure_from;
use crate::{Failure, Out};

/// Tokens that a service takes for queries: who issues them does not recognise them when they are
/// spent.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make an issuer's key
    IssuerKey(IssuerKeyArgs),
    /// Draw tokens for a service, for its issuer to sign
    Request(Box<RequestArgs>),
    /// Sign what somebody requested, whom the issuer thinks entitled
    Issue(IssueArgs),
    /// Make tokens of what the issuer signed
    Finish(FinishArgs),
}

/// Makes an issuer's key.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  adyton lookup tokens issuer-key issuer.key --name issuer.example --public issuer.pub")]
pub(crate) struct IssuerKeyArgs {
    /// The file for the secret half
    file: PathBuf,
    /// The issuer's name
    #[arg(long, value_name = "NAME")]
    name: String,
    /// The file for the public half, which the service is started with
    #[arg(long, value_name = "FILE")]
    public: PathBuf,
}

/// Draws tokens.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  adyton lookup tokens request HOST:PORT#ID --count 10 --pending mine.pending --out mine.request --owner HEX --platform-id ID --platform-measurement SHA256

The request goes to the issuer, the pending file stays: it links the tokens to the request. Tokens
count until the service is started again.")]
pub(crate) struct RequestArgs {
    #[command(flatten)]
    service: ServiceArgs,
    /// How many
    #[arg(long, value_name = "TOKENS", default_value_t = 1, value_parser = clap::value_parser!(u16).range(1..=MAX_TOKENS as i64))]
    count: u16,
    /// The file for what stays here
    #[arg(long, value_name = "FILE")]
    pending: PathBuf,
    /// The file for the issuer
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
    /// The owner of the table, as `adyton lookup owner-key` prints it
    #[arg(long, value_name = "HEX")]
    owner: Owner,
}

/// Signs a request.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  adyton lookup tokens issue mine.request --key issuer.key --most 10 --out mine.response

Who may have tokens, and how many, is for the issuer to know: this signs for whoever sent the file.")]
pub(crate) struct IssueArgs {
    /// The request
    request: PathBuf,
    /// The issuer's key
    #[arg(long, value_name = "FILE")]
    key: PathBuf,
    /// The most tokens that may be requested at once
    #[arg(long, value_name = "TOKENS")]
    most: usize,
    /// The file for whoever requested
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// Makes tokens.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  adyton lookup tokens finish mine.response --pending mine.pending --out mine.tokens")]
pub(crate) struct FinishArgs {
    /// The issuer's response
    response: PathBuf,
    /// What `request` left here
    #[arg(long, value_name = "FILE")]
    pending: PathBuf,
    /// The file for the tokens, which `adyton lookup query` takes them out of
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

failure_from!(TokenError, WireFault);

pub(super) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::IssuerKey(args) => issuer_key(args, out),
        Command::Request(args) => request(args, out),
        Command::Issue(args) => issue(args, out),
        Command::Finish(args) => finish(args, out),
    }
}

fn issuer_key(args: &IssuerKeyArgs, out: Out) -> Result<(), Failure> {
    let key = IssuerKey::generate(&mut os_rng())?;
    let secret = encode_issuer_key(&key.to_der()?);
    write(
        &args.file,
        Access::Private,
        Existing::Refuse,
        secret.expose(),
    )?;
    let public = encode_issuer(&args.name, key.public());
    write(&args.public, Access::Public, Existing::Refuse, &public)?;
    let text = format!(
        "made `{}` and `{}`",
        args.file.display(),
        args.public.display()
    );
    out.result(&text, &json!({ "key": args.file, "public": args.public }))
}

fn request(args: &RequestArgs, out: Out) -> Result<(), Failure> {
    let (pins, dangers) = args.service.pins(&args.owner.0, out)?;
    let client = LookupClient::connect(&args.service.address, &pins).map_err(refused)?;
    let Some(terms) = &client.terms().tokens else {
        return Err(Failure::misuse(
            "the service takes no tokens: ask it without",
        ));
    };
    let (mut pending, mut requests) = (Vec::new(), Vec::new());
    for _ in 0..args.count {
        if let Some((token, request)) = client.session().token(&mut os_rng())? {
            pending.push(token);
            requests.extend(request);
        }
    }
    let stays = encode_pending(&terms.key, &pending);
    write(
        &args.pending,
        Access::Private,
        Existing::Refuse,
        stays.expose(),
    )?;
    write(&args.out, Access::Public, Existing::Refuse, &requests)?;
    let text = format!(
        "give `{}` to the issuer {}",
        args.out.display(),
        terms.issuer
    );
    out.result(
        &text,
        &json!({ "request": args.out, "pending": args.pending, "issuer": terms.issuer, "keys-a-token": terms.keys, "dangers": dangers }),
    )
}

fn issue(args: &IssueArgs, out: Out) -> Result<(), Failure> {
    let key = parse_issuer_key(&SecretBytes::new(read(&args.key)?))
        .map_err(|error| Failure::from(error).context(format!("`{}`", args.key.display())))?;
    let requests = read(&args.request)?;
    let count = requests.len() / REQUEST_BYTES;
    if count > args.most {
        return Err(Failure::rejected(format!(
            "{count} tokens are requested, and at most {} may be; nothing was signed",
            args.most
        )));
    }
    let mut responses = Vec::with_capacity(count * RESPONSE_BYTES);
    for request in requests.chunks(REQUEST_BYTES) {
        responses.extend(key.issue(request, &mut os_rng())?);
    }
    write(&args.out, Access::Public, Existing::Refuse, &responses)?;
    out.result(
        &format!("signed {count} tokens"),
        &json!({ "tokens": count }),
    )
}

fn finish(args: &FinishArgs, out: Out) -> Result<(), Failure> {
    let (key, pending) = parse_pending(&SecretBytes::new(read(&args.pending)?))
        .map_err(|error| Failure::from(error).context(format!("`{}`", args.pending.display())))?;
    let responses = read(&args.response)?;
    if responses.len() != pending.len() * RESPONSE_BYTES {
        return Err(TokenError::Form("response").into());
    }
    let responses = responses.chunks(RESPONSE_BYTES);
    let tokens = pending.iter().zip(responses);
    let tokens = tokens.map(|(pending, response)| pending.finish(&key, response));
    let tokens: Vec<Token> = tokens.collect::<Result<_, _>>()?;
    let wallet = encode_tokens(&tokens);
    write(
        &args.out,
        Access::Private,
        Existing::Refuse,
        wallet.expose(),
    )?;
    let count = tokens.len();
    out.result(
        &format!("{count} tokens"),
        &json!({ "tokens": count, "file": args.out }),
    )
}

/// An issuer's public half, from its file.
pub(super) fn read_issuer(path: &Path) -> Result<(String, TokenKey), Failure> {
    parse_issuer(&read(path)?)
        .map_err(|error| Failure::from(error).context(format!("`{}`", path.display())))
}

/// The tokens of a file.
pub(super) fn read_tokens(path: &Path) -> Result<Vec<Token>, Failure> {
    parse_tokens(&SecretBytes::new(read(path)?))
        .map_err(|error| Failure::from(error).context(format!("`{}`", path.display())))
}

/// Leaves these tokens in a file.
pub(super) fn write_tokens(path: &Path, tokens: &[Token]) -> Result<(), Failure> {
    let wallet = encode_tokens(tokens);
    write(path, Access::Private, Existing::Replace, wallet.expose())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    Ok(read_file(
        path,
        "file of tokens",
        MAX_TOKEN_FILE_BYTES as u64,
    )?)
}

fn write(path: &Path, access: Access, existing: Existing, bytes: &[u8]) -> Result<(), Failure> {
    let new = NewFile::create(path, access, existing)?;
    let mut file = new.file();
    file.write_all(bytes)
        .map_err(|error| FileError::io("write", path, error))?;
    Ok(new.publish()?)
}
