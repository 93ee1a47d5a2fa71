use std::fs::OpenOptions;
use std::io::Read as _;
use std::os::unix::fs::{MetadataExt as _, OpenOptionsExt as _};
use std::path::Path;

use adyton_codec::Value;
use adyton_crypto::{CryptoRng, SecretArray, SecretBytes, random};

use crate::BrokerdError;
use crate::directory::{own, write_new};

const VERSION: &str = "adyton/broker-root/v1";

/// Length of the file: a map of two entries, their keys, the version mark and 32 bytes.
const FILE_BYTES: usize = 63;

/// Makes the root key, in a file of its own. Everything in the store is sealed under it; whoever
/// has both files has the broker.
pub(crate) fn create(
    path: &Path,
    rng: &mut impl CryptoRng,
) -> Result<SecretArray<32>, BrokerdError> {
    let key = random::<32>(rng);
    let file = Value::map([
        ("v", Value::text(VERSION)),
        ("key", Value::bytes(key.expose())),
    ]);
    let file = SecretBytes::new(file.encode());
    write_new(path, 0o600, file.expose())?;
    Ok(key)
}

/// Reads the root key. A link, or a file that others can read, is refused.
pub(crate) fn read(path: &Path) -> Result<SecretArray<32>, BrokerdError> {
    let failed = BrokerdError::file;
    let file = OpenOptions::new()
        .read(true)
        .custom_flags(rustix::fs::OFlags::NOFOLLOW.bits().cast_signed())
        .open(path)
        .map_err(failed(path))?;
    let place = file.metadata().map_err(failed(path))?;
    let wrong = || BrokerdError::RootKey {
        path: path.to_owned(),
    };
    if !place.is_file() {
        return Err(wrong());
    }
    own(path, &place)?;
    if place.mode() & 0o077 != 0 {
        return Err(BrokerdError::NotPrivate {
            path: path.to_owned(),
            mode: place.mode() & 0o7777,
        });
    }
    // One byte more than there may be, reserved at once, so that no copy is left behind.
    let mut bytes = Vec::with_capacity(FILE_BYTES + 1);
    file.take(FILE_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(failed(path))?;
    let bytes = SecretBytes::new(bytes);
    parse(&bytes).ok_or_else(wrong)
}

fn parse(file: &SecretBytes) -> Option<SecretArray<32>> {
    let mut fields = Value::decode(file.expose())
        .ok()?
        .into_fields("root")
        .ok()?;
    fields.version("v", VERSION).ok()?;
    let key = fields.bytes("key").ok()?;
    fields.finish().ok()?;
    let key: &[u8; 32] = key.as_ref().try_into().ok()?;
    Some(SecretArray::fill_with(|bytes| *bytes = *key))
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::PermissionsExt;

    use adyton_crypto::os_rng;

    use super::*;

    #[test]
    fn the_key_comes_back_from_a_private_file_only() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("broker.key");
        let key = create(&path, &mut os_rng()).unwrap();
        let bytes = std::fs::read(&path).unwrap();
        assert_eq!(bytes.len(), FILE_BYTES);
        assert_eq!(std::fs::metadata(&path).unwrap().mode() & 0o777, 0o600);
        assert_eq!(read(&path).unwrap().expose(), key.expose());
        assert!(create(&path, &mut os_rng()).is_err());

        let link = dir.path().join("link");
        std::os::unix::fs::symlink(&path, &link).unwrap();
        assert!(read(&link).is_err());
        for mode in [0o640, 0o604] {
            std::fs::set_permissions(&path, PermissionsExt::from_mode(mode)).unwrap();
            assert!(matches!(read(&path), Err(BrokerdError::NotPrivate { .. })));
        }
        std::fs::set_permissions(&path, PermissionsExt::from_mode(0o600)).unwrap();
        for wrong in [
            &bytes[..FILE_BYTES - 1],
            &[bytes.as_slice(), &[0]].concat(),
            b"",
        ] {
            std::fs::write(&path, wrong).unwrap();
            assert!(matches!(read(&path), Err(BrokerdError::RootKey { .. })));
        }
    }
}
