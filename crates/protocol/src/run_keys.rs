use std::sync::Arc;

use adyton_crypto::{CryptoRng, KemKeyPair, SigningKey};

/// The keys of one run of an enclave: made at its start, stated in every binding, gone with it.
#[derive(Debug)]
pub struct RunKeys {
    kem: KemKeyPair,
    signing: SigningKey,
}

impl RunKeys {
    /// Makes fresh keys, to be shared by the run's requests and its receipt.
    pub fn generate(rng: &mut impl CryptoRng) -> Arc<Self> {
        Arc::new(Self {
            kem: KemKeyPair::generate(rng),
            signing: SigningKey::generate(rng),
        })
    }

    /// The key pair that secrets are sealed to.
    #[must_use]
    pub const fn kem(&self) -> &KemKeyPair {
        &self.kem
    }

    /// The key that signs requests and the receipt.
    #[must_use]
    pub const fn signing(&self) -> &SigningKey {
        &self.signing
    }
}
