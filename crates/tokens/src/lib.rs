//! Unlinkable tokens: who issued one cannot tell it when it is spent.
//!
//! Privacy Pass (RFC 9576 to 9578), token type 0x0002: blind RSA with 2048 bits
//! (RSABSSA-SHA384-PSS-Deterministic of RFC 9474), which anybody verifies who has the issuer's
//! public key. Without I/O, clock or randomness of its own:
//!
//! 1. client: [`PendingToken::new`] over a [`Challenge`] → request;
//! 2. issuer: [`IssuerKey::issue`], to whomever it thinks entitled → response;
//! 3. client: [`PendingToken::finish`] → [`Token`];
//! 4. where it is spent: [`TokenKey::verify`], and a memory of the nonces.

mod blind;
mod challenge;
mod error;
mod issuer;
mod pending;
mod token;

pub use challenge::Challenge;
pub use error::TokenError;
pub use issuer::{IssuerKey, REQUEST_BYTES, RESPONSE_BYTES};
pub use pending::{PENDING_BYTES, PendingToken};
pub use token::{TOKEN_BYTES, Token, TokenKey};
