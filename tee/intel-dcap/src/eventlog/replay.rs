use adyton_codec::{hex_array, hex_decode};
use adyton_crypto::sha384;
use serde::Deserialize;

use super::event::{Event, EventLog, RUNTIME};
use super::{EventLogError, MAX_EVENTS, MAX_LOG_BYTES};
use crate::TdReport;

/// One event of the JSON that dstack's guest agent gives out.
#[derive(Deserialize)]
struct JsonEvent {
    imr: usize,
    event_type: u32,
    digest: String,
    event: String,
    event_payload: String,
}

impl EventLog {
    /// Reads the JSON form of dstack's guest agent: a list of `imr` (0 to 3 for RTMR0 to RTMR3),
    /// `event_type`, `digest`, `event` and `event_payload`, bytes in lower-case hex. Events of its
    /// own type have digests over type, name and payload; of others only the digest counts.
    ///
    /// # Errors
    /// [`EventLogError::Json`], [`EventLogError::TooLarge`].
    pub fn parse_json(bytes: &[u8]) -> Result<Self, EventLogError> {
        let wrong = |what| EventLogError::Json { what };
        if bytes.len() > MAX_LOG_BYTES {
            return Err(EventLogError::TooLarge {
                what: "more than 4 MiB",
            });
        }
        let list: Vec<JsonEvent> =
            serde_json::from_slice(bytes).map_err(|_| wrong("it has another form"))?;
        if list.len() > MAX_EVENTS {
            return Err(EventLogError::TooLarge {
                what: "more than 16384 events",
            });
        }
        let events = list.into_iter().map(|event| {
            if event.imr > 3 {
                return Err(wrong("a register beyond RTMR3"));
            }
            Ok(Event {
                register: Some(event.imr),
                kind: event.event_type,
                digest: hex_array(&event.digest).map_err(|_| wrong("a digest of other length"))?,
                data: hex_decode(&event.event_payload)
                    .map_err(|_| wrong("a payload not in hex"))?,
                name: (event.event_type == RUNTIME).then_some(event.event),
            })
        });
        Ok(Self {
            events: events.collect::<Result<_, _>>()?,
        })
    }

    /// RTMR0 to RTMR3 after all events: each is SHA-384 of the register's value before and the
    /// event's digest, from zero (Intel TDX module, TDG.MR.RTMR.EXTEND).
    #[must_use]
    pub fn replay(&self) -> [[u8; 48]; 4] {
        let mut registers = [[0; 48]; 4];
        for event in &self.events {
            let register = event.register.and_then(|n| registers.get_mut(n));
            if let Some(register) = register {
                *register = sha384(&[register.as_slice(), &event.digest]);
            }
        }
        registers
    }

    /// Verifies the log against the registers of a report, which is to come from a verified quote:
    /// digests that have to be those of their event's bytes are, and the replay gives all four.
    ///
    /// # Errors
    /// [`EventLogError::Digest`], [`EventLogError::Register`].
    pub fn verify(self, report: &TdReport) -> Result<VerifiedEventLog, EventLogError> {
        for (index, event) in self.events.iter().enumerate() {
            event.require_digest(index)?;
        }
        let differs = self
            .replay()
            .iter()
            .zip(&report.rtmr)
            .position(|(ours, quoted)| ours != quoted);
        match differs {
            None => Ok(VerifiedEventLog {
                events: self.events,
            }),
            Some(register) => Err(EventLogError::Register { register }),
        }
    }
}

/// A log whose digests are those of a report's registers. Having one tells you that these digests,
/// in this order, are what was extended; of an event's bytes only what [`Event::bound`] gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedEventLog {
    events: Vec<Event>,
}

impl VerifiedEventLog {
    /// The events, in order.
    #[must_use]
    pub fn events(&self) -> &[Event] {
        &self.events
    }

    /// The events whose bytes nothing vouches for, only their digests.
    pub fn opaque(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.bound().is_none())
    }
}
