use std::fmt;

use adyton_codec::hex_encode;
use adyton_crypto::sha256;
use adyton_types::Fingerprint;
use aws_lc_rs::signature::ParsedPublicKey;

use crate::der_reader::{DerReader, tag};
use crate::oid::known;
use crate::{KeyKind, PkiError, SignatureAlgorithm};

/// The largest SubjectPublicKeyInfo that is read: an RSA key of 8192 bits takes 1062 bytes.
const MAX_SPKI_BYTES: usize = 2048;

/// A public key that is a valid point of its curve, or an RSA modulus and exponent of acceptable
/// size. Having one says nothing about whose it is.
#[derive(Clone)]
pub struct PublicKey {
    kind: KeyKind,
    spki: Box<[u8]>,
    /// How many of the last bytes of `spki` are the key itself: SEC1 point, or RSAPublicKey.
    key_len: usize,
    /// Parsed for the algorithm that its kind is most often used with.
    parsed: ParsedPublicKey,
}

impl PublicKey {
    /// From a SubjectPublicKeyInfo (RFC 5280 section 4.1.2.7), all of `spki`.
    ///
    /// # Errors
    /// [`PkiError::Der`] if it is none, [`PkiError::PublicKey`] if the key is of another kind, is no
    /// point of its curve, or an RSA key of under 2048 or over 8192 bits.
    pub fn from_spki(spki: &[u8]) -> Result<Self, PkiError> {
        let (kind, key) = parse_spki(spki)?;
        if kind == KeyKind::Rsa {
            require_rsa_size(key)?;
        }
        Self::of(kind, spki.to_vec(), key)
    }

    /// From an uncompressed point (SEC 1 section 2.3.3): 0x04, x, y.
    ///
    /// # Errors
    /// [`PkiError::PublicKey`] if it is no such point of the curve of `kind`.
    pub fn from_sec1(kind: KeyKind, point: &[u8]) -> Result<Self, PkiError> {
        let len = kind.coordinate_len().saturating_mul(2).saturating_add(1);
        let curve = kind.curve().ok_or(PkiError::PublicKey)?;
        if point.len() != len || point.first() != Some(&4) {
            return Err(PkiError::PublicKey);
        }
        let algorithm = [
            tlv(tag::OID, known::EC_PUBLIC_KEY.as_bytes()),
            tlv(tag::OID, curve.as_bytes()),
        ];
        Self::of(kind, spki(&algorithm.concat(), point), point)
    }

    /// From a SubjectPublicKeyInfo that ends with `key`, which is of that kind by its form.
    fn of(kind: KeyKind, spki: Vec<u8>, key: &[u8]) -> Result<Self, PkiError> {
        let parsed = ParsedPublicKey::new(usual_algorithm(kind).provider(), key)
            .map_err(|_| PkiError::PublicKey)?;
        Ok(Self {
            kind,
            spki: spki.into(),
            key_len: key.len(),
            parsed,
        })
    }

    /// From an RSA modulus and exponent, big endian, leading zeros allowed.
    ///
    /// # Errors
    /// [`PkiError::PublicKey`] if they are no RSA key of 2048 to 8192 bits.
    pub fn from_rsa(modulus: &[u8], exponent: &[u8]) -> Result<Self, PkiError> {
        if modulus.len() > MAX_SPKI_BYTES || exponent.len() > 8 {
            return Err(PkiError::PublicKey);
        }
        let key = tlv(
            tag::SEQUENCE,
            &[integer(modulus), integer(exponent)].concat(),
        );
        let algorithm = [tlv(tag::OID, known::RSA.as_bytes()), tlv(tag::NULL, &[])];
        Self::from_spki(&spki(&algorithm.concat(), &key))
    }

    /// What kind of key it is.
    #[must_use]
    pub const fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The SubjectPublicKeyInfo.
    #[must_use]
    pub fn spki(&self) -> &[u8] {
        &self.spki
    }

    /// The key inside it: an uncompressed SEC 1 point, or an RSAPublicKey in DER.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        let from = self.spki.len().saturating_sub(self.key_len);
        self.spki.get(from..).unwrap_or_default()
    }

    /// SHA-256 of the SubjectPublicKeyInfo, by which a key is pinned.
    #[must_use]
    pub fn fingerprint(&self) -> Fingerprint {
        Fingerprint::new(sha256(&[&self.spki]))
    }

    /// Verifies a signature over `message`. ECDSA signatures are malleable: of a valid (r, s) the
    /// pair (r, n - s) is valid too, so that no signature serves as an identity.
    ///
    /// # Errors
    /// [`PkiError::UnknownAlgorithm`] if the algorithm is for another kind of key, and
    /// [`PkiError::Signature`], which names `what`.
    pub fn verify(
        &self,
        algorithm: SignatureAlgorithm,
        message: &[u8],
        signature: &[u8],
        what: &'static str,
    ) -> Result<(), PkiError> {
        if algorithm.key_kind() != self.kind {
            return Err(PkiError::UnknownAlgorithm {
                oid: algorithm.to_string(),
            });
        }
        let usual = usual_algorithm(self.kind);
        // The fixed form is turned into DER, so that the parsed key serves both.
        let verified = match algorithm {
            _ if algorithm == usual => self.parsed.verify_sig(message, signature),
            SignatureAlgorithm::EcdsaP256Sha256Fixed | SignatureAlgorithm::EcdsaP384Sha384Fixed => {
                let der = fixed_to_der(self.kind, signature).ok_or(PkiError::Signature { what })?;
                self.parsed.verify_sig(message, &der)
            }
            _ => algorithm
                .provider()
                .verify_sig(self.bytes(), message, signature),
        };
        verified.map_err(|_| PkiError::Signature { what })
    }
}

