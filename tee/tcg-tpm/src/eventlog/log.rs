use super::reader::Reader;
use super::{EventLogError, EventType};
use crate::HashAlg;

/// The most events of a log. Logs of real machines hold up to 200; a kernel that logs every
/// loaded module into the same table would reach some thousands.
pub const MAX_EVENTS: usize = 16_384;

/// The most banks of a log. No TPM has more than four.
const MAX_BANKS: u32 = 8;
/// Begins the header's event of a crypto-agile log (section 10.4.5.1).
const SPEC_ID: &[u8; 16] = b"Spec ID Event03\0";

/// A log, taken apart. Having one tells you nothing: [`replay`](Self::replay) it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLog<'a> {
    banks: Vec<(u16, usize)>,
    events: Vec<Event<'a>>,
}

/// One event of a log, as somebody wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event<'a> {
    /// Offset in the log.
    pub at: usize,
    /// The register that it extends.
    pub register: u32,
    /// Its type.
    pub kind: EventType,
    /// Its digests, by the `TPM_ALG_ID` of their bank.
    pub digests: Vec<(u16, &'a [u8])>,
    /// Its data.
    pub data: &'a [u8],
}

impl Event<'_> {
    /// Its digest of a bank.
    #[must_use]
    pub fn digest(&self, bank: HashAlg) -> Option<&[u8]> {
        let mut digests = self.digests.iter();
        digests
            .find(|(id, _)| *id == bank.id())
            .map(|(_, digest)| *digest)
    }
}

impl<'a> EventLog<'a> {
    /// Reads a log. Firmware reserves more room than it fills: the log ends where only zeros, or
    /// only ones, follow.
    ///
    /// # Errors
    /// [`EventLogError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, EventLogError> {
        let mut reader = Reader::new(bytes);
        let banks = parse_header(&mut reader)?;
        let mut events = Vec::new();
        while !is_padding(reader.rest()) {
            if events.len() >= MAX_EVENTS {
                return Err(EventLogError::TooMany { max: MAX_EVENTS });
            }
            events.push(parse_event(&mut reader, &banks)?);
        }
        Ok(Self { banks, events })
    }

    /// The banks that the header names, by `TPM_ALG_ID`.
    pub fn banks(&self) -> impl Iterator<Item = u16> {
        self.banks.iter().map(|(id, _)| *id)
    }

    /// The events, in order, without the header.
    #[must_use]
    pub fn events(&self) -> &[Event<'a>] {
        &self.events
    }
}

fn is_padding(rest: &[u8]) -> bool {
    rest.iter().all(|byte| *byte == 0) || rest.iter().all(|byte| *byte == 0xFF)
}

/// The first event, in the old form: `TCG_PCClientPCREvent` with a `TCG_EfiSpecIDEvent`.
fn parse_header(reader: &mut Reader<'_>) -> Result<Vec<(u16, usize)>, EventLogError> {
    let wrong = |field, found: u32| EventLogError::Header {
        field,
        found: found.into(),
    };
    let register = reader.u32("pcrIndex")?;
    let kind = reader.u32("eventType")?;
    let digest = reader.take(20, "digest")?;
    let data = reader.sized("event")?;
    if !data.starts_with(SPEC_ID) {
        return Err(EventLogError::NotCryptoAgile);
    }
    // It extends nothing. TDX firmware writes the number of RTMR0 there, where PCR 0 goes.
    if register > 1 {
        return Err(wrong("pcrIndex", register));
    }
    if EventType(kind) != EventType::NO_ACTION {
        return Err(wrong("eventType", kind));
    }
    if let Some(byte) = digest.iter().find(|byte| **byte != 0) {
        return Err(wrong("digest", u32::from(*byte)));
    }
    let mut inner = Reader::new(data);
    inner.take(16, "signature")?;
    inner.take(8, "platformClass")?;
    let count = inner.u32("numberOfAlgorithms")?;
    if count == 0 || count > MAX_BANKS {
        return Err(wrong("numberOfAlgorithms", count));
    }
    let mut banks = Vec::new();
    for _ in 0..count {
        let id = inner.u16("algorithmId")?;
        let size = inner.u16("digestSize")?;
        let expected = if id == 0x0004 {
            Some(20)
        } else {
            HashAlg::from_id(id).map(HashAlg::digest_len)
        };
        let known = expected.is_none_or(|expected| expected == usize::from(size));
        if !known || size == 0 || size > 64 {
            return Err(wrong("digestSize", size.into()));
        }
        if banks.iter().any(|(other, _)| *other == id) {
            return Err(wrong("algorithmId", id.into()));
        }
        banks.push((id, usize::from(size)));
    }
    let vendor = inner.u8("vendorInfoSize")?;
    inner.take(usize::from(vendor), "vendorInfo")?;
    match inner.rest().first() {
        None => Ok(banks),
        Some(byte) => Err(wrong("trailing", u32::from(*byte))),
    }
}

/// `TCG_PCR_EVENT2` (section 10.2.2).
fn parse_event<'a>(
    reader: &mut Reader<'a>,
    banks: &[(u16, usize)],
) -> Result<Event<'a>, EventLogError> {
    let at = reader.at();
    let register = reader.u32("pcrIndex")?;
    let kind = EventType(reader.u32("eventType")?);
    let count = reader.u32("digests.count")?;
    let mut digests: Vec<(u16, &[u8])> = Vec::new();
    for _ in 0..count {
        let bank = reader.u16("digests.hashAlg")?;
        let twice = digests.iter().any(|(other, _)| *other == bank);
        let known = banks.iter().find(|(id, _)| *id == bank && !twice);
        let (_, size) = known.ok_or(EventLogError::ForeignDigest { at, bank })?;
        digests.push((bank, reader.take(*size, "digests.digest")?));
    }
    let data = reader.sized("event")?;
    Ok(Event {
        at,
        register,
        kind,
        digests,
        data,
    })
}
