//! What enclave and broker say to each other, and what a run proves afterwards: bindings, cards,
//! epoch tokens, requests, answers, denials, log leaves and receipts (`specs/binding.md`,
//! `release-protocol.md`, `decision-log.md`, `receipt.md`).
//!
//! Both sides are here, without I/O, clock or randomness of their own, so that what one side signs
//! and what the other checks cannot drift apart. The way of a release:
//!
//! 1. enclave: [`RunKeys`], a broker's [`Challenge`] → [`ReleaseDraft`] → Evidence over its report
//!    data → [`PendingRelease`], whose bytes are the request;
//! 2. broker: [`Request::parse`], [`EpochTokens::verify`], Verifier and appraisal,
//!    [`SealedRelease::seal`] → [`Answer::sign`], or [`Denial::sign`];
//! 3. enclave: [`PendingRelease::open`] → [`Released`], whose proofs go into the receipt.

mod answer;
mod answer_error;
mod binding;
mod card;
mod challenge;
mod denial;
mod draft;
mod error;
mod error_body;
mod freshness;
mod leaf;
pub mod limits;
mod operations;
mod pending;
mod proof;
mod receipt;
mod release_info;
mod request;
mod run_keys;
mod sealed_release;
mod token;
mod wire;

pub use answer::Answer;
pub use answer_error::AnswerError;
pub use binding::{Binding, Role, receipt_relying_party};
pub use card::{Card, MAX_CARD_BYTES};
pub use challenge::Challenge;
pub use denial::{Denial, Denied, VerifiedDenial};
pub use draft::ReleaseDraft;
pub use error::WireError;
pub use error_body::ErrorBody;
pub use freshness::{Freshness, MAX_FRESHNESS_BYTES};
pub use leaf::{
    Leaf, LeafPlatform, LeafType, Salt, leaf_salt, policy_commitment, secret_commitment,
};
pub use operations::{Operation, Operations};
pub use pending::{PendingRelease, Released, ReleasedSecret};
pub use proof::{ProofError, ReleaseProof};
pub use receipt::{
    InputRecord, OutputRecord, Pins, ReceiptDraft, ReceiptError, ReceiptPayload, VerifiedReceipt,
    verify_receipt,
};
pub use release_info::release_info;
pub use request::{Request, RequestError};
pub use run_keys::RunKeys;
pub use sealed_release::{Grant, SealError, SealedRelease};
pub use token::{EpochTokens, TOKEN_BYTES, TOKEN_LIFE_SECS, TokenError};
