use std::collections::BTreeMap;

use adyton_codec::base64url_encode;
use adyton_ear::{Ear, FailedWord, Submod, Tier, TrustVector, VerifierId, trust};
use adyton_types::{Name, Sha256Digest, TeeKind, UnixTime};
use adyton_verifier::Claims;

use crate::{Basis, FailedClaim};

/// What an Appraisal Policy says of Evidence (RFC 9334 section 8.4). Anybody can write one down;
/// issued as EAR it carries the Verifier's signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AttestationResult {
    /// The policy's id.
    pub policy: Sha256Digest,
    /// The policy's name.
    pub policy_name: Name,
    /// When it was appraised.
    pub at: UnixTime,
    /// What the Evidence states.
    pub claims: Claims,
    /// What the TEE was asked to vouch for.
    pub bound_to: Vec<u8>,
    /// Every claim that failed; none if it affirms.
    pub failed: Vec<FailedClaim>,
    /// What of it the policy asked about.
    pub basis: Basis,
}

/// Who issues an EAR, to whom, and for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EarTerms {
    /// The Verifier's name (`iss`).
    pub issuer: String,
    /// The reader's name (`aud`).
    pub audience: String,
    /// For how long the reader may rely on it.
    pub life_secs: u64,
    /// The Verifier's version.
    pub build: String,
}

/// Who makes the Verifier (`ear_verifier_id`).
const DEVELOPER: &str = "https://github.com/adyton/adyton";

/// The most claims that an EAR takes, and the most bytes of a text in it.
const MAX_CLAIMS: usize = 256;
const MAX_TEXT_BYTES: usize = 4096;

impl AttestationResult {
    /// Whether the policy accepts the platform in full.
    #[must_use]
    pub fn affirms(&self) -> bool {
        self.failed.is_empty()
    }

    /// As an EAR, to be signed. It ends at the latest when the Endorsements behind it do, or what else
    /// the policy accepts it by: a signed list, a grace period. If the
    /// policy does not accept the platform it is `contraindicated`, and names every claim.
    #[must_use]
    pub fn to_ear(&self, terms: EarTerms) -> Ear {
        let ends = self.at.plus_secs(terms.life_secs);
        let policy = base64url_encode(self.policy.as_bytes());
        let submod = Submod {
            status: if self.affirms() {
                Tier::Affirming
            } else {
                Tier::Contraindicated
            },
            vector: self.vector(),
            policy_ids: vec![format!("ni:///sha-256;{policy}")],
            attester_claims: attester_claims(&self.claims),
            failed: self.failed.iter().take(MAX_CLAIMS).map(word).collect(),
        };
        Ear {
            issuer: terms.issuer,
            audience: terms.audience,
            issued_at: self.at,
            expires_at: ends.min(self.claims.valid_until).min(self.basis.until),
            nonce: self.bound_to.clone(),
            verifier: VerifierId {
                developer: DEVELOPER.to_owned(),
                build: terms.build,
            },
            submods: BTreeMap::from([(submod_name(self.claims.kind).to_owned(), submod)]),
        }
    }

    /// The side of the platform that each claim belongs to, affirmed where the policy asked about it
    /// and none failed.
    fn vector(&self) -> TrustVector {
        let said = |asked| if asked { trust::AFFIRMED } else { 0 };
        let basis = &self.basis;
        let mut vector = TrustVector {
            instance_identity: said(basis.instance),
            configuration: said(basis.configuration),
            executables: said(basis.executables),
            hardware: said(basis.hardware),
            runtime_opaque: said(basis.opaque),
            ..TrustVector::default()
        };
        for failed in &self.failed {
            lower(&mut vector, side(&failed.claim));
        }
        vector
    }
}

/// A claim's name without the number of the platform in the policy.
fn side(claim: &str) -> &str {
    match claim.split_once('.') {
        Some((platform, rest))
            if platform.starts_with("platform-") && platform != "platform-id" =>
        {
            side(rest)
        }
        Some((first, _)) => first,
        None => claim,
    }
}

fn lower(vector: &mut TrustVector, side: &str) {
    let worse = |value: &mut i8, to: i8| {
        if Tier::of(*value) < Tier::of(to) {
            *value = to;
        }
    };
    match side {
        "measurement" | "reference-values" => {
            worse(&mut vector.executables, trust::UNRECOGNIZED_RUNTIME);
        }
        "platform-id" => worse(&mut vector.instance_identity, trust::UNRECOGNIZED),
        "kind" | "generation" | "platform" => worse(&mut vector.hardware, trust::UNRECOGNIZED),
        "tcb" | "min-svn" | "status" | "advisory" | "min-evaluation" => {
            worse(&mut vector.hardware, trust::UNSAFE_HARDWARE);
        }
        "debug" | "require" => {
            worse(&mut vector.configuration, trust::CONTRAINDICATED);
            worse(&mut vector.runtime_opaque, trust::CONTRAINDICATED);
        }
        _ => worse(&mut vector.configuration, trust::UNSAFE_CONFIG),
    }
}

const fn submod_name(kind: TeeKind) -> &'static str {
    match kind {
        TeeKind::NvidiaGpu => "gpu",
        TeeKind::Tpm => "tpm",
        _ => "cpu",
    }
}

fn attester_claims(claims: &Claims) -> BTreeMap<String, String> {
    let concerns: Vec<&str> = claims.concerns.iter().map(String::as_str).collect();
    let own = [
        ("kind", claims.kind.to_string()),
        ("generation", claims.generation.clone()),
        ("measurement", claims.measurement.to_string()),
        ("platform-id", claims.platform_id.to_string()),
        ("debug", claims.debug.to_string()),
        ("concerns", concerns.join(" ")),
    ];
    let own = own
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    let tcb = claims.tcb.iter();
    let tcb = tcb.map(|(name, value)| (format!("tcb.{name}"), value.to_string()));
    let standing = claims.standing.iter().flat_map(|standing| {
        let advisories: Vec<&str> = standing.advisories.iter().map(String::as_str).collect();
        [
            ("status".to_owned(), standing.status.clone()),
            ("advisories".to_owned(), advisories.join(" ")),
            ("evaluation".to_owned(), standing.evaluation.to_string()),
        ]
    });
    let attributes = claims.attributes.iter();
    let attributes =
        attributes.map(|(name, value)| (format!("attribute.{name}"), value.to_string()));
    let all = own.chain(standing).chain(tcb).chain(attributes);
    let all = all.filter(|(_, value)| !value.is_empty());
    all.take(MAX_CLAIMS)
        .map(|(n, v)| (cut(n), cut(v)))
        .collect()
}

fn word(failed: &FailedClaim) -> FailedWord {
    FailedWord {
        claim: cut(failed.claim.clone()),
        expected: cut(failed.expected.clone()),
        found: cut(failed.found.clone()),
    }
}

fn cut(mut text: String) -> String {
    text.truncate(text.floor_char_boundary(MAX_TEXT_BYTES));
    text
}
