//! Evidence in the forms in which tools write it down: as the TEE gave it; in hexadecimal, base64 or
//! PEM; in the JSON of Trustee, of Azure's tools and services, and of `attestation-rs`.
//!
//! What is found is bytes of a kind, not judged. What came beside them (certificates that a service
//! added) is handed on as material: nothing is believed because it came along. A report that was
//! taken apart into fields is refused: what was signed is no longer there.

mod azure;
mod binary;
mod error;
mod found;
mod json;
mod raw;
mod text;
mod unique;

use adyton_types::{Evidence, MAX_EVIDENCE_BYTES};

pub use error::EnvelopeError;
pub use found::Found;
pub(crate) use text::decode as decode_text;

/// The most that an envelope may measure: Evidence in an array of decimal numbers takes four times
/// its own size.
pub const MAX_ENVELOPE_BYTES: usize = 4 * MAX_EVIDENCE_BYTES;

/// How deep envelopes may lie in envelopes; four are seen (JSON, base64, JSON, base64).
const MAX_LAYERS: usize = 6;

/// Finds the Evidence in `bytes`.
///
/// # Errors
/// [`EnvelopeError`] if there is none, more than one, or one in a form that has lost what was
/// signed.
pub fn detect(bytes: &[u8]) -> Result<Found, EnvelopeError> {
    if bytes.len() > MAX_ENVELOPE_BYTES {
        return Err(EnvelopeError::TooLong {
            found: bytes.len(),
            max: MAX_ENVELOPE_BYTES,
        });
    }
    unwrap(bytes, MAX_LAYERS)
}

fn unwrap(bytes: &[u8], layers_left: usize) -> Result<Found, EnvelopeError> {
    if let Some(kind) = raw::kind(bytes)? {
        return Ok(Found {
            evidence: Evidence {
                kind,
                bytes: bytes.to_vec(),
            },
            layers: Vec::new(),
            beside: Vec::new(),
        });
    }
    let left = layers_left.checked_sub(1).ok_or(EnvelopeError::TooDeep)?;
    let text = std::str::from_utf8(bytes).map_err(|_| EnvelopeError::Unknown)?;
    let text = text.trim_matches(|c: char| c.is_ascii_whitespace() || c == '\0');
    if text.starts_with(['{', '[']) {
        return json::unwrap(text, left, unwrap);
    }
    let (layer, inner) = text::decode(text).ok_or(EnvelopeError::Unknown)?;
    let mut found = unwrap(&inner, left)?;
    found.layers.insert(0, layer);
    Ok(found)
}

#[cfg(test)]
mod tests;
