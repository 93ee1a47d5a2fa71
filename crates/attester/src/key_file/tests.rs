use std::os::unix::fs::{PermissionsExt as _, symlink};

use adyton_crypto::os_rng;
use adyton_types::ErrorClass;
use tempfile::TempDir;

use super::*;

fn directory() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().mode() & 0o7777
}

fn chmod(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_key_is_made_once_and_loads() {
    let directory = directory();
    let path = directory.path().join("deep/er/platform.key");
    let key = create_platform_key(&path, &mut os_rng()).unwrap();
    assert_eq!(mode(&path), 0o600);
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    let loaded = load_platform_key(&path).unwrap();
    assert_eq!(loaded.fingerprint(), key.fingerprint());
    let again = create_platform_key(&path, &mut os_rng());
    assert!(matches!(again, Err(KeyFileError::Exists { .. })));
    let loaded = load_platform_key(&path).unwrap();
    assert_eq!(loaded.fingerprint(), key.fingerprint());
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
}

#[test]
fn a_key_that_others_can_read_is_refused() {
    let directory = directory();
    let path = directory.path().join("key");
    create_platform_key(&path, &mut os_rng()).unwrap();
    for open in [0o640, 0o604, 0o620, 0o601] {
        chmod(&path, open);
        let error = load_platform_key(&path).err().unwrap();
        assert!(matches!(error, KeyFileError::Mode { wanted: 0o600, .. }));
        assert_eq!(error.class(), ErrorClass::Rejected);
    }
    chmod(&path, 0o400);
    assert!(load_platform_key(&path).is_ok());
}

#[test]
fn a_directory_that_others_can_write_is_refused() {
    let directory = directory();
    chmod(directory.path(), 0o770);
    let made = create_platform_key(&directory.path().join("key"), &mut os_rng());
    assert!(matches!(
        made,
        Err(KeyFileError::Mode { wanted: 0o700, .. })
    ));
    assert_eq!(fs::read_dir(directory.path()).unwrap().count(), 0);
}

#[test]
fn links_directories_and_other_contents_are_refused() {
    let directory = directory();
    let path = directory.path().join("key");
    let missing = load_platform_key(&path);
    assert!(matches!(missing, Err(KeyFileError::Missing { .. })));
    create_platform_key(&path, &mut os_rng()).unwrap();
    let link = directory.path().join("link");
    symlink(&path, &link).unwrap();
    assert!(matches!(
        load_platform_key(&link),
        Err(KeyFileError::NotAFile { .. })
    ));
    let linked = create_platform_key(&link, &mut os_rng());
    assert!(matches!(linked, Err(KeyFileError::Exists { .. })));
    let folder = load_platform_key(directory.path());
    assert!(matches!(folder, Err(KeyFileError::NotAFile { .. })));
    for contents in [&[0; PLATFORM_KEY_BYTES][..], b"short"] {
        fs::write(&path, contents).unwrap();
        let error = load_platform_key(&path).err().unwrap();
        assert!(matches!(error, KeyFileError::Contents { .. }));
        assert_eq!(error.class(), ErrorClass::Malformed);
    }
}
