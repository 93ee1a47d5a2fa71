//! Real evidence, in the directory that `ADYTON_VECTORS` names. Without it these tests say so and
//! return; what they show for recorded evidence, the crate's own tests show for forged.
#![expect(clippy::unwrap_used, reason = "helpers of tests")]

mod envelopes;
mod flips;
mod reports;
mod world;
