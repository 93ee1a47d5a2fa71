use adyton_pki::forge::{
    CertificateForge, ExtensionForge, ForgeKey, explicit, integer, null, oid, sequence,
};
use adyton_pki::{
    Certificate, KeyKind, KeyUsage, LeafRule, Oid, PathRules, SignatureAlgorithm, TrustAnchor,
    oids, verify_path,
};
use adyton_types::UnixTime;

const NOW: UnixTime = UnixTime::from_secs(1_770_000_000);

const RULES: PathRules<'_> = PathRules {
    leaf: LeafRule::EndEntity(KeyUsage::DIGITAL_SIGNATURE),
    max_certificates: 4,
    algorithms: &[
        SignatureAlgorithm::EcdsaP256Sha256,
        SignatureAlgorithm::EcdsaP384Sha384,
        SignatureAlgorithm::RsaPssSha384,
    ],
    understood: &[],
};

/// A root, an intermediate and a leaf, each free to be made wrong before it is signed.
struct Chain {
    root_key: ForgeKey,
    middle_key: ForgeKey,
    root: CertificateForge,
    middle: CertificateForge,
    leaf: CertificateForge,
}

impl Chain {
    fn of(kind: KeyKind) -> Self {
        let [root_key, middle_key, leaf_key] = [(); 3].map(|()| ForgeKey::generate(kind));
        Self {
            root: CertificateForge::ca("Root", "Root", &root_key, Some(1)),
            middle: CertificateForge::ca("Middle", "Root", &middle_key, Some(0)).serial(&[2]),
            leaf: CertificateForge::end_entity("Leaf", "Middle", &leaf_key).serial(&[3]),
            root_key,
            middle_key,
        }
    }

    fn new() -> Self {
        Self::of(KeyKind::P256)
    }

    fn anchors(&self) -> [TrustAnchor; 1] {
        [TrustAnchor::from_fingerprint(
            self.root_key.public().fingerprint(),
        )]
    }

    fn certificates(&self) -> Vec<Certificate> {
        vec![
            self.leaf.certificate(&self.middle_key),
            self.middle.certificate(&self.root_key),
            self.root.certificate(&self.root_key),
        ]
    }

    /// The name of the check that refuses it.
    fn refused_by(&self, rules: &PathRules<'_>, now: UnixTime) -> &'static str {
        match verify_path(self.certificates(), &self.anchors(), rules, now) {
            Ok(_) => "none",
            Err(error) => error.check(),
        }
    }

    fn check(&self) -> &'static str {
        self.refused_by(&RULES, NOW)
    }
}

#[test]
fn good_paths_hold_with_and_without_the_root() {
    for kind in [KeyKind::P256, KeyKind::P384, KeyKind::Rsa] {
        let chain = Chain::of(kind);
        let mut certificates = chain.certificates();
        let path = verify_path(certificates.clone(), &chain.anchors(), &RULES, NOW).unwrap();
        assert_eq!(path.leaf(), &certificates[0]);
        assert_eq!(path.certificates(), certificates);
        assert!(path.covers(NOW) && !path.covers(UnixTime::from_secs(0)));
        let root = certificates.pop().unwrap();
        let by_key = [TrustAnchor::from_certificate(&root)];
        assert!(verify_path(certificates.clone(), &by_key, &RULES, NOW).is_ok());
        let error = verify_path(certificates, &chain.anchors(), &RULES, NOW).unwrap_err();
        assert_eq!(error.check(), "trust-anchor");
    }
}

#[test]
fn validity_of_every_certificate() {
    for which in 0..3 {
        let mut chain = Chain::new();
        let one = [&mut chain.leaf, &mut chain.middle, &mut chain.root];
        let Some(forge) = one.into_iter().nth(which) else {
            unreachable!()
        };
        forge.not_before = UnixTime::from_secs(1_700_000_000);
        forge.not_after = UnixTime::from_secs(1_800_000_000);
        for (secs, check) in [
            (1_699_999_999, "validity"),
            (1_700_000_000, "none"),
            (1_800_000_000, "none"),
            (1_800_000_001, "validity"),
        ] {
            let now = UnixTime::from_secs(secs);
            assert_eq!(chain.refused_by(&RULES, now), check, "{which} {secs}");
        }
        let path = verify_path(chain.certificates(), &chain.anchors(), &RULES, NOW).unwrap();
        assert_eq!(path.not_before(), UnixTime::from_secs(1_700_000_000));
        assert_eq!(path.not_after(), UnixTime::from_secs(1_800_000_000));
    }
}

