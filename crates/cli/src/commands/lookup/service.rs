use adyton_client::{LookupClientError, LookupPins};
use adyton_crypto::VerifyingKey;
use adyton_lookup::ClientError;
use adyton_transport::BrokerAddress;
use adyton_verifier::Endorsements;

use crate::Failure;
use crate::platform::PlatformArgs;

/// Which service, and on which platform.
#[derive(Debug, clap::Args)]
pub(super) struct ServiceArgs {
    /// The service's address, HOST:PORT#ID, as `adyton lookup serve` prints it
    pub(super) address: BrokerAddress,
    #[command(flatten)]
    platform: PlatformArgs,
}

impl ServiceArgs {
    pub(super) fn pins(&self, owner: &VerifyingKey) -> Result<LookupPins, Failure> {
        Ok(LookupPins {
            owner: owner.fingerprint(),
            platforms: vec![self.platform.required()?],
            endorsements: Endorsements::new(),
        })
    }
}

/// A failure that names each claim that is not accepted.
pub(super) fn refused(error: LookupClientError) -> Failure {
    let claims = match &error {
        LookupClientError::Session(ClientError::Platform { failed }) => failed
            .iter()
            .map(|failed| {
                let (expected, found) = (&failed.expected, &failed.found);
                format!("{}: expected {expected}, found {found}", failed.claim)
            })
            .collect(),
        _ => Vec::new(),
    };
    Failure::from(error).with_details(claims)
}
