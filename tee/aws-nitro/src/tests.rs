use adyton_codec::Value;
use adyton_pki::forge::{CertificateForge, ExtensionForge, ForgeKey};
use adyton_pki::{KeyKind, KeyUsage, SignatureAlgorithm, oids};
use adyton_types::{ErrorClass, UnixTime};

use crate::forge::{ForgedNitro, KEYS, NOW, envelope, pcr};
use crate::{
    Device, MAX_AHEAD_SECS, NitroClaims, NitroDocument, NitroError, Roots, checks, verify,
};

const MAX_AGE_SECS: u64 = 300;

fn enclave() -> ForgedNitro {
    ForgedNitro::new(Device::Enclave)
}

fn judge(bytes: &[u8]) -> Result<NitroClaims, NitroError> {
    verify(bytes, &ForgedNitro::roots(), MAX_AGE_SECS, NOW)
        .map(super::verify::VerifiedNitroDocument::into_claims)
}

fn check(bytes: &[u8]) -> &'static str {
    judge(bytes).unwrap_err().check()
}

fn altered(alter: impl FnOnce(&mut ForgedNitro)) -> &'static str {
    let mut forged = enclave();
    alter(&mut forged);
    check(&forged.sign())
}

#[test]
fn documents_of_both_devices_verify() {
    for device in [Device::Enclave, Device::NitroTpm] {
        for streamed in [false, true] {
            let mut forged = ForgedNitro::new(device);
            forged.streamed = streamed;
            let bytes = forged.sign();
            let verified = verify(&bytes, &ForgedNitro::roots(), MAX_AGE_SECS, NOW).unwrap();
            let claims = verified.claims();
            assert_eq!(claims.device, device);
            assert!(!claims.debug);
            assert_eq!(claims.user_data.as_deref(), Some(&[0xda; 32][..]));
            assert_eq!(claims.nonce.as_deref(), Some(&[0x9e; 32][..]));
            assert_eq!(claims.public_key, None);
            assert_eq!(claims.age_secs, 0);
            assert!(claims.pcrs_match([(0, &[1; 48]), (8, &[1; 48])]));
            assert!(!claims.pcrs_match([(0, &[2; 48])]) && !claims.pcrs_match([(5, &[0; 48])]));
            let names: Vec<&str> = verified.checks().iter().map(|check| check.name).collect();
            let all: Vec<&str> = checks::ALL.iter().map(|rule| rule.name).collect();
            assert_eq!(names, all);
            // The tag of COSE_Sign1 may be there.
            assert!(judge(&[&[0xd2], &bytes[..]].concat()).is_ok());
        }
    }
}

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
fn fields_are_what_the_document_says() {
    for (device, name) in [(Device::Enclave, "enclave"), (Device::NitroTpm, "nitrotpm")] {
        let bytes = ForgedNitro::new(device).sign();
        let fields = NitroDocument::parse(&bytes).unwrap().fields();
        let value = |name: &str| {
            let field = fields.iter().find(|field| field.name == name);
            field.unwrap().value.clone()
        };
        assert_eq!(value("device"), name);
        let seconds = NOW.as_secs();
        assert_eq!(value("timestamp"), format!("{seconds}000 ms ({NOW})"));
        assert_eq!(value("pcrs.8"), "01".repeat(48));
        assert_eq!(
            (value("public_key"), value("nonce")),
            ("none".to_owned(), "9e".repeat(32))
        );
    }
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
fn only_the_pinned_root_is_accepted() {
    let bytes = enclave().sign();
    let error = verify(&bytes, &Roots::aws(), MAX_AGE_SECS, NOW).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("root-pinned", ErrorClass::Rejected)
    );
    // The root at the end of the bundle, where some verifiers look for it.
    let forged = enclave();
    let [root, region, instance, leaf] = &forged.chain;
    let turned = [
        instance.sign(&KEYS.region),
        region.sign(&KEYS.root),
        root.sign(&KEYS.root),
        leaf.sign(&KEYS.instance),
    ];
    assert_eq!(check(&forged.sign_with(turned, &KEYS.leaf)), "root-pinned");
}

