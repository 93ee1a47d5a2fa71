use adyton_codec::{Value, hex_encode};
use adyton_crypto::{SecretArray, SigningKey, os_rng, sign_labelled};
use adyton_types::{ErrorClass, Protection, Protections, ReportData, Sha256Digest};

use crate::report::LABEL;
use crate::{PLATFORM_KEY_BYTES, PlatformKey, SoftwareEvidenceError, SoftwareReport, verify};

fn key(n: u8) -> PlatformKey {
    let mut file = Value::map([
        ("v", Value::text("adyton/platform-key/v1")),
        ("seed", Value::bytes(&[0; 32])),
    ])
    .encode();
    let at = file.len() - 32;
    file[at..].fill(n);
    PlatformKey::parse(&file).unwrap()
}

fn report() -> SoftwareReport {
    SoftwareReport::new(
        ReportData::new([7; 64]),
        Sha256Digest::new([8; 32]),
        Protections::from([Protection::Seccomp, Protection::Traced]),
    )
}

/// Evidence over any payload, signed by any key under any label.
fn forge(
    claimed: &PlatformKey,
    signer: &PlatformKey,
    label: &'static str,
    payload: &[u8],
) -> Vec<u8> {
    let sign1 = sign_labelled(label, signer.signing_key(), payload);
    let public = claimed.signing_key().verifying_key().to_bytes();
    Value::map([
        ("key", Value::bytes(&public)),
        ("sign1", Value::bytes(&sign1)),
    ])
    .encode()
}

fn payload<'a>(protections: &[&'a str]) -> Vec<(&'static str, Value<'a>)> {
    vec![
        ("v", Value::text(LABEL)),
        ("report-data", Value::bytes(&[7; 64])),
        ("executable", Value::bytes(&[8; 32])),
        ("svn", Value::Uint(1)),
        (
            "protections",
            Value::Array(protections.iter().map(|p| Value::text(p)).collect()),
        ),
    ]
}

fn encode(fields: Vec<(&'static str, Value<'_>)>) -> Vec<u8> {
    let entries = fields.into_iter().map(|(k, v)| (Value::text(k), v));
    Value::Map(entries.collect()).encode()
}

fn class(evidence: &[u8]) -> Option<ErrorClass> {
    verify(evidence).err().map(|error| error.class())
}

#[test]
fn claims_are_those_that_the_key_signed() {
    let verified = verify(&report().sign(&key(1))).unwrap();
    let claims = verified.claims();
    assert_eq!(claims.platform, key(1).fingerprint());
    assert_eq!(claims.executable, report().executable);
    assert_eq!(claims.svn, 1);
    assert_eq!(claims.protections, report().protections);
    assert_eq!(claims.report_data, report().report_data);
}

#[test]
fn every_flipped_or_missing_byte_is_refused() {
    let good = report().sign(&key(1));
    for i in 0..good.len() {
        let mut altered = good.clone();
        altered[i] ^= 1;
        assert!(verify(&altered).is_err(), "byte {i}");
        assert!(verify(&good[..i]).is_err(), "cut at {i}");
    }
    assert!(verify(&[good.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn only_the_named_key_and_label_sign() {
    let body = encode(payload(&["seccomp"]));
    assert_eq!(class(&forge(&key(1), &key(1), LABEL, &body)), None);
    let rejected = Some(ErrorClass::Rejected);
    assert_eq!(class(&forge(&key(1), &key(2), LABEL, &body)), rejected);
    assert_eq!(
        class(&forge(&key(1), &key(1), "adyton/receipt/v1", &body)),
        rejected
    );
}

#[test]
fn a_small_order_key_is_refused() {
    let sign1 = sign_labelled(LABEL, key(1).signing_key(), &report().encode());
    let mut identity = [0; 32];
    identity[0] = 1;
    let evidence = Value::map([
        ("key", Value::bytes(&identity)),
        ("sign1", Value::bytes(&sign1)),
    ])
    .encode();
    assert_eq!(verify(&evidence), Err(SoftwareEvidenceError::PlatformKey));
}

#[test]
fn a_signed_payload_of_another_form_is_refused() {
    let refused = |fields| class(&forge(&key(1), &key(1), LABEL, &encode(fields)));
    let malformed = Some(ErrorClass::Malformed);
    assert_eq!(refused(payload(&[])), None);
    for index in 0..payload(&[]).len() {
        let mut missing = payload(&[]);
        missing.remove(index);
        assert_eq!(refused(missing), malformed, "without field {index}");
        let mut other = payload(&[]);
        other[index].1 = Value::Null;
        assert_eq!(refused(other), malformed, "null in field {index}");
    }
    let mut more = payload(&[]);
    more.push(("debug", Value::Bool(true)));
    assert_eq!(refused(more), malformed);
    let mut short = payload(&[]);
    short[1].1 = Value::bytes(&[7; 48]);
    assert_eq!(refused(short), malformed);
    assert_eq!(refused(payload(&["seccomp", "landlock"])), malformed);
    assert_eq!(refused(payload(&["seccomp", "seccomp"])), malformed);
    assert_eq!(refused(payload(&["magic"])), Some(ErrorClass::Rejected));
}

#[test]
fn the_key_file_is_what_the_spec_says() {
    let file = key(3).encode();
    assert_eq!(file.expose().len(), PLATFORM_KEY_BYTES);
    assert_eq!(
        hex_encode(file.expose()),
        format!(
            "a261767661647974{}647365656458{}",
            "6f6e2f706c6174666f726d2d6b65792f7631",
            "20".to_owned() + &"03".repeat(32)
        )
    );
    let read = PlatformKey::parse(file.expose()).unwrap();
    assert_eq!(read.fingerprint(), key(3).fingerprint());
    let fresh = PlatformKey::generate(&mut os_rng());
    let again = PlatformKey::parse(fresh.encode().expose()).unwrap();
    assert_eq!(again.fingerprint(), fresh.fingerprint());
    for cut in 0..PLATFORM_KEY_BYTES {
        assert!(PlatformKey::parse(&file.expose()[..cut]).is_err());
    }
    assert_eq!(format!("{:?}", key(3)).find("03030303"), None);
}

#[test]
fn sealing_keys_differ_by_platform_executable_and_label() {
    let (a, b) = (Sha256Digest::new([1; 32]), Sha256Digest::new([2; 32]));
    let sealing = |n, executable, label| *key(n).sealing_key(executable, label).expose();
    let ours = sealing(1, &a, "state");
    assert_eq!(ours, sealing(1, &a, "state"));
    assert_ne!(ours, sealing(2, &a, "state"));
    assert_ne!(ours, sealing(1, &b, "state"));
    assert_ne!(ours, sealing(1, &a, "cache"));
    let seed = SecretArray::fill_with(|s: &mut [u8; 32]| s.fill(1));
    assert_ne!(&ours, SigningKey::from_seed(&seed).seed().expose());
}
