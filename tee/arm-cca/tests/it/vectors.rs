//! Recorded tokens, of models and test keys: no silicon of CCA is public. They are read from the
//! directory that `ADYTON_VECTORS` names; without it the tests are skipped.

use adyton_codec::Value;
use adyton_tee_arm_cca::forge::{ForgedKey, ForgedToken, payload};
use adyton_tee_arm_cca::{
    CcaEndorsements, CcaToken, ComponentReference, EcKey, PlatformReference, verify,
};
use adyton_types::UnixTime;
use adyton_vectors::Vectors;

const NOW: UnixTime = UnixTime::from_secs(1_750_000_000);

/// The key of the platform that a token names, and Reference Values that are the token's own: the
/// recorded tokens have no others.
fn endorse(
    token: &[u8],
    key: Result<EcKey, &'static str>,
) -> Result<CcaEndorsements, &'static str> {
    let token = CcaToken::parse(token).map_err(|error| error.check())?;
    let mut endorsements = CcaEndorsements::new(NOW, NOW);
    let (implementation, instance) = (token.platform.implementation, token.platform.instance);
    endorsements
        .add_key(implementation, instance, key)
        .map_err(|error| error.check())?;
    let components = token.platform.components.iter();
    let reference = PlatformReference {
        config: token.platform.config.clone(),
        components: components
            .map(|component| ComponentReference {
                kind: component.kind.clone(),
                measurement: component.measurement.clone(),
                signer: component.signer.clone(),
                version: component.version.clone(),
            })
            .collect(),
        required: Vec::new(),
    };
    endorsements.set_reference(implementation, reference);
    Ok(endorsements)
}

fn verdict(token: &[u8], key: Result<EcKey, &'static str>) -> &'static str {
    let endorsements = match endorse(token, key) {
        Ok(endorsements) => endorsements,
        Err(check) => return check,
    };
    verify(token, &endorsements, NOW).map_or_else(|error| error.check(), |_| "verified")
}

fn jwk(json: &[u8]) -> Result<EcKey, &'static str> {
    EcKey::from_jwk(std::str::from_utf8(json).unwrap())
}

/// The key of a list of trust anchors, each with the platform that it is of.
fn anchor(json: &[u8]) -> Result<EcKey, &'static str> {
    let anchors: serde_json::Value = serde_json::from_slice(json).unwrap();
    EcKey::from_jwk(&anchors[0]["pkey"].to_string())
}

#[test]
fn recorded_tokens_have_their_verdicts() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let file = |ending: &str| vectors.ending("cca", ending);
    let cpak = jwk(&file("testdata_cpak.json"));
    let public = jwk(&file("cpak-pub.json"));
    let (p256, bad) = (
        anchor(&file("ta-02-ok.json")),
        anchor(&file("ta-02-bad.json")),
    );
    let tfa = anchor(&file("ta-tfa.json"));
    let pkey = jwk(&file("testdata_pkey.json"));
    let private = jwk(&file("cpak-priv.json"));
    let table = [
        ("cca-example-token.cbor__4e7ce433.cbor", &public, "verified"),
        ("misc_cca-example-token.cbor", &public, "verified"),
        ("misc_cca-example-token.cbor", &private, "platform-key"),
        ("tf-rmm_cca_token.cbor", &cpak, "verified"),
        ("cca-token-01.cbor__b40be114.cbor", &tfa, "verified"),
        ("testdata_cca-token-01.cbor", &tfa, "verified"),
        ("testdata_cca-token-01.cbor", &p256, "platform-signature"),
        ("cca-token-02.cbor__88d7566e.cbor", &p256, "verified"),
        ("testdata_cca-token-02.cbor", &p256, "verified"),
        ("testdata_cca-token-02.cbor", &bad, "platform-key"),
        ("testdata_cca-token-02.cbor", &pkey, "platform-signature"),
        (
            "cca-token-draft-ffm-00.cbor__70a46f08.cbor",
            &cpak,
            "verified",
        ),
        ("testdata_cca-token-draft-ffm-00.cbor", &cpak, "verified"),
        ("bug-33-repro.cbor__40af349d.cbor", &cpak, "binding"),
        ("testdata_bug-33-repro.cbor", &cpak, "binding"),
        (
            "services__cca-evidence.cbor__2823dc80.cbor",
            &p256,
            "verified",
        ),
        ("services__cca-good.cbor__d0999e07.cbor", &p256, "verified"),
        ("services__evidence.cbor__2476e533.cbor", &p256, "verified"),
        // Claim sets without a signature are no tokens.
        ("testdata_platform-claims.cbor", &cpak, "form"),
        ("testdata_realm-claims.cbor", &cpak, "form"),
        ("realm-claims-missing-challenge.cbor", &cpak, "form"),
        ("realm-claims_spurious-numeric-key.cbor", &cpak, "form"),
        ("realm-claims_spurious-text-key.cbor", &cpak, "form"),
    ];
    let mut wrong = Vec::new();
    for (name, key, expected) in table {
        let found = verdict(&file(name), key.clone());
        println!("{name}\t{found}");
        if found != expected {
            wrong.push(format!("{name}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Claim sets that come without a signature, under forged ones: a good one gets as far as the
/// signature of a RAK that is not the forger's.
#[test]
fn recorded_claim_sets_have_their_verdicts() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let forged = ForgedToken::default();
    let sign = |key: &ForgedKey, payload: &[u8]| key.sign1(payload, Value::Map(Vec::new()));
    let (mut of_platform, mut of_realm) = (forged.platform.clone(), forged.realm.clone());
    of_platform.push((10, Value::Bytes(vec![0; 32].into())));
    of_realm.push((44237, Value::Bytes(forged.rak.to_cose().into())));
    for (name, is_realm, expected) in [
        ("testdata_platform-claims.cbor", false, "platform-key"),
        ("testdata_realm-claims.cbor", true, "profiles"),
        ("realm-claims-missing-challenge.cbor", true, "claim-set"),
        ("realm-claims_spurious-numeric-key.cbor", true, "claim-set"),
        ("realm-claims_spurious-text-key.cbor", true, "claim-set"),
    ] {
        let claims = vectors.ending("cca", name);
        let token = if is_realm {
            let platform = sign(&forged.cpak, &payload(&of_platform));
            ForgedToken::wrap(false, &platform, &sign(&forged.rak, &claims))
        } else {
            let realm = sign(&forged.rak, &payload(&of_realm));
            ForgedToken::wrap(false, &sign(&forged.cpak, &claims), &realm)
        };
        let error = verify(&token, &forged.endorsements(), UnixTime::from_secs(150)).unwrap_err();
        println!("{name}\t{}", error.check());
        assert_eq!(error.check(), expected, "{name}: {error}");
    }
}

#[test]
fn every_flipped_byte_of_a_recorded_token_is_refused() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let good = vectors.ending("cca", "testdata_cca-token-draft-ffm-00.cbor");
    let key = jwk(&vectors.ending("cca", "testdata_cpak.json"));
    let endorsements = endorse(&good, key).unwrap();
    assert!(verify(&good, &endorsements, NOW).is_ok());
    for at in 0..good.len() {
        let mut altered = good.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(verify(&altered, &endorsements, NOW).is_err(), "byte {at}");
    }
}
