use adyton_types::{TeeKind, UnixTime};
use adyton_verifier::Claims;

use crate::{Context, Grace, Measurements, PlatformPolicy};

/// What of an Attester a platform of a policy asked about, and found without a weakness: no more than
/// that may be affirmed to others. What a policy leaves open or puts up with, nobody has affirmed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Basis {
    /// Which machine it is: the policy names machines.
    pub instance: bool,
    /// How it is set up: no concern was accepted.
    pub configuration: bool,
    /// What runs: the policy says what may.
    pub executables: bool,
    /// There is a hardware root, of which its vendor says nothing bad.
    pub hardware: bool,
    /// The hardware hides the memory, from debuggers as well.
    pub opaque: bool,
    /// Until when the policy accepts it, by what ends besides the Endorsements: signed lists, grace
    /// periods, the greatest age.
    pub until: UnixTime,
}

impl Basis {
    /// Nothing was asked: there is no platform in the policy.
    pub(crate) const NONE: Self = Self {
        instance: false,
        configuration: false,
        executables: false,
        hardware: false,
        opaque: false,
        until: UnixTime::MAX,
    };

    pub(crate) fn of(claims: &Claims, policy: &PlatformPolicy, context: &Context<'_>) -> Self {
        let rules = policy.rules();
        let rooted = claims.kind != TeeKind::Software;
        let standing = claims.standing.as_ref();
        let good = |standing: &adyton_verifier::TcbStanding| {
            standing.status == "UpToDate" && standing.advisories.is_empty()
        };
        Self {
            instance: !rules.platform_ids.is_empty(),
            configuration: claims.concerns.is_empty() && !claims.debug,
            executables: rules.measurements != Measurements::Any,
            hardware: rooted && standing.is_none_or(good),
            // Nothing hides the memory of a machine that only has a TPM.
            opaque: rooted && claims.kind != TeeKind::Tpm && !claims.debug,
            until: until(claims, policy, context),
        }
    }
}

fn until(claims: &Claims, policy: &PlatformPolicy, context: &Context<'_>) -> UnixTime {
    let rules = policy.rules();
    let mut ends = Vec::new();
    if let Measurements::Signed(source) = &rules.measurements {
        let list = context.references.current(source, context.now);
        ends.extend(list.ok().map(|list| list.draft().not_after));
    }
    if let Some(standing) = &claims.standing {
        let advisories = match &rules.advisories {
            crate::Advisories::Any => None,
            crate::Advisories::Listed(listed) => Some(listed),
        };
        let accepted = standing.advisories.iter();
        let accepted = accepted.filter_map(|advisory| advisories?.get(advisory));
        let graces = accepted.chain(rules.statuses.get(&standing.status));
        ends.extend(graces.map(|grace: &Grace| grace.until(standing.date)));
    }
    if let (Some(made), Some(most)) = (claims.made_at, rules.max_age_secs) {
        ends.push(made.plus_secs(most));
    }
    ends.into_iter().min().unwrap_or(UnixTime::MAX)
}
