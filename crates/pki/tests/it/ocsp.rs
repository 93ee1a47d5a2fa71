use adyton_pki::forge::{
    AnswerForge, CertificateForge, ExtensionForge, ForgeKey, OcspForge, null, oid, sequence,
};
use adyton_pki::{
    Certificate, KeyKind, KeyUsage, LeafRule, OcspError, OcspResponse, Oid, PathRules, PublicKey,
    SignatureAlgorithm, TrustAnchor, VerifiedPath, oids, verify_path,
};
use adyton_types::{ErrorClass, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_770_000_000);
const OCSP_SIGNING: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.3.9");

struct Pki {
    root: Certificate,
    root_key: ForgeKey,
    middle: Certificate,
    middle_key: ForgeKey,
    leaf: Certificate,
}

impl Pki {
    fn new() -> Self {
        let (root, root_key) = CertificateForge::root("Root", KeyKind::P384);
        let [middle_key, leaf_key] = [(); 2].map(|()| ForgeKey::generate(KeyKind::P384));
        let middle = CertificateForge::ca("Middle", "Root", &middle_key, None).serial(&[2]);
        let leaf = CertificateForge::end_entity("Leaf", "Middle", &leaf_key).serial(&[3]);
        Self {
            middle: middle.certificate(&root_key),
            leaf: leaf.certificate(&middle_key),
            root,
            root_key,
            middle_key,
        }
    }

    fn path(&self) -> VerifiedPath {
        let rules = PathRules {
            leaf: LeafRule::EndEntity(KeyUsage::DIGITAL_SIGNATURE),
            max_certificates: 3,
            algorithms: &[SignatureAlgorithm::EcdsaP384Sha384],
            understood: &[],
        };
        let certificates = vec![self.leaf.clone(), self.middle.clone(), self.root.clone()];
        let anchors = [TrustAnchor::from_certificate(&self.root)];
        verify_path(certificates, &anchors, &rules, NOW).expect("a good path")
    }

    fn of_leaf(&self) -> AnswerForge {
        AnswerForge::good(&self.leaf, self.middle_key.public())
    }

    fn of_middle(&self) -> AnswerForge {
        AnswerForge::good(&self.middle, self.root_key.public())
    }

    /// Responses for both certificates, each signed by its issuer, the leaf's as given.
    fn verdict(&self, leaf: &[u8], responders: &[PublicKey]) -> Result<UnixTime, OcspError> {
        let middle = OcspForge::new(vec![self.of_middle()]).sign(&self.root_key);
        let responses = [OcspResponse::parse(leaf)?, OcspResponse::parse(&middle)?];
        let path = self.path();
        let window = path.require_unrevoked_by_ocsp(&responses, responders, NOW)?;
        Ok(window.not_after)
    }

    fn refused(&self, answer: AnswerForge) -> Option<OcspError> {
        let response = OcspForge::new(vec![answer]).sign(&self.middle_key);
        self.verdict(&response, &[]).err()
    }
}

#[test]
fn every_certificate_has_to_be_good() {
    let pki = Pki::new();
    assert_eq!(pki.refused(pki.of_leaf()), None);
    for (answer, expected) in [
        (pki.of_leaf().revoked(1), "revoked"),
        (pki.of_leaf().revoked(6), "on hold"),
        (pki.of_leaf().unknown(), "does not know"),
    ] {
        let error = pki.refused(answer).expect(expected);
        assert!(error.to_string().contains(expected), "{error}");
        assert_eq!(error.class(), ErrorClass::Rejected);
    }
    // Without an answer for the leaf, the path is not good, but its issuers are.
    let middle = OcspForge::new(vec![pki.of_middle()]).sign(&pki.root_key);
    let only = [OcspResponse::parse(&middle).expect("a response")];
    let path = pki.path();
    let missing = path.require_unrevoked_by_ocsp(&only, &[], NOW);
    assert!(matches!(missing, Err(OcspError::Missing { index: 0, .. })));
    assert!(
        path.require_issuers_unrevoked_by_ocsp(&only, &[], NOW)
            .is_ok()
    );
    let none = path.require_issuers_unrevoked_by_ocsp(&[], &[], NOW);
    assert!(matches!(none, Err(OcspError::Missing { index: 1, .. })));
}

#[test]
fn an_answer_is_for_one_certificate_of_one_issuer() {
    let pki = Pki::new();
    let changed = |change: fn(&mut AnswerForge)| {
        let mut answer = pki.of_leaf();
        change(&mut answer);
        pki.refused(answer)
    };
    for change in [
        (|answer| answer.serial = vec![4]) as fn(&mut AnswerForge),
        |answer| answer.issuer_name = vec![0; 32],
        |answer| answer.issuer_key = vec![0; 32],
        |answer| answer.hash = oids::SHA384,
    ] {
        assert!(matches!(changed(change), Some(OcspError::Missing { .. })));
    }
    // SHA-1 is not read.
    let sha1 = changed(|answer| answer.hash = Oid::new_unwrap("1.3.14.3.2.26"));
    assert!(matches!(sha1, Some(OcspError::Malformed(_))));
}

