//! Quotes, keys and event logs of the test's own, each deviating as the test asks: for tests of
//! this crate and of those above it.

mod ak;
mod log;
mod quote;

pub use ak::{ForgedAk, Numbers, public_area};
pub use log::LogForge;
pub use quote::{QuoteForge, enrolled};
