use adyton_tee_azure_cvm::{AzureEvidence, Hardware, HardwareKind, HclReport, rsassa_sha256};
use adyton_tee_tcg_tpm::{HashAlg, PcrValues, Quote};
use adyton_types::{Evidence, TeeKind};
use serde_json::{Map, Value};

use super::binary::binary;
use super::error::EnvelopeError;
use super::found::Found;

/// How many PCRs of the SHA-256 bank the tools for Azure write down: all.
const PCRS: usize = 24;

/// The envelopes of `az-snp-vtpm` and `az-tdx-vtpm`, as Trustee and attestation-rs write them. What
/// version the sender writes in them decides nothing: the fields that are there are read, and all of
/// them are verified.
pub(super) fn is_envelope(object: &Map<String, Value>) -> bool {
    hcl(object).is_some() && quote(object).is_some()
}

/// Whether a member is one that is read here, or its older name where that is not there.
pub(super) fn is_part(object: &Map<String, Value>, member: &str) -> bool {
    match member {
        "report" => !object.contains_key("hcl_report"),
        "quote" => !object.contains_key("tpm_quote"),
        "td_quote" => true,
        _ => false,
    }
}

/// `hcl_report`; `report` in version 0.
fn hcl(object: &Map<String, Value>) -> Option<Vec<u8>> {
    let named = object.get("hcl_report").or_else(|| object.get("report"))?;
    binary(named).filter(|bytes| bytes.starts_with(b"HCLA"))
}

/// `tpm_quote`; `quote` in version 0.
fn quote(object: &Map<String, Value>) -> Option<&Map<String, Value>> {
    let named = object.get("tpm_quote").or_else(|| object.get("quote"))?;
    named.as_object().filter(|quote| quote.contains_key("pcrs"))
}

pub(super) fn unwrap(object: &Map<String, Value>) -> Result<Found, EnvelopeError> {
    let part = |field| EnvelopeError::Part { field };
    let hcl_bytes = hcl(object).ok_or(part("hcl_report"))?;
    let tpm = quote(object).ok_or(part("tpm_quote"))?;
    let message = tpm.get("message").and_then(binary);
    let message = message.ok_or(part("tpm_quote.message"))?;
    let signature = tpm.get("signature").and_then(binary);
    let signature = signature.ok_or(part("tpm_quote.signature"))?;
    let pcrs = tpm.get("pcrs").and_then(|pcrs| values(pcrs, &message));
    let pcrs = pcrs.ok_or(part("tpm_quote.pcrs"))?;
    let kind = HclReport::parse(&hcl_bytes).map_err(|_| part("hcl_report"))?;
    let vcek = object.get("vcek");
    let (kind, hardware) = match kind.kind() {
        HardwareKind::Snp => (TeeKind::AzureSnp, Hardware::Snp { vek: vek(vcek) }),
        HardwareKind::Tdx => {
            let quote = object.get("td_quote").and_then(binary);
            let quote = quote.ok_or(part("td_quote"))?;
            (TeeKind::AzureTdx, Hardware::Tdx { quote })
        }
    };
    let evidence = AzureEvidence {
        hcl: hcl_bytes,
        quote: message,
        signature: rsassa_sha256(&signature),
        pcrs,
        hardware,
    };
    Ok(Found {
        evidence: Evidence {
            kind,
            bytes: evidence.encode(),
        },
        layers: vec!["JSON envelope of az-cvm-vtpm"],
        beside: Vec::new(),
    })
}

/// The values of those PCRs that the quote selects, out of all that the envelope lists by index.
fn values(listed: &Value, message: &[u8]) -> Option<PcrValues> {
    let listed = listed.as_array()?;
    if listed.len() != PCRS {
        return None;
    }
    let quote = Quote::parse(message).ok()?;
    let selected = quote.selection.first()?.pcrs;
    let chosen = selected.iter().map(|index| {
        let value = listed.get(usize::from(index)).and_then(binary)?;
        Some((index, value))
    });
    let chosen: Vec<(u8, Vec<u8>)> = chosen.collect::<Option<_>>()?;
    PcrValues::new(HashAlg::Sha256, chosen).ok()
}

/// The chip's certificate in DER, out of PEM or base64 of DER.
fn vek(value: Option<&Value>) -> Option<Vec<u8>> {
    match value? {
        Value::String(text) if text.starts_with("-----BEGIN") => {
            adyton_pki::split_pem_chain(text.as_bytes())
                .ok()?
                .into_iter()
                .next()
        }
        other => binary(other),
    }
}
