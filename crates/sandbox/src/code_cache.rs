//! The cache file of compiled code.
//!
//! Loading compiled code is running it outside the sandbox, and the host keeps the cache. So the
//! file carries a MAC under a key that only this enclave on this platform has:
//!
//! ```text
//! magic      8 bytes  "ADYCODE\x01"
//! tag       32 bytes  HMAC-SHA256(key, "adyton/code/v1" ‖ 0x00 ‖ runtime ‖ component ‖ code)
//! runtime   32 bytes  digest of what compiled code depends on in the runtime
//! component 48 bytes  SHA-384 of the component
//! code      to the end of the file
//! ```

use adyton_crypto::{SecretArray, hmac_sha256, verify_hmac_sha256};
use adyton_types::ErrorClass;

const MAGIC: [u8; 8] = *b"ADYCODE\x01";
const LABEL: &[u8] = b"adyton/code/v1\0";
const TAG_AT: usize = 8;
const RUNTIME_AT: usize = 40;
const COMPONENT_AT: usize = 72;
const CODE_AT: usize = 120;

/// Why a cache file is of no use. The caller compiles anew and overwrites it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CacheError {
    /// It is too short, or begins otherwise.
    #[error("the file is no code cache of this version")]
    Format,
    /// It was made by another version or build of the runtime.
    #[error("the code was compiled for another runtime")]
    OtherRuntime,
    /// It was made from another component.
    #[error("the code was compiled from another component")]
    OtherComponent,
    /// Its tag is wrong: it was changed or cut, or made under another key.
    #[error("the code is not authentic")]
    NotAuthentic,
    /// It is authentic, yet the runtime does not load it.
    #[error("the runtime does not load the code")]
    NotLoadable,
}

impl CacheError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Format => ErrorClass::Malformed,
            Self::OtherRuntime | Self::OtherComponent | Self::NotLoadable => ErrorClass::Stale,
            Self::NotAuthentic => ErrorClass::Rejected,
        }
    }
}

/// What compiled code belongs to.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Origin<'a> {
    /// Digest of what compiled code depends on in the runtime.
    pub(crate) runtime: &'a [u8; 32],
    /// SHA-384 of the component.
    pub(crate) component: &'a [u8; 48],
}

/// Compiled code. Having it tells you that a holder of the cache key compiled it with this
/// runtime from this component.
#[derive(Debug)]
pub(crate) struct AuthenticCode {
    file: Vec<u8>,
}

impl AuthenticCode {
    /// Opens a cache file. The bytes are owned, so that what was verified is what is loaded.
    pub(crate) fn open(
        file: Vec<u8>,
        origin: Origin<'_>,
        key: &SecretArray<32>,
    ) -> Result<Self, CacheError> {
        let (header, code) = file
            .split_first_chunk::<CODE_AT>()
            .ok_or(CacheError::Format)?;
        if header[..TAG_AT] != MAGIC {
            return Err(CacheError::Format);
        }
        if header[RUNTIME_AT..COMPONENT_AT] != *origin.runtime {
            return Err(CacheError::OtherRuntime);
        }
        if header[COMPONENT_AT..] != *origin.component {
            return Err(CacheError::OtherComponent);
        }
        let mut tag = [0; 32];
        tag.copy_from_slice(&header[TAG_AT..RUNTIME_AT]);
        verify_hmac_sha256(key, &[LABEL, &header[RUNTIME_AT..], code], &tag)
            .map_err(|_| CacheError::NotAuthentic)?;
        Ok(Self { file })
    }

    /// The code, as the runtime serialised it.
    pub(crate) fn code(&self) -> &[u8] {
        &self.file[CODE_AT..]
    }
}

/// Makes a cache file of code that this process has just compiled.
pub(crate) fn seal(code: &[u8], origin: Origin<'_>, key: &SecretArray<32>) -> Vec<u8> {
    let tag = hmac_sha256(key, &[LABEL, origin.runtime, origin.component, code]);
    let mut file = Vec::with_capacity(CODE_AT + code.len());
    file.extend_from_slice(&MAGIC);
    file.extend_from_slice(&tag);
    file.extend_from_slice(origin.runtime);
    file.extend_from_slice(origin.component);
    file.extend_from_slice(code);
    file
}

#[cfg(test)]
mod tests {
    use super::*;

    const ORIGIN: Origin<'_> = Origin {
        runtime: &[1; 32],
        component: &[2; 48],
    };

    fn key(byte: u8) -> SecretArray<32> {
        SecretArray::fill_with(|bytes| bytes.fill(byte))
    }

    #[test]
    fn one_changed_byte_anywhere_is_refused() {
        let file = seal(b"code", ORIGIN, &key(7));
        let good = AuthenticCode::open(file.clone(), ORIGIN, &key(7)).unwrap();
        assert_eq!(good.code(), b"code");
        for at in 0..file.len() {
            let mut bad = file.clone();
            bad[at] ^= 1;
            let expected = match at {
                0..TAG_AT => CacheError::Format,
                RUNTIME_AT..COMPONENT_AT => CacheError::OtherRuntime,
                COMPONENT_AT..CODE_AT => CacheError::OtherComponent,
                _ => CacheError::NotAuthentic,
            };
            let refused = AuthenticCode::open(bad, ORIGIN, &key(7)).unwrap_err();
            assert_eq!(refused, expected, "byte {at}");
        }
    }

    #[test]
    fn a_cut_or_foreign_file_is_refused() {
        let file = seal(b"code", ORIGIN, &key(7));
        for (length, expected) in [
            (0, CacheError::Format),
            (CODE_AT - 1, CacheError::Format),
            (CODE_AT, CacheError::NotAuthentic),
            (file.len() - 1, CacheError::NotAuthentic),
        ] {
            let cut = file[..length].to_vec();
            assert_eq!(
                AuthenticCode::open(cut, ORIGIN, &key(7)).unwrap_err(),
                expected
            );
        }
        assert_eq!(
            AuthenticCode::open(file, ORIGIN, &key(8)).unwrap_err(),
            CacheError::NotAuthentic
        );
    }
}
