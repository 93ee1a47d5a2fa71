//! Genuine Evidence, read from the directory that `ADYTON_VECTORS` names. Without it these tests
//! say so and return; what they show for recorded Evidence, the crate's own tests show for forged.
#![expect(
    clippy::print_stdout,
    reason = "the tables are what these tests are for"
)]

mod flips;
mod reports;
mod vectors;
