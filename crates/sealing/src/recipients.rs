use adyton_types::ErrorClass;
use thiserror::Error;

use crate::Recipient;

/// The most recipients of one file: each adds up to 1.6 KB to its header, and the header of 32
/// hybrid ones fits [`MAX_HEADER_BYTES`](crate::MAX_HEADER_BYTES).
pub const MAX_RECIPIENTS: usize = 32;

/// The recipients of one file: at least one, sorted, distinct, and of one kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipients(Vec<Recipient>);

impl Recipients {
    /// Sorts them; one that is given twice counts once.
    ///
    /// # Errors
    /// If there is none, there are too many, or post-quantum ones are mixed with others.
    pub fn new(recipients: impl IntoIterator<Item = Recipient>) -> Result<Self, RecipientsError> {
        let mut recipients: Vec<_> = recipients.into_iter().collect();
        recipients.sort();
        recipients.dedup();
        let hybrid = recipients.iter().filter(|r| r.is_post_quantum()).count();
        match recipients.len() {
            0 => Err(RecipientsError::None),
            count if count > MAX_RECIPIENTS => Err(RecipientsError::TooMany { count }),
            count if hybrid != 0 && hybrid != count => Err(RecipientsError::Mixed),
            _ => Ok(Self(recipients)),
        }
    }

    /// The recipients, sorted by their text.
    #[must_use]
    pub fn as_slice(&self) -> &[Recipient] {
        &self.0
    }

    /// Whether a file for them stays closed to a quantum computer.
    #[must_use]
    pub fn is_post_quantum(&self) -> bool {
        self.0.iter().all(Recipient::is_post_quantum)
    }
}

/// These cannot be the recipients of one file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum RecipientsError {
    /// There is none.
    #[error("there is no recipient; name at least one")]
    None,
    /// There are too many.
    #[error("there are {count} recipients; at most {MAX_RECIPIENTS} can open one file")]
    TooMany {
        /// How many.
        count: usize,
    },
    /// Post-quantum recipients and others: the file would be as weak as the others (C2SP `age.md`
    /// forbids it for `mlkem768x25519`).
    #[error(
        "`age1pq1...` recipients cannot be mixed with others, which would open the file to a quantum computer; use one kind"
    )]
    Mixed,
}

impl RecipientsError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Identity;

    #[test]
    fn sorted_distinct_and_of_one_kind() {
        let rng = &mut adyton_crypto::os_rng();
        let [a, b] = [(); 2].map(|()| Identity::generate(rng).recipient());
        let hybrid = Identity::generate_hybrid(rng).recipient();
        let both = Recipients::new([b.clone(), a.clone(), b.clone()]).unwrap();
        assert_eq!(both.as_slice().len(), 2);
        assert!(both.as_slice().is_sorted());
        assert_eq!(Recipients::new([]), Err(RecipientsError::None));
        assert_eq!(Recipients::new([a, hybrid]), Err(RecipientsError::Mixed));
        let many = (0..33).map(|_| Identity::generate(rng).recipient());
        let error = RecipientsError::TooMany { count: 33 };
        assert_eq!(Recipients::new(many), Err(error));
    }
}
