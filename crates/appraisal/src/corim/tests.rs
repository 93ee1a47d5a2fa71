use adyton_codec::Value;
use adyton_crypto::{SecretArray, SigningKey};
use adyton_pki::forge::ForgeKey;
use adyton_pki::{KeyKind, SignatureAlgorithm};
use adyton_types::{ErrorClass, TeeKind};

use super::*;

fn map(entries: Vec<(u64, Value<'static>)>) -> Value<'static> {
    let entries = entries
        .into_iter()
        .map(|(key, value)| (Value::Uint(key), value));
    Value::Map(entries.collect())
}

fn array<const N: usize>(items: [Value<'static>; N]) -> Value<'static> {
    Value::Array(items.into())
}

fn owned(bytes: &[u8]) -> Value<'static> {
    Value::Bytes(bytes.to_vec().into())
}

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

fn digest(algorithm: u64, value: &[u8]) -> Value<'static> {
    array([Value::Uint(algorithm), owned(value)])
}

/// A measurement with these values.
fn measured(values: Vec<(u64, Value<'static>)>) -> Value<'static> {
    map(vec![(1, map(values))])
}

/// Vendor and model.
fn environment() -> Vec<(u64, Value<'static>)> {
    let class = map(vec![(1, text("ACME Inc.")), (2, text("RoadRunner"))]);
    vec![(0, class)]
}

/// A CoRIM's map with one CoMID with these triples.
fn corim(triples: Vec<(u64, Value<'static>)>) -> Vec<(u64, Value<'static>)> {
    let identity = map(vec![(0, owned(&[7; 16]))]);
    let comid = map(vec![(1, identity), (4, map(triples))]);
    let tag = Value::Tag(506, Box::new(owned(&comid.encode())));
    vec![(0, text("one")), (1, array([tag]))]
}

/// Its one triple: reference values of an environment.
fn references(
    environment: Vec<(u64, Value<'static>)>,
    measurement: Value<'static>,
) -> Vec<(u64, Value<'static>)> {
    let triple = array([map(environment), array([measurement])]);
    corim(vec![(0, array([triple]))])
}

fn unsigned(corim: Vec<(u64, Value<'static>)>) -> Vec<u8> {
    Value::Tag(501, Box::new(map(corim))).encode()
}

fn read(corim: Vec<(u64, Value<'static>)>) -> CorimImport {
    danger_import_unverified_corim(&unsigned(corim), TeeKind::Snp).unwrap()
}

fn good() -> Vec<(u64, Value<'static>)> {
    let digests = array([digest(7, &[0x3e; 48])]);
    references(environment(), measured(vec![(2, digests)]))
}

fn signed(payload: &[u8], alg: u64, sign: impl Fn(&[u8]) -> Vec<u8>) -> Vec<u8> {
    let protected = map(vec![
        (1, Value::Nint(alg)),
        (3, text("application/rim+cbor")),
    ])
    .encode();
    let message = array([
        text("Signature1"),
        owned(&protected),
        owned(&[]),
        owned(payload),
    ]);
    let signature = sign(&message.encode());
    let sign1 = array([
        owned(&protected),
        Value::Map(Vec::new()),
        owned(payload),
        owned(&signature),
    ]);
    Value::Tag(18, Box::new(sign1)).encode()
}

/// Figure of draft-ietf-rats-corim ("corim-1"): one SHA-256 digest of one class.
#[test]
fn the_drafts_own_example_is_read() {
    let hex = concat!(
        "d901f5a20050284e6c3e5d9f4f6b851f5a4247f243a70181d901fa58afa301a100503f06af63a93c11e4979700",
        "505690773f0281a3006941434d4520496e632e01d8207468747470733a2f2f61636d652e6578616d706c650281",
        "0004a1008182a100a400d8255067b28b6c34cc40a19117ab5b05911e37016941434d4520496e632e026f41434d",
        "4520526f616452756e6e6572030181a101a200a20065312e302e300119400002818201582044aa336af4cb14a8",
        "79432e53dd6571c7fa9bccafb75f488259262d6ea3a4d91b",
    );
    let bytes = adyton_codec::hex_decode(hex).unwrap();
    let import = danger_import_unverified_corim(&bytes, TeeKind::Sgx).unwrap();
    assert_eq!(import.id, "284e6c3e5d9f4f6b851f5a4247f243a7");
    let (key, taken) = import.taken.first_key_value().unwrap();
    assert_eq!(
        key.1.to_string(),
        "44aa336af4cb14a879432e53dd6571c7fa9bccafb75f488259262d6ea3a4d91b"
    );
    assert_eq!(taken.note, "ACME Inc. ACME RoadRunner layer 1, 1.0.0");
    assert_eq!(
        (import.taken.len(), import.left.len()),
        (1, 0),
        "{import:?}"
    );
    let other = danger_import_unverified_corim(&bytes, TeeKind::Snp).unwrap();
    assert!(other.taken.is_empty());
    assert!(other.left[0].why.contains("no measurement of kind snp"));
}

#[test]
fn a_signed_one_is_its_signers() {
    let payload = map(good()).encode();
    let key = SigningKey::from_seed(&SecretArray::fill_with(|bytes: &mut [u8; 32]| {
        bytes.fill(7)
    }));
    let eddsa = signed(&payload, 7, |message| key.sign(message).to_vec());
    let prefix = [
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00,
    ];
    let spki = [prefix.as_slice(), &key.verifying_key().to_bytes()].concat();
    let ed25519 = CorimSigner::from_spki(&spki).unwrap();
    let import = import_corim(&eddsa, &ed25519, TeeKind::Snp).unwrap();
    assert_eq!(import.taken.len(), 1);
    let p384 = ForgeKey::generate(KeyKind::P384);
    let ecdsa = signed(&payload, 34, |message| {
        p384.sign(SignatureAlgorithm::EcdsaP384Sha384Fixed, message)
    });
    let signer = CorimSigner::from_key(p384.public().clone()).unwrap();
    assert!(import_corim(&ecdsa, &signer, TeeKind::Snp).is_ok());
    // Wrapped as early documents are, with a tagged payload.
    let tagged = Value::Tag(501, Box::new(map(good()))).encode();
    let early = signed(&tagged, 7, |message| key.sign(message).to_vec());
    let early = [&[0xd9, 0x01, 0xf4, 0xd9, 0x01, 0xf6], early.as_slice()].concat();
    assert!(import_corim(&early, &ed25519, TeeKind::Snp).is_ok());

    let other = import_corim(&ecdsa, &ed25519, TeeKind::Snp).unwrap_err();
    assert_eq!(
        other,
        CorimError::Algorithm {
            expected: -8,
            found: -35
        }
    );
    for at in 0..eddsa.len() {
        let mut flipped = eddsa.clone();
        flipped[at] ^= 1;
        assert!(
            import_corim(&flipped, &ed25519, TeeKind::Snp).is_err(),
            "byte {at}"
        );
    }
    let bare = import_corim(&unsigned(good()), &ed25519, TeeKind::Snp).unwrap_err();
    assert_eq!(
        (bare.class(), bare),
        (ErrorClass::Rejected, CorimError::Unsigned)
    );
}

#[test]
fn what_a_list_cannot_say_is_left_out_and_told() {
    let one = || digest(7, &[0x3e; 48]);
    let digests = || array([one()]);
    let class = || environment().remove(0).1;
    let only = |more: (u64, Value<'static>)| {
        references(environment(), measured(vec![(2, digests()), more]))
    };
    let values = || measured(vec![(2, digests())]);
    let authorized = map(vec![(1, map(vec![(2, digests())])), (2, array([]))]);
    for (corim, why) in [
        (
            only((1, Value::Tag(553, Box::new(Value::Uint(3))))),
            "a security version",
        ),
        (only((3, map(vec![(1, Value::Bool(true))]))), "flags"),
        (only((14, map(vec![]))), "integrity registers"),
        (only((99, Value::Null)), "not understood"),
        (
            references(environment(), measured(vec![(4, owned(&[1]))])),
            "a raw value",
        ),
        (references(environment(), measured(vec![])), "no digest"),
        (references(environment(), authorized), "some signers"),
        (
            references(vec![(0, class()), (1, owned(&[1]))], values()),
            "some instances only",
        ),
        (
            references(vec![(0, class()), (2, owned(&[1]))], values()),
            "some instances only",
        ),
        (
            references(
                environment(),
                measured(vec![(2, array([digest(2, &[1; 16])]))]),
            ),
            "by algorithm 2",
        ),
        (
            references(
                environment(),
                measured(vec![(2, array([digest(1, &[1; 32])]))]),
            ),
            "32 bytes is no measurement of kind snp",
        ),
        (corim(vec![(1, array([]))]), "reference values only"),
        (corim(vec![(3, array([]))]), "reference values only"),
    ] {
        let import = read(corim);
        assert!(import.taken.is_empty(), "{import:?}");
        assert_eq!(import.left.len(), 1, "{import:?}");
        assert!(import.left[0].why.contains(why), "{import:?} has no {why}");
    }
}

#[test]
fn what_stands_beside_is_told_and_does_not_keep_the_good_from_being_taken() {
    let mut beside = good();
    beside.extend([
        (2, array([])),
        (3, text("tag:example.com,2026:p")),
        (4, map(vec![(1, Value::Tag(1, Box::new(Value::Uint(9))))])),
        (77, Value::Null),
    ]);
    let Value::Array(tags) = &mut beside[1].1 else {
        panic!()
    };
    tags.push(Value::Tag(505, Box::new(owned(&[]))));
    let import = read(beside);
    assert_eq!(import.taken.len(), 1);
    assert_eq!(import.not_after, Some(adyton_types::UnixTime::from_secs(9)));
    let told: Vec<&str> = import.left.iter().map(|left| left.at.as_str()).collect();
    assert_eq!(
        told,
        [
            "dependent manifests",
            "profile",
            "CoRIM / entry 77",
            "tag 1"
        ]
    );
}

/// That a CoMID replaces another, or is replaced, is told: the values of an old one could be taken.
#[test]
fn tags_that_are_linked_to_others_are_told() {
    let Value::Array(triples) = array([map(environment()), array([])]) else {
        panic!()
    };
    let triples = map(vec![(0, Value::Array(vec![Value::Array(triples)]))]);
    let linked = array([array([text("older"), Value::Uint(1)])]);
    let comid = map(vec![(3, linked), (4, triples)]);
    let tag = Value::Tag(506, Box::new(owned(&comid.encode())));
    let import = read(vec![(0, text("one")), (1, array([tag]))]);
    let told: Vec<&str> = import.left.iter().map(|left| left.at.as_str()).collect();
    assert_eq!(told, ["tag 0 / linked tags"]);
}

/// What the signer marked as critical, and a payload that is elsewhere, are not understood.
#[test]
fn headers_that_change_the_meaning_are_refused() {
    let payload = map(good()).encode();
    let with = |more: Vec<(u64, Value<'static>)>| {
        let mut header = vec![(1, Value::Nint(7))];
        header.extend(more);
        let protected = map(header).encode();
        let sign1 = array([owned(&protected), map(vec![]), owned(&payload), owned(&[])]);
        let bytes = Value::Tag(18, Box::new(sign1)).encode();
        danger_import_unverified_corim(&bytes, TeeKind::Snp)
    };
    assert_eq!(with(vec![]).unwrap().left, []);
    assert_eq!(with(vec![(8, owned(&[]))]).unwrap().left.len(), 1);
    for more in [(2, array([])), (258, Value::Nint(15))] {
        let error = with(vec![more]).unwrap_err();
        assert!(matches!(error, CorimError::Form { .. }), "{error}");
    }
}

#[test]
fn a_document_has_a_size() {
    let sized = |len: usize| {
        let mut document = good();
        document.push((77, text(&"x".repeat(len))));
        unsigned(document)
    };
    let around = sized(100_000).len() - 100_000;
    let read = |len: usize| {
        let bytes = sized(len - around);
        assert_eq!(bytes.len(), len);
        danger_import_unverified_corim(&bytes, TeeKind::Snp)
    };
    assert_eq!(read(MAX_CORIM_BYTES).unwrap().taken.len(), 1);
    let found = MAX_CORIM_BYTES + 1;
    assert_eq!(read(found), Err(CorimError::TooLong { found }));
}

#[test]
fn other_forms_are_refused() {
    let long = vec![0; MAX_CORIM_BYTES + 1];
    let short = references(
        environment(),
        measured(vec![(2, array([digest(7, &[1; 47])]))]),
    );
    let no_triples = vec![
        (0, text("one")),
        (1, array([Value::Tag(506, Box::new(map(vec![])))])),
    ];
    for bytes in [
        Vec::new(),
        b"{}".to_vec(),
        long,
        Value::Tag(500, Box::new(Value::Null)).encode(),
        Value::Tag(501, Box::new(Value::Null)).encode(),
        unsigned(vec![(0, text("one"))]),
        unsigned(short),
        unsigned(no_triples),
        [unsigned(good()).as_slice(), &[0]].concat(),
    ] {
        let error = danger_import_unverified_corim(&bytes, TeeKind::Snp).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Malformed, "{error}");
    }
    assert!(matches!(
        CorimSigner::from_spki(&[0x30, 0]),
        Err(CorimError::Key)
    ));
    let rsa = ForgeKey::generate(KeyKind::P256).public().clone();
    assert!(CorimSigner::from_key(rsa).is_ok());
}
