//! What TCB info and QE identity have in common: a signature over the bytes as received, dates, and
//! a form in JSON.

use adyton_codec::{hex_array, hex_decode};
use adyton_pki::{PublicKey, SignatureAlgorithm};
use adyton_types::UnixTime;
use serde::de::{DeserializeOwned, Error as _};
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;

use crate::IntelError;
use crate::error::Document;

/// The largest document that is read. Real ones take 0.5 to 40 KiB.
pub const MAX_DOCUMENT_BYTES: usize = 512 * 1024;

/// Deepest nesting of a document: TCB info has 6.
const MAX_DEPTH: usize = 16;

/// A document of Intel's as received: the exact bytes of the object, and the signature over them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedDocument {
    /// The bytes of the inner JSON object, which are signed.
    pub body: Vec<u8>,
    /// ECDSA P-256 signature, r and s.
    pub signature: [u8; 64],
}

#[derive(Deserialize)]
struct TcbInfoAnswer<'a> {
    #[serde(rename = "tcbInfo", borrow)]
    body: &'a RawValue,
    signature: String,
}

#[derive(Deserialize)]
struct QeIdentityAnswer<'a> {
    #[serde(rename = "enclaveIdentity", borrow)]
    body: &'a RawValue,
    signature: String,
}

impl SignedDocument {
    /// Takes apart an answer of the PCS to "Get TCB Info": `{"tcbInfo": {..}, "signature": ".."}`.
    ///
    /// # Errors
    /// [`IntelError::Form`].
    pub fn tcb_info(answer: &[u8]) -> Result<Self, IntelError> {
        let found: TcbInfoAnswer<'_> = parse_json(Document::TcbInfo, answer)?;
        Self::new(Document::TcbInfo, found.body, &found.signature)
    }

    /// Takes apart an answer to "Get Quoting Enclave Identity":
    /// `{"enclaveIdentity": {..}, "signature": ".."}`.
    ///
    /// # Errors
    /// [`IntelError::Form`].
    pub fn qe_identity(answer: &[u8]) -> Result<Self, IntelError> {
        let found: QeIdentityAnswer<'_> = parse_json(Document::QeIdentity, answer)?;
        Self::new(Document::QeIdentity, found.body, &found.signature)
    }

    fn new(document: Document, body: &RawValue, signature: &str) -> Result<Self, IntelError> {
        Ok(Self {
            body: body.get().as_bytes().to_vec(),
            signature: hex_array(signature).map_err(|_| IntelError::Form {
                document,
                what: "the signature is not 64 bytes in lower-case hex",
            })?,
        })
    }

    /// Verifies the signature and reads what was signed.
    pub(crate) fn open<T: DeserializeOwned>(
        &self,
        document: Document,
        key: &PublicKey,
    ) -> Result<T, IntelError> {
        key.verify(
            SignatureAlgorithm::EcdsaP256Sha256Fixed,
            &self.body,
            &self.signature,
            "document",
        )
        .map_err(|_| IntelError::DocumentSignature { document })?;
        parse_json(document, &self.body)
    }
}

fn parse_json<'a, T: Deserialize<'a>>(
    document: Document,
    bytes: &'a [u8],
) -> Result<T, IntelError> {
    require_limits(document, bytes)?;
    serde_json::from_slice(bytes).map_err(|error| IntelError::Form {
        document,
        what: match error.classify() {
            serde_json::error::Category::Data => "a field is missing, twice there, or wrong",
            _ => "it is no JSON",
        },
    })
}

/// Size and depth, before a parser that recurses sees it.
pub(crate) fn require_limits(document: Document, bytes: &[u8]) -> Result<(), IntelError> {
    if bytes.len() > MAX_DOCUMENT_BYTES {
        return Err(IntelError::Form {
            document,
            what: "it is larger than 512 KiB",
        });
    }
    let (mut depth, mut in_text, mut escaped) = (0usize, false, false);
    for byte in bytes {
        match (in_text, byte) {
            (true, _) if escaped => escaped = false,
            (true, b'\\') => escaped = true,
            (_, b'"') => in_text = !in_text,
            (false, b'{' | b'[') => depth = depth.saturating_add(1),
            (false, b'}' | b']') => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > MAX_DEPTH {
            return Err(IntelError::Form {
                document,
                what: "it is nested deeper than 16",
            });
        }
    }
    Ok(())
}

/// A document's dates against `now`.
pub(crate) fn require_dates(
    document: Document,
    from: UnixTime,
    to: UnixTime,
    now: UnixTime,
) -> Result<(), IntelError> {
    if from <= now && now <= to {
        Ok(())
    } else {
        Err(IntelError::DocumentDates {
            document,
            from,
            to,
            now,
        })
    }
}

/// Bytes in hexadecimal, of either case: Intel writes both, and the text is signed.
pub(crate) fn hex<'de, D: Deserializer<'de>, const N: usize>(
    deserializer: D,
) -> Result<[u8; N], D::Error> {
    let text = String::deserialize(deserializer)?;
    hex_decode(&text.to_ascii_lowercase())
        .ok()
        .and_then(|bytes| bytes.try_into().ok())
        .ok_or_else(|| D::Error::custom("bytes in hex"))
}

/// A time of the form 2026-01-31T00:00:00Z.
pub(crate) fn time<'de, D: Deserializer<'de>>(deserializer: D) -> Result<UnixTime, D::Error> {
    String::deserialize(deserializer)?
        .parse()
        .map_err(D::Error::custom)
}
