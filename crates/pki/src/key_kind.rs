use der::oid::ObjectIdentifier as Oid;

use crate::oid::known;

/// The kinds of public key that signatures are verified with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum KeyKind {
    /// NIST P-256.
    P256,
    /// NIST P-384.
    P384,
    /// NIST P-521.
    P521,
    /// RSA, of 2048 to 8192 bits.
    Rsa,
}

impl KeyKind {
    /// Length of a coordinate of the curve in bytes; 0 for RSA.
    #[must_use]
    pub const fn coordinate_len(self) -> usize {
        match self {
            Self::P256 => 32,
            Self::P384 => 48,
            Self::P521 => 66,
            Self::Rsa => 0,
        }
    }

    pub(crate) const fn curve(self) -> Option<Oid> {
        match self {
            Self::P256 => Some(known::P256),
            Self::P384 => Some(known::P384),
            Self::P521 => Some(known::P521),
            Self::Rsa => None,
        }
    }
}
