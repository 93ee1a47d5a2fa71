//! Reading the kinds of field that several structures share.

use adyton_codec::{Fields, Value};
use adyton_crypto::VerifyingKey;
use adyton_types::{Evidence, MAX_EVIDENCE_BYTES, Name, Sha256Digest, UnixTime};

use crate::WireError;
use crate::limits::MAX_TEXT_BYTES;

/// Refuses a length that is 0 or beyond the limit.
pub(crate) const fn length(field: &'static str, found: usize, max: usize) -> Result<(), WireError> {
    if found == 0 || found > max {
        Err(WireError::Length { field, max, found })
    } else {
        Ok(())
    }
}

pub(crate) fn name(fields: &mut Fields<'_>, field: &'static str) -> Result<Name, WireError> {
    Ok(fields.text(field)?.parse()?)
}

pub(crate) fn digest(
    fields: &mut Fields<'_>,
    field: &'static str,
) -> Result<Sha256Digest, WireError> {
    Ok(Sha256Digest::new(fields.array(field)?))
}

pub(crate) fn bytes(
    fields: &mut Fields<'_>,
    field: &'static str,
    max: usize,
) -> Result<Vec<u8>, WireError> {
    let bytes = fields.bytes(field)?;
    length(field, bytes.len(), max)?;
    Ok(bytes.into_owned())
}

pub(crate) fn text(
    fields: &mut Fields<'_>,
    field: &'static str,
    max: usize,
) -> Result<String, WireError> {
    let text = fields.text(field)?;
    length(field, text.len(), max)?;
    Ok(text.into_owned())
}

/// A text for people, which may be empty.
pub(crate) fn note(fields: &mut Fields<'_>, field: &'static str) -> Result<String, WireError> {
    let (text, max) = (fields.text(field)?, MAX_TEXT_BYTES);
    if text.len() > max {
        let found = text.len();
        return Err(WireError::Length { field, max, found });
    }
    Ok(text.into_owned())
}

pub(crate) fn items<'a>(
    fields: &mut Fields<'a>,
    field: &'static str,
    max: usize,
) -> Result<Vec<Value<'a>>, WireError> {
    let items = fields.items(field)?;
    if items.len() > max {
        let found = items.len();
        return Err(WireError::Length { field, max, found });
    }
    Ok(items)
}

pub(crate) fn time(fields: &mut Fields<'_>, field: &'static str) -> Result<UnixTime, WireError> {
    let secs = fields.uint(field)?;
    if secs > UnixTime::MAX.as_secs() {
        let rule = "a time before the year 10000";
        return Err(WireError::Rule { field, rule });
    }
    Ok(UnixTime::from_secs(secs))
}

pub(crate) fn verifying_key(
    fields: &mut Fields<'_>,
    field: &'static str,
) -> Result<VerifyingKey, WireError> {
    VerifyingKey::from_bytes(&fields.array(field)?).map_err(WireError::public_key(field))
}

/// `{ "kind": text, "bytes": bytes }`.
pub(crate) fn evidence_value(evidence: &Evidence) -> Value<'_> {
    Value::map([
        ("kind", Value::text(evidence.kind.as_str())),
        ("bytes", Value::bytes(&evidence.bytes)),
    ])
}

pub(crate) fn evidence(fields: &mut Fields<'_>) -> Result<Evidence, WireError> {
    let mut fields = fields.required("evidence")?.into_fields("evidence")?;
    let evidence = Evidence {
        kind: fields.text("kind")?.parse()?,
        bytes: bytes(&mut fields, "bytes", MAX_EVIDENCE_BYTES)?,
    };
    fields.finish()?;
    Ok(evidence)
}