#[test]
fn the_chain_is_refused_by_exactly_the_check_that_it_fails() {
    let before = UnixTime::from_secs(NOW.as_secs() - 1);
    for index in 0..4 {
        assert_eq!(
            altered(|f| f.chain[index].not_after = before),
            "chain-dates"
        );
        assert_eq!(
            altered(|f| f.chain[index].not_before = NOW.plus_secs(1)),
            "chain-dates"
        );
        assert_eq!(altered(|f| f.chain[index].version = 0), "chain-form");
    }
    for index in 1..4 {
        let other = CertificateForge::new("x", "another", &KEYS.leaf).issuer;
        assert_eq!(altered(|f| f.chain[index].issuer = other), "chain-names");
    }
    let p256 = ForgeKey::generate(KeyKind::P256);
    assert_eq!(
        altered(|f| f.chain[3].spki = p256.spki().to_vec()),
        "chain-form"
    );
    let unknown = ExtensionForge::new(oids::EXT_KEY_USAGE, true, &[0x30, 0]);
    assert_eq!(
        altered(|f| f.chain[2] = f.chain[2].clone().with(unknown)),
        "chain-form"
    );
    let weak = Some(vec![0x30, 0]);
    assert_eq!(
        altered(|f| f.chain[2].inner_algorithm = weak),
        "chain-signatures"
    );
    let usage = ExtensionForge::key_usage(KeyUsage::CRL_SIGN);
    for index in 0..4 {
        let change =
            |f: &mut ForgedNitro| f.chain[index] = f.chain[index].clone().with(usage.clone());
        assert_eq!(altered(change), "chain-usage", "{index}");
    }
    for index in 0..3 {
        let change = |f: &mut ForgedNitro| {
            f.chain[index] = f.chain[index].clone().without(&oids::BASIC_CONSTRAINTS);
        };
        assert_eq!(altered(change), "chain-usage", "{index}");
    }
    let ca = ExtensionForge::basic_constraints(true, None);
    assert_eq!(
        altered(|f| f.chain[3] = f.chain[3].clone().with(ca)),
        "chain-usage"
    );
    let none_below = ExtensionForge::basic_constraints(true, Some(0));
    assert_eq!(
        altered(|f| f.chain[1] = f.chain[1].clone().with(none_below)),
        "chain-usage"
    );
}

#[test]
fn each_certificate_is_signed_by_the_one_above_it() {
    let forged = enclave();
    let [root, region, instance, leaf] = &forged.chain;
    let right = || {
        [
            root.sign(&KEYS.root),
            region.sign(&KEYS.root),
            instance.sign(&KEYS.region),
            leaf.sign(&KEYS.instance),
        ]
    };
    for (index, certificate) in forged.chain.iter().enumerate().skip(1) {
        let mut chain = right();
        chain[index] = certificate.sign(&KEYS.stranger);
        assert_eq!(
            check(&forged.sign_with(chain, &KEYS.leaf)),
            "chain-signatures",
            "{index}"
        );
    }
    let mut sha256 = leaf.clone();
    sha256.outer_algorithm = Some(ecdsa_sha256());
    sha256.inner_algorithm = Some(ecdsa_sha256());
    let mut chain = right();
    chain[3] = sha256.sign(&KEYS.instance);
    assert_eq!(
        check(&forged.sign_with(chain, &KEYS.leaf)),
        "chain-signatures"
    );
    assert_eq!(
        check(&forged.sign_with(right(), &KEYS.stranger)),
        "document-signature"
    );
    // The instance's key is in the chain, but not the leaf's.
    assert_eq!(
        check(&forged.sign_with(right(), &KEYS.instance)),
        "document-signature"
    );
}

/// The AlgorithmIdentifier of ecdsa-with-SHA256.
fn ecdsa_sha256() -> Vec<u8> {
    let oid = oids::ECDSA_SHA256;
    let oid = oid.as_bytes();
    let length = u8::try_from(oid.len()).unwrap();
    [&[0x30, length + 2, 0x06, length], oid].concat()
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

#[test]
fn an_old_document_is_refused_while_its_chain_is_valid() {
    let bytes = enclave().sign();
    let at = |now| verify(&bytes, &ForgedNitro::roots(), MAX_AGE_SECS, now);
    assert_eq!(
        at(NOW.plus_secs(MAX_AGE_SECS)).unwrap().claims().age_secs,
        MAX_AGE_SECS
    );
    let error = at(NOW.plus_secs(MAX_AGE_SECS + 1)).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("document-fresh", ErrorClass::Stale)
    );
    let earlier = |secs| UnixTime::from_secs(NOW.as_secs() - secs);
    assert_eq!(at(earlier(MAX_AHEAD_SECS)).unwrap().claims().age_secs, 0);
    assert_eq!(
        at(earlier(MAX_AHEAD_SECS + 1)).unwrap_err().check(),
        "document-fresh"
    );
}

#[test]
fn a_debug_enclave_is_a_claim() {
    let debug = |device, index: u64, value: Option<u8>| {
        let mut forged = ForgedNitro::new(device);
        let field = if device == Device::Enclave {
            "pcrs"
        } else {
            "nitrotpm_pcrs"
        };
        let mut registers: Vec<_> = [0, 1, 2, 4].map(|i| (Value::Uint(i), pcr(1))).to_vec();
        registers.retain(|(i, _)| *i != Value::Uint(index));
        if let Some(byte) = value {
            registers.push((Value::Uint(index), pcr(byte)));
        }
        forged.set(field, Value::Map(registers));
        judge(&forged.sign()).unwrap().debug
    };
    for index in 0..3 {
        assert!(debug(Device::Enclave, index, Some(0)));
        assert!(debug(Device::Enclave, index, None));
        assert!(!debug(Device::Enclave, index, Some(2)));
        assert!(!debug(Device::NitroTpm, index, Some(0)));
    }
    assert!(!debug(Device::Enclave, 4, Some(0)));
}
