use adyton_codec::hex_encode;
use adyton_crypto::sha384;

use super::EventLogError;

pub(super) const NO_ACTION: u32 = 0x03;
const SEPARATOR: u32 = 0x04;
const EVENT_TAG: u32 = 0x06;
const IPL: u32 = 0x0d;
const EFI_VARIABLE_DRIVER_CONFIG: u32 = 0x8000_0001;
const EFI_VARIABLE_BOOT: u32 = 0x8000_0002;
const EFI_GPT: u32 = 0x8000_0006;
const EFI_ACTION: u32 = 0x8000_0007;
const EFI_VARIABLE_AUTHORITY: u32 = 0x8000_00e0;

/// Type of the runtime events of dstack, which the guest extends into RTMR3.
pub(super) const RUNTIME: u32 = 0x0800_0001;

/// Types whose digest is that of the whole event data (TCG PC Client Platform Firmware Profile,
/// table of event types).
const OF_WHOLE_DATA: [u32; 6] = [
    SEPARATOR,
    EVENT_TAG,
    EFI_VARIABLE_DRIVER_CONFIG,
    EFI_GPT,
    EFI_ACTION,
    EFI_VARIABLE_AUTHORITY,
];

/// Words that GRUB writes before what it measures (GRUB manual, "Measured boot").
const GRUB_WORDS: [&[u8]; 3] = [b"grub_cmd: ", b"kernel_cmdline: ", b"module_cmdline: "];

/// Who wrote an event, and so what its digest is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Origin {
    /// Firmware or boot loader, with the event's bytes: its type says what the digest is of.
    Boot,
    /// The same, its bytes left out of the log, as dstack does: nothing is known but the digest.
    BootStripped,
    /// dstack's guest agent: the digest is of type, name and payload.
    Runtime {
        /// The event's name.
        name: String,
        /// In which form they are digested.
        form: RuntimeForm,
    },
}

/// How dstack puts type, name and payload of a runtime event together, to be digested.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RuntimeForm {
    /// Version 1: one after the other, with colons between.
    Joined,
    /// Version 2: JSON of the one canonical form (RFC 8785).
    Canonical,
}

/// One event that was extended into a register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// 0 to 3 for RTMR0 to RTMR3; `None` for MRTD, which no event of the guest's changes.
    pub register: Option<usize>,
    /// The type, as the TCG and UEFI count them.
    pub kind: u32,
    /// What was extended.
    pub digest: [u8; 48],
    /// The event's bytes: anybody's text, but for the part that [`bound`](Self::bound) gives.
    pub data: Vec<u8>,
    /// Who wrote it.
    pub origin: Origin,
}

impl Event {
    /// The bytes of the event that its digest was computed from here; `None` if the digest is of
    /// something that is not in the log (a firmware volume, an image's Authenticode digest), and the
    /// event's bytes are a description that nothing vouches for.
    #[must_use]
    pub fn bound(&self) -> Option<&[u8]> {
        match &self.origin {
            Origin::Boot => {}
            Origin::BootStripped => return None,
            Origin::Runtime { name, form } => {
                let digest = form.digest(self.kind, name, &self.data);
                return (digest == self.digest).then_some(&self.data);
            }
        }
        let candidates = [
            Some(self.data.as_slice()),
            (self.kind == EFI_VARIABLE_BOOT)
                .then(|| variable_data(&self.data))
                .flatten(),
            (self.kind == IPL)
                .then(|| measured_by_grub(&self.data))
                .flatten(),
        ];
        candidates
            .into_iter()
            .flatten()
            .find(|bytes| sha384(&[bytes]) == self.digest)
    }

    /// Refuses an event whose type says that its digest is that of its bytes, if it is not.
    pub(super) fn require_digest(&self, index: usize) -> Result<(), EventLogError> {
        let has_to = match self.origin {
            Origin::Boot => OF_WHOLE_DATA.contains(&self.kind),
            Origin::BootStripped => false,
            Origin::Runtime { .. } => true,
        };
        if has_to && self.bound().is_none() {
            return Err(EventLogError::Digest {
                index,
                kind: self.kind,
            });
        }
        Ok(())
    }
}

impl RuntimeForm {
    /// SHA-384 of a runtime event.
    pub(super) fn digest(self, kind: u32, name: &str, payload: &[u8]) -> [u8; 48] {
        match self {
            Self::Joined => sha384(&[&kind.to_le_bytes(), b":", name.as_bytes(), b":", payload]),
            Self::Canonical => {
                // Keys in this order; texts are escaped as RFC 8785 says, which is what this does.
                let name = serde_json::Value::from(name);
                let payload = hex_encode(payload);
                let text = format!(r#"{{"name":{name},"payload":"{payload}","type":{kind}}}"#);
                sha384(&[text.as_bytes()])
            }
        }
    }
}

/// The variable's contents in a UEFI_VARIABLE_DATA: GUID, length of the name in UTF-16 units, length
/// of the contents, name, contents.
fn variable_data(event: &[u8]) -> Option<&[u8]> {
    let (_, rest) = event.split_at_checked(16)?;
    let (name_len, rest) = rest.split_first_chunk::<8>()?;
    let (data_len, rest) = rest.split_first_chunk::<8>()?;
    let name_len = usize::try_from(u64::from_le_bytes(*name_len)).ok()?;
    let data_len = usize::try_from(u64::from_le_bytes(*data_len)).ok()?;
    let (_, data) = rest.split_at_checked(name_len.checked_mul(2)?)?;
    (data.len() == data_len).then_some(data)
}

/// What GRUB measured of a text that it describes with a word before it and a NUL after it.
fn measured_by_grub(event: &[u8]) -> Option<&[u8]> {
    let text = GRUB_WORDS
        .iter()
        .find_map(|word| event.strip_prefix(*word))?;
    Some(text.strip_suffix(&[0]).unwrap_or(text))
}

/// A log that was read; nothing ties it to a quote yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EventLog {
    /// Events that were extended, in order. Those of type EV_NO_ACTION are not among them.
    pub events: Vec<Event>,
}
