use std::fmt;

use super::batch::{Batch, Client};
use crate::error::ObliviousError;
use crate::kernel::Choice;
use crate::secret::{Answer, Secret};

/// The answers to a [`Batch`], for its clients.
pub struct Answers<'b> {
    batch: &'b Batch,
    pad: [u64; 8],
}

impl<'b> Answers<'b> {
    pub(super) const fn new(batch: &'b Batch, pad: [u64; 8]) -> Self {
        Self { batch, pad }
    }

    /// One answer for each place of the client's quota, in the order of its keys. Behind its last
    /// key the answers mean nothing.
    ///
    /// # Errors
    /// [`ObliviousError::NoSuchClient`] if the client is of another batch.
    pub fn of(
        &self,
        client: Client,
    ) -> Result<impl ExactSizeIterator<Item = Secret<Answer>> + '_, ObliviousError> {
        let (start, quota) = self.range(client)?;
        Ok((start..start + quota).map(|at| Secret::new(self.answer(at))))
    }

    /// The same as bytes, `quota * (1 + value_bytes)` of them: of each answer one byte, 1 or 0, and
    /// the value, or zeros. Addresses and time depend on the quota only.
    ///
    /// # Errors
    /// [`ObliviousError::NoSuchClient`] if the client is of another batch.
    pub fn write(&self, client: Client, to: &mut Vec<u8>) -> Result<(), ObliviousError> {
        let (start, quota) = self.range(client)?;
        to.reserve(quota * (1 + self.batch.shape.value_bytes()));
        for at in start..start + quota {
            self.answer(at).write(to);
        }
        Ok(())
    }

    fn range(&self, client: Client) -> Result<(usize, usize), ObliviousError> {
        let range = self.batch.clients.get(client.0);
        range.copied().ok_or(ObliviousError::NoSuchClient)
    }

    fn answer(&self, at: usize) -> Answer {
        let Batch {
            shape,
            stores,
            scratch,
            checks,
            ..
        } = self.batch;
        let (words, found) = (shape.value_words(), &scratch.found);
        let mut value = [0; 8];
        let mut any = 0;
        for (value, column) in value.iter_mut().zip(&found[..words]) {
            *value = stores.word(column.words(), at);
            any |= *value;
        }
        let mut is_found = Choice::eq(any, 0).not();
        if let Some(column) = found.get(words) {
            // The tags were the same; it is the same key if the rest of the fingerprint is, too.
            let check = stores.word(checks.words(), at);
            is_found = is_found.and(Choice::eq(stores.word(column.words(), at), check));
        }
        for (value, pad) in value.iter_mut().zip(self.pad).take(words) {
            *value = (*value ^ pad) & is_found.word();
        }
        Answer {
            found: is_found.bit(),
            value,
            value_bytes: shape.value_bytes(),
        }
    }
}

impl fmt::Debug for Answers<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Answers({} clients)", self.batch.clients.len())
    }
}
