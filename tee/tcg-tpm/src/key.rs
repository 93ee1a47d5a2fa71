use adyton_pki::{KeyKind, PublicKey, SignatureAlgorithm};

use crate::signature::{Scheme, Signature, SignatureValue};
use crate::{HashAlg, TpmError, alg_name};

/// The one public exponent that TPMs use by default, and that is accepted.
pub(crate) const RSA_EXPONENT: u32 = 65_537;
/// 65537, big-endian.
const RSA_EXPONENT_BYTES: [u8; 3] = [0x01, 0x00, 0x01];
/// The longest RSA modulus of a TPM, in bytes.
const MAX_MODULUS: usize = 512;

/// An elliptic curve of a TPM key that is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
}

impl Curve {
    const ALL: [Self; 2] = [Self::P256, Self::P384];

    /// Its `TPM_ECC_CURVE` (TCG Algorithm Registry 1.34, section 6.11).
    #[must_use]
    pub const fn id(self) -> u16 {
        match self {
            Self::P256 => 0x0003,
            Self::P384 => 0x0004,
        }
    }

    /// The curve of that id.
    #[must_use]
    pub fn from_id(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|curve| curve.id() == id)
    }

    pub(crate) const fn kind(self) -> KeyKind {
        match self {
            Self::P256 => KeyKind::P256,
            Self::P384 => KeyKind::P384,
        }
    }

    /// Length of a coordinate in bytes.
    #[must_use]
    pub const fn coordinate_len(self) -> usize {
        self.kind().coordinate_len()
    }

    pub(crate) fn of(key: &PublicKey) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|curve| curve.kind() == key.kind())
    }
}

/// The key of a modulus, with exponent 65537.
pub(crate) fn rsa_key(modulus: &[u8]) -> Result<PublicKey, TpmError> {
    if modulus.len() > MAX_MODULUS || modulus.first() == Some(&0) {
        return Err(TpmError::Key);
    }
    PublicKey::from_rsa(modulus, &RSA_EXPONENT_BYTES).map_err(|_| TpmError::Key)
}

/// The key at a point, whose coordinates may lack leading zeros.
pub(crate) fn ecc_key(curve: Curve, x: &[u8], y: &[u8]) -> Result<PublicKey, TpmError> {
    let mut point = vec![4];
    for number in [x, y] {
        let padded = left_pad(number, curve.coordinate_len()).ok_or(TpmError::Key)?;
        point.extend_from_slice(&padded);
    }
    PublicKey::from_sec1(curve.kind(), &point).map_err(|_| TpmError::Key)
}

/// What a key is, for a person to read.
pub(crate) fn describe(key: &PublicKey) -> String {
    match key.kind() {
        KeyKind::Rsa => {
            // The modulus and, around it, the exponent and the lengths: 14 bytes for those in use.
            let bits = key.bytes().len().saturating_sub(14).saturating_mul(8);
            format!("RSA of {bits} bits")
        }
        kind => format!("ECC {kind:?}"),
    }
}

/// Verifies a quote's signature over `message`, bytes as received.
pub(crate) fn verify_signature(
    key: &PublicKey,
    signature: &Signature<'_>,
    hash: HashAlg,
    message: &[u8],
) -> Result<(), TpmError> {
    let algorithm = algorithm(key, signature.scheme, hash).ok_or_else(|| TpmError::Scheme {
        found: format!("{} with {hash}", alg_name(signature.scheme.id())),
        key: describe(key),
    })?;
    let value = match signature.value {
        SignatureValue::Rsa(value) => value.to_vec(),
        SignatureValue::Ecdsa { r, s } => {
            let len = key.kind().coordinate_len();
            let (r, s) = left_pad(r, len)
                .zip(left_pad(s, len))
                .ok_or(TpmError::Signature)?;
            [r, s].concat()
        }
    };
    key.verify(algorithm, message, &value, "the quote")
        .map_err(|_| TpmError::Signature)
}

/// How such a key makes such signatures; `None` where it does not, and for a curve with another
/// hash than its own.
fn algorithm(key: &PublicKey, scheme: Scheme, hash: HashAlg) -> Option<SignatureAlgorithm> {
    Some(match (key.kind(), scheme, hash) {
        (KeyKind::Rsa, Scheme::RsaSsa, HashAlg::Sha256) => SignatureAlgorithm::RsaPkcs1Sha256,
        (KeyKind::Rsa, Scheme::RsaSsa, HashAlg::Sha384) => SignatureAlgorithm::RsaPkcs1Sha384,
        (KeyKind::Rsa, Scheme::RsaSsa, HashAlg::Sha512) => SignatureAlgorithm::RsaPkcs1Sha512,
        (KeyKind::Rsa, Scheme::RsaPss, HashAlg::Sha256) => SignatureAlgorithm::RsaPssSha256,
        (KeyKind::Rsa, Scheme::RsaPss, HashAlg::Sha384) => SignatureAlgorithm::RsaPssSha384,
        (KeyKind::Rsa, Scheme::RsaPss, HashAlg::Sha512) => SignatureAlgorithm::RsaPssSha512,
        (KeyKind::P256, Scheme::Ecdsa, HashAlg::Sha256) => SignatureAlgorithm::EcdsaP256Sha256Fixed,
        (KeyKind::P384, Scheme::Ecdsa, HashAlg::Sha384) => SignatureAlgorithm::EcdsaP384Sha384Fixed,
        _ => return None,
    })
}

/// The number with leading zeros, exactly `len` bytes long, if it fits.
fn left_pad(number: &[u8], len: usize) -> Option<Vec<u8>> {
    let start = number
        .iter()
        .position(|byte| *byte != 0)
        .unwrap_or(number.len());
    let digits = number.get(start..)?;
    let mut padded = vec![0; len.checked_sub(digits.len())?];
    padded.extend_from_slice(digits);
    Some(padded)
}
