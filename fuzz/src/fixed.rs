use std::convert::Infallible;
use std::sync::{Arc, LazyLock};

use adyton_crypto::{SecretArray, SecretBytes, SigningKey};
use adyton_merkle::LogKey;
use adyton_protocol::{
    Card, Challenge, Freshness, Operation, Operations, PendingRelease, ReleaseDraft, RunKeys,
};
use adyton_sealing::Identity;
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_tokens::IssuerKey;
use adyton_types::{Evidence, ProgramMeasurement, Sha256Digest, TeeKind};
use rand_core::{TryCryptoRng, TryRng};

/// Counts instead of drawing: the same keys in every run.
#[derive(Debug)]
pub struct FixedRng(pub u64);

impl TryRng for FixedRng {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        self.try_next_u64().map(|n| (n >> 32) as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 += 1;
        Ok(self.0.wrapping_mul(0x9e37_79b9_7f4a_7c15))
    }

    fn try_fill_bytes(&mut self, to: &mut [u8]) -> Result<(), Infallible> {
        for chunk in to.chunks_mut(8) {
            let bytes = self.try_next_u64()?.to_le_bytes();
            chunk.copy_from_slice(&bytes[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for FixedRng {}

/// A broker with fixed keys.
pub struct Broker {
    pub card: Card,
    pub answer_key: SigningKey,
    pub log_key: LogKey,
}

pub fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_seed(&SecretArray::fill_with(|bytes| bytes.fill(seed)))
}

pub fn broker() -> Broker {
    let answer_key = signing_key(1);
    let log_key = LogKey::new(
        "broker.example/log".parse().expect("an origin"),
        signing_key(2),
    );
    let spki = Sha256Digest::new([3; 32]);
    Broker {
        card: Card::new(answer_key.verifying_key(), log_key.verifier(), spki),
        answer_key,
        log_key,
    }
}

pub fn platform_key() -> PlatformKey {
    PlatformKey::generate(&mut FixedRng(4))
}

pub fn run_keys() -> Arc<RunKeys> {
    RunKeys::generate(&mut FixedRng(5))
}

pub fn identity() -> &'static Identity {
    static IDENTITY: LazyLock<Identity> = LazyLock::new(|| Identity::generate(&mut FixedRng(6)));
    &IDENTITY
}

/// An issuer of tokens. Its key is kept, since primes take some seconds to find.
pub fn token_issuer() -> IssuerKey {
    let der = SecretBytes::new(include_bytes!("issuer.bin").to_vec());
    IssuerKey::from_der(&der).expect("an issuer's key")
}

/// A request for one secret, as an enclave holds it while it waits.
pub fn pending_release() -> PendingRelease {
    let card = broker().card;
    let name = |text: &str| text.parse().expect("a name");
    let operations = Operations::new(vec![Operation {
        secret: name("hospital-a"),
        purpose: name("model"),
    }]);
    let draft = ReleaseDraft::new(
        &run_keys(),
        card.id(),
        Challenge {
            card,
            token: Freshness::new(&[1; 57]).expect("a token's length"),
        },
        ProgramMeasurement::new([8; 48]),
        operations.expect("one operation"),
    )
    .expect("the broker's own challenge");
    let digest = Sha256Digest::new([9; 32]);
    let protections = [].into_iter().collect();
    let report = SoftwareReport::new(draft.report_data(), digest, protections);
    draft.finish(&Evidence {
        kind: TeeKind::Software,
        bytes: report.sign(&platform_key()),
    })
}
