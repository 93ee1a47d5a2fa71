use std::collections::BTreeMap;

use adyton_tee_software::{Protections, SoftwareClaims};
use adyton_types::{PlatformId, PlatformMeasurement, TeeKind};

/// What Evidence of any kind states about its platform, in one form.
///
/// Having one tells you nothing: anybody can write one down. [`VerifiedEvidence`](crate::VerifiedEvidence)
/// holds one that a TEE stated.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The TEE's kind.
    pub kind: TeeKind,
    /// Which Adyton runs.
    pub measurement: PlatformMeasurement,
    /// On which machine, or under which platform key.
    pub platform_id: PlatformId,
    /// Security version of each component of the TCB, by the vendor's name for it. The software
    /// TEE has one, [`SVN`](Self::SVN).
    pub tcb: BTreeMap<String, u64>,
    /// Which walls of the software TEE held; empty for the other kinds, whose walls are hardware.
    pub protections: Protections,
    /// Whether the TEE runs in a mode in which its owner can look inside.
    pub debug: bool,
}

impl Claims {
    /// The one TCB component of the software TEE.
    pub const SVN: &'static str = "svn";
}

impl From<&SoftwareClaims> for Claims {
    fn from(claims: &SoftwareClaims) -> Self {
        Self {
            kind: TeeKind::Software,
            measurement: claims.executable.into(),
            platform_id: claims.platform.into(),
            tcb: BTreeMap::from([(Self::SVN.to_owned(), claims.svn)]),
            protections: claims.protections.clone(),
            debug: false,
        }
    }
}
