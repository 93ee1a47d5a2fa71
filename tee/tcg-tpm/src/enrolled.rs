use adyton_codec::Value;
use adyton_types::{Fingerprint, UnixTime};

use crate::TpmError;

/// Version mark of an enrolment's record.
const VERSION: &str = "adyton/tpm-enrolment/v1";

/// An Attestation Key that its TPM proved to hold. The Verifier keeps its record in a place that
/// only it writes to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EnrolledAk {
    name: Vec<u8>,
    ek: Fingerprint,
    enrolled: UnixTime,
    not_after: UnixTime,
}

impl EnrolledAk {
    pub(crate) const fn new(
        name: Vec<u8>,
        ek: Fingerprint,
        enrolled: UnixTime,
        not_after: UnixTime,
    ) -> Self {
        Self {
            name,
            ek,
            enrolled,
            not_after,
        }
    }

    /// The AK's name.
    #[must_use]
    pub fn name(&self) -> &[u8] {
        &self.name
    }

    /// Fingerprint of the Endorsement Key: the platform id.
    #[must_use]
    pub const fn ek(&self) -> Fingerprint {
        self.ek
    }

    /// When it was enrolled.
    #[must_use]
    pub const fn enrolled(&self) -> UnixTime {
        self.enrolled
    }

    /// Until when the enrolment is good.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// The record, for the Verifier's own store.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        Value::map([
            ("v", Value::text(VERSION)),
            ("name", Value::bytes(&self.name)),
            ("ek", Value::bytes(self.ek.as_bytes())),
            ("enrolled", Value::Uint(self.enrolled.as_secs())),
            ("until", Value::Uint(self.not_after.as_secs())),
        ])
        .encode()
    }

    /// Reads a record back from the Verifier's own store. Nothing in it proves that the enrolment
    /// took place: whoever can write to the store can enrol.
    ///
    /// # Errors
    /// [`TpmError::Container`].
    pub fn danger_from_store(record: &[u8]) -> Result<Self, TpmError> {
        let mut fields = Value::decode(record)?.into_fields("TPM enrolment")?;
        fields.version("v", VERSION)?;
        let enrolled = Self {
            name: fields.bytes("name")?.into_owned(),
            ek: Fingerprint::new(fields.array("ek")?),
            enrolled: UnixTime::from_secs(fields.uint("enrolled")?),
            not_after: UnixTime::from_secs(fields.uint("until")?),
        };
        fields.finish()?;
        Ok(enrolled)
    }
}
