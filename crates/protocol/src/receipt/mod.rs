//! What a run proves afterwards (`specs/receipt.md`).

mod draft;
mod error;
mod manifest_view;
mod payload;
mod releases;
mod verify;

pub use draft::ReceiptDraft;
pub use error::ReceiptError;
pub use payload::{InputRecord, OutputRecord, ReceiptPayload};
pub use verify::{Pins, VerifiedReceipt, verify_receipt};
