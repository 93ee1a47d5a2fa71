//! The one opening between an enclave and its host: what they say to each other, byte by byte.
//!
//! The host (the *runner*, `adyton run`) is untrusted; the enclave treats every message as an
//! adversary's. Nothing secret ever crosses: requests are public, answers are sealed to the
//! enclave's own key, inputs and outputs are sealed files. A message is a frame: 4 bytes length
//! (big endian), then one dCBOR item. The conversation is a straight line:
//!
//! ```text
//! runner  Start      -> enclave     descriptors and names, once, with the descriptors attached
//! runner <- Ready       enclave     what was measured, and the keys made for this run
//! runner  Challenges -> enclave     one challenge a broker
//! runner <- Requests    enclave     one request a broker
//! runner  Answers    -> enclave     one answer a broker
//! runner <- Started     enclave     the guest runs
//! runner <- Done | Failed
//! ```
//!
//! Challenges, Requests and Answers are left out where there is no input.

mod error;
mod frame;
mod from_enclave;
mod socket;
mod to_enclave;

pub use error::HatchError;
pub use frame::MAX_FRAME_BYTES;
pub use from_enclave::{Done, Failed, FromEnclave, OutputFile, Ready, Request, Timings};
pub use socket::{Hatch, MAX_DESCRIPTORS};
pub use to_enclave::{Answer, Challenge, InputFile, Start, ToEnclave};
