use adyton_codec::Value;
use adyton_pki::SignatureAlgorithm;

use super::{altered, check, enclave, judge};
use crate::forge::{KEYS, envelope, pcr};
use crate::{NitroDocument, NitroError};

#[test]
fn the_envelope_is_exact() {
    let good = enclave().sign();
    assert_eq!(check(&[]), "envelope");
    assert_eq!(check(&[&good[..], &[0]].concat()), "envelope");
    assert_eq!(check(&good[..good.len() - 1]), "envelope");
    assert_eq!(check(&[&[0xd3], &good[..]].concat()), "envelope");
    for (length, too_long) in [(16_384, false), (16_385, true), (16_386, true)] {
        let error = judge(&vec![0; length]).unwrap_err();
        assert_eq!(error.check(), "envelope");
        assert_eq!(matches!(error, NitroError::Size { .. }), too_long);
    }
    assert_eq!(check(&Value::Map(Vec::new()).encode()), "envelope");
    let header = enclave().protected.encode();
    let empty = Value::Map(Vec::new());
    let short = envelope(&header, &empty, &[0xa0], &[7; 95]).encode();
    assert_eq!(check(&short), "envelope");
    let three = Value::Array(vec![Value::bytes(&header), empty, Value::bytes(&[0xa0])]);
    assert_eq!(check(&three.encode()), "envelope");
    let detached = [
        Value::bytes(&header),
        Value::Map(Vec::new()),
        Value::Null,
        Value::bytes(&[7; 96]),
    ];
    assert_eq!(check(&Value::Array(detached.to_vec()).encode()), "envelope");
}

