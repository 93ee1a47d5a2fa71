use adyton_crypto::{CryptoRng, SecretBytes};
use adyton_pki::PublicKey;
use aws_lc_rs::agreement::{self, ECDH_P256, ECDH_P384, UnparsedPublicKey};
use aws_lc_rs::cipher::UnboundCipherKey;
use aws_lc_rs::cipher::{AES_128, AES_192, AES_256, EncryptingKey, EncryptionContext};
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepPublicEncryptingKey, PublicEncryptingKey,
};

use crate::public::Symmetric;
use crate::{Curve, HashAlg, TpmError, TpmPublic};

/// The label of every derivation here, with its terminating zero (TPM 2.0 part 1, section 24).
const IDENTITY: &[u8] = b"IDENTITY\0";

/// A secret that only the TPM with an Endorsement Key opens, and only for the object of one name:
/// the two arguments of `TPM2_ActivateCredential`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// `TPMS_ID_OBJECT`: the secret, encrypted, under an HMAC that covers the object's name.
    pub id_object: Vec<u8>,
    /// The seed of both keys, encrypted to the Endorsement Key.
    pub encrypted_seed: Vec<u8>,
}

/// Makes a credential: encrypts `secret` to the Endorsement Key `ek` for the object called `name`
/// (TPM 2.0 part 1, section 24, "Credential Protection").
///
/// `rng` gives the seed, and the ephemeral key for an elliptic `ek`; the padding for an RSA one
/// is drawn by the provider.
///
/// # Errors
/// [`TpmError::Credential`] if `secret` is longer than the EK's hash, or the key cannot encrypt.
pub fn make_credential(
    ek: &TpmPublic,
    name: &[u8],
    secret: &[u8],
    rng: &mut impl CryptoRng,
) -> Result<Credential, TpmError> {
    let hash = ek.name_alg();
    let Symmetric::AesCfb(bits) = ek.symmetric() else {
        return Err(TpmError::Credential);
    };
    if secret.is_empty() || secret.len() > hash.digest_len() {
        return Err(TpmError::Credential);
    }
    let (seed, encrypted_seed) = match Curve::of(ek.key()) {
        None => rsa_seed(ek.key(), hash, rng)?,
        Some(curve) => ecc_seed(curve, ek.key().bytes(), hash, rng)?,
    };
    let key_bytes = usize::from(bits / 8);
    let storage = kdf_a(hash, &seed, b"STORAGE\0", name, key_bytes);
    let integrity = kdf_a(hash, &seed, b"INTEGRITY\0", &[], hash.digest_len());
    let mut encrypted = sized(secret)?;
    encrypt_cfb(&storage, &mut encrypted)?;
    let mac = hmac(hash, &integrity, &[&encrypted, name]);
    let mut id_object = sized(&mac)?;
    id_object.extend_from_slice(&encrypted);
    Ok(Credential {
        id_object,
        encrypted_seed,
    })
}

/// A seed of the caller's, under RSAES-OAEP.
fn rsa_seed(
    key: &PublicKey,
    hash: HashAlg,
    rng: &mut impl CryptoRng,
) -> Result<(SecretBytes, Vec<u8>), TpmError> {
    let mut seed = vec![0; hash.digest_len()];
    rng.fill_bytes(&mut seed);
    let seed = SecretBytes::new(seed);
    let algorithm = match hash {
        HashAlg::Sha256 => &OAEP_SHA256_MGF1SHA256,
        HashAlg::Sha384 => &OAEP_SHA384_MGF1SHA384,
        HashAlg::Sha512 => &OAEP_SHA512_MGF1SHA512,
    };
    let key = PublicEncryptingKey::from_der(key.spki()).map_err(|_| TpmError::Credential)?;
    let key = OaepPublicEncryptingKey::new(key).map_err(|_| TpmError::Credential)?;
    let mut encrypted = vec![0; key.ciphertext_size()];
    key.encrypt(algorithm, seed.expose(), &mut encrypted, Some(IDENTITY))
        .map_err(|_| TpmError::Credential)?;
    Ok((seed, encrypted))
}

