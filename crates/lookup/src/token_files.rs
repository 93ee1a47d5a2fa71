//! What issuers and clients of tokens keep in files.

use adyton_codec::Value;
use adyton_crypto::SecretBytes;
use adyton_tokens::{IssuerKey, PENDING_BYTES, PendingToken, TOKEN_BYTES, Token, TokenKey};

use crate::fault::WireFault;

const ISSUER: &str = "adyton/lookup-issuer/v1";
const ISSUER_KEY: &str = "adyton/lookup-issuer-key/v1";
const PENDING: &str = "adyton/lookup-pending-tokens/v1";
const WALLET: &str = "adyton/lookup-tokens/v1";

/// The most tokens of one file.
pub const MAX_TOKENS: usize = 10_000;
/// The most bytes of any of these files.
pub const MAX_TOKEN_FILE_BYTES: usize = MAX_TOKENS * PENDING_BYTES + 1024;

/// An issuer's public half: its name and key.
#[must_use]
pub fn encode_issuer(name: &str, key: &TokenKey) -> Vec<u8> {
    let fields = [
        ("v", Value::text(ISSUER)),
        ("name", Value::text(name)),
        ("key", Value::bytes(key.spki())),
    ];
    Value::map(fields).encode()
}

/// Reads an issuer's public half.
///
/// # Errors
/// [`WireFault`].
pub fn parse_issuer(file: &[u8]) -> Result<(String, TokenKey), WireFault> {
    let mut fields = Value::decode(file)?.into_fields("issuer")?;
    fields.version("v", ISSUER)?;
    let (name, key) = (fields.text("name")?, fields.bytes("key")?);
    fields.finish()?;
    let key = TokenKey::from_spki(&key).map_err(|_| WireFault::Field { field: "key" })?;
    Ok((name.into_owned(), key))
}

/// An issuer's private half.
#[must_use]
pub fn encode_issuer_key(der: &SecretBytes) -> SecretBytes {
    let fields = [
        ("v", Value::text(ISSUER_KEY)),
        ("key", Value::bytes(der.expose())),
    ];
    SecretBytes::new(Value::map(fields).encode())
}

/// Reads an issuer's private half.
///
/// # Errors
/// [`WireFault`].
pub fn parse_issuer_key(file: &SecretBytes) -> Result<IssuerKey, WireFault> {
    let mut fields = Value::decode(file.expose())?.into_fields("issuer key")?;
    fields.version("v", ISSUER_KEY)?;
    let key = SecretBytes::new(fields.bytes("key")?.into_owned());
    fields.finish()?;
    IssuerKey::from_der(&key).map_err(|_| WireFault::Field { field: "key" })
}

/// Tokens that wait for the issuer's response, and its key.
#[must_use]
pub fn encode_pending(key: &TokenKey, pending: &[PendingToken]) -> SecretBytes {
    let all: Vec<u8> = pending
        .iter()
        .flat_map(|one| one.to_bytes().expose().to_vec())
        .collect();
    let fields = [
        ("v", Value::text(PENDING)),
        ("key", Value::bytes(key.spki())),
        ("pending", Value::bytes(&all)),
    ];
    SecretBytes::new(Value::map(fields).encode())
}

/// Reads what [`encode_pending`] wrote.
///
/// # Errors
/// [`WireFault`].
pub fn parse_pending(file: &SecretBytes) -> Result<(TokenKey, Vec<PendingToken>), WireFault> {
    let mut fields = Value::decode(file.expose())?.into_fields("pending tokens")?;
    fields.version("v", PENDING)?;
    let (key, all) = (fields.bytes("key")?, fields.bytes("pending")?);
    fields.finish()?;
    let key = TokenKey::from_spki(&key).map_err(|_| WireFault::Field { field: "key" })?;
    let pending = all.chunks(PENDING_BYTES).map(PendingToken::parse);
    let pending: Result<_, _> = pending.collect();
    Ok((
        key,
        pending.map_err(|_| WireFault::Field { field: "pending" })?,
    ))
}

/// Tokens to be spent.
#[must_use]
pub fn encode_tokens(tokens: &[Token]) -> SecretBytes {
    let all: Vec<u8> = tokens
        .iter()
        .flat_map(|token| token.as_bytes().to_vec())
        .collect();
    let fields = [("v", Value::text(WALLET)), ("tokens", Value::bytes(&all))];
    SecretBytes::new(Value::map(fields).encode())
}

/// Reads what [`encode_tokens`] wrote.
///
/// # Errors
/// [`WireFault`].
pub fn parse_tokens(file: &SecretBytes) -> Result<Vec<Token>, WireFault> {
    let mut fields = Value::decode(file.expose())?.into_fields("tokens")?;
    fields.version("v", WALLET)?;
    let all = fields.bytes("tokens")?;
    fields.finish()?;
    let tokens: Result<_, _> = all.chunks(TOKEN_BYTES).map(Token::parse).collect();
    tokens.map_err(|_| WireFault::Field { field: "tokens" })
}
