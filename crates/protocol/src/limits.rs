//! How much of everything there may be.

/// A request: Evidence of at most 1 MiB, a binding, 16 operations.
pub const MAX_REQUEST_BYTES: usize = 2 << 20;

/// An answer: 16 secrets with their proofs take 100 KiB; the rest is room for large secrets.
pub const MAX_ANSWER_BYTES: usize = 2 << 20;

/// A receipt: a manifest of 64 KiB, Evidence of at most 1 MiB, 64 release proofs of some 8 KiB.
pub const MAX_RECEIPT_BYTES: usize = 4 << 20;

/// Operations in one request; more inputs than that come from several brokers or requests.
pub const MAX_OPERATIONS: usize = 16;

/// One secret: an age identity takes 74 bytes, a post-quantum one 2 KiB, an application's own
/// document a few more.
pub const MAX_SECRET_BYTES: usize = 64 << 10;

/// A leaf: digests, and a detail that names claims.
pub const MAX_LEAF_BYTES: usize = 8192;

/// A text for people: a leaf's detail, or one side of a failed claim.
pub const MAX_TEXT_BYTES: usize = 4096;

/// Claims that one denial names.
pub const MAX_DENIED: usize = 256;

/// Inputs, outputs and releases in one receipt, each.
pub const MAX_RECEIPT_ITEMS: usize = 64;

/// A program's manifest (`specs/program-measurement.md`).
pub const MAX_MANIFEST_BYTES: usize = 65_536;
