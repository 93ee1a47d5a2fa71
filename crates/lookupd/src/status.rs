use std::path::Path;

use adyton_codec::{CodecError, Value};
use adyton_crypto::SecretBytes;
use adyton_lookup::{Stats, WireFault};
use adyton_transport::AdminClient;

use crate::directory::socket_in;
use crate::error::LookupdError;

const VERSION: &str = "adyton/lookup-status/v1";

/// How a service is: what its operator knows anyway.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Where clients find it: host, port and the front's key.
    pub address: String,
    /// The guardian's process id.
    pub guardian: u32,
    /// Whether the enclave was at work and said nothing in time, as during the last step of a large
    /// load; then the numbers are those that it said before.
    pub busy: bool,
    /// What it counts.
    pub stats: Stats,
}

/// Asks the service that runs in a directory how it is.
///
/// # Errors
/// [`LookupdError::Admin`] if none runs there.
pub fn status(directory: &Path) -> Result<Status, LookupdError> {
    let mut client = AdminClient::connect(&socket_in(directory))?;
    let answer = client.call(&SecretBytes::new(b"status".to_vec()))?;
    Status::parse(answer.expose()).map_err(|_| LookupdError::OtherVersion)
}

impl Status {
    pub(crate) fn encode(address: &str, guardian: u32, busy: bool, stats: &[u8]) -> Vec<u8> {
        Value::map([
            ("v", Value::text(VERSION)),
            ("address", Value::text(address)),
            ("guardian", Value::Uint(guardian.into())),
            ("busy", Value::Bool(busy)),
            ("stats", Value::bytes(stats)),
        ])
        .encode()
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, WireFault> {
        let mut fields = Value::decode(bytes)?.into_fields("status")?;
        fields.version("v", VERSION)?;
        let guardian = u32::try_from(fields.uint("guardian")?);
        let status = Self {
            address: fields.text("address")?.into_owned(),
            guardian: guardian.map_err(|_| CodecError::WrongKind {
                field: "guardian",
                expected: "a process id",
            })?,
            busy: fields.bool("busy")?,
            stats: Stats::parse(&fields.bytes("stats")?)?,
        };
        fields.finish()?;
        Ok(status)
    }
}
