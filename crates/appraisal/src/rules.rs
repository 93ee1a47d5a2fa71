use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use adyton_types::{Fingerprint, Name, PlatformId, PlatformMeasurement, TeeKind, UnixTime};

use crate::vocabulary;

/// What a platform with a hardware root must be. Everything in it must hold.
///
/// A plain description, which may contradict itself; [`PlatformPolicy::hardware`] makes a policy
/// of it, or says why not.
///
/// [`PlatformPolicy::hardware`]: crate::PlatformPolicy::hardware
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HardwareRules {
    /// The TEE's kind.
    pub kind: TeeKind,
    /// Which Adyton may run.
    pub measurements: Measurements,
    /// On which machines; empty for any.
    pub platform_ids: BTreeSet<PlatformId>,
    /// On which machines not.
    pub deny_platform_ids: BTreeSet<PlatformId>,
    /// Which generations of the hardware; empty for any.
    pub generations: BTreeSet<String>,
    /// Which generations not.
    pub deny_generations: BTreeSet<String>,
    /// The least version of each component of the TCB.
    pub tcb: BTreeMap<String, u64>,
    /// What the vendor may say of the TCB, and for how long. Intel only.
    pub statuses: BTreeMap<String, Grace>,
    /// Which security advisories may apply, and for how long. Intel only.
    pub advisories: Advisories,
    /// The least number of the vendor's evaluation (`tcbEvaluationDataNumber`). Intel only.
    pub min_evaluation: u32,
    /// Which weaknesses are accepted, by the vendor crate's name; `debug` is one.
    pub concerns: BTreeSet<String>,
    /// From which privilege levels of the guest. SEV-SNP only.
    pub vmpls: BTreeSet<u8>,
    /// How old the Evidence may be. Only of kinds with a clock (Nitro).
    pub max_age_secs: Option<u64>,
    /// Attributes that must have exactly these values.
    pub attributes: BTreeMap<String, Wanted>,
}

impl HardwareRules {
    /// The strictest that the kind allows: no weakness, no advisory, no status but `UpToDate`,
    /// privilege level 0; any machine and generation, no floors.
    #[must_use]
    pub fn new(kind: TeeKind, measurements: Measurements) -> Self {
        let strict = if vocabulary::is_intel(kind) {
            BTreeMap::from([("UpToDate".to_owned(), Grace::Always)])
        } else {
            BTreeMap::new()
        };
        let vmpls = if vocabulary::is_snp(kind) {
            &[0][..]
        } else {
            &[]
        };
        Self {
            kind,
            measurements,
            platform_ids: BTreeSet::new(),
            deny_platform_ids: BTreeSet::new(),
            generations: BTreeSet::new(),
            deny_generations: BTreeSet::new(),
            tcb: BTreeMap::new(),
            statuses: strict,
            advisories: Advisories::Listed(BTreeMap::new()),
            min_evaluation: 0,
            concerns: BTreeSet::new(),
            vmpls: vmpls.iter().copied().collect(),
            max_age_secs: None,
            attributes: BTreeMap::new(),
        }
    }
}

/// Which Adyton may run on a platform.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Measurements {
    /// Whatever: the platform is judged, and not what it runs. No release document says so.
    Any,
    /// One of these.
    Listed(BTreeSet<PlatformMeasurement>),
    /// One of those in a signed list.
    Signed(ReferenceSource),
}

/// Which signed list of Reference Values counts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReferenceSource {
    /// The list's name.
    pub name: Name,
    /// Fingerprint of the key that signs it.
    pub signer: Fingerprint,
    /// The least serial number: no older list counts.
    pub min_serial: u64,
}

impl fmt::Display for ReferenceSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "`{}` of {} from serial {} on",
            self.name, self.signer, self.min_serial
        )
    }
}

/// For how long something is accepted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Grace {
    /// Without end.
    Always,
    /// For so many days from the date of the TCB.
    Days(u32),
}

impl Grace {
    /// The last second, counted from the date of the TCB.
    pub(crate) fn until(self, date: UnixTime) -> UnixTime {
        match self {
            Self::Always => UnixTime::MAX,
            Self::Days(days) => date.plus_secs(u64::from(days).saturating_mul(86_400)),
        }
    }
}

/// Which security advisories may apply.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Advisories {
    /// Any: the status alone decides.
    Any,
    /// These.
    Listed(BTreeMap<String, Grace>),
}

/// What an attribute must be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// Yes or no.
    Flag(bool),
    /// This number.
    Number(u64),
    /// This text, or these bytes in hex.
    Text(String),
}

impl fmt::Display for Wanted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Flag(flag) => flag.fmt(f),
            Self::Number(number) => number.fmt(f),
            Self::Text(text) => text.fmt(f),
        }
    }
}
