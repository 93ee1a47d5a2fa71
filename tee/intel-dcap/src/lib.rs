//! Evidence of Intel SGX and Intel TDX: DCAP quotes, judged against Intel's own Endorsements.
//!
//! A quote is a report of an enclave or a trust domain, signed by a key of Intel's quoting enclave;
//! whose own report is signed by a key that Intel certified for the platform (PCK). What the
//! platform's security versions are worth is in signed documents of Intel's: TCB info and QE
//! identity. Both are verified over the bytes as received.
//!
//! [`IntelEndorsements::verify`] verifies a bundle of Endorsements once; [`verify`] verifies quotes
//! against it. What Intel's rules leave open, and so is for the policy, is in [`IntelClaims`].
//! [`eventlog`] replays the logs behind a trust domain's run-time measurements.
//!
//! A quote is malleable (ECDSA, and a few bytes that nothing signs, listed in `docs/evidence`): its
//! digest is no identity, and no key against replay.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::string_slice
    )
)]

mod appraise;
mod bundle;
mod bytes;
mod cache;
mod certification;
pub mod checks;
mod claims;
mod document;
mod endorsement;
mod error;
pub mod eventlog;
pub mod part;
mod pck;
mod qe_identity;
mod raw_level;
mod report;
mod roots;
mod sgx_report;
mod status;
mod tcb;
mod tcb_info;
mod td_report;
mod tee;
mod verify;

#[cfg(feature = "forge")]
pub mod forge;

pub use bundle::IntelBundle;
pub use cache::PckCache;
pub use certification::Certification;
pub use claims::{IntelClaims, Weakness};
pub use document::{MAX_DOCUMENT_BYTES, SignedDocument};
pub use endorsement::IntelEndorsements;
pub use error::{Chain, Document, IntelError};
pub use pck::{PckCa, PckPlatform};
pub use report::{MAX_QUOTE_BYTES, Quote, QuoteBody};
pub use roots::{INTEL_ROOT_KEY, Roots};
pub use sgx_report::{SGX_REPORT_BYTES, SgxReport};
pub use status::TcbStatus;
pub use tcb::{CurrentTcb, Level, PlatformTcb, TcbComponents, TcbVerdict};
pub use td_report::{
    TD_REPORT_10_BYTES, TD_REPORT_15_BYTES, TD_REPORT_15EX_BYTES, Td15, Td15Ex, TdAttributes,
    TdReport,
};
pub use tee::IntelTee;
pub use verify::{VerifiedQuote, verify, verify_cached};
