use adyton_types::UnixTime;

use super::{ReferenceError, ReferenceValues};
use crate::ReferenceSource;

/// The most lists at hand.
const MAX_LISTS: usize = 256;

/// The signed lists at hand, of any signer. Which of them count, a policy says.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct References(Vec<ReferenceValues>);

/// No lists.
pub(crate) static NO_REFERENCES: References = References(Vec::new());

impl References {
    /// Adds one. Older editions may stay: the newest that has begun to count is used.
    ///
    /// # Errors
    /// [`ReferenceError::SameSerial`] if a signer has said two things under one number.
    pub fn add(&mut self, list: ReferenceValues) -> Result<(), ReferenceError> {
        let draft = list.draft();
        let same = self.0.iter().find(|other| {
            let of = other.draft();
            other.signer() == list.signer() && (&of.name, of.serial) == (&draft.name, draft.serial)
        });
        if let Some(same) = same {
            if *same == list {
                return Ok(());
            }
            return Err(ReferenceError::SameSerial {
                name: draft.name.clone(),
                signer: list.signer(),
                serial: draft.serial,
            });
        }
        if self.0.len() >= MAX_LISTS {
            return Err(ReferenceError::TooMany { max: MAX_LISTS });
        }
        self.0.push(list);
        Ok(())
    }

    /// All lists.
    #[must_use]
    pub fn lists(&self) -> &[ReferenceValues] {
        &self.0
    }

    /// The list that counts now: of those that have begun, the one with the highest number. If
    /// that one is out of date, no older one stands in for it.
    ///
    /// # Errors
    /// [`ReferenceError::None`], [`ReferenceError::Old`], [`ReferenceError::Expired`].
    pub fn current(
        &self,
        source: &ReferenceSource,
        now: UnixTime,
    ) -> Result<&ReferenceValues, ReferenceError> {
        let ours = self.0.iter().filter(|list| {
            list.signer() == source.signer
                && list.draft().name == source.name
                && list.draft().not_before <= now
        });
        let newest = ours.max_by_key(|list| list.draft().serial);
        let newest = newest.ok_or(ReferenceError::None)?;
        let draft = newest.draft();
        if draft.serial < source.min_serial {
            let serial = draft.serial;
            return Err(ReferenceError::Old { serial });
        }
        if now > draft.not_after {
            let until = draft.not_after;
            return Err(ReferenceError::Expired { until });
        }
        Ok(newest)
    }
}
