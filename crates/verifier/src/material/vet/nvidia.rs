use adyton_pki::{Certificate, OcspQuestion, parse_pem_chain};
use adyton_tee_nvidia_gpu::{DeviceEvidence, NvidiaError, Rim};
use adyton_types::{Evidence, TeeKind, UnixTime};

use super::error::VetError;
use super::vetted::Vetted;
use crate::material::{Material, Trust};

/// A manifest, if it is of the version that its id ends with. It has no end of its own; its
/// certificates have, and the OCSP answers for them.
pub(super) fn rim(
    xml: &[u8],
    id: &str,
    trust: &Trust,
    now: UnixTime,
) -> Result<Option<Vetted>, VetError> {
    let document = Rim::danger_without_revocation(xml, &trust.nvidia, now)?;
    let bare = document.version.replace('.', "");
    let (_, version) = id.rsplit_once('_').unwrap_or_default();
    let fits =
        version.eq_ignore_ascii_case(&document.version) || version.eq_ignore_ascii_case(&bare);
    if !fits {
        return Ok(None);
    }
    let certificates = Rim::danger_certificates(xml)?;
    let ends = certificates.iter().map(Certificate::not_after);
    let until = ends.min().unwrap_or(UnixTime::MAX);
    Ok(Some(Vetted::alone(until, xml.to_vec())))
}

/// What OCSP has to answer so that NVIDIA's Evidence can be verified: is each certificate of its
/// devices good, but for leaf and root, and each of the manifests at hand, but for their root? None
/// for Evidence of other kinds.
#[must_use]
pub fn ocsp_questions(evidence: &Evidence, known: &Material) -> Vec<OcspQuestion> {
    if evidence.kind != TeeKind::NvidiaGpu {
        return Vec::new();
    }
    let devices = DeviceEvidence::parse_list(&evidence.bytes).unwrap_or_default();
    let chains = devices.iter().map(|device| {
        let chain = parse_pem_chain(&device.chain).unwrap_or_default();
        // The device made its leaf itself: no CA knows of it.
        chain.into_iter().skip(1).collect::<Vec<_>>()
    });
    let rims = known.0.rims.iter();
    let rims = rims.filter_map(|xml| Rim::danger_certificates(xml).ok());
    let mut questions: Vec<OcspQuestion> = Vec::new();
    for chain in chains.chain(rims) {
        for (certificate, issuer) in chain.iter().zip(chain.iter().skip(1)) {
            let question = OcspQuestion::new(certificate, issuer);
            questions.extend(question.filter(|question| !questions.contains(question)));
        }
    }
    questions
}

/// Verifies that no OCSP answer in `answer` was signed for another question than that with this nonce:
/// for what comes from a responder, not for what was kept.
///
/// # Errors
/// [`VetError`].
pub fn vet_ocsp_nonce(answer: &Material, nonce: &[u8; 32]) -> Result<(), VetError> {
    let mut all = answer.0.ocsp.iter();
    let judged = all.try_for_each(|one| OcspQuestion::require_nonce(one, nonce));
    Ok(judged.map_err(NvidiaError::Revocation)?)
}

/// Verifies that `answer` holds an OCSP answer that says good.
///
/// # Errors
/// [`VetError`].
pub fn vet_ocsp(
    question: &OcspQuestion,
    answer: &Material,
    trust: &Trust,
    now: UnixTime,
) -> Result<Vetted, VetError> {
    let responders = trust.nvidia.responders();
    let all = &answer.0.ocsp;
    let window = question.verify(all, responders, now);
    let window = window.map_err(NvidiaError::RimRevocation)?;
    // Several answers may be for it: the one that counted is the one that gives the same alone.
    let counted = all
        .iter()
        .find(|one| question.verify(std::slice::from_ref(*one), responders, now) == Ok(window));
    let der = counted.map(|one| one.der().to_vec()).unwrap_or_default();
    Ok(Vetted::alone(window.not_after, der))
}
