//! What answers and responses have in common.

use adyton_types::UnixTime;
use der::oid::ObjectIdentifier as Oid;

use crate::PkiError;
use crate::der_reader::{DerReader, Element, tag};
use crate::time::parse_time;

pub(super) const WHAT: &str = "OCSP response";

/// Most answers in one response, and certificates beside them.
const MAX_ITEMS: usize = 32;

pub(super) fn items(mut reader: DerReader<'_>) -> Result<Vec<Element<'_>>, PkiError> {
    let mut found = Vec::new();
    while !reader.is_empty() {
        if found.len() == MAX_ITEMS {
            return Err(PkiError::Der { what: WHAT });
        }
        found.push(reader.expect(tag::SEQUENCE, WHAT)?);
    }
    Ok(found)
}

/// The extensions by kind. One that is critical is refused: none has to be understood here.
pub(super) fn extensions<'a>(
    wrapped: Option<Element<'a>>,
) -> Result<Vec<(Oid, &'a [u8])>, PkiError> {
    let mut found = Vec::new();
    let Some(wrapped) = wrapped else {
        return Ok(found);
    };
    let list = DerReader::single(wrapped.value, tag::SEQUENCE, WHAT)?;
    for extension in items(list.inside(tag::SEQUENCE, WHAT)?)? {
        let mut fields = extension.inside(tag::SEQUENCE, WHAT)?;
        let oid = fields.any(WHAT)?.oid(WHAT)?;
        if let Some(flag) = fields.optional(tag::BOOLEAN, WHAT)?
            && flag.boolean(WHAT)?
        {
            return Err(PkiError::CriticalExtension {
                oid: oid.to_string(),
            });
        }
        let value = fields.expect(tag::OCTET_STRING, WHAT)?.value;
        fields.finish()?;
        found.push((oid, value));
    }
    Ok(found)
}

pub(super) fn time(element: Element<'_>) -> Result<UnixTime, PkiError> {
    parse_time(element.is(tag::GENERALIZED_TIME, WHAT)?, WHAT)
}
