use std::fmt;

use adyton_codec::{Value, hex_encode};
use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P384_SHA384_FIXED, ECDSA_P521_SHA512_FIXED,
    EcdsaVerificationAlgorithm, ParsedPublicKey, UnparsedPublicKey,
};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

/// A curve of RFC 9053 section 2.1, each with the hash that ECDSA uses on it in CCA.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Curve {
    /// P-256, ES256.
    P256,
    /// P-384, ES384.
    P384,
    /// P-521, ES512.
    P521,
}

impl Curve {
    /// Every curve.
    pub const ALL: [Self; 3] = [Self::P256, Self::P384, Self::P521];

    /// Length of a coordinate, and of each half of a signature, in bytes.
    #[must_use]
    pub const fn coordinate_bytes(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
        }
    }

    /// Its name (RFC 7518 section 6.2.1.1).
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::P256 => "P-256",
            Self::P384 => "P-384",
            Self::P521 => "P-521",
        }
    }

    /// Its number as a COSE key's curve (RFC 9053 section 7.1).
    const fn cose(self) -> u64 {
        match self {
            Self::P256 => 1,
            Self::P384 => 2,
            Self::P521 => 3,
        }
    }

    /// The DER of a SubjectPublicKeyInfo before the point (RFC 5480).
    const fn spki_prefix(self) -> &'static [u8] {
        match self {
            Self::P256 => &[
                0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07, 0x03, 0x42, 0x00,
            ],
            Self::P384 => &[
                0x30, 0x76, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01, 0x06,
                0x05, 0x2b, 0x81, 0x04, 0x00, 0x22, 0x03, 0x62, 0x00,
            ],
            Self::P521 => &[
                0x30, 0x81, 0x9b, 0x30, 0x10, 0x06, 0x07, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02, 0x01,
                0x06, 0x05, 0x2b, 0x81, 0x04, 0x00, 0x23, 0x03, 0x81, 0x86, 0x00,
            ],
        }
    }
}

/// A public key on one of the curves. Having one tells you that its coordinates have the right
/// length; a point off the curve verifies nothing.
#[derive(Clone, PartialEq, Eq)]
pub struct EcKey {
    curve: Curve,
    /// SEC 1 section 2.3.3, uncompressed.
    point: Vec<u8>,
}

impl fmt::Debug for EcKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "EcKey({}, {})",
            self.curve.as_str(),
            hex_encode(&self.point)
        )
    }
}

impl EcKey {
    /// Its curve.
    #[must_use]
    pub const fn curve(&self) -> Curve {
        self.curve
    }

    /// The point, uncompressed (SEC 1 section 2.3.3).
    #[must_use]
    pub fn point(&self) -> &[u8] {
        &self.point
    }

    /// Its SubjectPublicKeyInfo in DER.
    #[must_use]
    pub fn to_spki(&self) -> Vec<u8> {
        [self.curve.spki_prefix(), &self.point].concat()
    }

    const fn algorithm(&self) -> &'static EcdsaVerificationAlgorithm {
        match self.curve {
            Curve::P256 => &ECDSA_P256_SHA256_FIXED,
            Curve::P384 => &ECDSA_P384_SHA384_FIXED,
            Curve::P521 => &ECDSA_P521_SHA512_FIXED,
        }
    }

    /// Whether its point is on its curve.
    pub(crate) fn is_on_curve(&self) -> bool {
        ParsedPublicKey::new(self.algorithm(), &self.point).is_ok()
    }

    /// Verifies a signature of R and S, each of the coordinates' length (RFC 9053 section 2.1).
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), Unspecified> {
        UnparsedPublicKey::new(self.algorithm(), &self.point).verify(message, signature)
    }

    /// Reads an uncompressed point (SEC 1 section 2.3.3), as the RAK claim of the legacy profile.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_point(point: &[u8]) -> Result<Self, &'static str> {
        if point.first() != Some(&4) {
            return Err("no uncompressed point");
        }
        let curve = Curve::ALL.into_iter().find(|curve| {
            curve.coordinate_bytes().saturating_mul(2).saturating_add(1) == point.len()
        });
        Ok(Self {
            curve: curve.ok_or("a point of no known curve's length")?,
            point: point.to_vec(),
        })
    }

    fn from_coordinates(curve: Curve, x: &[u8], y: &[u8]) -> Result<Self, &'static str> {
        if x.len() != curve.coordinate_bytes() || y.len() != curve.coordinate_bytes() {
            return Err("a coordinate is not of the curve's length");
        }
        Ok(Self {
            curve,
            point: [&[4], x, y].concat(),
        })
    }

    /// Reads a COSE_Key (RFC 9052 section 7, RFC 9053 section 7.1.1): key type, curve and both
    /// coordinates, nothing else.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_cose(bytes: &[u8]) -> Result<Self, &'static str> {
        let Ok(Value::Map(entries)) = Value::decode_unordered(bytes) else {
            return Err("no COSE_Key");
        };
        let of = |key: &Value<'_>| {
            let mut found = entries.iter().filter(|(k, _)| k == key);
            found.next().map(|(_, value)| value)
        };
        if entries.len() != 4 || of(&Value::Uint(1)) != Some(&Value::Uint(2)) {
            return Err("no COSE_Key of type EC2 with two coordinates");
        }
        let curve = of(&Value::Nint(0)).and_then(|number| {
            let mut curves = Curve::ALL.into_iter();
            curves.find(|curve| *number == Value::Uint(curve.cose()))
        });
        let curve = curve.ok_or("a COSE_Key of an unknown curve")?;
        let (Some(Value::Bytes(x)), Some(Value::Bytes(y))) =
            (of(&Value::Nint(1)), of(&Value::Nint(2)))
        else {
            return Err("a COSE_Key without both coordinates as bytes");
        };
        Self::from_coordinates(curve, x, y)
    }

    /// Reads a JWK (RFC 7518 section 6.2).
    ///
    /// # Errors
    /// What is wrong with it; a private key is refused.
    pub fn from_jwk(json: &str) -> Result<Self, &'static str> {
        let Ok(serde_json::Value::Object(jwk)) = serde_json::from_str(json) else {
            return Err("no JWK");
        };
        if jwk.contains_key("d") {
            return Err("a private key");
        }
        let text = |name: &str| jwk.get(name).and_then(serde_json::Value::as_str);
        if text("kty") != Some("EC") {
            return Err("no JWK of type EC");
        }
        let curve = text("crv").and_then(|name| {
            let mut curves = Curve::ALL.into_iter();
            curves.find(|curve| curve.as_str() == name)
        });
        let coordinate = |name| {
            let decoded = URL_SAFE_NO_PAD.decode(text(name).unwrap_or_default());
            decoded.map_err(|_| "a coordinate of the JWK is no base64url")
        };
        let curve = curve.ok_or("a JWK of an unknown curve")?;
        Self::from_coordinates(curve, &coordinate("x")?, &coordinate("y")?)
    }

    /// Reads a SubjectPublicKeyInfo in DER (RFC 5480), with an uncompressed point.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn from_spki(der: &[u8]) -> Result<Self, &'static str> {
        for curve in Curve::ALL {
            if let Some(point) = der.strip_prefix(curve.spki_prefix()) {
                let key = Self::from_point(point)?;
                return if key.curve == curve {
                    Ok(key)
                } else {
                    Err("a point of another curve than is named")
                };
            }
        }
        Err("no SubjectPublicKeyInfo of a known curve")
    }
}
