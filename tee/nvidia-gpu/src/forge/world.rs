use adyton_pki::forge::{
    AnswerForge, CertificateForge, ExtensionForge, ForgeKey, OcspForge, integer, octet_string, oid,
    pem, sequence,
};
use adyton_pki::{Certificate, KeyKind, OcspResponse, Oid, TrustAnchor, oids};
use adyton_types::UnixTime;

use super::{ForgedReport, ForgedRim};
use crate::{Architecture, NvidiaEndorsements, NvidiaRoots, Rim};

/// A world of its own: roots, a responder, a device, and a signer of manifests.
#[derive(Debug)]
pub struct ForgedWorld {
    /// The architecture of its device.
    pub architecture: Architecture,
    /// The device's chain, leaf first, root last.
    pub chain: Vec<Certificate>,
    /// The device's attestation key.
    pub leaf_key: ForgeKey,
    /// The key that certified it.
    pub brom_key: ForgeKey,
    /// The chain of the signer of manifests.
    pub rim_chain: Vec<Certificate>,
    /// The signer of manifests.
    pub rim_key: ForgeKey,
    /// The key that signed the signer's certificate.
    pub rim_ca_key: ForgeKey,
    /// The OCSP responder.
    pub responder: ForgeKey,
}

const KIND: KeyKind = KeyKind::P384;

/// The FWID extension in the form of Hopper.
fn fwid(byte: u8) -> ExtensionForge {
    let digest = sequence(&[&oid(&oids::SHA384), &octet_string(&[byte; 48])]);
    let value = sequence(&[&integer(&[1]), &sequence(&[]), &digest]);
    ExtensionForge::new(Oid::new_unwrap("2.23.133.5.4.1"), false, &value)
}

/// Good answers, from 2020 to 2040, for every certificate that another of the chain issued.
///
/// # Panics
/// Never: a forged response is one.
#[must_use]
pub fn answers(chain: &[Certificate], responder: &ForgeKey) -> OcspResponse {
    let pairs = chain.iter().zip(chain.iter().skip(1));
    let answers =
        pairs.map(|(certificate, issuer)| AnswerForge::good(certificate, issuer.public_key()));
    let response = OcspForge::new(answers.collect()).sign(responder);
    OcspResponse::parse(&response).expect("a forged response")
}

impl ForgedWorld {
    /// When everything of it is valid.
    pub const NOW: UnixTime = UnixTime::from_secs(1_770_000_000);

    /// A world with a device whose leaf has the given common name.
    #[must_use]
    pub fn new(architecture: Architecture, leaf_name: &str) -> Self {
        let (root, root_key) = CertificateForge::root("Device Root", KIND);
        let [brom_key, leaf_key, rim_ca_key, rim_key] = [(); 4].map(|()| ForgeKey::generate(KIND));
        let brom = CertificateForge::ca("BROM", "Device Root", &brom_key, None).serial(&[2]);
        let leaf = CertificateForge::end_entity(leaf_name, "BROM", &leaf_key)
            .serial(&[3])
            .with(fwid(0xf1));
        let (rim_root, rim_root_key) = CertificateForge::root("RIM Root", KIND);
        let rim_ca = CertificateForge::ca("RIM CA", "RIM Root", &rim_ca_key, None).serial(&[2]);
        let signer = CertificateForge::end_entity("RIM Signer", "RIM CA", &rim_key).serial(&[3]);
        Self {
            architecture,
            chain: vec![
                leaf.certificate(&brom_key),
                brom.certificate(&root_key),
                root,
            ],
            rim_chain: vec![
                signer.certificate(&rim_ca_key),
                rim_ca.certificate(&rim_root_key),
                rim_root,
            ],
            leaf_key,
            brom_key,
            rim_key,
            rim_ca_key,
            responder: ForgeKey::generate(KIND),
        }
    }

    /// A world with a Hopper GPU.
    #[must_use]
    pub fn hopper() -> Self {
        Self::new(Architecture::Hopper, "GH100 A01 GSP FMC LF")
    }

