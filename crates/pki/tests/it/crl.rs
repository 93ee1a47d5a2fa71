use adyton_pki::forge::{CertificateForge, CrlForge, ExtensionForge, ForgeKey, null};
use adyton_pki::{
    Certificate, Crl, KeyKind, KeyUsage, LeafRule, PathRules, PkiError, SignatureAlgorithm,
    TrustAnchor, VerifiedCrl, VerifiedPath, oids, verify_path,
};
use adyton_types::{ErrorClass, UnixTime};

const NOW: UnixTime = UnixTime::from_secs(1_770_000_000);
const ALGORITHMS: [SignatureAlgorithm; 1] = [SignatureAlgorithm::EcdsaP256Sha256];

struct Pki {
    root: Certificate,
    root_key: ForgeKey,
    middle_key: ForgeKey,
    middle: CertificateForge,
    leaf: CertificateForge,
}

impl Pki {
    fn new() -> Self {
        let (root, root_key) = CertificateForge::root("Root", KeyKind::P256);
        let [middle_key, leaf_key] = [(); 2].map(|()| ForgeKey::generate(KeyKind::P256));
        Self {
            middle: CertificateForge::ca("Middle", "Root", &middle_key, None).serial(&[2]),
            leaf: CertificateForge::end_entity("Leaf", "Middle", &leaf_key).serial(&[3]),
            root,
            root_key,
            middle_key,
        }
    }

    fn path(&self) -> VerifiedPath {
        let rules = PathRules {
            leaf: LeafRule::EndEntity(KeyUsage::DIGITAL_SIGNATURE),
            max_certificates: 3,
            algorithms: &ALGORITHMS,
            understood: &[],
        };
        let certificates = vec![
            self.leaf.certificate(&self.middle_key),
            self.middle.certificate(&self.root_key),
        ];
        let anchors = [TrustAnchor::from_certificate(&self.root)];
        verify_path(certificates, &anchors, &rules, NOW).expect("a good path")
    }

    fn crl(&self, forge: &CrlForge, key: &ForgeKey) -> Result<VerifiedCrl, PkiError> {
        let crl = Crl::parse(&forge.sign(key))?;
        self.path().verify_crl(&crl, &ALGORITHMS, NOW)
    }

    fn refused_by(&self, forge: &CrlForge) -> &'static str {
        match self.crl(forge, &self.middle_key) {
            Ok(_) => "none",
            Err(error) => error.check(),
        }
    }
}

#[test]
fn revocation_of_leaf_and_intermediate() {
    let pki = Pki::new();
    let of_root = pki.crl(&CrlForge::new("Root"), &pki.root_key).unwrap();
    let of_middle = pki.crl(&CrlForge::new("Middle"), &pki.middle_key).unwrap();
    assert_eq!(of_middle.number(), Some(&[7][..]));
    let path = pki.path();
    assert_eq!(path.require_unrevoked(&[&of_root, &of_middle]), Ok(()));
    assert_eq!(
        path.require_unrevoked(&[&of_root]),
        Err(PkiError::CrlMissing { index: 0 })
    );
    assert_eq!(
        path.require_unrevoked(&[&of_middle]),
        Err(PkiError::CrlMissing { index: 1 })
    );
    let revoking = |name: &str, serial: &[u8], key| {
        let forge = CrlForge::new(name).revoke(&[9]).revoke(serial).revoke(&[1]);
        pki.crl(&forge, key).unwrap()
    };
    let leaf = revoking("Middle", &[3], &pki.middle_key);
    let error = path.require_unrevoked(&[&of_root, &leaf]).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("revoked", ErrorClass::Rejected)
    );
    let middle = revoking("Root", &[2], &pki.root_key);
    let error = path.require_unrevoked(&[&middle, &of_middle]).unwrap_err();
    let serial = "02".to_owned();
    assert_eq!(error, PkiError::Revoked { index: 1, serial });
}

#[test]
fn a_list_of_the_same_name_but_another_key_does_not_count() {
    let (pki, twin) = (Pki::new(), Pki::new());
    let of_root = pki.crl(&CrlForge::new("Root"), &pki.root_key).unwrap();
    let of_twin = twin
        .crl(&CrlForge::new("Middle"), &twin.middle_key)
        .unwrap();
    let error = pki.path().require_unrevoked(&[&of_root, &of_twin]);
    assert_eq!(error, Err(PkiError::CrlMissing { index: 0 }));
}

#[test]
fn signature_issuer_and_dates() {
    let pki = Pki::new();
    let good = CrlForge::new("Middle");
    let error = pki.crl(&good, &pki.root_key).unwrap_err();
    assert_eq!(error.check(), "signature");
    assert_eq!(pki.refused_by(&CrlForge::new("Nobody")), "crl-issuer");
    assert_eq!(pki.refused_by(&CrlForge::new("Leaf")), "basic-constraints");
    let mut forge = good.clone();
    forge.this_update = UnixTime::from_secs(NOW.as_secs() + 1);
    assert_eq!(pki.refused_by(&forge), "crl-validity");
    let mut forge = good.clone();
    forge.next_update = Some(UnixTime::from_secs(NOW.as_secs() - 1));
    assert_eq!(pki.refused_by(&forge), "crl-validity");
    forge.next_update = Some(NOW);
    assert_eq!(pki.refused_by(&forge), "none");
    forge.next_update = None;
    assert_eq!(pki.refused_by(&forge), "crl-validity");
    let mut pki = pki;
    let certs_only = ExtensionForge::key_usage(KeyUsage::CERT_SIGN);
    pki.middle = pki.middle.with(certs_only);
    assert_eq!(pki.refused_by(&good), "key-usage");
}

#[test]
fn critical_and_partial_lists_are_refused() {
    let pki = Pki::new();
    let good = CrlForge::new("Middle");
    for oid in [oids::DELTA_CRL, oids::ISSUING_DISTRIBUTION_POINT] {
        let mut forge = good.clone();
        forge
            .extensions
            .push(ExtensionForge::new(oid, false, &null()));
        assert_eq!(pki.refused_by(&forge), "critical-extension");
    }
    let mut forge = good.clone();
    let unknown = ExtensionForge::new(oids::MGF1, true, &null());
    forge.extensions.push(unknown.clone());
    assert_eq!(pki.refused_by(&forge), "critical-extension");
    let mut forge = good.clone().revoke(&[5]);
    forge.entry_extensions.push(unknown);
    assert_eq!(pki.refused_by(&forge), "critical-extension");
    let mut forge = good;
    forge.version = None;
    assert_eq!(pki.refused_by(&forge), "version");
}

#[test]
fn every_cut_is_refused() {
    let pki = Pki::new();
    let der = CrlForge::new("Middle").revoke(&[5]).sign(&pki.middle_key);
    for cut in 0..der.len() {
        assert_eq!(
            Crl::parse(&der[..cut]).unwrap_err().class(),
            ErrorClass::Malformed
        );
    }
    assert!(Crl::parse(&[&der[..], &[0]].concat()).is_err());
}
