//! Fetches Endorsements from those who publish them, and keeps them in a directory: AMD's Key
//! Distribution Service, Intel's Provisioning Certification Service or a caching service (PCCS) in
//! its place, NVIDIA's manifests and OCSP responder.
//!
//! What is fetched is what [`adyton_verifier::needs`] says, and no byte of it is believed: each
//! answer has to verify up to a root of the caller's [`Trust`](adyton_verifier::material::Trust)
//! before it is kept, and is verified again with every piece of Evidence. So an answer that is
//! damaged, forged or out of date never takes the place of a good one.
//!
//! A [`Cache`] is a plain directory of files, each of one Endorsement as its vendor signed it; what a
//! server sends along is not kept. Whoever reads Endorsements from a directory reads it as it is, on
//! this machine or on one that has no network.
//!
//! Asking for the Endorsements of one machine tells the vendor, and whoever sees the request, that
//! somebody is verifying Evidence of that machine.

mod ask;
mod backoff;
mod base_url;
mod budget;
mod cache;
mod channel;
mod error;
mod fetched;
mod fetcher;
mod http;
mod names;
mod percent;
mod sources;
mod tls;

pub use base_url::BaseUrl;
pub use cache::Cache;
pub use channel::Channel;
pub use error::FetchError;
pub use fetched::{Fetched, Item, Outcome};
pub use fetcher::Fetcher;
pub use http::Limits;
pub use sources::Sources;
pub use tls::TlsRoots;
