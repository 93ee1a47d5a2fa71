//! Structures of a TPM with one deviation each.

use super::*;
use crate::Quote;
use crate::forge::{Numbers, public_area};

const REFUSED: &str = "refused";

/// `TPMS_ATTEST` with this many selections of the bank, the last one of `size` bytes.
fn selections(count: usize, size: usize) -> Result<usize, &'static str> {
    let mut quote = forge();
    let set = quote.pcrs.set();
    quote.selection = Some(vec![(0x000B, set); count]);
    let mut bytes = quote.attest(&ForgedAk::ecc());
    // Behind the last selection: the digest of 32 bytes and its length.
    let at = bytes.len() - 34 - 4;
    bytes[at] = u8::try_from(size).unwrap();
    bytes.splice(at + 4..at + 4, vec![0; size - 3]);
    let parsed = Quote::parse(&bytes).map_err(|_| REFUSED)?;
    assert_eq!(parsed.bytes(), bytes);
    Ok(parsed.selection.len())
}

#[test]
fn a_quote_selects_from_up_to_sixteen_banks() {
    assert_eq!((selections(1, 3), selections(16, 3)), (Ok(1), Ok(16)));
    assert_eq!(selections(1, 4), Ok(1));

    for (count, size) in [(17, 3), (18, 3), (1, 5), (1, 6)] {
        assert_eq!(selections(count, size), Err(REFUSED), "{count} of {size}");
    }
}

#[test]
fn a_key_with_a_scheme_signs_with_that() {
    let ak = ForgedAk::rsa(Scheme::RsaPss);
    let key = TpmPublic::parse(&ak.public()).unwrap();
    let judge_as = |scheme: Option<u16>| {
        let numbers = Numbers::of(key.key());
        let area = public_area(&numbers, HashAlg::Sha256.id(), ak.attributes, scheme);
        let public = TpmPublic::parse(&area).unwrap();
        let trusted = TpmEndorsements::new(Vec::new());
        let trusted = trusted.with_enrolled(crate::forge::enrolled(&public, NOW));
        let mut evidence = forge().evidence(&ak);
        evidence.ak = area;
        judge(&evidence, &trusted)
            .map(|_| ())
            .map_err(|error| error.check())
    };
    assert_eq!(judge_as(Some(Scheme::RsaPss.id())), Ok(()));
    assert_eq!(judge_as(None), Ok(()));
    assert_eq!(
        judge_as(Some(Scheme::RsaSsa.id())),
        Err(checks::SCHEME.name)
    );
}

#[test]
fn a_public_area_has_a_known_scheme_and_exponent() {
    let numbers = Numbers::Modulus(vec![0xc1; 256]);
    let attributes = ForgedAk::ecc().attributes;
    let area = |scheme| public_area(&numbers, HashAlg::Sha256.id(), attributes, scheme);
    // RSASSA, RSAPSS, OAEP, none; then ECDAA, which has a count, and a number of nothing.
    for scheme in [Some(0x0014), Some(0x0016), Some(0x0017), None] {
        assert!(TpmPublic::parse(&area(scheme)).is_ok(), "{scheme:?}");
    }
    for scheme in [0x001a, 0x0099, 0x0006, 0x000b] {
        let error = TpmPublic::parse(&area(Some(scheme))).unwrap_err();
        assert_eq!(error.check(), checks::AK_PUBLIC.name, "{scheme:#x}");
    }
    let exponent = |value: u32| {
        let mut area = area(None);
        area[16..20].copy_from_slice(&value.to_be_bytes());
        TpmPublic::parse(&area).is_ok()
    };
    assert!(exponent(0) && exponent(65537));
    assert!(!exponent(3) && !exponent(65539));
}

#[test]
fn a_signature_is_shown_as_it_is() {
    let ak = ForgedAk::ecc();
    let evidence = forge().evidence(&ak);
    let fields = crate::Signature::parse(&evidence.signature)
        .unwrap()
        .fields();
    let has = |value: &str| fields.iter().any(|field| field.value.contains(value));
    assert!(has("ecdsa") && has("sha256"), "{fields:?}");
}

#[test]
fn a_log_that_is_none_is_malformed() {
    let ak = ForgedAk::ecc();
    let mut quote = forge();
    quote.log = Some(vec![7; 40]);
    let error = judge(&quote.evidence(&ak), &enrolled(&ak)).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        (checks::EVENT_LOG.name, ErrorClass::Malformed)
    );
    assert_eq!(Hierarchy::Endorsement.as_str(), "endorsement");
}

/// Keys of every kind sign with each of their hashes, and with no other.
#[test]
fn signatures_of_every_scheme_verify() {
    use HashAlg::{Sha256, Sha384, Sha512};
    use adyton_pki::KeyKind;
    use adyton_pki::SignatureAlgorithm as Algorithm;
    let [rsa, p256, p384] = [KeyKind::Rsa, KeyKind::P256, KeyKind::P384].map(ForgeKey::generate);
    let message = b"a quote";
    for (key, scheme, hash, algorithm) in [
        (&rsa, Scheme::RsaSsa, Sha256, Algorithm::RsaPkcs1Sha256),
        (&rsa, Scheme::RsaSsa, Sha384, Algorithm::RsaPkcs1Sha384),
        (&rsa, Scheme::RsaSsa, Sha512, Algorithm::RsaPkcs1Sha512),
        (&rsa, Scheme::RsaPss, Sha256, Algorithm::RsaPssSha256),
        (&rsa, Scheme::RsaPss, Sha384, Algorithm::RsaPssSha384),
        (&rsa, Scheme::RsaPss, Sha512, Algorithm::RsaPssSha512),
        (
            &p256,
            Scheme::Ecdsa,
            Sha256,
            Algorithm::EcdsaP256Sha256Fixed,
        ),
        (
            &p384,
            Scheme::Ecdsa,
            Sha384,
            Algorithm::EcdsaP384Sha384Fixed,
        ),
    ] {
        let bare = key.sign(algorithm, message);
        let sized = |bytes: &[u8]| {
            let len = u16::try_from(bytes.len()).unwrap();
            [&len.to_be_bytes()[..], bytes].concat()
        };
        let value: Vec<u8> = match scheme {
            Scheme::Ecdsa => bare.chunks(bare.len() / 2).flat_map(sized).collect(),
            _ => sized(&bare),
        };
        let framed = [
            &scheme.id().to_be_bytes()[..],
            &hash.id().to_be_bytes(),
            &value,
        ]
        .concat();
        let signature = crate::Signature::parse(&framed).unwrap();
        let verified = |hash, message: &[u8]| {
            crate::key::verify_signature(key.public(), &signature, hash, message).is_ok()
        };
        assert!(verified(hash, message), "{scheme:?} {hash}");
        assert!(!verified(hash, b"another"), "{scheme:?} {hash}");
        for other in HashAlg::ALL.into_iter().filter(|other| *other != hash) {
            assert!(!verified(other, message), "{scheme:?} {hash} as {other}");
        }
    }
}
