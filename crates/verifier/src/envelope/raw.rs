use adyton_codec::Value;
use adyton_tee_amd_snp::REPORT_BYTES;
use adyton_types::TeeKind;

use super::error::EnvelopeError;

/// An ES384 protected header as COSE writes it: a byte string of `{1: -35}`.
const ES384_HEADER: [u8; 5] = [0x44, 0xa1, 0x01, 0x38, 0x22];
/// CBOR tags 399 and 907, of CCA tokens.
const CCA_TAGS: [[u8; 3]; 2] = [[0xd9, 0x01, 0x8f], [0xd9, 0x03, 0x8b]];

/// The kind of Evidence that the bytes begin as; `None` if they begin as none.
///
/// # Errors
/// [`EnvelopeError::Broken`] if they can be no other than that kind, and are not whole.
pub(super) fn kind(bytes: &[u8]) -> Result<Option<TeeKind>, EnvelopeError> {
    if let Some(kind) = quote(bytes) {
        return Ok(Some(kind));
    }
    if snp(bytes)? {
        return Ok(Some(TeeKind::Snp));
    }
    if bytes.starts_with(b"HCLA") {
        return Err(EnvelopeError::Broken {
            what: "an Azure HCL report",
            why: "without the vTPM's quote it says nothing about the machine's system",
        });
    }
    if nitro(bytes) {
        return Ok(Some(TeeKind::Nitro));
    }
    if CCA_TAGS.iter().any(|tag| bytes.starts_with(tag)) {
        return Ok(Some(TeeKind::Cca));
    }
    Ok(container(bytes))
}

/// Header of a DCAP quote: version 3 to 5, key type 2 or 3, TEE type 0 or 0x81.
fn quote(bytes: &[u8]) -> Option<TeeKind> {
    match bytes.first_chunk::<8>()? {
        [3..=5, 0, 2 | 3, 0, 0, 0, 0, 0] => Some(TeeKind::Sgx),
        [4 | 5, 0, 2 | 3, 0, 0x81, 0, 0, 0] => Some(TeeKind::Tdx),
        _ => None,
    }
}

/// A report of version 2 to 5 that names signature algorithm 1, and what may follow it.
fn snp(bytes: &[u8]) -> Result<bool, EnvelopeError> {
    let version = bytes.first_chunk::<4>();
    let algorithm = bytes.get(0x34..0x38);
    let looks = matches!(version, Some([2..=5, 0, 0, 0])) && algorithm == Some(&[1, 0, 0, 0]);
    if looks && bytes.len() < REPORT_BYTES {
        return Err(EnvelopeError::Broken {
            what: "an SNP report",
            why: "it ends before its 1184 bytes",
        });
    }
    Ok(looks)
}

/// A COSE_Sign1, tagged or not, whose protected header is that of ES384.
fn nitro(bytes: &[u8]) -> bool {
    let untagged = bytes.strip_prefix(&[0xd2]).unwrap_or(bytes);
    untagged
        .strip_prefix(&[0x84])
        .is_some_and(|inside| inside.starts_with(&ES384_HEADER))
}

/// Adyton's own containers.
fn container(bytes: &[u8]) -> Option<TeeKind> {
    let mut fields = Value::decode(bytes).ok()?.into_fields("Evidence").ok()?;
    if let Some(version) = fields.optional("v") {
        let version = version.into_text("v").ok()?;
        return match &*version {
            "adyton/tpm-evidence/v1" => Some(TeeKind::Tpm),
            "adyton/azure-evidence/v1" => match &*fields.text("kind").ok()? {
                "azure-snp" => Some(TeeKind::AzureSnp),
                "azure-tdx" => Some(TeeKind::AzureTdx),
                _ => None,
            },
            _ => None,
        };
    }
    let software = fields.optional("key").is_some() && fields.optional("sign1").is_some();
    software.then_some(TeeKind::Software)
}
