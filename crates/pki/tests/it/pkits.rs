//! Certificates and lists of NIST's path validation suite (PKITS), where the vectors are at hand.

use adyton_pki::{
    Certificate, Crl, KeyUsage, LeafRule, PathRules, PkiError, SignatureAlgorithm, TrustAnchor,
    VerifiedCrl, VerifiedPath, verify_path,
};
use adyton_types::UnixTime;
use adyton_vectors::Vectors;

/// In the suite's period, 2010 to 2030.
const NOW: UnixTime = UnixTime::from_secs(1_700_000_000);
const ALGORITHMS: [SignatureAlgorithm; 1] = [SignatureAlgorithm::RsaPkcs1Sha256];

struct Suite(Vec<(String, Vec<u8>)>);

impl Suite {
    fn bytes(&self, ending: &str) -> &[u8] {
        let found = self.0.iter().find(|(name, _)| name.ends_with(ending));
        &found.expect("a file of the suite").1
    }

    fn certificate(&self, name: &str) -> Certificate {
        Certificate::parse(self.bytes(&format!("_{name}.crt"))).expect("a certificate")
    }

    fn path(&self, names: &[&str]) -> Result<VerifiedPath, PkiError> {
        let root = self.certificate("TrustAnchorRootCertificate");
        let rules = PathRules {
            leaf: LeafRule::EndEntity(KeyUsage::DIGITAL_SIGNATURE),
            max_certificates: 4,
            algorithms: &ALGORITHMS,
            // The suite marks certificate policies critical nowhere in these.
            understood: &[],
        };
        let certificates = names.iter().map(|name| self.certificate(name)).collect();
        let anchors = [TrustAnchor::from_certificate(&root)];
        verify_path(certificates, &anchors, &rules, NOW)
    }

    fn crl(&self, path: &VerifiedPath, name: &str) -> Result<VerifiedCrl, PkiError> {
        let crl = Crl::parse(self.bytes(&format!("_{name}.crl")))?;
        path.verify_crl(&crl, &ALGORITHMS, NOW)
    }
}

#[test]
fn revocation() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let suite = Suite(vectors.folder("negative/pkits"));
    let path = suite
        .path(&["InvalidRevokedEETest3EE", "GoodCACert"])
        .unwrap();
    let root = suite.crl(&path, "TrustAnchorRootCRL").unwrap();
    let good = suite.crl(&path, "GoodCACRL").unwrap();
    let error = path.require_unrevoked(&[&root, &good]).unwrap_err();
    assert_eq!(error.check(), "revoked", "4.4.3");

    let names = ["InvalidRevokedCATest2EE", "RevokedsubCACert", "GoodCACert"];
    let path = suite.path(&names).unwrap();
    let sub = suite.crl(&path, "RevokedsubCACRL").unwrap();
    let error = path.require_unrevoked(&[&root, &good, &sub]).unwrap_err();
    assert_eq!(error.check(), "revoked", "4.4.2");

    let path = suite
        .path(&["InvalidMissingCRLTest1EE", "NoCRLCACert"])
        .unwrap();
    let error = path.require_unrevoked(&[&root, &good]).unwrap_err();
    assert_eq!(error, PkiError::CrlMissing { index: 0 }, "4.4.1");

    let error = suite.crl(&path, "BadCRLSignatureCACRL").unwrap_err();
    let what = "signature";
    assert_eq!(
        error,
        PkiError::Der { what },
        "4.4.4: its bits end within a byte"
    );
}
