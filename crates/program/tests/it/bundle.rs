use adyton_program::{Bundle, BundleError, MAX_BUNDLE_BYTES, ManifestError};
use adyton_types::ErrorClass;

use crate::support::{COMPONENT, FULL, manifest};

fn file() -> Vec<u8> {
    Bundle::build(&manifest(FULL), COMPONENT).unwrap()
}

#[test]
fn round_trips() {
    let file = file();
    let bundle = Bundle::parse(&file).unwrap();
    assert_eq!(bundle.manifest(), &manifest(FULL));
    assert_eq!(bundle.component(), COMPONENT);
    assert_eq!(format!("{bundle:?}"), "Bundle(heart-model)");
    assert_eq!(bundle.into_manifest(), manifest(FULL));
    assert!((file.len() as u64) < MAX_BUNDLE_BYTES);
}

#[test]
fn no_byte_is_without_effect() {
    let file = file();
    let measurement = manifest(FULL).measurement();
    for i in 0..file.len() {
        for bit in 0..8 {
            let mut altered = file.clone();
            altered[i] ^= 1 << bit;
            if let Ok(bundle) = Bundle::parse(&altered) {
                assert_ne!(bundle.manifest().measurement(), measurement, "byte {i}");
            }
        }
    }
}

#[test]
fn it_cannot_be_cut_or_lengthened() {
    let file = file();
    for end in 0..file.len() {
        assert!(Bundle::parse(&file[..end]).is_err(), "{end}");
    }
    assert!(Bundle::parse(&[file.as_slice(), b"x"].concat()).is_err());
}

#[test]
fn each_flaw_has_its_error() {
    let file = file();
    let error = |bytes: &[u8]| Bundle::parse(bytes).expect_err("it was taken");
    let altered = |at: usize, byte: u8| {
        let mut altered = file.clone();
        altered[at] = byte;
        error(&altered)
    };
    assert_eq!(error(b""), BundleError::Magic);
    assert_eq!(error(b"\0asm\x01\0\0\0"), BundleError::Magic);
    assert_eq!(error(&file[..7]), BundleError::Truncated);
    assert_eq!(error(&file[..100]), BundleError::Truncated);
    assert_eq!(altered(7, 2), BundleError::Version { found: 2 });
    assert_eq!(
        altered(9, 1),
        BundleError::Manifest(ManifestError::TooLong {
            found: 65_536 + file.len() - 12 - COMPONENT.len()
        })
    );
    assert!(matches!(
        altered(12, 0),
        BundleError::Manifest(ManifestError::Codec(_))
    ));
    assert_eq!(altered(file.len() - 1, 0), BundleError::ComponentDigest);
    let expected = COMPONENT.len() as u64;
    let found = expected - 1;
    let short = error(&file[..file.len() - 1]);
    assert_eq!(short, BundleError::ComponentSize { expected, found });
    assert_eq!(short.class(), ErrorClass::Rejected);
    assert_eq!(error(b"").class(), ErrorClass::Malformed);
    let foreign = Bundle::build(&manifest(FULL), &[b'x'; COMPONENT.len()]);
    assert_eq!(foreign, Err(BundleError::ComponentDigest));
}
