//! A broker, a platform and a run, all made from fixed bytes.

mod edit;
mod log;
mod rng;
mod run;
mod world;

pub(crate) use edit::{edited, resigned_request};
pub(crate) use log::{inclusion, root};
pub(crate) use rng::{FixedRng, Script};
pub(crate) use run::{manifest, payload, pins, receipt};
pub(crate) use world::{NOW, POLICY, Refusal, World, name, names};
