use std::fmt;
use std::str::FromStr;

use adyton_codec::{CodecError, hex_array, hex_encode};

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $len:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; $len]);

        impl $name {
            /// Length in bytes.
            pub const LEN: usize = $len;

            /// From its bytes.
            #[must_use]
            pub const fn new(bytes: [u8; $len]) -> Self {
                Self(bytes)
            }

            /// Its bytes.
            #[must_use]
            pub const fn as_bytes(&self) -> &[u8; $len] {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&hex_encode(&self.0))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self)
            }
        }

        impl FromStr for $name {
            type Err = CodecError;

            fn from_str(text: &str) -> Result<Self, CodecError> {
                hex_array(text).map(Self)
            }
        }
    };
}

digest! {
    /// A SHA-256 digest of public bytes (FIPS 180-4).
    Sha256Digest, 32
}

digest! {
    /// Which program runs: SHA-384 over the manifest's deterministic CBOR, which holds the
    /// component's digest (`specs/program-measurement.md`).
    ProgramMeasurement, 48
}

digest! {
    /// SHA-256 of a public key or of a broker's card, by which a person pins it.
    Fingerprint, 32
}

/// Which Adyton runs, as the TEE states it: launch digest, MRTD, MRENCLAVE, PCR digest, or for the
/// software TEE the SHA-256 of the running executable. 32 to 64 bytes, by the TEE's kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlatformMeasurement(Vec<u8>);

impl PlatformMeasurement {
    /// From its bytes.
    ///
    /// # Errors
    /// [`CodecError::WrongLength`] unless there are 32, 48 or 64.
    pub fn new(bytes: &[u8]) -> Result<Self, CodecError> {
        match bytes.len() {
            32 | 48 | 64 => Ok(Self(bytes.to_vec())),
            found => Err(CodecError::WrongLength {
                field: "platform measurement",
                expected: 48,
                found,
            }),
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Sha256Digest> for PlatformMeasurement {
    fn from(digest: Sha256Digest) -> Self {
        Self(digest.as_bytes().to_vec())
    }
}

impl fmt::Display for PlatformMeasurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex_encode(&self.0))
    }
}

impl fmt::Debug for PlatformMeasurement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlatformMeasurement({self})")
    }
}

impl FromStr for PlatformMeasurement {
    type Err = CodecError;

    fn from_str(text: &str) -> Result<Self, CodecError> {
        Self::new(&adyton_codec::hex_decode(text)?)
    }
}

/// Which machine or owner's key the Evidence comes from: chip id, PPID, platform instance id, EK
/// fingerprint, or for the software TEE the fingerprint of the platform key. 1 to 64 bytes, by the
/// TEE's kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PlatformId(Vec<u8>);

impl PlatformId {
    /// From its bytes.
    ///
    /// # Errors
    /// [`CodecError::WrongLength`] unless there are 1 to 64.
    pub fn new(bytes: &[u8]) -> Result<Self, CodecError> {
        match bytes.len() {
            1..=64 => Ok(Self(bytes.to_vec())),
            found => Err(CodecError::WrongLength {
                field: "platform id",
                expected: 64,
                found,
            }),
        }
    }

    /// Its bytes.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.0
    }
}

impl From<Fingerprint> for PlatformId {
    fn from(fingerprint: Fingerprint) -> Self {
        Self(fingerprint.as_bytes().to_vec())
    }
}

impl fmt::Display for PlatformId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex_encode(&self.0))
    }
}

impl fmt::Debug for PlatformId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlatformId({self})")
    }
}

impl FromStr for PlatformId {
    type Err = CodecError;

    fn from_str(text: &str) -> Result<Self, CodecError> {
        Self::new(&adyton_codec::hex_decode(text)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_form_round_trips() {
        let digest = ProgramMeasurement::new([0xab; 48]);
        assert_eq!(digest.to_string().parse(), Ok(digest));
        assert!("ab".parse::<ProgramMeasurement>().is_err());
        let platform = PlatformMeasurement::new(&[7; 32]).unwrap();
        assert_eq!(platform.to_string().parse(), Ok(platform));
        assert!(PlatformMeasurement::new(&[7; 33]).is_err());
        let id = PlatformId::from(Fingerprint::new([9; 32]));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert!(PlatformId::new(&[]).is_err());
        assert!(PlatformId::new(&[7; 65]).is_err());
    }
}