#[test]
fn signatures_of_others_are_refused() {
    let chain = Chain::new();
    let other = ForgeKey::generate(KeyKind::P256);
    let good = chain.certificates();
    let leaf = chain.leaf.certificate(&other);
    let middle = chain.middle.certificate(&other);
    let root = chain.root.certificate(&other);
    for (at, forged) in [leaf, middle, root].into_iter().enumerate() {
        let mut certificates = good.clone();
        certificates[at] = forged;
        let error = verify_path(certificates, &chain.anchors(), &RULES, NOW).unwrap_err();
        assert_eq!(error.check(), "signature", "{at}");
    }
}

#[test]
fn another_root_is_refused() {
    let (chain, other) = (Chain::new(), Chain::new());
    let error = verify_path(chain.certificates(), &other.anchors(), &RULES, NOW).unwrap_err();
    assert_eq!(error.check(), "trust-anchor");
    let named = [TrustAnchor::from_certificate(
        &other.root.certificate(&other.root_key),
    )];
    let error = verify_path(chain.certificates(), &named, &RULES, NOW).unwrap_err();
    assert_ne!(error.check(), "none", "the same name, another key");
}

#[test]
fn names_have_to_chain() {
    let mut chain = Chain::new();
    chain.middle.subject = adyton_pki::forge::name("Muddle");
    assert_eq!(chain.check(), "issuer");
}

#[test]
fn only_cas_may_issue() {
    let basic = oids::BASIC_CONSTRAINTS;
    let no_ca = ExtensionForge::basic_constraints(false, None);
    let mut chain = Chain::new();
    chain.middle = chain.middle.with(no_ca.clone());
    assert_eq!(chain.check(), "basic-constraints");
    let mut chain = Chain::new();
    chain.middle = chain.middle.without(&basic);
    assert_eq!(chain.check(), "basic-constraints");
    let mut chain = Chain::new();
    chain.root = chain.root.with(no_ca);
    assert_eq!(chain.check(), "basic-constraints");
    let mut chain = Chain::new();
    chain.leaf = chain
        .leaf
        .with(ExtensionForge::basic_constraints(true, None));
    assert_eq!(chain.check(), "leaf-kind");
}

#[test]
fn key_usage_is_obeyed() {
    let mut chain = Chain::new();
    let crl_only = ExtensionForge::key_usage(KeyUsage::CRL_SIGN);
    chain.middle = chain.middle.with(crl_only);
    assert_eq!(chain.check(), "key-usage");
    let mut chain = Chain::new();
    chain.middle = chain.middle.without(&oids::KEY_USAGE);
    assert_eq!(chain.check(), "key-usage");
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.without(&oids::KEY_USAGE);
    assert_eq!(chain.check(), "key-usage");
    let optional = PathRules {
        leaf: LeafRule::EndEntityUsageOptional(KeyUsage::DIGITAL_SIGNATURE),
        ..RULES
    };
    assert_eq!(chain.refused_by(&optional, NOW), "none");
    let encipher = ExtensionForge::key_usage(KeyUsage::KEY_ENCIPHERMENT);
    chain.leaf = chain.leaf.with(encipher);
    assert_eq!(chain.refused_by(&optional, NOW), "key-usage");
}

#[test]
fn path_lengths_are_obeyed() {
    let mut chain = Chain::new();
    chain.root = chain
        .root
        .with(ExtensionForge::basic_constraints(true, Some(0)));
    assert_eq!(chain.check(), "path-length");
    let short = PathRules {
        max_certificates: 2,
        ..RULES
    };
    assert_eq!(Chain::new().refused_by(&short, NOW), "path-size");
    let error = verify_path(Vec::new(), &chain.anchors(), &RULES, NOW).unwrap_err();
    assert_eq!(error.check(), "path-size");
}

#[test]
fn critical_extensions_have_to_be_understood() {
    let vendor = Oid::new_unwrap("1.3.6.1.4.1.3704.1.1");
    let mut chain = Chain::new();
    chain.leaf = chain.leaf.with(ExtensionForge::new(vendor, true, &null()));
    assert_eq!(chain.check(), "critical-extension");
    let understood = [vendor];
    let rules = PathRules {
        understood: &understood,
        ..RULES
    };
    assert_eq!(chain.refused_by(&rules, NOW), "none");
    let mut chain = Chain::new();
    let constraints = ExtensionForge::new(oids::NAME_CONSTRAINTS, false, &null());
    chain.middle = chain.middle.with(constraints);
    assert_eq!(chain.check(), "critical-extension");
}

