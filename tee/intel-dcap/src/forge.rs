//! Quotes and Endorsements under keys made on the spot, every field free to be wrong before it is
//! signed: what tests of refusals are made of. Nothing of the product uses this module.

mod documents;
mod pck;
mod quote;

use adyton_pki::forge::{CertificateForge, CrlForge, ForgeKey, pem};
use adyton_pki::{KeyKind, SignatureAlgorithm, TrustAnchor};
use adyton_types::UnixTime;
use serde_json::Value;

pub use pck::PckForge;
pub use quote::QuoteForge;

use crate::{
    IntelBundle, IntelEndorsements, IntelError, IntelTee, Roots, SignedDocument, VerifiedQuote,
};

/// The time at which an untouched forgery is in date: 2026-02-02.
pub const NOW: UnixTime = UnixTime::from_secs(1_770_000_000);

/// A whole world of Intel's, with a platform in it. Change what is to be wrong, then ask for quote
/// and Endorsements.
#[derive(Debug)]
pub struct IntelForge {
    /// Which TEE.
    pub tee: IntelTee,
    /// Root key.
    pub root_key: ForgeKey,
    /// Key of the PCK CA.
    pub ca_key: ForgeKey,
    /// Key of the platform.
    pub pck_key: ForgeKey,
    /// Key that signs TCB info and QE identity.
    pub signer_key: ForgeKey,
    /// Root certificate.
    pub root: CertificateForge,
    /// Certificate of the PCK CA.
    pub ca: CertificateForge,
    /// PCK certificate; its SGX extension is `platform`.
    pub pck: CertificateForge,
    /// What the PCK certificate says of the platform.
    pub platform: PckForge,
    /// Certificate of the TCB signer.
    pub signer: CertificateForge,
    /// Revocation list of the root.
    pub root_crl: CrlForge,
    /// Revocation list of the PCK CA.
    pub pck_crl: CrlForge,
    /// TCB info.
    pub tcb_info: Value,
    /// Identity of the quoting enclave.
    pub qe_identity: Value,
    /// The quote.
    pub quote: QuoteForge,
    /// The least TCB evaluation that is asked for.
    pub min_evaluation_number: u32,
    /// When it is verified.
    pub now: UnixTime,
}

impl IntelForge {
    /// A TDX 1.0 quote of version 4, all up to date.
    #[must_use]
    pub fn tdx() -> Self {
        Self::new(IntelTee::Tdx, QuoteForge::tdx())
    }

    /// A TDX 1.5 quote of version 5, all up to date.
    #[must_use]
    pub fn tdx15() -> Self {
        Self::new(IntelTee::Tdx, QuoteForge::tdx15())
    }

    /// An SGX quote of version 3, all up to date.
    #[must_use]
    pub fn sgx() -> Self {
        Self::new(IntelTee::Sgx, QuoteForge::sgx())
    }

    fn new(tee: IntelTee, quote: QuoteForge) -> Self {
        let [root_key, ca_key, pck_key, signer_key] =
            [(); 4].map(|()| ForgeKey::generate(KeyKind::P256));
        let (root, ca) = ("Intel SGX Root CA", "Intel SGX PCK Platform CA");
        Self {
            tee,
            root: CertificateForge::ca(root, root, &root_key, Some(1)),
            ca: CertificateForge::ca(ca, root, &ca_key, Some(0)).serial(&[2]),
            pck: CertificateForge::end_entity("Intel SGX PCK Certificate", ca, &pck_key)
                .serial(&[3]),
            platform: PckForge::default(),
            signer: CertificateForge::end_entity("Intel SGX TCB Signing", root, &signer_key)
                .serial(&[4]),
            root_crl: CrlForge::new(root),
            pck_crl: CrlForge::new(ca),
            tcb_info: documents::tcb_info(tee),
            qe_identity: documents::qe_identity(tee),
            quote,
            min_evaluation_number: 1,
            now: NOW,
            root_key,
            ca_key,
            pck_key,
            signer_key,
        }
    }

    /// The root that it hangs from.
    #[must_use]
    pub fn roots(&self) -> Roots {
        let root = self.root.certificate(&self.root_key);
        Roots::danger_others(vec![TrustAnchor::from_certificate(&root)])
    }

    /// The PCK certificate's chain in PEM.
    #[must_use]
    pub fn pck_chain(&self) -> String {
        let leaf = self.pck.clone().with(self.platform.extension());
        pem(&[
            &leaf.sign(&self.ca_key),
            &self.ca.sign(&self.root_key),
            &self.root.sign(&self.root_key),
        ])
    }

    /// The quote.
    #[must_use]
    pub fn quote(&self) -> Vec<u8> {
        self.quote.sign(&self.pck_key, &self.pck_chain())
    }

    /// The Endorsements as received.
    #[must_use]
    pub fn bundle(&self) -> IntelBundle {
        let signer = pem(&[
            &self.signer.sign(&self.root_key),
            &self.root.sign(&self.root_key),
        ]);
        let ca = pem(&[
            &self.ca.sign(&self.root_key),
            &self.root.sign(&self.root_key),
        ]);
        IntelBundle {
            tcb_info: self.document(&self.tcb_info),
            tcb_info_chain: signer.clone().into_bytes(),
            qe_identity: self.document(&self.qe_identity),
            qe_identity_chain: signer.into_bytes(),
            root_crl: self.root_crl.sign(&self.root_key),
            pck_crl: self.pck_crl.sign(&self.ca_key),
            pck_crl_chain: ca.into_bytes(),
            pck_chain: None,
        }
    }

    fn document(&self, value: &Value) -> SignedDocument {
        let body = value.to_string().into_bytes();
        let algorithm = SignatureAlgorithm::EcdsaP256Sha256Fixed;
        let signature = self.signer_key.sign(algorithm, &body);
        SignedDocument {
            body,
            signature: signature.try_into().expect("64 bytes"),
        }
    }

    /// The Endorsements, verified.
    ///
    /// # Errors
    /// What is wrong with them.
    pub fn endorsements(&self) -> Result<IntelEndorsements, IntelError> {
        self.endorse(&self.bundle())
    }

    /// Another bundle, verified as this forgery's own would be.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn endorse(&self, bundle: &IntelBundle) -> Result<IntelEndorsements, IntelError> {
        let roots = self.roots();
        IntelEndorsements::verify(
            self.tee,
            bundle,
            &roots,
            self.min_evaluation_number,
            self.now,
        )
    }

    /// The quote, verified against the Endorsements.
    ///
    /// # Errors
    /// What is wrong with either.
    pub fn verify(&self) -> Result<VerifiedQuote, IntelError> {
        crate::verify(&self.quote(), &self.endorsements()?, self.now)
    }
}
