use adyton_crypto::sha384;

use adyton_types::Check;

use super::EventLogError;
use super::error::{DIGEST, FORM, REPLAY};
use super::event::{Event, EventLog};
use crate::TdReport;

/// What gives the form of events, and what their digests are of.
const PROFILE: &str = "TCG PC Client Platform Firmware Profile section 10";

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
        self.verify_registers(&report.rtmr)
    }

    /// The same against RTMR0 to RTMR3 themselves, wherever a verified quote's claims stand.
    ///
    /// # Errors
    /// As [`verify`](Self::verify).
    pub fn verify_registers(self, rtmr: &[[u8; 48]; 4]) -> Result<VerifiedEventLog, EventLogError> {
        for (index, event) in self.events.iter().enumerate() {
            event.require_digest(index)?;
        }
        let differs = self
            .replay()
            .iter()
            .zip(rtmr)
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

    /// What was checked of the log.
    #[must_use]
    pub fn checks(&self) -> [Check; 3] {
        let (all, opaque) = (self.events.len(), self.opaque().count());
        let bound = all.saturating_sub(opaque);
        let digests =
            format!("{bound} are of their events' bytes; of {opaque} nothing but they is known");
        let replay = "all digests in their order give RTMR0 to RTMR3 of the quote";
        [
            Check::new(FORM, PROFILE, format!("{all} events")),
            Check::new(DIGEST, PROFILE, digests),
            Check::new(REPLAY, "Intel TDX module, TDG.MR.RTMR.EXTEND", replay),
        ]
    }

    /// The events whose bytes nothing vouches for, only their digests.
    pub fn opaque(&self) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(|event| event.bound().is_none())
    }
}
