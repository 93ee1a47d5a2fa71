use std::fmt;

use adyton_crypto::{sha256, sha384, sha512};

/// A hash algorithm that quotes, keys and PCR banks may use here. SHA-1 is none of them.
///
/// Source: TCG Algorithm Registry 1.34, section 6.10 (`TPM_ALG_ID`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum HashAlg {
    /// SHA-256 (FIPS 180-4).
    Sha256,
    /// SHA-384 (FIPS 180-4).
    Sha384,
    /// SHA-512 (FIPS 180-4).
    Sha512,
}

impl HashAlg {
    /// Every accepted algorithm.
    pub const ALL: [Self; 3] = [Self::Sha256, Self::Sha384, Self::Sha512];

    /// Its `TPM_ALG_ID`.
    #[must_use]
    pub const fn id(self) -> u16 {
        match self {
            Self::Sha256 => 0x000B,
            Self::Sha384 => 0x000C,
            Self::Sha512 => 0x000D,
        }
    }

    /// The algorithm of that id, if it is accepted.
    #[must_use]
    pub fn from_id(id: u16) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.id() == id)
    }

    /// Its name, as in Evidence and on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Sha256 => "sha256",
            Self::Sha384 => "sha384",
            Self::Sha512 => "sha512",
        }
    }

    /// The algorithm of that name.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|alg| alg.as_str() == name)
    }

    /// Length of its digests in bytes.
    #[must_use]
    pub const fn digest_len(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    /// The digest of the parts, one after the other.
    #[must_use]
    pub fn digest(self, parts: &[&[u8]]) -> Vec<u8> {
        match self {
            Self::Sha256 => sha256(parts).to_vec(),
            Self::Sha384 => sha384(parts).to_vec(),
            Self::Sha512 => sha512(parts).to_vec(),
        }
    }
}

impl fmt::Display for HashAlg {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The name of a `TPM_ALG_ID`, for a person to read; algorithms that are refused have one too.
#[must_use]
pub fn alg_name(id: u16) -> String {
    let name = match id {
        0x0001 => "rsa",
        0x0004 => "sha1",
        0x0008 => "keyedhash",
        0x0010 => "null",
        0x0012 => "sm3-256",
        0x0014 => "rsassa",
        0x0015 => "rsaes",
        0x0016 => "rsapss",
        0x0017 => "oaep",
        0x0018 => "ecdsa",
        0x001A => "ecdaa",
        0x0023 => "ecc",
        0x0025 => "symcipher",
        0x0027 => "sha3-256",
        0x0028 => "sha3-384",
        0x0029 => "sha3-512",
        _ => match HashAlg::from_id(id) {
            Some(alg) => alg.as_str(),
            None => return format!("{id:#06x}"),
        },
    };
    name.to_owned()
}
