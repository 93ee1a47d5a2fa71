use std::collections::BTreeMap;

use adyton_types::UnixTime;

use crate::{EarError, Tier, TrustVector};

/// The profile of every EAR here (draft-ietf-rats-ear-04 section 3).
pub const PROFILE: &str = "tag:ietf.org,2026:rats/ear#04";

/// The most bytes of a token. One that names 256 claims that failed takes about 100 KiB.
pub const MAX_TOKEN_BYTES: usize = 256 << 10;

/// The most Attesters in one result: a machine and its devices.
const MAX_SUBMODS: usize = 32;

/// The most entries in each list and map of a submodule.
const MAX_ENTRIES: usize = 256;

/// The most bytes of any text in it.
const MAX_TEXT_BYTES: usize = 4096;

/// An EAT nonce has 8 to 64 bytes (RFC 9711 section 4.1).
const NONCE_BYTES: std::ops::RangeInclusive<usize> = 8..=64;

/// An Attestation Result in the EAR profile. Having one tells you nothing: anybody can write one
/// down. [`VerifiedEar`](crate::VerifiedEar) holds one that a pinned Verifier signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ear {
    /// Who says so (`iss`).
    pub issuer: String,
    /// To whom (`aud`).
    pub audience: String,
    /// When the Evidence was appraised (`iat`), and from when on it is said (`nbf`).
    pub issued_at: UnixTime,
    /// From when on it must no longer be relied on (`exp`).
    pub expires_at: UnixTime,
    /// What the Evidence was bound to (`eat_nonce`): 8 to 64 bytes.
    pub nonce: Vec<u8>,
    /// Which Verifier.
    pub verifier: VerifierId,
    /// The Attesters by name, at least one.
    pub submods: BTreeMap<String, Submod>,
}

/// Which Verifier appraised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifierId {
    /// Who made it.
    pub developer: String,
    /// Its version.
    pub build: String,
}

/// What was found about one Attester.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submod {
    /// The verdict; never better than the vector.
    pub status: Tier,
    /// The sides of it.
    pub vector: TrustVector,
    /// Ids of the policies that it was appraised against, at least one.
    pub policy_ids: Vec<String>,
    /// What the Evidence states (`ear_attester_claims`).
    pub attester_claims: BTreeMap<String, String>,
    /// Every claim that failed (`ear_verifier_claims`, `adyton-failed`).
    pub failed: Vec<FailedWord>,
}

/// A claim that failed, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedWord {
    /// Which.
    pub claim: String,
    /// What the policy wants.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl Ear {
    /// Whether every Attester is affirmed.
    #[must_use]
    pub fn affirms(&self) -> bool {
        !self.submods.is_empty()
            && self
                .submods
                .values()
                .all(|submod| submod.status == Tier::Affirming)
    }

    /// Refuses what contradicts itself or goes beyond the limits; before issuing as after reading.
    pub(crate) fn consistent(self) -> Result<Self, EarError> {
        let refuse = |claim, rule| Err(EarError::Claim { claim, rule });
        if self.expires_at <= self.issued_at {
            return refuse("exp", "after `iat`");
        }
        if !NONCE_BYTES.contains(&self.nonce.len()) {
            return refuse("eat_nonce", "8 to 64 bytes");
        }
        if self.issuer.is_empty() || self.audience.is_empty() {
            return refuse("iss", "there, as `aud`, and not empty");
        }
        if self.submods.is_empty() || self.submods.len() > MAX_SUBMODS {
            return refuse("submods", "1 to 32 Attesters");
        }
        for submod in self.submods.values() {
            submod.consistent()?;
        }
        let own = [
            &self.issuer,
            &self.audience,
            &self.verifier.developer,
            &self.verifier.build,
        ];
        texts(own.into_iter().chain(self.submods.keys()))?;
        Ok(self)
    }
}

impl Submod {
    fn consistent(&self) -> Result<(), EarError> {
        let refuse = |claim, rule| Err(EarError::Claim { claim, rule });
        if self.status < self.vector.tier() {
            return refuse("ear_status", "no better than its vector");
        }
        if self.status == Tier::Affirming && !self.failed.is_empty() {
            return refuse("ear_status", "not affirming while claims failed");
        }
        if self.policy_ids.is_empty() || self.policy_ids.len() > MAX_ENTRIES {
            return refuse("ear_appraisal_policy_ids", "1 to 256 ids");
        }
        if self.attester_claims.len() > MAX_ENTRIES || self.failed.len() > MAX_ENTRIES {
            return refuse(
                "ear_attester_claims",
                "at most 256 entries, as those that failed",
            );
        }
        let failed = self.failed.iter();
        texts(
            (self.policy_ids.iter())
                .chain(self.attester_claims.iter().flat_map(|(k, v)| [k, v]))
                .chain(failed.flat_map(|f| [&f.claim, &f.expected, &f.found])),
        )
    }
}

fn texts<'a>(mut texts: impl Iterator<Item = &'a String>) -> Result<(), EarError> {
    if texts.any(|text| text.len() > MAX_TEXT_BYTES) {
        return Err(EarError::Claim {
            claim: "submods",
            rule: "in texts of at most 4096 bytes",
        });
    }
    Ok(())
}
