//! The envelopes in which others keep Azure evidence, read just well enough for these tests.

use adyton_codec::{base64_decode, hex_decode};
use adyton_tee_azure_cvm::{AzureEvidence, Hardware, rsassa_sha256};
use adyton_tee_tcg_tpm::{HashAlg, PcrValues};
use serde_json::Value;

/// A quote as all of them have it: bare signature, message, values of PCRs 0 to 23.
pub(crate) struct Quote {
    pub(crate) signature: Vec<u8>,
    pub(crate) message: Vec<u8>,
    pub(crate) pcrs: Vec<Vec<u8>>,
}

impl Quote {
    pub(crate) fn values(&self) -> PcrValues {
        let pcrs = self.pcrs.iter().enumerate();
        let pcrs = pcrs.map(|(index, value)| (u8::try_from(index).unwrap(), value.clone()));
        PcrValues::new(HashAlg::Sha256, pcrs).unwrap()
    }

    pub(crate) fn with(&self, hcl: Vec<u8>, hardware: Hardware) -> AzureEvidence {
        AzureEvidence {
            hcl,
            quote: self.message.clone(),
            signature: rsassa_sha256(&self.signature),
            pcrs: self.values(),
            hardware,
        }
    }

    /// Of bincode: each part behind its length in eight bytes.
    pub(crate) fn from_bincode(bytes: &[u8]) -> Self {
        let mut rest = bytes;
        let mut part = |unit: usize| {
            let (len, tail) = rest.split_at(8);
            let len = usize::try_from(u64::from_le_bytes(len.try_into().unwrap())).unwrap();
            let (part, tail) = tail.split_at(len * unit);
            rest = tail;
            part.to_vec()
        };
        Self {
            signature: part(1),
            message: part(1),
            pcrs: part(32).chunks(32).map(<[u8]>::to_vec).collect(),
        }
    }

    fn from_json(json: &Value) -> Self {
        Self {
            signature: bytes(&json["signature"]),
            message: bytes(&json["message"]),
            pcrs: json["pcrs"].as_array().unwrap().iter().map(bytes).collect(),
        }
    }
}

/// Bytes as a list of numbers, in hexadecimal, or in base64url.
fn bytes(json: &Value) -> Vec<u8> {
    match json {
        Value::Array(numbers) => {
            let byte = |n: &Value| u8::try_from(n.as_u64().unwrap()).unwrap();
            numbers.iter().map(byte).collect()
        }
        Value::String(text) => hex_decode(text).unwrap_or_else(|_| base64url(text)),
        other => panic!("no bytes: {other}"),
    }
}

/// With or without padding.
pub(crate) fn base64url(text: &str) -> Vec<u8> {
    let mut text = text
        .trim()
        .trim_end_matches('=')
        .replace('-', "+")
        .replace('_', "/");
    while !text.len().is_multiple_of(4) {
        text.push('=');
    }
    base64_decode(&text).unwrap()
}

/// trustee's JSON, versions 0 and 1, and the same inside a wrapper; `vek` is the certificate in DER.
pub(crate) fn json(text: &[u8], vek: impl Fn(&[u8]) -> Vec<u8>) -> AzureEvidence {
    let json: Value = serde_json::from_slice(text).unwrap();
    let json = json.get("evidence").unwrap_or(&json);
    let part = |names: [&str; 2]| names.iter().find_map(|name| json.get(name));
    let quote = Quote::from_json(part(["tpm_quote", "quote"]).unwrap());
    let hcl = bytes(part(["hcl_report", "report"]).unwrap());
    let hardware = match json.get("td_quote") {
        Some(quote) => Hardware::Tdx {
            quote: bytes(quote),
        },
        None => Hardware::Snp {
            vek: Some(match json["vcek"].as_str().unwrap() {
                pem if pem.starts_with("-----") => vek(pem.as_bytes()),
                text => base64url(text),
            }),
        },
    };
    quote.with(hcl, hardware)
}

/// The YAML of flashbots' attested-tls: the evidence, and the AK's certificates in PEM.
pub(crate) fn yaml(text: &str) -> (AzureEvidence, Vec<String>) {
    let mut pems: Vec<String> = Vec::new();
    let mut lists: Vec<(String, Vec<u8>)> = Vec::new();
    let mut base64 = std::collections::BTreeMap::<String, String>::new();
    let mut key = String::new();
    let mut in_pem = false;
    for line in text.lines() {
        let line = line.trim();
        if line.contains("-----BEGIN") {
            in_pem = true;
            pems.push(String::new());
        }
        if in_pem {
            let pem = pems.last_mut().unwrap();
            pem.push_str(line.trim_start_matches("- |").trim());
            pem.push('\n');
            in_pem = !line.contains("-----END");
        } else if let Some((name, _)) = line.split_once(':') {
            name.clone_into(&mut key);
            lists.push((key.clone(), Vec::new()));
        } else if let Ok(byte) = line.trim_start_matches("- ").parse() {
            lists.last_mut().unwrap().1.push(byte);
        } else {
            base64.entry(key.clone()).or_default().push_str(line);
        }
    }
    let list = |name: &str| lists.iter().find(|(key, _)| key == name).unwrap().1.clone();
    let quote = Quote {
        signature: list("signature"),
        message: list("message"),
        pcrs: list("pcrs").chunks(32).map(<[u8]>::to_vec).collect(),
    };
    let td_quote = base64url(&base64["tdx_quote_base64"]);
    let hcl = base64url(&base64["hcl_report_base64"]);
    (quote.with(hcl, Hardware::Tdx { quote: td_quote }), pems)
}
