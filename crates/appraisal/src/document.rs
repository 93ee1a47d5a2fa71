use std::fmt;
use std::str::FromStr;

use adyton_crypto::sha256;
use adyton_types::{Name, Sha256Digest};
use adyton_verifier::{AuthenticEvidence, Claims, VerifiedEvidence};
use serde::Deserialize;

use crate::appraise::nearest;
use crate::{
    Appraised, AttestationResult, Basis, Context, PlatformPolicy, PlatformText, PolicyError,
    appraise,
};

/// The most bytes of a policy: what a person can still read.
pub const MAX_POLICY_BYTES: usize = 64 << 10;

/// The most platforms.
const MAX_PLATFORMS: usize = 64;

/// An Appraisal Policy (RFC 9334 section 8.5; `specs/appraisal-policy.md`): which platforms a
/// Verifier affirms. Having one tells you that it is complete and does not contradict itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppraisalPolicy {
    id: Sha256Digest,
    name: Name,
    platforms: Vec<PlatformPolicy>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Text {
    version: u64,
    name: String,
    platform: Vec<PlatformText>,
}

impl FromStr for AppraisalPolicy {
    type Err = PolicyError;

    /// Reads the TOML file that a person writes.
    ///
    /// # Errors
    /// [`PolicyError`] names the key, and the line where TOML itself is at fault.
    fn from_str(text: &str) -> Result<Self, PolicyError> {
        let found = text.len();
        if found > MAX_POLICY_BYTES {
            return Err(PolicyError::TooLong { found });
        }
        let id = Sha256Digest::new(sha256(&[text.as_bytes()]));
        let text: Text = toml::from_str(text)?;
        if text.version != 1 {
            let found = text.version;
            return Err(PolicyError::Version { found });
        }
        let key = "platform";
        match text.platform.len() {
            0 => return Err(PolicyError::Empty { key }),
            1..=MAX_PLATFORMS => {}
            found => {
                let max = MAX_PLATFORMS;
                return Err(PolicyError::TooMany { key, found, max });
            }
        }
        let name = text.name.parse();
        let platforms = text.platform.into_iter().map(PlatformText::policy);
        Ok(Self {
            id,
            name: name.map_err(|_| {
                let rule = "no name: use 1 to 64 of a-z, 0-9, `-`, `_` and `.`";
                PolicyError::value("name", &text.name, rule)
            })?,
            platforms: platforms.collect::<Result<_, _>>()?,
        })
    }
}

impl AppraisalPolicy {
    /// SHA-256 of the file's bytes.
    #[must_use]
    pub const fn id(&self) -> Sha256Digest {
        self.id
    }

    /// Its name, for people.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.name
    }

    /// The platforms, one of which must be satisfied in full.
    #[must_use]
    pub fn platforms(&self) -> &[PlatformPolicy] {
        &self.platforms
    }

    /// Appraises Evidence that is bound to somebody's session.
    ///
    /// # Errors
    /// A result that does not affirm, with every claim that failed.
    pub fn appraise(
        &self,
        evidence: &VerifiedEvidence,
        context: &Context<'_>,
    ) -> Result<Appraised, Box<AttestationResult>> {
        appraise(evidence, &self.platforms, context).map_err(|_| {
            let bound_to = evidence.report_data().as_bytes();
            Box::new(self.result(evidence.claims(), bound_to, context))
        })
    }

    /// What the policy says of Evidence, good or bad: for showing and for issuing as EAR. It
    /// releases nothing.
    #[must_use]
    pub fn report(&self, evidence: &AuthenticEvidence, context: &Context<'_>) -> AttestationResult {
        self.result(evidence.claims(), evidence.report_data(), context)
    }

    pub(crate) fn result(
        &self,
        claims: &Claims,
        bound_to: &[u8],
        context: &Context<'_>,
    ) -> AttestationResult {
        let (index, failed) = nearest(claims, &self.platforms, context);
        let platform = index.and_then(|index| self.platforms.get(index));
        let basis = platform.map(|platform| Basis::of(claims, platform, context));
        AttestationResult {
            policy: self.id,
            policy_name: self.name.clone(),
            at: context.now,
            claims: claims.clone(),
            bound_to: bound_to.to_vec(),
            failed,
            basis: basis.unwrap_or(Basis::NONE),
        }
    }
}

impl fmt::Display for AppraisalPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` ({})", self.name, self.id)
    }
}
