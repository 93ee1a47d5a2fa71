//! What answers and responses have in common.

use adyton_types::UnixTime;

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

/// Refuses extensions of which one is critical: none is understood here.
pub(super) fn no_critical(extensions: Option<Element<'_>>) -> Result<(), PkiError> {
    let Some(wrapped) = extensions else {
        return Ok(());
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
    }
    Ok(())
}

pub(super) fn time(element: Element<'_>) -> Result<UnixTime, PkiError> {
    parse_time(element.is(tag::GENERALIZED_TIME, WHAT)?, WHAT)
}