/// A seed that an ephemeral key and the EK agree on (TPM 2.0 part 1, annex C.6.1): returned with
/// the ephemeral point.
fn ecc_seed(
    curve: Curve,
    point: &[u8],
    hash: HashAlg,
    rng: &mut impl CryptoRng,
) -> Result<(SecretBytes, Vec<u8>), TpmError> {
    let algorithm = match curve {
        Curve::P256 => &ECDH_P256,
        Curve::P384 => &ECDH_P384,
    };
    let ephemeral = ephemeral_key(curve, algorithm, rng)?;
    let public = ephemeral
        .compute_public_key()
        .map_err(|_| TpmError::Credential)?;
    let (own_x, own_y) = coordinates(public.as_ref(), curve)?;
    let (ek_x, _) = coordinates(point, curve)?;
    let peer = UnparsedPublicKey::new(algorithm, point);
    let seed = agreement::agree(&ephemeral, peer, TpmError::Credential, |shared| {
        Ok(SecretBytes::new(kdf_e(hash, shared, own_x, ek_x)))
    })?;
    let mut encrypted = sized(own_x)?;
    encrypted.extend(sized(own_y)?);
    Ok((seed, encrypted))
}

fn ephemeral_key(
    curve: Curve,
    algorithm: &'static agreement::Algorithm,
    rng: &mut impl CryptoRng,
) -> Result<agreement::PrivateKey, TpmError> {
    // A random number is a valid private key but once in 2^32 tries or fewer.
    for _ in 0..8 {
        let mut scalar = vec![0; curve.coordinate_len()];
        rng.fill_bytes(&mut scalar);
        let scalar = SecretBytes::new(scalar);
        if let Ok(key) = agreement::PrivateKey::from_private_key(algorithm, scalar.expose()) {
            return Ok(key);
        }
    }
    Err(TpmError::Credential)
}

fn coordinates(point: &[u8], curve: Curve) -> Result<(&[u8], &[u8]), TpmError> {
    let numbers = point.strip_prefix(&[4]).ok_or(TpmError::Credential)?;
    numbers
        .split_at_checked(curve.coordinate_len())
        .filter(|(_, y)| y.len() == curve.coordinate_len())
        .ok_or(TpmError::Credential)
}

/// `KDFa` (TPM 2.0 part 1, section 11.4.10.2): SP 800-108 in counter mode over HMAC.
fn kdf_a(
    hash: HashAlg,
    key: &SecretBytes,
    label: &[u8],
    context: &[u8],
    len: usize,
) -> SecretBytes {
    let bits = u32::try_from(len.saturating_mul(8)).unwrap_or(u32::MAX);
    let mut out = Vec::new();
    let mut counter = 0u32;
    while out.len() < len {
        counter = counter.saturating_add(1);
        let parts = [&counter.to_be_bytes(), label, context, &bits.to_be_bytes()];
        out.extend(hmac(hash, key, &parts));
    }
    out.truncate(len);
    SecretBytes::new(out)
}

/// `KDFe` (TPM 2.0 part 1, section 11.4.10.3): SP 800-56A. One round is enough: it yields as much
/// as the hash.
fn kdf_e(hash: HashAlg, shared: &[u8], party_u: &[u8], party_v: &[u8]) -> Vec<u8> {
    hash.digest(&[&1u32.to_be_bytes(), shared, IDENTITY, party_u, party_v])
}

fn hmac(hash: HashAlg, key: &SecretBytes, parts: &[&[u8]]) -> Vec<u8> {
    let algorithm = match hash {
        HashAlg::Sha256 => hmac::HMAC_SHA256,
        HashAlg::Sha384 => hmac::HMAC_SHA384,
        HashAlg::Sha512 => hmac::HMAC_SHA512,
    };
    let mut context = hmac::Context::with_key(&hmac::Key::new(algorithm, key.expose()));
    parts.iter().for_each(|part| context.update(part));
    context.sign().as_ref().to_vec()
}

/// AES-CFB with an initial vector of zeros, as the key serves once.
fn encrypt_cfb(key: &SecretBytes, in_out: &mut [u8]) -> Result<(), TpmError> {
    let algorithm = match key.expose().len() {
        16 => &AES_128,
        24 => &AES_192,
        _ => &AES_256,
    };
    let context = EncryptionContext::Iv128(FixedLength::from([0; 16]));
    UnboundCipherKey::new(algorithm, key.expose())
        .and_then(EncryptingKey::cfb128)
        .and_then(|key| key.less_safe_encrypt(in_out, context))
        .map(drop)
        .map_err(|_| TpmError::Credential)
}

/// A `TPM2B`.
fn sized(bytes: &[u8]) -> Result<Vec<u8>, TpmError> {
    let len = u16::try_from(bytes.len()).map_err(|_| TpmError::Credential)?;
    let mut sized = len.to_be_bytes().to_vec();
    sized.extend_from_slice(bytes);
    Ok(sized)
}
