use std::fs::File;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use adyton_client::{Access, Existing, FileError, NewFile};
use adyton_codec::{base64_decode, base64_encode};
use adyton_crypto::{SecretArray, SecretBytes, SigningKey, VerifyingKey};
use adyton_ear::EarSigningKey;
use adyton_types::ErrorClass;
use zeroize::Zeroizing;

use crate::Failure;

/// The most bytes of a key's file: Ed25519 takes 119, P-256 some 240.
const MAX_BYTES: u64 = 4096;

/// `PrivateKeyInfo` of an Ed25519 key, up to its seed (RFC 8410 section 7).
const ED25519: [u8; 16] = [
    0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20,
];

/// `SubjectPublicKeyInfo` of an Ed25519 key, up to the key (RFC 8410 section 4).
const ED25519_PUBLIC: [u8; 12] = [
    0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
];

const BEGIN: &str = "-----BEGIN PRIVATE KEY-----";
const END: &str = "-----END PRIVATE KEY-----";

/// A key that signs, from a file in PKCS #8 and PEM (RFC 5958, RFC 7468), which is what `adyton
/// keygen --signing` writes and `openssl genpkey -algorithm ed25519` too.
pub(crate) enum SigningKeyFile {
    Ed25519(SigningKey),
    /// Another kind, in DER; of use for EAR if it is on P-256.
    Other(SecretBytes),
}

impl SigningKeyFile {
    /// Reads one. A file that others may read is refused.
    pub(crate) fn read(path: &Path) -> Result<Self, Failure> {
        let fail = |error| Failure::from(FileError::io("read", path, error));
        let file = File::open(path).map_err(fail)?;
        refuse_open_to_others(path, &file)?;
        let mut text = Zeroizing::new(String::new());
        file.take(MAX_BYTES)
            .read_to_string(&mut text)
            .map_err(fail)?;
        let der = der(&text).ok_or_else(|| no_key(path))?;
        match der.strip_prefix(&ED25519) {
            Some(seed) if seed.len() == 32 => {
                let seed =
                    SecretArray::fill_with(|bytes: &mut [u8; 32]| bytes.copy_from_slice(seed));
                Ok(Self::Ed25519(SigningKey::from_seed(&seed)))
            }
            _ => Ok(Self::Other(SecretBytes::new(der.to_vec()))),
        }
    }

    /// For lists of Reference Values.
    pub(crate) fn ed25519(self, path: &Path) -> Result<SigningKey, Failure> {
        match self {
            Self::Ed25519(key) => Ok(key),
            Self::Other(_) => Err(Failure::misuse(format!(
                "`{}` is no Ed25519 key, which lists of reference values are signed with; make one by `adyton keygen --signing`",
                path.display()
            ))),
        }
    }

    /// For EAR.
    pub(crate) fn ear(self, path: &Path) -> Result<EarSigningKey, Failure> {
        match self {
            Self::Ed25519(key) => Ok(EarSigningKey::ed25519(key)),
            Self::Other(der) => EarSigningKey::es256(&der).map_err(|_| no_key(path)),
        }
    }
}

/// A secret key that others may read is refused.
pub(crate) fn refuse_open_to_others(path: &Path, file: &File) -> Result<(), Failure> {
    let metadata = file.metadata();
    let metadata = metadata.map_err(|error| FileError::io("read", path, error))?;
    let mode = metadata.mode() & 0o777;
    if mode & 0o077 == 0 {
        return Ok(());
    }
    let path = path.display();
    Err(Failure::misuse(format!(
        "`{path}` is a secret key that others may read (mode {mode:o}); what to do: `chmod 600 {path}`, and make another key if somebody has"
    )))
}

fn no_key(path: &Path) -> Failure {
    Failure::of(
        ErrorClass::Malformed,
        format!(
            "`{}` is no signing key: expected PKCS #8 in PEM, of Ed25519 or P-256; make one by `adyton keygen --signing`",
            path.display()
        ),
    )
}

fn der(text: &str) -> Option<Zeroizing<Vec<u8>>> {
    let (_, rest) = text.split_once(BEGIN)?;
    let (inside, _) = rest.split_once(END)?;
    let packed: Zeroizing<String> = Zeroizing::new(inside.split_ascii_whitespace().collect());
    base64_decode(&packed).ok().map(Zeroizing::new)
}

/// Makes an Ed25519 key and its file, mode 0600. No key is ever replaced.
pub(crate) fn create(path: &Path) -> Result<VerifyingKey, FileError> {
    let key = SigningKey::generate(&mut adyton_crypto::os_rng());
    let der = Zeroizing::new([ED25519.as_slice(), key.seed().expose()].concat());
    let base64 = Zeroizing::new(base64_encode(&der));
    let text = Zeroizing::new(format!("{BEGIN}\n{}\n{END}\n", base64.as_str()));
    let file = NewFile::create(path, Access::Private, Existing::Refuse)?;
    let written = file.file().write_all(text.as_bytes());
    written.map_err(|error| FileError::io("write", path, error))?;
    file.publish()?;
    Ok(key.verifying_key())
}

/// The public half, for who verifies: `SubjectPublicKeyInfo` in PEM.
pub(crate) fn public_pem(key: &VerifyingKey) -> String {
    let der = [ED25519_PUBLIC.as_slice(), &key.to_bytes()].concat();
    let base64 = base64_encode(&der);
    format!("-----BEGIN PUBLIC KEY-----\n{base64}\n-----END PUBLIC KEY-----\n")
}
