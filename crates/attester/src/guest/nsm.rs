use std::io;

use adyton_codec::Value;
use adyton_crypto::{SecretArray, ct_eq};
use adyton_types::{Evidence, ReportData, TeeKind};

use super::GuestError;
use crate::{Attester, AttesterError};

const INTERFACE: &str = "/dev/nsm";
/// The driver's own limits (`NSM_REQUEST_MAX_SIZE`, `NSM_RESPONSE_MAX_SIZE`).
pub(crate) const MAX_REQUEST_BYTES: usize = 0x1000;
pub(crate) const MAX_RESPONSE_BYTES: usize = 0x3000;

/// The kernel's side of `/dev/nsm`.
pub trait NsmKernel {
    /// Hands a CBOR request to the module and returns its CBOR answer.
    ///
    /// # Errors
    /// The kernel's.
    fn call(&self, request: &[u8]) -> io::Result<Vec<u8>>;
}

/// AWS Nitro through `/dev/nsm` (linux/nsm.h, and the API of aws-nitro-enclaves-nsm-api).
#[derive(Debug)]
pub struct NsmAttester<K> {
    kernel: K,
}

impl<K: NsmKernel> NsmAttester<K> {
    /// Asks through `kernel`.
    #[must_use]
    pub const fn new(kernel: K) -> Self {
        Self { kernel }
    }

    /// A document with the report data as its user data.
    ///
    /// # Errors
    /// [`GuestError`]; [`GuestError::Nsm`] with the module's own word.
    pub fn document(&self, report_data: &ReportData) -> Result<Vec<u8>, GuestError> {
        let answer = self
            .kernel
            .call(&request(report_data))
            .map_err(|why| GuestError::Call {
                call: "NSM_IOCTL_RAW",
                why,
            })?;
        parse(&answer)
    }
}

/// `{"Attestation": {"user_data": .., "nonce": null, "public_key": null}}`.
fn request(report_data: &ReportData) -> Vec<u8> {
    let fields = Value::map([
        ("user_data", Value::bytes(report_data.as_bytes())),
        ("nonce", Value::Null),
        ("public_key", Value::Null),
    ]);
    Value::map([("Attestation", fields)]).encode()
}

/// `{"Attestation": {"document": ..}}` or `{"Error": ".."}`.
fn parse(answer: &[u8]) -> Result<Vec<u8>, GuestError> {
    let bad = || GuestError::Answer {
        interface: INTERFACE,
        what: "it is neither a document nor an error",
    };
    let Ok(Value::Map(entries)) = Value::decode_unordered(answer) else {
        return Err(bad());
    };
    let [(Value::Text(name), value)] = entries.as_slice() else {
        return Err(bad());
    };
    match (name.as_ref(), value) {
        ("Error", Value::Text(error)) => Err(GuestError::Nsm(error.chars().take(80).collect())),
        ("Attestation", Value::Map(fields)) => match fields.as_slice() {
            [(Value::Text(field), Value::Bytes(document))] if field == "document" => {
                Ok(document.to_vec())
            }
            _ => Err(bad()),
        },
        _ => Err(bad()),
    }
}

impl<K: NsmKernel> Attester for NsmAttester<K> {
    fn kind(&self) -> TeeKind {
        TeeKind::Nitro
    }

    fn evidence(&self, report_data: &ReportData) -> Result<Evidence, AttesterError> {
        if ct_eq(report_data.as_bytes(), &[0; 64]) {
            return Err(AttesterError::EmptyReportData(*report_data));
        }
        Ok(Evidence {
            kind: TeeKind::Nitro,
            bytes: self.document(report_data)?,
        })
    }

    fn sealing_key(&self, _label: &str) -> Result<SecretArray<32>, AttesterError> {
        let kind = TeeKind::Nitro;
        Err(GuestError::NoSealingKey { kind }.into())
    }
}
