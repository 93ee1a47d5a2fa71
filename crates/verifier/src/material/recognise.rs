use adyton_codec::base64_decode;
use adyton_pki::{Certificate, Crl, OcspResponse};
use adyton_tee_amd_snp::CertTable;
use adyton_tee_intel_dcap::{IntelBundle, SignedDocument};
use adyton_types::ErrorClass;
use serde_json::Value;
use thiserror::Error;

use super::document::Document;
use super::intel;
use super::parts::Parts;

/// The largest file of Endorsements that is read: QuoteCollateralV3 takes 20 KiB, a full directory
/// of certificates in PEM some more.
pub const MAX_FILE_BYTES: usize = 2 << 20;

/// What a certificate is called.
pub(super) const CERTIFICATE: &str = "certificate";

/// Most layers of text around an Endorsement (PEM in JSON in base64).
const MAX_LAYERS: usize = 4;

/// A file holds no Endorsement.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum MaterialError {
    /// It is larger than any.
    #[error("{found} bytes are more than the {MAX_FILE_BYTES} of the largest file of Endorsements")]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// It is of no kind that is known here.
    #[error(
        "no Endorsement that is known here: certificates or revocation lists (DER, PEM), OCSP answers, Intel's TCB info, QE identity or QuoteCollateralV3, Azure's certificate JSON, AMD's certificate table, NVIDIA's manifests"
    )]
    Unknown,
}

impl MaterialError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

/// Takes the contents of one file.
pub(super) fn add(material: &mut Parts, bytes: &[u8]) -> Result<Vec<&'static str>, MaterialError> {
    if bytes.len() > MAX_FILE_BYTES {
        return Err(MaterialError::TooLong { found: bytes.len() });
    }
    let mut kinds = Vec::new();
    layer(material, bytes, MAX_LAYERS, &mut kinds);
    match kinds.is_empty() {
        true => Err(MaterialError::Unknown),
        false => Ok(kinds),
    }
}

fn layer(material: &mut Parts, bytes: &[u8], left: usize, kinds: &mut Vec<&'static str>) {
    if der(material, bytes, kinds) || left == 0 {
        return;
    }
    let text = std::str::from_utf8(bytes).map(str::trim);
    let Ok(text) = text else {
        cert_table(material, bytes, left, kinds);
        return;
    };
    if text.starts_with("-----BEGIN ") {
        pem(material, text, kinds);
    } else if text.starts_with('{') {
        json(material, text, left, kinds);
    } else if text.starts_with('<') && text.contains("SoftwareIdentity") {
        material.rims.push(text.as_bytes().to_vec());
        kinds.push("NVIDIA manifest");
    } else if let Some((_, inner)) = crate::envelope::decode_text(text) {
        layer(material, &inner, left.saturating_sub(1), kinds);
    }
}

/// A certificate, a revocation list or an OCSP answer.
fn der(material: &mut Parts, bytes: &[u8], kinds: &mut Vec<&'static str>) -> bool {
    if bytes.first() != Some(&0x30) {
        return false;
    }
    if let Ok(certificate) = Certificate::parse(bytes) {
        material.add_certificate(certificate);
        kinds.push(CERTIFICATE);
    } else if let Ok(crl) = Crl::parse(bytes) {
        material.add_crl(crl);
        kinds.push("revocation list");
    } else if let Ok(answer) = OcspResponse::parse(bytes) {
        material.ocsp.push(answer);
        kinds.push("OCSP answer");
    } else {
        return false;
    }
    true
}

/// Each block of a text in PEM, whatever it is labelled.
fn pem(material: &mut Parts, text: &str, kinds: &mut Vec<&'static str>) {
    for block in text.split("-----BEGIN ").skip(1) {
        let Some((_, rest)) = block.split_once("-----") else {
            return;
        };
        let inside = rest.split("-----END ").next().unwrap_or_default();
        let packed: String = inside.split_ascii_whitespace().collect();
        if let Ok(bytes) = base64_decode(&packed) {
            der(material, &bytes, kinds);
        }
    }
}

fn json(material: &mut Parts, text: &str, left: usize, kinds: &mut Vec<&'static str>) {
    let bytes = text.as_bytes();
    let Ok(value) = serde_json::from_str::<Value>(text) else {
        return;
    };
    if value.get("tcb_info_issuer_chain").is_some() {
        if let Ok(bundle) = IntelBundle::from_json(bytes) {
            intel::add_bundle(material, &bundle);
            kinds.push("Intel's QuoteCollateralV3");
        }
    } else if value.get("tcbInfo").is_some() {
        let document = SignedDocument::tcb_info(bytes).ok();
        if let Some(document) = document.and_then(Document::tcb_info) {
            material.tcb_infos.push(document);
            kinds.push("Intel's TCB info");
        }
    } else if value.get("enclaveIdentity").is_some() {
        let document = SignedDocument::qe_identity(bytes).ok();
        if let Some(document) = document.and_then(Document::qe_identity) {
            material.qe_identities.push(document);
            kinds.push("Intel's QE identity");
        }
    } else {
        // Azure's metadata service, and NVIDIA's RIM service.
        for name in ["vcekCert", "certificateChain", "rim"] {
            if let Some(Value::String(inside)) = value.get(name) {
                layer(material, inside.as_bytes(), left.saturating_sub(1), kinds);
            }
        }
    }
}

/// AMD's certificate table, as hosts hand it to guests.
fn cert_table(material: &mut Parts, bytes: &[u8], left: usize, kinds: &mut Vec<&'static str>) {
    let Ok(table) = CertTable::parse(bytes) else {
        return;
    };
    let parts = [table.ark, table.ask, table.vcek, table.vlek, table.crl];
    for part in parts.into_iter().flatten() {
        layer(material, part, left.saturating_sub(1), kinds);
    }
}
