use std::collections::BTreeMap;

use adyton_codec::hex_decode;
use adyton_crypto::{SecretArray, SecretBytes, SigningKey};
use adyton_ear::{
    Ear, EarSigningKey, FailedWord, Pin, Submod, Tier, TrustVector, VerifierId, trust,
};
use adyton_types::UnixTime;

pub(crate) const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);

/// The P-256 key of RFC 6979 appendix A.2.5, as PKCS #8.
const P256: &str = "308187020100301306072a8648ce3d020106082a8648ce3d030107046d306b0201010420\
c9afa9d845ba75166b5c215767b1d6934e50c3db36e89b127b8a622b120f6721a14403420004\
60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6\
7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299";

pub(crate) struct Signers;

impl Signers {
    /// EdDSA, then ES256.
    pub(crate) fn both() -> [EarSigningKey; 2] {
        let seed = SecretArray::fill_with(|bytes| bytes.fill(9));
        let p256 = SecretBytes::new(hex_decode(P256).unwrap());
        [
            EarSigningKey::ed25519(SigningKey::from_seed(&seed)),
            EarSigningKey::es256(&p256).unwrap(),
        ]
    }
}

pub(crate) fn pin(signer: &EarSigningKey) -> Pin {
    Pin {
        key: signer.verifying_key().unwrap(),
        issuer: "verifier.example".to_owned(),
        audience: "broker.example".to_owned(),
    }
}

/// A result that does not affirm.
pub(crate) fn ear() -> Ear {
    let submod = Submod {
        status: Tier::Contraindicated,
        vector: TrustVector {
            hardware: trust::AFFIRMED,
            executables: trust::UNRECOGNIZED_RUNTIME,
            sourced_data: -1,
            ..TrustVector::default()
        },
        policy_ids: vec!["ni:///sha-256;abc".to_owned()],
        attester_claims: BTreeMap::from([("kind".to_owned(), "snp".to_owned())]),
        failed: vec![FailedWord {
            claim: "measurement".to_owned(),
            expected: "aa".to_owned(),
            found: "bb \"\u{e9}\"".to_owned(),
        }],
    };
    Ear {
        issuer: "verifier.example".to_owned(),
        audience: "broker.example".to_owned(),
        issued_at: UnixTime::from_secs(NOW.as_secs() - 10),
        expires_at: UnixTime::from_secs(NOW.as_secs() + 50),
        nonce: vec![7; 64],
        verifier: VerifierId {
            developer: "https://adyton.example".to_owned(),
            build: "adyton 0.1.0".to_owned(),
        },
        submods: BTreeMap::from([("cpu".to_owned(), submod)]),
    }
}
