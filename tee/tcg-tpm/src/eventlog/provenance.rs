use std::fmt;

use super::reader::Reader;
use super::{Event, EventLogError, EventType};
use crate::HashAlg;

/// How far an event's data is vouched for by its digest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Provenance {
    /// The digest is over the data: what it says was measured.
    Data,
    /// The digest is over the contents of the variable in the data; its name and GUID are not
    /// vouched for.
    VariableContents,
    /// The digest is over something else, such as a program that was loaded: the data is a remark
    /// that anybody may have written.
    Opaque,
}

impl Provenance {
    /// Its name, as on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Data => "data",
            Self::VariableContents => "variable-contents",
            Self::Opaque => "opaque",
        }
    }

    /// Recomputes the digest of an event from its data.
    pub(super) fn of(
        event: &Event<'_>,
        bank: HashAlg,
        digest: &[u8],
    ) -> Result<Self, EventLogError> {
        if bank.digest(&[event.data]) == digest {
            return Ok(Self::Data);
        }
        if event.kind.is_variable()
            && variable_contents(event.data).is_some_and(|data| bank.digest(&[data]) == digest)
        {
            return Ok(Self::VariableContents);
        }
        if event.kind.digest_is_of_data() && !is_error_separator(event, bank, digest) {
            return Err(EventLogError::Digest {
                at: event.at,
                kind: event.kind,
            });
        }
        Ok(Self::Opaque)
    }
}

/// A separator that reports an error has its digest over the number 1, and the error in its data
/// (section 3.3.2.2, `EV_SEPARATOR`).
fn is_error_separator(event: &Event<'_>, bank: HashAlg, digest: &[u8]) -> bool {
    event.kind == EventType::SEPARATOR && bank.digest(&[&1u32.to_le_bytes()]) == digest
}

/// `UEFI_VARIABLE_DATA`: GUID, length of the name in characters, length of the contents, name,
/// contents.
fn variable_contents(data: &[u8]) -> Option<&[u8]> {
    let mut reader = Reader::new(data);
    reader.take(16, "VariableName").ok()?;
    let name = usize::try_from(reader.u64("UnicodeNameLength").ok()?).ok()?;
    let contents = usize::try_from(reader.u64("VariableDataLength").ok()?).ok()?;
    reader.take(name.checked_mul(2)?, "UnicodeName").ok()?;
    let contents = reader.take(contents, "VariableData").ok()?;
    reader.rest().is_empty().then_some(contents)
}

impl fmt::Display for Provenance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
