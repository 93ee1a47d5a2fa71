use std::fmt;

use adyton_codec::{Value, hex_encode};
use adyton_pki::{KeyKind, PkiError, PublicKey, SignatureAlgorithm};
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

    /// ECDSA on it, as CCA uses it.
    pub(crate) const fn algorithm(self) -> SignatureAlgorithm {
        match self {
            Self::P256 => SignatureAlgorithm::EcdsaP256Sha256Fixed,
            Self::P384 => SignatureAlgorithm::EcdsaP384Sha384Fixed,
            Self::P521 => SignatureAlgorithm::EcdsaP521Sha512Fixed,
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

    fn public(&self) -> Result<PublicKey, PkiError> {
        let kind = match self.curve {
            Curve::P256 => KeyKind::P256,
            Curve::P384 => KeyKind::P384,
            Curve::P521 => KeyKind::P521,
        };
        PublicKey::from_sec1(kind, &self.point)
    }

    /// Whether its point is on its curve.
    pub(crate) fn is_on_curve(&self) -> bool {
        self.public().is_ok()
    }

    /// Verifies a signature of R and S, each of the coordinates' length (RFC 9053 section 2.1).
    pub(crate) fn verify(&self, message: &[u8], signature: &[u8]) -> Result<(), PkiError> {
        let algorithm = self.curve.algorithm();
        self.public()?
            .verify(algorithm, message, signature, "token")
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
        let key = PublicKey::from_spki(der);
        let key = key.map_err(|_| "no SubjectPublicKeyInfo of a known curve")?;
        Self::from_point(key.bytes())
    }
}
