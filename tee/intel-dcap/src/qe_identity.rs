use adyton_types::UnixTime;
use serde::Deserialize;

use crate::document::{hex, time};
use crate::error::Document;
use crate::raw_level::{RawIsvTcb, RawLevel, by_isv_svn};
use crate::tcb::Level;
use crate::{IntelError, IntelTee, TcbStatus};

/// The version of enclave identities that is read.
const VERSION: u64 = 2;

/// Most TCB levels that are read: Intel lists under 10.
const MAX_LEVELS: usize = 64;

/// What Intel may say of a quoting enclave (QVL, statuses of a QE identity).
const STATUSES: [TcbStatus; 5] = [
    TcbStatus::UpToDate,
    TcbStatus::ConfigurationNeeded,
    TcbStatus::OutOfDate,
    TcbStatus::OutOfDateConfigurationNeeded,
    TcbStatus::Revoked,
];

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawQeIdentity {
    id: String,
    version: u64,
    #[serde(deserialize_with = "time")]
    pub(crate) issue_date: UnixTime,
    #[serde(deserialize_with = "time")]
    pub(crate) next_update: UnixTime,
    tcb_evaluation_data_number: u32,
    #[serde(deserialize_with = "hex")]
    miscselect: [u8; 4],
    #[serde(deserialize_with = "hex")]
    miscselect_mask: [u8; 4],
    #[serde(deserialize_with = "hex")]
    attributes: [u8; 16],
    #[serde(deserialize_with = "hex")]
    attributes_mask: [u8; 16],
    #[serde(deserialize_with = "hex")]
    mrsigner: [u8; 32],
    isvprodid: u16,
    tcb_levels: Vec<RawLevel<RawIsvTcb<u16>>>,
}

/// What the quoting enclave has to be.
#[derive(Debug)]
pub(crate) struct QeIdentity {
    pub(crate) evaluation_number: u32,
    /// Little-endian in the report, as these bytes are.
    pub(crate) misc_select: u32,
    pub(crate) misc_select_mask: u32,
    pub(crate) attributes: [u8; 16],
    pub(crate) attributes_mask: [u8; 16],
    pub(crate) mr_signer: [u8; 32],
    pub(crate) isv_prod_id: u16,
    /// By ISVSVN, highest first.
    pub(crate) levels: Vec<(u16, Level)>,
}

impl RawQeIdentity {
    /// Checks kind and form, and sorts the levels.
    pub(crate) fn check(self, tee: IntelTee) -> Result<QeIdentity, IntelError> {
        if self.id != tee.qe_identity_id() || self.version != VERSION {
            return Err(IntelError::DocumentKind {
                document: Document::QeIdentity,
                id: self.id,
                version: self.version,
                expected: tee.qe_identity_id(),
                expected_version: VERSION,
            });
        }
        if self.tcb_levels.is_empty() || self.tcb_levels.len() > MAX_LEVELS {
            return Err(IntelError::Form {
                document: Document::QeIdentity,
                what: "it has no TCB level, or more than 64",
            });
        }
        let mut statuses = self.tcb_levels.iter().map(RawLevel::status);
        if !statuses.all(|status| STATUSES.contains(&status)) {
            return Err(IntelError::Form {
                document: Document::QeIdentity,
                what: "a quoting enclave has a status that it cannot have",
            });
        }
        Ok(QeIdentity {
            evaluation_number: self.tcb_evaluation_data_number,
            misc_select: u32::from_le_bytes(self.miscselect),
            misc_select_mask: u32::from_le_bytes(self.miscselect_mask),
            attributes: self.attributes,
            attributes_mask: self.attributes_mask,
            mr_signer: self.mrsigner,
            isv_prod_id: self.isvprodid,
            levels: by_isv_svn(self.tcb_levels),
        })
    }
}
