use std::collections::BTreeMap;

use adyton_crypto::{SecretArray, SigningKey};
use adyton_types::{ErrorClass, Name, TeeKind, UnixTime};

use super::{DAY, NOW, claims, hardware_rules, measurement, names};
use crate::appraise::judge;
use crate::{
    Context, Measurements, PlatformPolicy, ReferenceDraft, ReferenceError, ReferenceSource,
    ReferenceValues, References,
};

fn key(n: u8) -> SigningKey {
    SigningKey::from_seed(&SecretArray::fill_with(|bytes| bytes.fill(n)))
}

fn name() -> Name {
    "adyton".parse().unwrap()
}

fn draft(serial: u64, byte: u8) -> ReferenceDraft {
    ReferenceDraft {
        name: name(),
        serial,
        not_before: UnixTime::from_secs(NOW.as_secs() - DAY),
        not_after: UnixTime::from_secs(NOW.as_secs() + DAY),
        values: BTreeMap::from([((TeeKind::Snp, measurement(byte)), "adyton 1.0".to_owned())]),
    }
}

fn list(draft: ReferenceDraft, signer: u8) -> ReferenceValues {
    ReferenceValues::parse(&draft.sign(&key(signer)).unwrap()).unwrap()
}

fn failed(references: &References, min_serial: u64) -> Vec<crate::FailedClaim> {
    let mut rules = hardware_rules(TeeKind::Snp);
    rules.measurements = Measurements::Signed(ReferenceSource {
        name: name(),
        signer: key(1).verifying_key().fingerprint(),
        min_serial,
    });
    let policy = PlatformPolicy::hardware(rules).unwrap();
    let context = Context {
        now: NOW,
        references,
    };
    let judged = judge(&claims(TeeKind::Snp), &[policy], &context);
    judged.err().unwrap_or_default()
}

fn of(lists: Vec<ReferenceValues>) -> References {
    let mut references = References::default();
    for list in lists {
        references.add(list).unwrap();
    }
    references
}

#[test]
fn a_measurement_in_the_current_list_is_accepted() {
    assert_eq!(failed(&of(vec![list(draft(3, 8), 1)]), 3), []);
    // An older edition that is also there does not count, whatever it says.
    assert_eq!(
        failed(&of(vec![list(draft(3, 8), 1), list(draft(2, 9), 1)]), 3),
        []
    );
    let newer = of(vec![list(draft(3, 8), 1), list(draft(4, 9), 1)]);
    assert_eq!(names(&failed(&newer, 3)), ["measurement"]);
    // One that has not begun does not count yet.
    let mut later = draft(4, 9);
    later.not_before = UnixTime::from_secs(NOW.as_secs() + 1);
    assert_eq!(
        failed(&of(vec![list(draft(3, 8), 1), list(later, 1)]), 3),
        []
    );
}

#[test]
fn lists_of_others_old_ones_and_none_do_not_count() {
    let wrong = |references: &References, says: &str| {
        let failed = failed(references, 3);
        assert_eq!(names(&failed), ["reference-values"]);
        assert!(failed[0].found.contains(says), "{failed:?}");
    };
    wrong(&References::default(), "there is none");
    wrong(&of(vec![list(draft(3, 8), 2)]), "there is none");
    let mut other = draft(3, 8);
    other.name = "other".parse().unwrap();
    wrong(&of(vec![list(other, 1)]), "there is none");
    wrong(&of(vec![list(draft(2, 8), 1)]), "serial 2");
    let mut expired = draft(4, 8);
    expired.not_after = UnixTime::from_secs(NOW.as_secs() - 1);
    // No older list stands in for the newest.
    wrong(&of(vec![list(expired, 1), list(draft(3, 8), 1)]), "ran out");
    // Of another kind of TEE.
    let mut tdx = draft(3, 8);
    tdx.values = BTreeMap::from([((TeeKind::Tdx, measurement(8)), String::new())]);
    assert_eq!(names(&failed(&of(vec![list(tdx, 1)]), 3)), ["measurement"]);
}

#[test]
fn one_number_stands_for_one_list() {
    let mut references = of(vec![list(draft(3, 8), 1)]);
    assert_eq!(references.add(list(draft(3, 8), 1)), Ok(()));
    assert_eq!(references.lists().len(), 1);
    let error = references.add(list(draft(3, 9), 1)).unwrap_err();
    assert!(matches!(
        error,
        ReferenceError::SameSerial { serial: 3, .. }
    ));
    assert_eq!(references.add(list(draft(3, 9), 2)), Ok(()));
}

#[test]
fn altered_lists_are_refused() {
    let bytes = draft(3, 8).sign(&key(1)).unwrap();
    for at in 0..bytes.len() {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(ReferenceValues::parse(&altered).is_err(), "byte {at}");
        assert!(ReferenceValues::parse(&bytes[..at]).is_err(), "cut at {at}");
    }
    // Another's key under our signature.
    let theirs = draft(3, 8).sign(&key(2)).unwrap();
    let mut mixed = theirs.clone();
    let (from, to) = (
        key(2).verifying_key().to_bytes(),
        key(1).verifying_key().to_bytes(),
    );
    let at = mixed.windows(32).position(|window| window == from).unwrap();
    mixed[at..at + 32].copy_from_slice(&to);
    let error = ReferenceValues::parse(&mixed).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Rejected);
}

#[test]
fn drafts_have_limits() {
    let refused = |change: fn(&mut ReferenceDraft)| {
        let mut draft = draft(3, 8);
        change(&mut draft);
        matches!(draft.sign(&key(1)), Err(ReferenceError::Rule { .. }))
    };
    assert!(refused(|draft| draft.serial = 0));
    assert!(refused(|draft| draft.not_after = UnixTime::from_secs(0)));
    assert!(refused(|draft| draft.values.clear()));
    assert!(refused(|draft| for note in draft.values.values_mut() {
        *note = "x".repeat(129);
    }));
}

#[test]
fn a_draft_is_written_and_read_as_text() {
    let draft = draft(3, 8);
    let text = draft.to_string();
    assert_eq!(text.parse(), Ok(draft.clone()), "{text}");
    for (from, to) in [
        ("serial = 3", "serial = 3\nserail = 4"),
        ("version = 1", "version = 2"),
        ("kind = \"snp\"", "kind = \"sevsnp\""),
        ("measurement = \"08", "measurement = \"8"),
        ("name = \"adyton\"", "name = \"Adyton\""),
        ("not-before = \"", "not-before = \"x"),
        ("serial = 3\n", ""),
    ] {
        let wrong = text.replace(from, to);
        assert_ne!(wrong, text);
        let error = wrong.parse::<ReferenceDraft>().unwrap_err();
        assert_eq!(error.class(), ErrorClass::Malformed, "{error}");
    }
    let value = text.split_once("[[value]]").unwrap().1;
    let twice = format!("{text}\n[[value]]{value}");
    assert!(matches!(
        twice.parse::<ReferenceDraft>(),
        Err(ReferenceError::Rule { .. })
    ));
}
