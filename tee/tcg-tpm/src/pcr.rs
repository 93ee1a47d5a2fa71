use std::collections::BTreeMap;
use std::fmt;

use adyton_codec::hex_encode;
use thiserror::Error;

use crate::{HashAlg, alg_name};

/// The highest PCR index plus one. A PC Client TPM has 24; the format allows for 32.
pub const MAX_PCRS: u8 = 32;

/// A set of PCR indices.
#[derive(Clone, Copy, PartialEq, Eq, Default, Hash)]
pub struct PcrSet(u32);

impl PcrSet {
    /// The set of these indices.
    ///
    /// # Errors
    /// [`PcrError::Index`] for one beyond 31.
    pub fn new(indices: impl IntoIterator<Item = u8>) -> Result<Self, PcrError> {
        indices.into_iter().try_fold(Self(0), |set, index| {
            let bit = bit(index).ok_or(PcrError::Index { index })?;
            Ok(Self(set.0 | bit))
        })
    }

    /// From `pcrSelect`: byte by byte, lowest index in the lowest bit.
    pub(crate) fn from_select(select: &[u8]) -> Self {
        let mut bytes = [0; 4];
        for (to, from) in bytes.iter_mut().zip(select) {
            *to = *from;
        }
        Self(u32::from_le_bytes(bytes))
    }

    /// As `pcrSelect` of three bytes, which every PC Client TPM has.
    #[must_use]
    pub const fn to_select(self) -> [u8; 3] {
        let [a, b, c, _] = self.0.to_le_bytes();
        [a, b, c]
    }

    /// Whether the index is in the set.
    #[must_use]
    pub fn contains(self, index: u8) -> bool {
        bit(index).is_some_and(|bit| self.0 & bit != 0)
    }

    /// Whether no index is in the set.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// The indices, ascending: the order in which a quote's digest takes them.
    pub fn iter(self) -> impl Iterator<Item = u8> {
        (0..MAX_PCRS).filter(move |index| self.contains(*index))
    }
}

const fn bit(index: u8) -> Option<u32> {
    1u32.checked_shl(index as u32)
}

impl fmt::Display for PcrSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_empty() {
            return f.write_str("none");
        }
        for (n, index) in self.iter().enumerate() {
            let comma = if n == 0 { "" } else { "," };
            write!(f, "{comma}{index}")?;
        }
        Ok(())
    }
}

impl fmt::Debug for PcrSet {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PcrSet({self})")
    }
}

/// PCRs of one bank, as a Verifier asks for them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PcrSelection {
    /// The bank.
    pub bank: HashAlg,
    /// The PCRs.
    pub pcrs: PcrSet,
}

impl PcrSelection {
    /// PCRs of one bank.
    #[must_use]
    pub const fn new(bank: HashAlg, pcrs: PcrSet) -> Self {
        Self { bank, pcrs }
    }
}

impl fmt::Display for PcrSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.bank, self.pcrs)
    }
}

/// One entry of the selection that a quote states; its bank may be any.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct QuotedSelection {
    /// `TPM_ALG_ID` of the bank.
    pub bank: u16,
    /// The PCRs.
    pub pcrs: PcrSet,
}

impl fmt::Display for QuotedSelection {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", alg_name(self.bank), self.pcrs)
    }
}

/// Why PCR values are none.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum PcrError {
    /// There is no such PCR.
    #[error("there is no PCR {index}")]
    Index {
        /// The index.
        index: u8,
    },
    /// A value is not as long as its bank's digests.
    #[error("PCR {index} is {found} bytes long; a PCR of the {bank} bank has {expected}")]
    Length {
        /// The PCR.
        index: u8,
        /// The bank.
        bank: HashAlg,
        /// Length of the bank's digests.
        expected: usize,
        /// Length found.
        found: usize,
    },
}

/// Values of PCRs of one bank. Having them tells you nothing: a quote's digest vouches for them.
#[derive(Clone, PartialEq, Eq)]
pub struct PcrValues {
    bank: HashAlg,
    values: BTreeMap<u8, Vec<u8>>,
}

impl PcrValues {
    /// Values by index.
    ///
    /// # Errors
    /// [`PcrError`].
    pub fn new(
        bank: HashAlg,
        values: impl IntoIterator<Item = (u8, Vec<u8>)>,
    ) -> Result<Self, PcrError> {
        let values: BTreeMap<_, _> = values.into_iter().collect();
        for (&index, value) in &values {
            bit(index).ok_or(PcrError::Index { index })?;
            if value.len() != bank.digest_len() {
                return Err(PcrError::Length {
                    index,
                    bank,
                    expected: bank.digest_len(),
                    found: value.len(),
                });
            }
        }
        Ok(Self { bank, values })
    }

    /// Their bank.
    #[must_use]
    pub const fn bank(&self) -> HashAlg {
        self.bank
    }

    /// Which PCRs there are values of.
    #[must_use]
    pub fn set(&self) -> PcrSet {
        PcrSet(
            self.values
                .keys()
                .filter_map(|i| bit(*i))
                .fold(0, |a, b| a | b),
        )
    }

    /// The value of a PCR.
    #[must_use]
    pub fn value(&self, index: u8) -> Option<&[u8]> {
        self.values.get(&index).map(Vec::as_slice)
    }

    /// The values, by ascending index.
    pub fn iter(&self) -> impl Iterator<Item = (u8, &[u8])> {
        self.values
            .iter()
            .map(|(index, value)| (*index, value.as_slice()))
    }

    /// The digest of the values, by ascending index, with the hash of the signature: what a quote
    /// signs (TPM 2.0 part 3, section 18.4 `TPM2_Quote`).
    #[must_use]
    pub fn digest(&self, hash: HashAlg) -> Vec<u8> {
        let values: Vec<&[u8]> = self.values.values().map(Vec::as_slice).collect();
        hash.digest(&values)
    }
}

impl fmt::Debug for PcrValues {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let values = self.iter().map(|(index, value)| (index, hex_encode(value)));
        f.debug_map().entries(values).finish()
    }
}