    /// Another device of the same world, certified like the first.
    #[must_use]
    pub fn another(&self, leaf_name: &str, serial: u8) -> (ForgeKey, Vec<Certificate>) {
        let key = ForgeKey::generate(KIND);
        let leaf = CertificateForge::end_entity(leaf_name, "BROM", &key)
            .serial(&[serial])
            .with(fwid(0xf1));
        let mut chain = self.chain.clone();
        if let Some(first) = chain.first_mut() {
            *first = leaf.certificate(&self.brom_key);
        }
        (key, chain)
    }

    /// A leaf with other extensions or dates in place of the device's, certified by the same key.
    pub fn replace_leaf(&mut self, change: impl FnOnce(CertificateForge) -> CertificateForge) {
        let name = self
            .chain
            .first()
            .and_then(|leaf| leaf.subject_common_name());
        let name = name.unwrap_or_default().to_owned();
        let leaf = CertificateForge::end_entity(&name, "BROM", &self.leaf_key)
            .serial(&[3])
            .with(fwid(0xf1));
        if let Some(first) = self.chain.first_mut() {
            *first = change(leaf).certificate(&self.brom_key);
        }
    }

    /// The roots, with the responder.
    #[must_use]
    pub fn roots(&self) -> NvidiaRoots {
        let anchor = |chain: &[Certificate]| {
            chain
                .last()
                .map(TrustAnchor::from_certificate)
                .into_iter()
                .collect()
        };
        let responders = vec![self.responder.public().clone()];
        NvidiaRoots::danger_new(anchor(&self.chain), anchor(&self.rim_chain), responders)
    }

    /// Endorsements without manifests, with good answers for the device's chain.
    #[must_use]
    pub fn no_rims(&self) -> NvidiaEndorsements {
        let mut endorsements = NvidiaEndorsements::danger_under(self.roots());
        endorsements.add_ocsp(answers(&self.chain, &self.responder));
        endorsements
    }

    /// A manifest signed by the signer, as XML.
    #[must_use]
    pub fn rim_xml(&self, rim: &ForgedRim) -> String {
        let certificates: Vec<&[u8]> = self.rim_chain.iter().map(Certificate::der).collect();
        rim.sign(&self.rim_key, &certificates)
    }

    /// A manifest signed by the signer and verified.
    ///
    /// # Panics
    /// If it does not verify.
    #[must_use]
    pub fn rim(&self, rim: &ForgedRim) -> Rim {
        let ocsp = [answers(&self.rim_chain, &self.responder)];
        let xml = self.rim_xml(rim);
        Rim::verify(xml.as_bytes(), &ocsp, &self.roots(), Self::NOW).expect("a good manifest")
    }

    /// The manifests that fit [`ForgedReport::gpu`]: the VBIOS judges 0 to 9, the driver 10 to 39.
    #[must_use]
    pub fn gpu_rims(&self) -> [ForgedRim; 2] {
        let product = self
            .architecture
            .products()
            .first()
            .copied()
            .unwrap_or_default();
        [
            ForgedRim::new(product, "96.00.9F.00.01", 0..10),
            ForgedRim::new(product, "550.90.07", 10..40),
        ]
    }

    /// Endorsements with these manifests.
    ///
    /// # Panics
    /// If they do not verify.
    #[must_use]
    pub fn endorsements(&self, rims: &[ForgedRim]) -> NvidiaEndorsements {
        let mut endorsements = self.no_rims();
        for rim in rims {
            endorsements
                .add_rim(self.rim(rim))
                .expect("another version");
        }
        endorsements
    }

    /// The chain in PEM.
    #[must_use]
    pub fn pem(chain: &[Certificate]) -> String {
        let certificates: Vec<&[u8]> = chain.iter().map(Certificate::der).collect();
        pem(&certificates)
    }

    /// The Evidence of the device alone, with this report.
    #[must_use]
    pub fn evidence(&self, report: &ForgedReport) -> Vec<u8> {
        let signed = report.sign(&self.leaf_key);
        let entry = ForgedReport::entry(
            self.architecture,
            &report.nonce,
            &signed,
            &Self::pem(&self.chain),
        );
        format!("[{entry}]").into_bytes()
    }
}
