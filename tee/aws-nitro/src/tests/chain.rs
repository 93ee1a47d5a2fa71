use adyton_pki::forge::{CertificateForge, ExtensionForge, ForgeKey};
use adyton_pki::{KeyKind, KeyUsage, oids};
use adyton_types::{ErrorClass, UnixTime};

use super::{MAX_AGE_SECS, altered, check, enclave};
use crate::forge::{ForgedNitro, KEYS, NOW};
use crate::{Roots, verify};

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