#[test]
fn an_answer_counts_for_its_time() {
    let pki = Pki::new();
    let at = |this: u64, next: Option<u64>| {
        let mut answer = pki.of_leaf();
        answer.this_update = UnixTime::from_secs(this);
        answer.next_update = next.map(UnixTime::from_secs);
        pki.refused(answer).map(|error| error.class())
    };
    let now = NOW.as_secs();
    assert_eq!(at(now, Some(now)), None);
    assert_eq!(at(now + 1, Some(now + 2)), Some(ErrorClass::Stale));
    assert_eq!(at(now - 2, Some(now - 1)), Some(ErrorClass::Stale));
    assert_eq!(at(now - 24 * 3600, None), None);
    assert_eq!(at(now - 24 * 3600 - 1, None), Some(ErrorClass::Stale));
    let mut short = pki.of_leaf();
    short.next_update = Some(NOW.plus_secs(60));
    let response = OcspForge::new(vec![short]).sign(&pki.middle_key);
    assert_eq!(pki.verdict(&response, &[]), Ok(NOW.plus_secs(60)));
}

#[test]
fn a_newer_answer_counts_more_than_an_older_one() {
    let pki = Pki::new();
    let mut revoked = pki.of_leaf().revoked(1);
    revoked.this_update = NOW;
    let both = OcspForge::new(vec![revoked, pki.of_leaf()]).sign(&pki.middle_key);
    assert!(matches!(
        pki.verdict(&both, &[]),
        Err(OcspError::Revoked { .. })
    ));
}

/// Two answers of one second that contradict each other: whoever hands them in chooses their order,
/// so it must not decide.
#[test]
fn of_answers_of_one_second_the_worse_counts() {
    let pki = Pki::new();
    for worse in [
        pki.of_leaf().revoked(1),
        pki.of_leaf().revoked(6),
        pki.of_leaf().unknown(),
    ] {
        for both in [
            [worse.clone(), pki.of_leaf()],
            [pki.of_leaf(), worse.clone()],
        ] {
            let both = OcspForge::new(both.to_vec()).sign(&pki.middle_key);
            let error = pki.verdict(&both, &[]).expect_err("contradicted");
            assert_eq!(error.class(), ErrorClass::Rejected, "{error}");
        }
    }
    // Of two that are good the one counts that ends sooner.
    let mut short = pki.of_leaf();
    short.next_update = Some(NOW.plus_secs(60));
    for both in [[short.clone(), pki.of_leaf()], [pki.of_leaf(), short]] {
        let both = OcspForge::new(both.to_vec()).sign(&pki.middle_key);
        assert_eq!(pki.verdict(&both, &[]), Ok(NOW.plus_secs(60)));
    }
}

#[test]
fn only_the_issuer_and_its_delegates_answer() {
    let pki = Pki::new();
    let responder = ForgeKey::generate(KeyKind::P256);
    let signing = ExtensionForge::new(
        oids::EXT_KEY_USAGE,
        false,
        &sequence(&[&oid(&OCSP_SIGNING)]),
    );
    let delegate = CertificateForge::end_entity("Responder", "Middle", &responder).serial(&[9]);
    let response = |certificate: Option<Vec<u8>>| {
        let mut forge = OcspForge::new(vec![pki.of_leaf()]);
        forge.certificates = certificate.into_iter().collect();
        pki.verdict(&forge.sign(&responder), &[]).map(|_| ())
    };
    let good = delegate.clone().with(signing.clone());
    assert_eq!(response(Some(good.sign(&pki.middle_key))), Ok(()));
    let refused = Err(OcspError::Responder { index: 0 });
    assert_eq!(response(None), refused);
    assert_eq!(response(Some(delegate.sign(&pki.middle_key))), refused);
    // Of the issuer's issuer, of another key, and out of date.
    let of_root =
        CertificateForge::end_entity("Responder", "Root", &responder).with(signing.clone());
    assert_eq!(response(Some(of_root.sign(&pki.root_key))), refused);
    assert_eq!(response(Some(good.sign(&responder))), refused);
    let mut old = good.clone();
    old.not_after = UnixTime::from_secs(1_600_000_000);
    assert_eq!(response(Some(old.sign(&pki.middle_key))), refused);
    let critical = ExtensionForge::new(Oid::new_unwrap("1.2.3.4"), true, &null());
    assert_eq!(
        response(Some(good.with(critical).sign(&pki.middle_key))),
        refused
    );
    // A responder that the caller pins answers for everybody.
    let pinned = OcspForge::new(vec![pki.of_leaf()]).sign(&responder);
    assert!(pki.verdict(&pinned, &[responder.public().clone()]).is_ok());
}

#[test]
fn only_a_whole_response_is_read() {
    let pki = Pki::new();
    let good = OcspForge::new(vec![pki.of_leaf()]).sign(&pki.middle_key);
    for at in 0..good.len() {
        assert!(OcspResponse::parse(&good[..at]).is_err(), "cut at {at}");
        let mut altered = good.clone();
        altered[at] ^= 1;
        assert!(pki.verdict(&altered, &[]).is_err(), "byte {at}");
    }
    assert!(OcspResponse::parse(&[&good[..], &[0]].concat()).is_err());
    let mut later = OcspForge::new(vec![pki.of_leaf()]);
    later.status = 3;
    let refused = OcspResponse::parse(&later.sign(&pki.middle_key));
    assert_eq!(refused, Err(OcspError::Refused { status: 3 }));
    let mut critical = OcspForge::new(vec![pki.of_leaf()]);
    critical.extensions = vec![ExtensionForge::new(Oid::new_unwrap("1.2.3"), true, &null())];
    let refused = OcspResponse::parse(&critical.sign(&pki.middle_key));
    assert!(matches!(refused, Err(OcspError::Malformed(_))));
}
