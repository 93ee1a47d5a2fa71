use adyton_codec::{CodecError, Value};
use adyton_crypto::{CryptoRng, SecretArray, SecretBytes, SigningKey, hkdf_sha256, sha256};
use adyton_types::{Fingerprint, Sha256Digest};

use crate::PlatformKeyError;

const VERSION: &str = "adyton/platform-key/v1";
const SEALING_SALT: &[u8] = b"adyton/software-tee/v1";

/// Length of a platform key file.
pub const PLATFORM_KEY_BYTES: usize = 65;

/// The key of a software TEE: whoever holds it can state any Evidence of that platform.
#[derive(Debug)]
pub struct PlatformKey(SigningKey);

impl PlatformKey {
    /// Makes a fresh key.
    pub fn generate(rng: &mut impl CryptoRng) -> Self {
        Self(SigningKey::generate(rng))
    }

    /// The fingerprint by which a data owner pins this platform.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        self.0.verifying_key().fingerprint()
    }

    /// Reads the contents of a platform key file.
    ///
    /// # Errors
    /// [`PlatformKeyError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, PlatformKeyError> {
        let mut fields = Value::decode(bytes)?.into_fields("platform key")?;
        fields.version("v", VERSION)?;
        let seed = fields.bytes("seed")?;
        fields.finish()?;
        if seed.len() != 32 {
            return Err(CodecError::WrongLength {
                field: "seed",
                expected: 32,
                found: seed.len(),
            }
            .into());
        }
        let seed = SecretArray::fill_with(|out| out.copy_from_slice(&seed));
        Ok(Self(SigningKey::from_seed(&seed)))
    }

    /// The contents of its file.
    #[must_use]
    pub fn encode(&self) -> SecretBytes {
        let shape = Value::map([
            ("v", Value::text(VERSION)),
            ("seed", Value::bytes(&[0; 32])),
        ])
        .encode();
        // `seed` sorts last, so its bytes end the file: the encoder, whose buffers grow and are
        // not wiped, never holds it.
        let mut bytes = Vec::with_capacity(shape.len());
        bytes.extend_from_slice(shape.get(..shape.len() - 32).unwrap_or_default());
        bytes.extend_from_slice(self.0.seed().expose());
        SecretBytes::new(bytes)
    }

    /// The key under which the executable `executable` seals data for `label` on this platform.
    /// Another executable, platform or label yields an unrelated key.
    #[must_use]
    pub fn sealing_key(&self, executable: &Sha256Digest, label: &str) -> SecretArray<32> {
        hkdf_sha256(
            self.0.seed().expose(),
            SEALING_SALT,
            &[
                b"seal\0",
                executable.as_bytes(),
                &sha256(&[label.as_bytes()]),
            ],
        )
    }

    /// The key that authenticates compiled code kept on this platform.
    ///
    /// Unlike [`sealing_key`](Self::sealing_key) it does not depend on the executable, whose digest
    /// takes longer than a whole start; the code cache states the runtime it belongs to. That
    /// gives nothing away: whoever holds the platform key can state any executable anyway.
    #[must_use]
    pub fn code_key(&self) -> SecretArray<32> {
        hkdf_sha256(self.0.seed().expose(), SEALING_SALT, &[b"code\0"])
    }

    pub(crate) const fn signing_key(&self) -> &SigningKey {
        &self.0
    }
}
