//! The vectors of `specs/appraisal-policy.md` and `specs/reference-values.md`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use adyton_appraisal::{AppraisalPolicy, ReferenceDraft, ReferenceValues};
use adyton_codec::{hex_decode, hex_encode};
use adyton_crypto::{SecretArray, SigningKey};
use adyton_types::{PlatformMeasurement, TeeKind, UnixTime};

fn folder(kind: &str) -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.join("../../specs/vectors").join(kind)
}

/// The `key: value` lines of a vector.
fn lines(path: &Path) -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(path).unwrap();
    let lines = text
        .lines()
        .skip(1)
        .filter_map(|line| line.split_once(": "));
    lines
        .map(|(key, value)| (key.to_owned(), value.to_owned()))
        .collect()
}

#[test]
fn appraisal_policies() {
    let mut count = 0;
    for entry in std::fs::read_dir(folder("appraisal-policy")).unwrap() {
        let path = entry.unwrap().path();
        let lines = lines(&path);
        let text = String::from_utf8(hex_decode(&lines["policy"]).unwrap()).unwrap();
        let parsed = text.parse::<AppraisalPolicy>();
        match lines["class"].as_str() {
            "ok" => assert_eq!(parsed.unwrap().id().to_string(), lines["id"]),
            class => {
                let error = parsed.unwrap_err();
                assert_eq!(error.class().as_str(), class, "{}", path.display());
                let message = error.to_string();
                assert!(
                    message.contains(&lines["error"]),
                    "{}: {message}",
                    path.display()
                );
            }
        }
        count += 1;
    }
    assert_eq!(count, 17);
}

fn good() -> Vec<u8> {
    let measurement = |byte, len| PlatformMeasurement::new(&vec![byte; len]).unwrap();
    let draft = ReferenceDraft {
        name: "adyton".parse().unwrap(),
        serial: 3,
        not_before: "2026-01-01T00:00:00Z".parse().unwrap(),
        not_after: "2027-01-01T00:00:00Z".parse().unwrap(),
        values: BTreeMap::from([
            (
                (TeeKind::Snp, measurement(0xab, 48)),
                "adyton 0.1.0".to_owned(),
            ),
            ((TeeKind::Tdx, measurement(0xcd, 48)), String::new()),
        ]),
    };
    let key = SigningKey::from_seed(&SecretArray::fill_with(|bytes| bytes.fill(1)));
    draft.sign(&key).unwrap()
}

#[test]
fn reference_values() {
    let lines = lines(&folder("reference-values").join("good.txt"));
    let bytes = hex_decode(&lines["list"]).unwrap();
    assert_eq!(
        hex_encode(&good()),
        lines["list"],
        "Ed25519 is deterministic"
    );
    let list = ReferenceValues::parse(&bytes).unwrap();
    assert_eq!(list.signer().to_string(), lines["signer"]);
    let snp = PlatformMeasurement::new(&[0xab; 48]).unwrap();
    assert_eq!(list.note(TeeKind::Snp, &snp), Some("adyton 0.1.0"));
    assert_eq!(list.note(TeeKind::Tdx, &snp), None);
    assert!(list.draft().not_before < UnixTime::MAX);
}
