use adyton_codec::{hex_array, hex_decode};
use serde::Deserialize;

use crate::IntelError;
use crate::document::{MAX_DOCUMENT_BYTES, SignedDocument, require_limits};
use crate::error::Document;

/// Endorsements of Intel as received, nothing of it looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntelBundle {
    /// TCB info, for one FMSPC.
    pub tcb_info: SignedDocument,
    /// Certificates of its signer in PEM, leaf first, the root's last.
    pub tcb_info_chain: Vec<u8>,
    /// Identity of the quoting enclave.
    pub qe_identity: SignedDocument,
    /// Certificates of its signer, likewise.
    pub qe_identity_chain: Vec<u8>,
    /// The root's revocation list in DER.
    pub root_crl: Vec<u8>,
    /// The PCK CA's revocation list in DER.
    pub pck_crl: Vec<u8>,
    /// Certificates of the PCK CA in PEM, the CA's first, the root's last.
    pub pck_crl_chain: Vec<u8>,
    /// Certificates of the platform's PCK in PEM, leaf first, for quotes that do not carry them.
    pub pck_chain: Option<Vec<u8>>,
}

/// The JSON form that tools around `dcap-qvl` write (QuoteCollateralV3). `pck_certificate_chain` is
/// there only for quotes without certificates.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Json {
    pck_crl_issuer_chain: String,
    root_ca_crl: String,
    pck_crl: String,
    tcb_info_issuer_chain: String,
    tcb_info: String,
    tcb_info_signature: String,
    qe_identity_issuer_chain: String,
    qe_identity: String,
    qe_identity_signature: String,
    #[serde(default)]
    pck_certificate_chain: Option<String>,
}

fn form(what: &'static str) -> IntelError {
    IntelError::Form {
        document: Document::TcbInfo,
        what,
    }
}

impl IntelBundle {
    /// Reads the JSON form (QuoteCollateralV3): chains in PEM, lists and signatures in lower-case
    /// hex, documents as texts.
    ///
    /// # Errors
    /// [`IntelError::Form`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, IntelError> {
        require_limits(
            Document::TcbInfo,
            bytes.get(..MAX_DOCUMENT_BYTES).unwrap_or(bytes),
        )?;
        if bytes.len() > 4 * MAX_DOCUMENT_BYTES {
            return Err(form("the collateral is larger than 2 MiB"));
        }
        let json: Json = serde_json::from_slice(bytes)
            .map_err(|_| form("the collateral is no QuoteCollateralV3 in JSON"))?;
        let signature = |hex: &str| {
            hex_array(hex).map_err(|_| form("a signature is not 64 bytes in lower-case hex"))
        };
        let list = |hex: &str| hex_decode(hex).map_err(|_| form("a list is not in lower-case hex"));
        Ok(Self {
            tcb_info: SignedDocument {
                body: json.tcb_info.into_bytes(),
                signature: signature(&json.tcb_info_signature)?,
            },
            tcb_info_chain: json.tcb_info_issuer_chain.into_bytes(),
            qe_identity: SignedDocument {
                body: json.qe_identity.into_bytes(),
                signature: signature(&json.qe_identity_signature)?,
            },
            qe_identity_chain: json.qe_identity_issuer_chain.into_bytes(),
            root_crl: list(&json.root_ca_crl)?,
            pck_crl: list(&json.pck_crl)?,
            pck_crl_chain: json.pck_crl_issuer_chain.into_bytes(),
            pck_chain: json.pck_certificate_chain.map(String::into_bytes),
        })
    }
}