#[test]
fn algorithms_are_named_twice_and_have_to_be_allowed() {
    let mut chain = Chain::new();
    chain.leaf.inner_algorithm = Some(sequence(&[&oid(&oids::ECDSA_SHA384)]));
    assert_eq!(chain.check(), "algorithm-mismatch");
    let mut chain = Chain::new();
    chain.leaf.outer_algorithm = Some(sequence(&[&oid(&oids::ECDSA_SHA256), &null()]));
    chain.leaf.inner_algorithm = chain.leaf.outer_algorithm.clone();
    assert_eq!(chain.check(), "signature-algorithm");
    let p384_only = PathRules {
        algorithms: &[SignatureAlgorithm::EcdsaP384Sha384],
        ..RULES
    };
    assert_eq!(
        Chain::new().refused_by(&p384_only, NOW),
        "algorithm-allowed"
    );
    let sha1 = Oid::new_unwrap("1.2.840.10045.4.1");
    let mut chain = Chain::new();
    chain.leaf.outer_algorithm = Some(sequence(&[&oid(&sha1)]));
    chain.leaf.inner_algorithm = chain.leaf.outer_algorithm.clone();
    assert_eq!(chain.check(), "signature-algorithm");
}

/// AlgorithmIdentifier of PSS, every parameter free.
fn pss(digest: &Oid, mgf_digest: &Oid, salt: u8, trailer: Option<u8>) -> Vec<u8> {
    let hash = |id: &Oid| sequence(&[&oid(id), &null()]);
    let mgf = sequence(&[&oid(&oids::MGF1), &hash(mgf_digest)]);
    let trailer = trailer.map(|t| explicit(3, &integer(&[t])));
    let params = sequence(&[
        &explicit(0, &hash(digest)),
        &explicit(1, &mgf),
        &explicit(2, &integer(&[salt])),
        &trailer.unwrap_or_default(),
    ]);
    sequence(&[&oid(&oids::RSA_PSS), &params])
}

#[test]
fn pss_parameters_are_enforced() {
    let mut chain = Chain::of(KeyKind::Rsa);
    let (sha256, sha384) = (oids::SHA256, oids::SHA384);
    for (identifier, check) in [
        (pss(&sha384, &sha384, 48, None), "none"),
        (pss(&sha384, &sha384, 48, Some(1)), "none"),
        (pss(&sha384, &sha384, 48, Some(2)), "signature-algorithm"),
        (pss(&sha384, &sha384, 32, None), "signature-algorithm"),
        (pss(&sha384, &sha256, 48, None), "signature-algorithm"),
        (pss(&sha256, &sha256, 32, None), "algorithm-allowed"),
        (
            sequence(&[&oid(&oids::RSA_PSS), &sequence(&[])]),
            "signature-algorithm",
        ),
    ] {
        chain.leaf.inner_algorithm = Some(identifier.clone());
        chain.leaf.outer_algorithm = Some(identifier);
        assert_eq!(chain.check(), check);
    }
}

#[test]
fn a_path_can_be_extended_by_what_its_leaf_issued() {
    let chain = Chain::new();
    let all = chain.certificates();
    let as_ca = PathRules {
        leaf: LeafRule::Ca(KeyUsage::CRL_SIGN),
        ..RULES
    };
    let ca = verify_path(all[1..].to_vec(), &chain.anchors(), &as_ca, NOW).unwrap();
    let path = ca.extend(all[0].clone(), &RULES, NOW).unwrap();
    assert_eq!(path.certificates(), all);
    let forged = chain.leaf.certificate(&ForgeKey::generate(KeyKind::P256));
    let error = ca.extend(forged, &RULES, NOW).unwrap_err();
    assert_eq!(error.check(), "signature");
    let late = UnixTime::from_secs(2_300_000_000);
    let error = ca.extend(all[0].clone(), &RULES, late).unwrap_err();
    assert_eq!(error.check(), "validity");
    let error = path.extend(all[0].clone(), &RULES, NOW).unwrap_err();
    assert_eq!(error.check(), "issuer", "a leaf issues nothing");
}
