use adyton_crypto::{CryptoRng, SecretArray, ct_eq, random};
use adyton_types::{Fingerprint, UnixTime};

use crate::credential::make_credential;
use crate::{Credential, EnrolledAk, TpmError, TpmPublic, TrustedEk};

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
        let until = now.plus_secs(valid_secs);
        Ok(EnrolledAk::new(self.ak.name(), self.ek, now, until))
    }
}
