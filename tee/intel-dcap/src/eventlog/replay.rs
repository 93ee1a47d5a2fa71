use adyton_crypto::sha384;

use super::EventLogError;
use super::event::{Event, EventLog};
use crate::TdReport;

impl EventLog {
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
