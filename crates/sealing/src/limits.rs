/// The longest header that is read, payload nonce included: room for
/// [`MAX_RECIPIENTS`](crate::MAX_RECIPIENTS) hybrid recipients, or some 200 of X25519 (two lines each, of at most 400).
pub const MAX_HEADER_BYTES: usize = 64 * 1024;
