use adyton_types::{Evidence, TeeKind};
use serde_json::{Map, Value};

use super::azure;
use super::binary::{binary, bytes_of};
use super::error::EnvelopeError;
use super::found::{Found, Unwrap};
use super::unique;

/// Members in which tools put Evidence: Trustee (`quote`, `attestation_report`), Azure Container
/// Instances and CCF (`evidence`), attestation-rs (`evidence`), go-tools and services (the others).
const PLACES: [&str; 12] = [
    "evidence",
    "quote",
    "td_quote",
    "tdx_quote",
    "sgx_quote",
    "report",
    "attestation_report",
    "snp_report",
    "attestation",
    "attestation_document",
    "document",
    "token",
];

/// Members in which tools put what may be an Endorsement.
const BESIDE: [&str; 7] = [
    "endorsements",
    "vcek",
    "vcekCert",
    "certificateChain",
    "certificate_chain",
    "cert_chain",
    "auxblob",
];

/// The most pieces beside the Evidence that are handed on.
const MAX_BESIDE: usize = 16;

/// Shortest text that is tried as Evidence.
const SHORTEST: usize = 64;

/// Finds Evidence in a JSON text. `whole` unwraps what is found in it.
pub(super) fn unwrap(
    text: &str,
    layers_left: usize,
    whole: Unwrap,
) -> Result<Found, EnvelopeError> {
    let value = unique::parse(text)?;
    if is_nvidia(&value) {
        return Ok(Found {
            evidence: Evidence {
                kind: TeeKind::NvidiaGpu,
                bytes: text.as_bytes().to_vec(),
            },
            layers: Vec::new(),
            beside: Vec::new(),
        });
    }
    match &value {
        Value::Object(object) => object_inside(object, layers_left, whole),
        Value::Array(_) => {
            let bytes = bytes_of(&value).ok_or(EnvelopeError::Unknown)?;
            inside("JSON array of bytes", &bytes, layers_left, whole)
        }
        _ => Err(EnvelopeError::Unknown),
    }
}

/// The list of devices in which NVIDIA's SDK writes its Evidence: its form is the Evidence itself.
fn is_nvidia(value: &Value) -> bool {
    let Value::Array(devices) = value else {
        return false;
    };
    let device = |device: &Value| device.get("arch").is_some() && device.get("evidence").is_some();
    !devices.is_empty() && devices.iter().all(device)
}

fn object_inside(
    object: &Map<String, Value>,
    layers_left: usize,
    whole: Unwrap,
) -> Result<Found, EnvelopeError> {
    if azure::is_envelope(object) {
        let found = azure::unwrap(object)?;
        for place in PLACES {
            let other = object.get(place).filter(|_| !azure::is_part(object, place));
            let other = other.map(|value| member(place, value, layers_left, whole));
            if other.transpose()?.flatten().is_some() {
                return Err(EnvelopeError::Several {
                    first: "hcl_report".to_owned(),
                    second: place.to_owned(),
                });
            }
        }
        return Ok(found);
    }
    let mut found: Option<(&str, Found)> = None;
    for place in PLACES {
        let Some(value) = object.get(place) else {
            continue;
        };
        let Some(here) = member(place, value, layers_left, whole)? else {
            continue;
        };
        match &found {
            Some((_, first)) if first.evidence == here.evidence => {}
            Some((first, _)) => {
                return Err(EnvelopeError::Several {
                    first: (*first).to_owned(),
                    second: place.to_owned(),
                });
            }
            None => found = Some((place, here)),
        }
    }
    let (_, mut found) = found.ok_or(EnvelopeError::Unknown)?;
    found.layers.insert(0, "JSON envelope");
    found.beside.extend(beside(object));
    Ok(found)
}

/// The Evidence in one member; `None` if it holds something else.
fn member(
    place: &str,
    value: &Value,
    layers_left: usize,
    whole: Unwrap,
) -> Result<Option<Found>, EnvelopeError> {
    let left = layers_left.checked_sub(1).ok_or(EnvelopeError::TooDeep)?;
    let found = match value {
        Value::Object(object) if is_taken_apart(object) => {
            return Err(EnvelopeError::TakenApart {
                field: place.to_owned(),
            });
        }
        Value::Object(object) => object_inside(object, left, whole),
        Value::String(text) if text.len() >= SHORTEST => whole(text.as_bytes(), left),
        Value::Array(_) if is_nvidia(value) => unwrap(&value.to_string(), left, whole),
        Value::Array(_) => match bytes_of(value) {
            Some(bytes) => whole(&bytes, left),
            None => return Ok(None),
        },
        _ => return Ok(None),
    };
    match found {
        Ok(found) => Ok(Some(found)),
        Err(EnvelopeError::Unknown) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Trustee's and go-sev-guest's forms of an SNP report, or go-tdx-guest's of a quote: a structure,
/// in which the order and width of what was signed are gone.
fn is_taken_apart(object: &Map<String, Value>) -> bool {
    let has = |name: &str| object.contains_key(name);
    (has("measurement") && (has("signature") || has("chip_id") || has("chipId")))
        || (has("header") && (has("td_quote_body") || has("tdQuoteBody")))
}

fn inside(
    layer: &'static str,
    bytes: &[u8],
    layers_left: usize,
    whole: Unwrap,
) -> Result<Found, EnvelopeError> {
    let left = layers_left.checked_sub(1).ok_or(EnvelopeError::TooDeep)?;
    let mut found = whole(bytes, left)?;
    found.layers.insert(0, layer);
    Ok(found)
}

/// What may be an Endorsement, for the collector of material to recognise.
fn beside(object: &Map<String, Value>) -> Vec<Vec<u8>> {
    let named = BESIDE.iter().filter_map(|name| object.get(*name));
    named
        .flat_map(|value| match value {
            Value::Array(items) if bytes_of(value).is_none() => items.clone(),
            other => vec![other.clone()],
        })
        .filter_map(|value| match &value {
            Value::String(text) if text.starts_with("-----BEGIN") => {
                Some(text.clone().into_bytes())
            }
            other => binary(other),
        })
        .take(MAX_BESIDE)
        .collect()
}
