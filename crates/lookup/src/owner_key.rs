use adyton_codec::Value;
use adyton_crypto::{SecretArray, SecretBytes, SigningKey};

use crate::fault::WireFault;

const VERSION: &str = "adyton/lookup-owner-key/v1";

/// The most bytes of an owner's key file.
pub const MAX_OWNER_KEY_BYTES: usize = 256;

/// An owner's key as its file holds it.
#[must_use]
pub fn encode_owner_key(key: &SigningKey) -> SecretBytes {
    let seed = key.seed();
    let file = Value::map([
        ("v", Value::text(VERSION)),
        ("seed", Value::bytes(seed.expose())),
    ]);
    SecretBytes::new(file.encode())
}

/// Reads an owner's key from its file.
///
/// # Errors
/// [`WireFault`].
pub fn parse_owner_key(file: &SecretBytes) -> Result<SigningKey, WireFault> {
    let mut fields = Value::decode(file.expose())?.into_fields("owner key")?;
    fields.version("v", VERSION)?;
    let seed = fields.bytes("seed")?;
    fields.finish()?;
    let seed: &[u8; 32] = seed
        .as_ref()
        .try_into()
        .map_err(|_| WireFault::Field { field: "seed" })?;
    Ok(SigningKey::from_seed(&SecretArray::fill_with(|bytes| {
        *bytes = *seed;
    })))
}

#[cfg(test)]
mod tests {
    use adyton_crypto::os_rng;

    use super::*;

    #[test]
    fn a_key_comes_back_from_its_file() {
        let key = SigningKey::generate(&mut os_rng());
        let file = encode_owner_key(&key);
        let again = parse_owner_key(&file).unwrap();
        assert_eq!(again.verifying_key(), key.verifying_key());
        let cut = file.expose()[..20].to_vec();
        assert!(parse_owner_key(&SecretBytes::new(cut)).is_err());
        assert!(file.expose().len() <= MAX_OWNER_KEY_BYTES);
    }
}
