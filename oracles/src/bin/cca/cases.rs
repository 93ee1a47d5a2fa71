//! Tokens to compare verdicts over: recorded ones, and forged ones that deviate in one thing.

use adyton_codec::Value;
use adyton_oracles::Vectors;
use adyton_tee_arm_cca::forge::{ForgedKey, ForgedToken, payload};
use adyton_tee_arm_cca::{Curve, EcKey, HashAlgorithm};

/// What both are told to trust: a token with the key of its machine.
pub struct World {
    pub name: String,
    pub token: Vec<u8>,
    pub key: EcKey,
}

/// A token to judge in a world, and what is odd about it.
pub type Case = (&'static str, Vec<u8>);

const RECORDED: [(&str, &str); 9] = [
    (
        "confidential-containers_trustee__cca-example-token.cbor__4e7ce433.cbor",
        "misc_cpak-pub.json",
    ),
    (
        "veraison_ccatoken__realm_testvectors_tf-rmm_cca_token.cbor",
        "testdata_cpak.json",
    ),
    (
        "veraison_rust-ccatoken__testdata_cca-token-01.cbor",
        "testdata_ta-tfa.json",
    ),
    (
        "veraison_rust-ccatoken__testdata_cca-token-02.cbor",
        "testdata_ta-02-ok.json",
    ),
    (
        "veraison_rust-ccatoken__testdata_cca-token-draft-ffm-00.cbor",
        "testdata_cpak.json",
    ),
    (
        "veraison_rust-ccatoken__testdata_bug-33-repro.cbor",
        "testdata_cpak.json",
    ),
    (
        "veraison_services__cca-evidence.cbor__2823dc80.cbor",
        "testdata_ta-02-ok.json",
    ),
    (
        "veraison_services__cca-good.cbor__d0999e07.cbor",
        "testdata_ta-02-ok.json",
    ),
    (
        "veraison_services__evidence.cbor__2476e533.cbor",
        "testdata_ta-02-ok.json",
    ),
];

/// Each recorded token with the key that belongs to it.
pub fn recorded(vectors: &Vectors) -> Vec<World> {
    let names = std::fs::read_dir(vectors.folder().join("cca")).expect("the folder `cca`");
    let names: Vec<String> = names
        .map(|entry| {
            entry
                .expect("a file")
                .file_name()
                .into_string()
                .expect("a name")
        })
        .collect();
    let read = |ending: &str| {
        let name = names.iter().find(|name| name.ends_with(ending));
        vectors.read(&format!("cca/{}", name.expect("a recorded file")))
    };
    RECORDED
        .into_iter()
        .map(|(file, key)| World {
            name: file.to_owned(),
            token: read(file),
            key: key_of(&read(key)),
        })
        .collect()
}

/// A JWK, or the first of a list of trust anchors.
fn key_of(json: &[u8]) -> EcKey {
    let json: serde_json::Value = serde_json::from_slice(json).expect("JSON");
    let jwk = json.get(0).map_or(&json, |anchor| &anchor["pkey"]);
    EcKey::from_jwk(&jwk.to_string()).expect("a public key")
}

/// A token of the profile that both sides know.
fn legacy(cpak: Curve) -> ForgedToken {
    let mut token = ForgedToken::new(cpak, Curve::P384);
    set(
        &mut token.platform,
        265,
        Value::text("http://arm.com/CCA-SSD/1.0.0"),
    );
    ForgedToken::set(&mut token.realm, 265, None);
    token
}

fn set(claims: &mut Vec<(u64, Value<'static>)>, key: u64, value: Value<'static>) {
    ForgedToken::set(claims, key, Some(value));
}

fn bytes(byte: u8, length: usize) -> Value<'static> {
    Value::Bytes(vec![byte; length].into())
}

/// A forged world, and tokens of it.
pub fn forged(curve: Curve) -> (World, Vec<Case>) {
    let mut token = legacy(curve);
    let world = World {
        name: format!("forged, CPAK on {}", curve.as_str()),
        token: token.encode(),
        key: token.cpak.public(),
    };
    let whole = (token.platform.clone(), token.realm.clone());
    let mut cases = claims(&mut token, &whole);
    (token.platform, token.realm) = whole.clone();
    cases.extend(keys(&mut token, &whole, curve));
    (token.platform, token.realm) = whole;
    cases.extend(encodings(&token, &world.token));
    (world, cases)
}

type Halves = (Vec<(u64, Value<'static>)>, Vec<(u64, Value<'static>)>);

/// What a token states.
fn claims(token: &mut ForgedToken, whole: &Halves) -> Vec<Case> {
    let mut cases = Vec::new();
    let mut case = |what, change: &dyn Fn(&mut ForgedToken)| {
        (token.platform, token.realm) = whole.clone();
        change(token);
        cases.push((what, token.encode()));
    };
    case("as it should be", &|_| ());
    for (key, _) in &whole.0 {
        case("a claim less", &|t| {
            ForgedToken::set(&mut t.platform, *key, None)
        });
        case("a claim of another type", &|t| {
            set(&mut t.platform, *key, Value::Null)
        });
    }
    for (key, _) in &whole.1 {
        case("a claim less", &|t| {
            ForgedToken::set(&mut t.realm, *key, None)
        });
        case("a claim of another type", &|t| {
            set(&mut t.realm, *key, Value::Null)
        });
    }
    case("an unknown claim of the platform", &|t| {
        set(&mut t.platform, 4711, Value::Uint(1))
    });
    case("an unknown claim of the realm", &|t| {
        set(&mut t.realm, 4711, Value::Uint(1))
    });
    for state in [
        0, 0x1000, 0x2fff, 0x3000, 0x30ff, 0x3100, 0x4000, 0x5000, 0x6000, 0x7000,
    ] {
        let what = match state {
            0x3000 | 0x30ff => "secured",
            0x2fff | 0x3100 | 0x7000 => "a lifecycle that there is not",
            _ => "a lifecycle that is not secured",
        };
        case(what, &|t| set(&mut t.platform, 2395, Value::Uint(state)));
    }
    case("another configuration", &|t| {
        set(&mut t.platform, 2401, bytes(0xce, 4))
    });
    case("an instance of another type", &|t| {
        set(&mut t.platform, 256, bytes(2, 33))
    });
    case("another instance", &|t| {
        let id = [&[1][..], &[7; 32]].concat();
        set(&mut t.platform, 256, Value::Bytes(id.into()));
    });
    case("another implementation", &|t| {
        set(&mut t.platform, 2396, bytes(4, 32))
    });
    case("an unknown hash", &|t| {
        set(&mut t.platform, 2402, Value::text("md5"))
    });
    case("SHA-384", &|t| {
        set(&mut t.platform, 2402, Value::text("sha-384"))
    });
    case("no challenge", &|t| set(&mut t.realm, 10, bytes(0, 64)));
    case("a short challenge", &|t| {
        set(&mut t.realm, 10, bytes(1, 32))
    });
    case("three REMs", &|t| {
        set(&mut t.realm, 44239, Value::Array(vec![bytes(0, 32); 3]))
    });
    case("a short REM", &|t| {
        set(&mut t.realm, 44239, Value::Array(vec![bytes(0, 31); 4]))
    });
    for (what, components) in components(&whole.0) {
        case(what, &|t| {
            set(&mut t.platform, 2399, Value::Array(components.clone()))
        });
    }
    cases
}

/// Other lists of software components than the referenced one.
fn components(platform: &[(u64, Value<'static>)]) -> Vec<(&'static str, Vec<Value<'static>>)> {
    let listed = platform.iter().find(|(key, _)| *key == 2399);
    let Some((_, Value::Array(listed))) = listed else {
        panic!("a forged token has components");
    };
    let turned: Vec<_> = listed.iter().rev().cloned().collect();
    let with = |entries: &[(u64, Value<'static>)]| {
        let Value::Map(mut first) = listed[0].clone() else {
            panic!("a component is a map");
        };
        for (key, value) in entries {
            first.retain(|(found, _)| *found != Value::Uint(*key));
            first.push((Value::Uint(*key), value.clone()));
        }
        vec![Value::Map(first), listed[1].clone()]
    };
    vec![
        ("no component", Vec::new()),
        ("the RMM left out", listed[..1].to_vec()),
        ("components in another order", turned),
        ("a component twice", [&listed[..], &listed[..1]].concat()),
        (
            "a component of another measurement",
            with(&[(2, bytes(8, 32))]),
        ),
        ("a component of another signer", with(&[(5, bytes(8, 32))])),
        ("a signer of 31 bytes", with(&[(5, bytes(9, 31))])),
        (
            "a component of another type",
            with(&[(1, Value::text("AP_BL2"))]),
        ),
        (
            "a component with a version",
            with(&[(4, Value::text("1.0"))]),
        ),
        (
            "an unknown entry of a component",
            with(&[(7, Value::Uint(1))]),
        ),
    ]
}

/// Who signs, and what binds the halves.
fn keys(token: &mut ForgedToken, whole: &Halves, curve: Curve) -> Vec<Case> {
    let mut cases = Vec::new();
    let own = std::mem::replace(&mut token.cpak, ForgedKey::generate(curve));
    cases.push(("another CPAK", token.encode()));
    token.cpak = own;
    let rak = token.rak.public().point().to_vec();
    let other = ForgedKey::generate(Curve::P384).public().point().to_vec();
    set(&mut token.realm, 44237, Value::Bytes(other.into()));
    cases.push(("another RAK than signed", token.encode()));
    token.realm.clone_from(&whole.1);
    set(&mut token.platform, 10, bytes(1, 32));
    cases.push(("a platform token of another RAK", token.encode()));
    for (hash, what) in [
        (HashAlgorithm::Sha512, "RAK bound by SHA-512"),
        (HashAlgorithm::Sha384, "RAK bound by SHA-384"),
    ] {
        set(&mut token.realm, 44240, Value::text(hash.as_str()));
        set(
            &mut token.platform,
            10,
            Value::Bytes(hash.digest(&rak).into()),
        );
        cases.push((what, token.encode()));
        token.platform.clone_from(&whole.0);
    }
    set(&mut token.realm, 44240, Value::text("sha-512"));
    cases.push(("RAK bound by another hash than named", token.encode()));
    token.realm.clone_from(&whole.1);
    let own = std::mem::replace(&mut token.rak, ForgedKey::generate(Curve::P256));
    cases.push(("a RAK on P-256", token.encode()));
    token.rak = own;
    set(
        &mut token.realm,
        265,
        Value::text("tag:arm.com,2023:realm#1.0.0"),
    );
    cases.push(("the realm profile of 2023", token.encode()));
    set(
        &mut token.platform,
        265,
        Value::text("tag:arm.com,2023:cca_platform#1.0.0"),
    );
    cases.push(("the profiles of 2023", token.encode()));
    set(
        &mut token.platform,
        265,
        Value::text("tag:arm.com,2099:cca_platform#9.0.0"),
    );
    cases.push(("a profile that there is not", token.encode()));
    cases
}

/// How it is written.
fn encodings(token: &ForgedToken, good: &[u8]) -> Vec<Case> {
    let (mut platform, mut realm) = (token.platform.clone(), token.realm.clone());
    let rak = token.rak.public().point().to_vec();
    let challenge = HashAlgorithm::Sha256.digest(&rak);
    realm.push((44237, Value::Bytes(rak.into())));
    platform.push((10, Value::Bytes(challenge.into())));
    let (of_platform, of_realm) = (payload(&platform), payload(&realm));
    let empty = || Value::Map(Vec::new());
    let sign = |claims: &[u8]| token.cpak.sign1(claims, empty());
    let whole = sign(&of_platform);
    let realm = token.rak.sign1(&of_realm, empty());
    let wrap = |platform: &[u8]| ForgedToken::wrap(false, platform, &realm);
    let kid = Value::Map(vec![(Value::Uint(4), Value::bytes(b"kid"))]);
    // The map of claims with a length in two bytes, with its first claim twice, and without an end.
    let (head, claims) = of_platform.split_first().expect("a map");
    let long = [&[0xb8, head & 0x1f][..], claims].concat();
    let streamed = [&[0xbf][..], claims, &[0xff]].concat();
    let mut twice = platform.clone();
    twice.push(platform[0].clone());
    // Two labels of the platform's: the outermost map has three entries then.
    let both = [&good[..3], &[0xa3], &good[4..], &good[4..10 + whole.len()]].concat();
    vec![
        ("put together again", wrap(&whole)),
        ("a CMW collection", ForgedToken::wrap(true, &whole, &realm)),
        ("a byte after its end", [good, &[0]].concat()),
        ("without a tag", good[3..].to_vec()),
        (
            "an unprotected header",
            wrap(&token.cpak.sign1(&of_platform, kid)),
        ),
        ("a COSE_Sign1 without its tag", wrap(&whole[1..])),
        ("a length that is not the shortest", wrap(&sign(&long))),
        ("claims of indefinite length", wrap(&sign(&streamed))),
        (
            "a byte after the claims",
            wrap(&sign(&[&of_platform[..], &[0]].concat())),
        ),
        ("a claim twice", wrap(&sign(&payload_of(&twice)))),
        ("a half twice", both),
        (
            "the halves changed",
            ForgedToken::wrap(false, &realm, &whole),
        ),
    ]
}

/// Claims as they stand, those that are there twice too.
fn payload_of(claims: &[(u64, Value<'static>)]) -> Vec<u8> {
    let mut out = vec![0xa0 | u8::try_from(claims.len()).expect("a few claims")];
    for (key, value) in claims {
        out.extend(Value::Uint(*key).encode());
        out.extend(value.encode());
    }
    out
}
