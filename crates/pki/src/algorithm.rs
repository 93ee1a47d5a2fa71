use std::fmt;

use aws_lc_rs::signature::{self as aws, VerificationAlgorithm};

use crate::KeyKind;

/// A signature algorithm with everything that decides a verification: curve or key type, digest,
/// padding, and the encoding of the signature.
///
/// `Fixed` is the concatenation `r || s`, each as long as the curve's order (IEEE P1363); the other
/// ECDSA signatures are DER (RFC 3279 section 2.2.3). RSASSA-PSS has MGF1 with the same digest and a
/// salt as long as the digest. Nothing with SHA-1 or an RSA modulus under 2048 bits is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SignatureAlgorithm {
    /// P-256, SHA-256, DER.
    EcdsaP256Sha256,
    /// P-256, SHA-256, 64 bytes.
    EcdsaP256Sha256Fixed,
    /// P-256, SHA-384, DER.
    EcdsaP256Sha384,
    /// P-256, SHA-512, DER.
    EcdsaP256Sha512,
    /// P-384, SHA-256, DER.
    EcdsaP384Sha256,
    /// P-384, SHA-384, DER.
    EcdsaP384Sha384,
    /// P-384, SHA-384, 96 bytes.
    EcdsaP384Sha384Fixed,
    /// P-384, SHA-512, DER.
    EcdsaP384Sha512,
    /// P-521, SHA-256, DER.
    EcdsaP521Sha256,
    /// P-521, SHA-384, DER.
    EcdsaP521Sha384,
    /// P-521, SHA-512, DER.
    EcdsaP521Sha512,
    /// P-521, SHA-512, 132 bytes.
    EcdsaP521Sha512Fixed,
    /// RSASSA-PSS, SHA-256, salt of 32 bytes.
    RsaPssSha256,
    /// RSASSA-PSS, SHA-384, salt of 48 bytes.
    RsaPssSha384,
    /// RSASSA-PSS, SHA-512, salt of 64 bytes.
    RsaPssSha512,
    /// RSASSA-PKCS1-v1_5, SHA-256.
    RsaPkcs1Sha256,
    /// RSASSA-PKCS1-v1_5, SHA-384.
    RsaPkcs1Sha384,
    /// RSASSA-PKCS1-v1_5, SHA-512.
    RsaPkcs1Sha512,
}

impl SignatureAlgorithm {
    /// The kind of key that it is for.
    #[must_use]
    pub const fn key_kind(self) -> KeyKind {
        match self {
            Self::EcdsaP256Sha256
            | Self::EcdsaP256Sha256Fixed
            | Self::EcdsaP256Sha384
            | Self::EcdsaP256Sha512 => KeyKind::P256,
            Self::EcdsaP384Sha256
            | Self::EcdsaP384Sha384
            | Self::EcdsaP384Sha384Fixed
            | Self::EcdsaP384Sha512 => KeyKind::P384,
            Self::EcdsaP521Sha256
            | Self::EcdsaP521Sha384
            | Self::EcdsaP521Sha512
            | Self::EcdsaP521Sha512Fixed => KeyKind::P521,
            Self::RsaPssSha256
            | Self::RsaPssSha384
            | Self::RsaPssSha512
            | Self::RsaPkcs1Sha256
            | Self::RsaPkcs1Sha384
            | Self::RsaPkcs1Sha512 => KeyKind::Rsa,
        }
    }

    /// Its name, as in the specifications.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::EcdsaP256Sha256 => "ECDSA P-256 SHA-256",
            Self::EcdsaP256Sha256Fixed => "ECDSA P-256 SHA-256 (r || s)",
            Self::EcdsaP256Sha384 => "ECDSA P-256 SHA-384",
            Self::EcdsaP256Sha512 => "ECDSA P-256 SHA-512",
            Self::EcdsaP384Sha256 => "ECDSA P-384 SHA-256",
            Self::EcdsaP384Sha384 => "ECDSA P-384 SHA-384",
            Self::EcdsaP384Sha384Fixed => "ECDSA P-384 SHA-384 (r || s)",
            Self::EcdsaP384Sha512 => "ECDSA P-384 SHA-512",
            Self::EcdsaP521Sha256 => "ECDSA P-521 SHA-256",
            Self::EcdsaP521Sha384 => "ECDSA P-521 SHA-384",
            Self::EcdsaP521Sha512 => "ECDSA P-521 SHA-512",
            Self::EcdsaP521Sha512Fixed => "ECDSA P-521 SHA-512 (r || s)",
            Self::RsaPssSha256 => "RSASSA-PSS SHA-256",
            Self::RsaPssSha384 => "RSASSA-PSS SHA-384",
            Self::RsaPssSha512 => "RSASSA-PSS SHA-512",
            Self::RsaPkcs1Sha256 => "RSASSA-PKCS1-v1_5 SHA-256",
            Self::RsaPkcs1Sha384 => "RSASSA-PKCS1-v1_5 SHA-384",
            Self::RsaPkcs1Sha512 => "RSASSA-PKCS1-v1_5 SHA-512",
        }
    }

    /// The provider's implementation.
    pub(crate) fn provider(self) -> &'static dyn VerificationAlgorithm {
        match self {
            Self::EcdsaP256Sha256 => &aws::ECDSA_P256_SHA256_ASN1,
            Self::EcdsaP256Sha256Fixed => &aws::ECDSA_P256_SHA256_FIXED,
            Self::EcdsaP256Sha384 => &aws::ECDSA_P256_SHA384_ASN1,
            Self::EcdsaP256Sha512 => &aws::ECDSA_P256_SHA512_ASN1,
            Self::EcdsaP384Sha256 => &aws::ECDSA_P384_SHA256_ASN1,
            Self::EcdsaP384Sha384 => &aws::ECDSA_P384_SHA384_ASN1,
            Self::EcdsaP384Sha384Fixed => &aws::ECDSA_P384_SHA384_FIXED,
            Self::EcdsaP384Sha512 => &aws::ECDSA_P384_SHA512_ASN1,
            Self::EcdsaP521Sha256 => &aws::ECDSA_P521_SHA256_ASN1,
            Self::EcdsaP521Sha384 => &aws::ECDSA_P521_SHA384_ASN1,
            Self::EcdsaP521Sha512 => &aws::ECDSA_P521_SHA512_ASN1,
            Self::EcdsaP521Sha512Fixed => &aws::ECDSA_P521_SHA512_FIXED,
            Self::RsaPssSha256 => &aws::RSA_PSS_2048_8192_SHA256,
            Self::RsaPssSha384 => &aws::RSA_PSS_2048_8192_SHA384,
            Self::RsaPssSha512 => &aws::RSA_PSS_2048_8192_SHA512,
            Self::RsaPkcs1Sha256 => &aws::RSA_PKCS1_2048_8192_SHA256,
            Self::RsaPkcs1Sha384 => &aws::RSA_PKCS1_2048_8192_SHA384,
            Self::RsaPkcs1Sha512 => &aws::RSA_PKCS1_2048_8192_SHA512,
        }
    }
}

impl fmt::Display for SignatureAlgorithm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
