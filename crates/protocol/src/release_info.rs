use adyton_codec::Value;
use adyton_types::{Name, Sha256Digest};

const LABEL: &[u8] = b"adyton/release/v1\0";

/// HPKE's `info` for one released secret: it opens only as the answer to this very request, as
/// this secret in this version, released under this document.
#[must_use]
pub fn release_info(
    request: &Sha256Digest,
    secret: &Name,
    version: u64,
    policy: &Sha256Digest,
) -> Vec<u8> {
    let context = Value::Array(vec![
        Value::bytes(request.as_bytes()),
        Value::text(secret.as_str()),
        Value::Uint(version),
        Value::bytes(policy.as_bytes()),
    ]);
    [LABEL, &context.encode()].concat()
}
