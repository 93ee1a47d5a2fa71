use adyton_pki::{
    Certificate, KeyUsage, LeafRule, OcspResponse, PathRules, SignatureAlgorithm, verify_path,
};
use adyton_types::{Check, UnixTime};

use crate::checks;
use crate::rim::canonical;
use crate::rim::signature::EnvelopedSignature;
use crate::{NvidiaError, NvidiaRoots, RimDocument};

/// The largest manifest; the known ones take 18 to 26 KiB.
pub const MAX_RIM_BYTES: usize = 1 << 20;
const MAX_NODES: u32 = 1 << 14;

/// Rules for the path of a signer of manifests.
const SIGNER_RULES: PathRules<'_> = PathRules {
    leaf: LeafRule::EndEntity(KeyUsage::DIGITAL_SIGNATURE),
    max_certificates: 6,
    algorithms: &[SignatureAlgorithm::EcdsaP384Sha384],
    understood: &[],
};

/// A manifest that verified. Having one tells you that NVIDIA signed these Reference Values, and
/// that none of the signing certificates was revoked when it was verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rim {
    document: RimDocument,
    not_before: UnixTime,
    not_after: UnixTime,
    checks: Vec<Check>,
}

impl Rim {
    /// Verifies a manifest at the time `now`, with OCSP answers for every certificate of its chain
    /// but the root.
    ///
    /// # Errors
    /// [`NvidiaError`] of the checks in [`RIM_CHECKS`](crate::RIM_CHECKS).
    pub fn verify(
        xml: &[u8],
        ocsp: &[OcspResponse],
        roots: &NvidiaRoots,
        now: UnixTime,
    ) -> Result<Self, NvidiaError> {
        let text = text(xml)?;
        let tree = canonical::parse(text, MAX_NODES)?;
        let root = tree.root_element();
        let document = RimDocument::parse(root)?;
        let signature = EnvelopedSignature::parse(root)?;
        let certificates = signature.certificates.clone();
        let path = verify_path(certificates, roots.rim(), &SIGNER_RULES, now);
        let path = path.map_err(NvidiaError::RimChain)?;
        let window = path
            .require_unrevoked_by_ocsp(ocsp, roots.responders(), now)
            .map_err(NvidiaError::RimRevocation)?;
        signature.verify(path.leaf().public_key())?;
        let name = path.leaf().subject_common_name().unwrap_or_default();
        let check = |named: checks::NamedCheck, compared: String| {
            Check::new(named.name, named.source, compared)
        };
        let made = vec![
            check(
                checks::RIM_FORM,
                format!(
                    "{} measurements of {}",
                    document.golden.len(),
                    document.product
                ),
            ),
            check(
                checks::RIM_CHAIN,
                format!("`{name}` to the RIM root, at {now}"),
            ),
            check(
                checks::RIM_REVOCATION,
                format!("good until {}", window.not_after),
            ),
            check(
                checks::RIM_SIGNATURE,
                "ECDSA on P-384 over SignedInfo, SHA-384 over the document".to_owned(),
            ),
        ];
        Ok(Self {
            document,
            not_before: path.not_before().max(window.not_before),
            not_after: path.not_after().min(window.not_after),
            checks: made,
        })
    }

    /// What it says.
    #[must_use]
    pub const fn document(&self) -> &RimDocument {
        &self.document
    }

    /// From when on it is in force.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// Until when it is in force.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// The checks that were made, in order.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Reads a manifest without verifying anything.
    ///
    /// # Errors
    /// [`NvidiaError::RimForm`].
    pub fn danger_read(xml: &[u8]) -> Result<RimDocument, NvidiaError> {
        let tree = canonical::parse(text(xml)?, MAX_NODES)?;
        RimDocument::parse(tree.root_element())
    }

    /// The certificates that a manifest carries, its signer's first, without verifying anything:
    /// they say which OCSP answers it needs.
    ///
    /// # Errors
    /// [`NvidiaError::RimForm`].
    pub fn danger_certificates(xml: &[u8]) -> Result<Vec<Certificate>, NvidiaError> {
        let tree = canonical::parse(text(xml)?, MAX_NODES)?;
        Ok(EnvelopedSignature::parse(tree.root_element())?.certificates)
    }

    /// Verifies the signature of a manifest and its signer's certificates, but asks nobody whether
    /// one of them was revoked: for who fetches and keeps manifests, and must tell a genuine one.
    ///
    /// # Errors
    /// [`NvidiaError`].
    pub fn danger_without_revocation(
        xml: &[u8],
        roots: &NvidiaRoots,
        now: UnixTime,
    ) -> Result<RimDocument, NvidiaError> {
        let tree = canonical::parse(text(xml)?, MAX_NODES)?;
        let root = tree.root_element();
        let document = RimDocument::parse(root)?;
        let signature = EnvelopedSignature::parse(root)?;
        let certificates = signature.certificates.clone();
        let path = verify_path(certificates, roots.rim(), &SIGNER_RULES, now);
        let path = path.map_err(NvidiaError::RimChain)?;
        signature.verify(path.leaf().public_key())?;
        Ok(document)
    }
}

fn text(xml: &[u8]) -> Result<&str, NvidiaError> {
    if xml.len() > MAX_RIM_BYTES {
        return Err(NvidiaError::TooLong {
            found: xml.len(),
            max: MAX_RIM_BYTES,
        });
    }
    std::str::from_utf8(xml).map_err(|_| NvidiaError::RimForm {
        what: "it is not UTF-8",
    })
}