#[test]
fn the_headers_say_es384_and_nothing_else() {
    let map = |entries: &[(u64, Value<'static>)]| {
        let entries = entries
            .iter()
            .cloned()
            .map(|(key, value)| (Value::Uint(key), value));
        Value::Map(entries.collect())
    };
    let es384 = (1, Value::Nint(34));
    for header in [
        map(&[]),
        map(&[(1, Value::Nint(6))]),
        map(&[(1, Value::Nint(35))]),
        map(&[es384.clone(), (2, Value::Array(vec![Value::Uint(1)]))]),
        map(&[es384.clone(), (4, Value::text("key"))]),
        Value::Null,
    ] {
        assert_eq!(altered(|forged| forged.protected = header), "algorithm");
    }
    assert_eq!(
        altered(|forged| forged.unprotected = map(&[es384])),
        "unprotected-empty"
    );
    assert_eq!(
        altered(|forged| forged.unprotected = Value::Null),
        "unprotected-empty"
    );
}

#[test]
fn the_payload_is_a_map_with_each_key_once() {
    assert_eq!(
        altered(|forged| forged
            .fields
            .push((Value::text("digest"), Value::text("SHA384")))),
        "payload"
    );
    assert_eq!(
        altered(|forged| forged.fields.push((Value::Uint(1), Value::Null))),
        "payload"
    );
    let protected = enclave().protected.encode();
    let empty = Value::Map(Vec::new());
    for payload in [&[0x80][..], &[0xa0, 0x00], &[0xbf], &[]] {
        let bytes = envelope(&protected, &empty, payload, &[7; 96]).encode();
        assert_eq!(check(&bytes), "payload", "{payload:02x?}");
    }
}

#[test]
fn every_field_has_its_kind_and_size() {
    let bytes = |length: usize| Value::Bytes(vec![7; length].into());
    let certificates = |count: usize| Value::Array(vec![bytes(9); count]);
    let registers = |entries: &[(u64, Value<'static>)]| {
        let entries = entries
            .iter()
            .cloned()
            .map(|(key, value)| (Value::Uint(key), value));
        Value::Map(entries.collect())
    };
    for (field, value) in [
        ("module_id", Value::text("")),
        ("module_id", bytes(4)),
        ("digest", Value::text("SHA256")),
        ("digest", Value::Null),
        ("timestamp", Value::Uint(0)),
        ("timestamp", Value::Nint(0)),
        ("timestamp", Value::text("now")),
        ("pcrs", registers(&[])),
        ("pcrs", registers(&[(32, pcr(1))])),
        ("pcrs", registers(&[(0, bytes(32))])),
        ("pcrs", registers(&[(0, Value::Null)])),
        ("pcrs", Value::Map(vec![(Value::text("0"), pcr(1))])),
        ("pcrs", Value::Array(vec![pcr(1)])),
        ("nitrotpm_pcrs", registers(&[(0, pcr(1))])),
        ("certificate", bytes(0)),
        ("certificate", bytes(1025)),
        ("certificate", Value::Null),
        ("cabundle", certificates(0)),
        ("cabundle", certificates(9)),
        ("cabundle", Value::Array(vec![bytes(0)])),
        ("cabundle", Value::Array(vec![bytes(1025)])),
        ("cabundle", Value::Array(vec![Value::Uint(1)])),
        ("cabundle", bytes(4)),
        ("public_key", bytes(0)),
        ("public_key", bytes(1025)),
        ("user_data", bytes(513)),
        ("user_data", Value::text("text")),
        ("nonce", bytes(513)),
        ("debug", Value::Bool(false)),
    ] {
        assert_eq!(
            altered(|f| _ = f.set(field, value.clone())),
            "fields",
            "{field}: {value:?}"
        );
    }
    for field in ["module_id", "digest", "timestamp", "pcrs"] {
        assert_eq!(
            altered(|f| _ = f.remove(field)),
            "fields",
            "without {field}"
        );
    }
    for field in ["public_key", "user_data", "nonce"] {
        let mut forged = enclave();
        forged.remove(field);
        assert!(judge(&forged.sign()).is_ok(), "without {field}");
    }
    let mut many = enclave();
    many.set("cabundle", certificates(8));
    assert!(NitroDocument::parse(&many.sign()).is_ok());
    let mut largest = enclave();
    largest
        .set("public_key", bytes(1024))
        .set("user_data", bytes(512))
        .set("nonce", bytes(0));
    assert!(judge(&largest.sign()).is_ok());
}

#[test]
fn the_signature_covers_what_was_received() {
    // The same header in another encoding is another header.
    let forged = enclave();
    let good = forged.sign();
    let document = NitroDocument::parse(&good).unwrap();
    let key = &KEYS.leaf;
    let signature = key.sign(
        SignatureAlgorithm::EcdsaP384Sha384Fixed,
        &document.signed_bytes(),
    );
    let again = envelope(
        &document.protected,
        &Value::Map(Vec::new()),
        document.payload,
        &signature,
    );
    assert!(judge(&again.encode()).is_ok());
    for at in (0..good.len()).step_by(11) {
        let mut flipped = good.clone();
        flipped[at] ^= 1;
        assert!(judge(&flipped).is_err(), "byte {at}");
    }
}

/// The document with its payload changed, and signed again by the leaf.
fn rewritten(change: impl FnOnce(&mut Vec<u8>)) -> &'static str {
    let good = enclave().sign();
    let document = NitroDocument::parse(&good).unwrap();
    let mut payload = document.payload.to_vec();
    change(&mut payload);
    let signed = Value::Array(vec![
        Value::text("Signature1"),
        Value::bytes(&document.protected),
        Value::bytes(&[]),
        Value::bytes(&payload),
    ]);
    let algorithm = SignatureAlgorithm::EcdsaP384Sha384Fixed;
    let signature = KEYS.leaf.sign(algorithm, &signed.encode());
    let empty = Value::Map(Vec::new());
    check(&envelope(&document.protected, &empty, &payload, &signature).encode())
}

/// Where these bytes stand in a payload; they are there once.
fn place(payload: &[u8], bytes: &[u8]) -> usize {
    let mut found = payload.windows(bytes.len()).enumerate();
    let (at, _) = found.find(|(_, window)| *window == bytes).unwrap();
    at
}

#[test]
fn no_register_is_there_twice_and_nothing_is_written_another_way() {
    // PCR 1 as another PCR 0: who takes the last, and who takes the first, would see two images.
    let second = [&[1, 0x58, 0x30][..], &[1; 48]].concat();
    assert_eq!(
        rewritten(|payload| {
            let at = place(payload, &second);
            payload[at] = 0;
        }),
        "payload"
    );
    // An index, the length of a value and the number of entries, each in a byte more than it needs.
    for (short, long) in [
        (&second[..3], &[0x18, 1, 0x58, 0x30][..]),
        (&second[..3], &[1, 0x59, 0, 0x30]),
        (&[0xa6, 0, 0x58, 0x30], &[0xb8, 6, 0, 0x58, 0x30]),
    ] {
        let found = rewritten(|payload| {
            let at = place(payload, short);
            payload.splice(at..at + short.len(), long.iter().copied());
        });
        assert_eq!(found, "payload", "{long:02x?}");
    }
    // A text in pieces.
    let digest = [&[0x66][..], b"SHA384"].concat();
    let pieces = [&[0x7f][..], &digest, &[0xff]].concat();
    let found = rewritten(|payload| {
        let at = place(payload, &digest);
        payload.splice(at..at + digest.len(), pieces);
    });
    assert_eq!(found, "payload");
}
