use std::collections::BTreeMap;

use adyton_crypto::ct_eq;

use super::{Event, EventLog, EventLogError, EventType, Provenance};
use crate::HashAlg;

/// What the register numbers of a log mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registers {
    /// PCRs of a TPM: 0 to 23; those of a dynamic launch, 17 to 22, begin with ones (PC Client
    /// Platform TPM Profile, section 4.6.2).
    Tpm,
    /// Registers of a confidential guest: 0 is MRTD, 1 to 4 are RTMR0 to RTMR3 (UEFI 2.10 section
    /// 38.4.1), all beginning with zeros. MRTD is measured before any log begins.
    Cc,
}

/// A log whose digests were added up. Having one tells you nothing: [`confirm`](Self::confirm) it
/// against quoted values.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Replay {
    registers: Registers,
    locality: u8,
    bank: HashAlg,
    values: BTreeMap<u32, Vec<u8>>,
    events: Vec<VerifiedEvent>,
}

/// An event whose digest is part of a quoted register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEvent {
    /// The register.
    pub register: u32,
    /// Its type. Nothing vouches for it: what is measured is the digest alone.
    pub kind: EventType,
    /// Its digest.
    pub digest: Vec<u8>,
    /// Its data, vouched for as far as `provenance` says.
    pub data: Vec<u8>,
    /// How far.
    pub provenance: Provenance,
}

/// A log whose digests add up to quoted registers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedLog {
    events: Vec<VerifiedEvent>,
    unlogged: Vec<u32>,
}

impl EventLog<'_> {
    /// Adds the digests of a bank up, register by register, and recomputes each from its event's
    /// data where the event's type says that it is over them.
    ///
    /// # Errors
    /// [`EventLogError`].
    pub fn replay(&self, registers: Registers, bank: HashAlg) -> Result<Replay, EventLogError> {
        let mut values = BTreeMap::new();
        let mut locality = None;
        let mut events = Vec::new();
        for event in self.events() {
            if event.kind == EventType::NO_ACTION {
                if let Some(found) = startup_locality(registers, event)? {
                    let late = values.contains_key(&0) || locality.is_some();
                    if late {
                        return Err(EventLogError::StartupLocality { at: event.at });
                    }
                    locality = Some(found);
                }
                continue;
            }
            let start = registers.start(event.register, bank, locality.unwrap_or(0));
            let start = start.ok_or(EventLogError::Register {
                at: event.at,
                register: event.register,
            })?;
            let digest = event
                .digest(bank)
                .ok_or(EventLogError::NoDigest { at: event.at, bank })?;
            let value = values.entry(event.register).or_insert(start);
            *value = bank.digest(&[value, digest]);
            events.push(VerifiedEvent {
                register: event.register,
                kind: event.kind,
                digest: digest.to_vec(),
                data: event.data.to_vec(),
                provenance: Provenance::of(event, bank, digest)?,
            });
        }
        Ok(Replay {
            registers,
            locality: locality.unwrap_or(0),
            bank,
            values,
            events,
        })
    }
}

impl Registers {
    /// What a register holds before its first event; `None` if there is no such register.
    fn start(self, register: u32, bank: HashAlg, locality: u8) -> Option<Vec<u8>> {
        let mut value = vec![0; bank.digest_len()];
        match (self, register) {
            (Self::Tpm, 0) => *value.last_mut()? = locality,
            (Self::Tpm, 17..=22) => value.fill(0xFF),
            (Self::Tpm, 1..=23) | (Self::Cc, 0..=4) => {}
            _ => return None,
        }
        Some(value)
    }
}

/// The locality from which the TPM was started: the first value of PCR 0 (section 10.4.5.3).
fn startup_locality(registers: Registers, event: &Event<'_>) -> Result<Option<u8>, EventLogError> {
    let Some(rest) = event.data.strip_prefix(b"StartupLocality\0") else {
        return Ok(None);
    };
    match (registers, event.register, rest) {
        (Registers::Tpm, 0, [locality @ (0 | 3 | 4)]) => Ok(Some(*locality)),
        _ => Err(EventLogError::StartupLocality { at: event.at }),
    }
}

impl Replay {
    /// The bank that was replayed.
    #[must_use]
    pub const fn bank(&self) -> HashAlg {
        self.bank
    }

    /// What the events of a register add up to, if it has any.
    #[must_use]
    pub fn value(&self, register: u32) -> Option<&[u8]> {
        self.values.get(&register).map(Vec::as_slice)
    }

    /// Which registers have events.
    pub fn registers(&self) -> impl Iterator<Item = u32> {
        self.values.keys().copied()
    }

    /// Compares with `quoted`, values by register that a verified quote vouches for. A register
    /// without events has to hold what it begins with: whoever leaves out all events of a register
    /// leaves out what was measured into it. Events of registers that are not quoted are left out:
    /// nothing vouches for them.
    ///
    /// # Errors
    /// [`EventLogError::Mismatch`] for the first register whose events add up to another value,
    /// [`EventLogError::Unexplained`] for one that has none and was measured into all the same.
    pub fn confirm<'a>(
        self,
        quoted: impl IntoIterator<Item = (u32, &'a [u8])>,
    ) -> Result<VerifiedLog, EventLogError> {
        let quoted: BTreeMap<u32, &[u8]> = quoted.into_iter().collect();
        let mut unlogged = Vec::new();
        for (&register, value) in &quoted {
            if let Some(replayed) = self.values.get(&register) {
                if !ct_eq(replayed, value) {
                    return Err(EventLogError::Mismatch { register });
                }
                continue;
            }
            let start = self.registers.start(register, self.bank, self.locality);
            if !start.is_some_and(|start| ct_eq(&start, value)) {
                return Err(EventLogError::Unexplained { register });
            }
            unlogged.push(register);
        }
        let mut events = self.events;
        events.retain(|event| quoted.contains_key(&event.register));
        Ok(VerifiedLog { events, unlogged })
    }
}

impl VerifiedLog {
    /// The events of all quoted registers, in order.
    #[must_use]
    pub fn events(&self) -> &[VerifiedEvent] {
        &self.events
    }

    /// The quoted registers that have no event, and hold what they begin with.
    #[must_use]
    pub fn unlogged(&self) -> &[u32] {
        &self.unlogged
    }

    /// The events of a register, of which policy wants to know everything.
    ///
    /// # Errors
    /// [`EventLogError::Unlogged`] if it has none, or is not quoted: an empty list would say that
    /// nothing was measured.
    pub fn events_of(&self, register: u32) -> Result<Vec<&VerifiedEvent>, EventLogError> {
        let events: Vec<_> = self
            .events
            .iter()
            .filter(|e| e.register == register)
            .collect();
        if events.is_empty() {
            return Err(EventLogError::Unlogged { register });
        }
        Ok(events)
    }
}
