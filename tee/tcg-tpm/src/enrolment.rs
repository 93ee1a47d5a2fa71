use adyton_codec::Value;
use adyton_crypto::{CryptoRng, SecretArray, ct_eq, random};
use adyton_types::{Fingerprint, UnixTime};

use crate::credential::make_credential;
use crate::{Credential, TpmError, TpmPublic, TrustedEk};

/// Version mark of an enrolment's record.
const VERSION: &str = "adyton/tpm-enrolment/v1";

/// An enrolment that has begun: the TPM is to open a credential made for one EK and one AK.
///
/// It opens only if the EK's private half and an object of exactly the AK's name are in one TPM,
/// and the name covers the AK's attributes.
#[derive(Debug)]
pub struct Enrolment {
    ek: Fingerprint,
    ak: TpmPublic,
    secret: SecretArray<32>,
}

impl Enrolment {
    /// Begins: returns what to keep, and the credential to send to the Attester.
    ///
    /// # Errors
    /// [`TpmError`] if `ak` is no Attestation Key, or `ek` is no longer trusted or cannot encrypt.
    pub fn begin(
        ek: &TrustedEk,
        ak: TpmPublic,
        rng: &mut impl CryptoRng,
    ) -> Result<(Self, Credential), TpmError> {
        ak.demand_ak()?;
        let secret = random::<32>(rng);
        let credential = make_credential(ek.public(), &ak.name(), secret.expose(), rng)?;
        let enrolment = Self {
            ek: ek.public().key().fingerprint(),
            ak,
            secret,
        };
        Ok((enrolment, credential))
    }

    /// Ends: compares what the TPM opened with the secret. The enrolment is spent either way.
    ///
    /// # Errors
    /// [`TpmError::Activation`].
    pub fn finish(
        self,
        answer: &[u8],
        now: UnixTime,
        valid_secs: u64,
    ) -> Result<EnrolledAk, TpmError> {
        if !ct_eq(answer, self.secret.expose()) {
            return Err(TpmError::Activation);
        }
        Ok(EnrolledAk {
            name: self.ak.name(),
            ek: self.ek,
            enrolled: now,
            not_after: now.plus_secs(valid_secs),
        })
    }
}

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
