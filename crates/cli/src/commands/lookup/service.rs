use adyton_client::{LookupClientError, LookupPins, now};
use adyton_crypto::VerifyingKey;
use adyton_lookup::ClientError;
use adyton_transport::BrokerAddress;

use crate::accept::{AcceptArgs, Accepted};
use crate::{Failure, Out};

/// Which service, and on which platform.
#[derive(Debug, clap::Args)]
pub(super) struct ServiceArgs {
    /// The service's address, HOST:PORT#ID, as `adyton lookup serve` prints it
    pub(super) address: BrokerAddress,
    #[command(flatten)]
    accept: Box<AcceptArgs>,
}

impl ServiceArgs {
    /// The pins, and what of them is no vendor's, which was told and has to be in JSON too.
    pub(super) fn pins(
        &self,
        owner: &VerifyingKey,
        out: Out,
    ) -> Result<(LookupPins, Vec<String>), Failure> {
        let Accepted {
            platforms,
            judging,
            dangers,
        } = self.accept.read(now(), out)?;
        for danger in &dangers {
            out.warn(&format!("DANGER    {danger}"));
        }
        let pins = LookupPins {
            owner: owner.fingerprint(),
            platforms,
            judging,
        };
        Ok((pins, dangers))
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