impl PartialEq for PublicKey {
    /// By the SubjectPublicKeyInfo, byte for byte.
    fn eq(&self, other: &Self) -> bool {
        self.spki == other.spki
    }
}

impl Eq for PublicKey {}

/// The algorithm that keys of a kind are kept parsed for.
const fn usual_algorithm(kind: KeyKind) -> SignatureAlgorithm {
    match kind {
        KeyKind::P256 => SignatureAlgorithm::EcdsaP256Sha256,
        KeyKind::P384 => SignatureAlgorithm::EcdsaP384Sha384,
        KeyKind::P521 => SignatureAlgorithm::EcdsaP521Sha512,
        KeyKind::Rsa => SignatureAlgorithm::RsaPkcs1Sha256,
    }
}

/// `r || s`, each as long as a coordinate, as a DER signature (RFC 3279 section 2.2.3).
fn fixed_to_der(kind: KeyKind, signature: &[u8]) -> Option<Vec<u8>> {
    let len = kind.coordinate_len();
    let (r, s) = signature.split_at_checked(len)?;
    if s.len() != len {
        return None;
    }
    // Two INTEGERs with their heads and pads; P-521's SEQUENCE has a length of two bytes.
    let mut pair = Vec::with_capacity(signature.len().saturating_add(9));
    for number in [r, s] {
        let (pad, digits) = unpadded(number);
        let len = u8::try_from(pad.len().saturating_add(digits.len())).ok()?;
        pair.extend([tag::INTEGER, len]);
        pair.extend(pad);
        pair.extend(digits);
    }
    Some(tlv(tag::SEQUENCE, &pair))
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PublicKey({:?}, {})", self.kind, hex_encode(&self.spki))
    }
}

/// Kind and key of a SubjectPublicKeyInfo, the key itself unchecked.
fn parse_spki(spki: &[u8]) -> Result<(KeyKind, &[u8]), PkiError> {
    const WHAT: &str = "subject public key info";
    if spki.len() > MAX_SPKI_BYTES {
        return Err(PkiError::TooLarge {
            what: WHAT,
            max: MAX_SPKI_BYTES,
            found: spki.len(),
        });
    }
    let mut fields = DerReader::single(spki, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    let mut algorithm = fields.any(WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    let oid = algorithm.any(WHAT)?.oid(WHAT)?;
    let parameters = algorithm.any(WHAT)?;
    algorithm.finish()?;
    let bits = fields.any(WHAT)?.whole_bits(WHAT)?;
    fields.finish()?;
    let kind = match oid {
        known::RSA if parameters.tag == tag::NULL && parameters.value.is_empty() => KeyKind::Rsa,
        known::EC_PUBLIC_KEY => match parameters.oid(WHAT)? {
            known::P256 => KeyKind::P256,
            known::P384 => KeyKind::P384,
            known::P521 => KeyKind::P521,
            _ => return Err(PkiError::PublicKey),
        },
        _ => return Err(PkiError::PublicKey),
    };
    Ok((kind, bits))
}

/// RSAPublicKey (RFC 8017 appendix A.1.1): a modulus of 2048 to 8192 bits, an odd exponent above 1.
fn require_rsa_size(key: &[u8]) -> Result<(), PkiError> {
    const WHAT: &str = "RSA public key";
    let mut fields = DerReader::single(key, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    let modulus = fields.any(WHAT)?.unsigned(WHAT)?;
    let exponent = fields.any(WHAT)?.u64(WHAT)?;
    fields.finish()?;
    let full_bytes = modulus.first().is_some_and(|high| *high >= 0x80);
    let len = modulus.len();
    let large = (256..=1024).contains(&len) && (len > 256 || full_bytes);
    if large && exponent > 1 && exponent & 1 == 1 {
        Ok(())
    } else {
        Err(PkiError::PublicKey)
    }
}

/// One DER element of less than 2^16 bytes.
fn tlv(tag: u8, value: &[u8]) -> Vec<u8> {
    let len = u16::try_from(value.len()).unwrap_or(u16::MAX);
    let [high, low] = len.to_be_bytes();
    let mut out = match len {
        0..0x80 => vec![tag, low],
        0x80..0x100 => vec![tag, 0x81, low],
        _ => vec![tag, 0x82, high, low],
    };
    out.extend_from_slice(value);
    out
}

fn integer(big_endian: &[u8]) -> Vec<u8> {
    let (pad, digits) = unpadded(big_endian);
    tlv(tag::INTEGER, &[pad, digits].concat())
}

/// The digits of a number without zeros before them, and the zero that keeps it from being negative.
fn unpadded(big_endian: &[u8]) -> (&'static [u8], &[u8]) {
    let zeros = big_endian.iter().take_while(|byte| **byte == 0).count();
    let digits = big_endian.get(zeros..).unwrap_or_default();
    match digits.first() {
        Some(high) if *high < 0x80 => (&[], digits),
        _ => (&[0], digits),
    }
}

fn spki(algorithm: &[u8], key: &[u8]) -> Vec<u8> {
    let bits = tlv(tag::BIT_STRING, &[&[0], key].concat());
    tlv(
        tag::SEQUENCE,
        &[tlv(tag::SEQUENCE, algorithm), bits].concat(),
    )
}
