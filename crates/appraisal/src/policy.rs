use std::collections::{BTreeMap, BTreeSet};

use adyton_tee_software::Protections;
use adyton_types::{PlatformId, PlatformMeasurement, TeeKind};
use adyton_verifier::Claims;

use crate::PolicyError;

/// One way in which a platform is acceptable: a `[[platform]]` of a release document. Everything
/// in it must hold. Debug modes are acceptable under none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformPolicy {
    kind: TeeKind,
    measurements: BTreeSet<PlatformMeasurement>,
    platform_ids: BTreeSet<PlatformId>,
    tcb: BTreeMap<String, u64>,
    require: Protections,
}

impl PlatformPolicy {
    /// A policy for the software TEE: one of these executables, under one of these platform keys,
    /// of at least this security version, with these protections.
    ///
    /// # Errors
    /// [`PolicyError`] if either set is empty, or holds something that is not 32 bytes long.
    pub fn software(
        measurements: BTreeSet<PlatformMeasurement>,
        platform_ids: BTreeSet<PlatformId>,
        min_svn: u64,
        require: Protections,
    ) -> Result<Self, PolicyError> {
        let kind = TeeKind::Software;
        if measurements.is_empty() {
            return Err(PolicyError::NoMeasurements);
        }
        if platform_ids.is_empty() {
            return Err(PolicyError::NoPlatformIds);
        }
        let lengths = measurements.iter().map(|m| ("measurement", m.as_bytes()));
        let ids = platform_ids.iter().map(|id| ("platform id", id.as_bytes()));
        for (what, bytes) in lengths.chain(ids) {
            if bytes.len() != 32 {
                return Err(PolicyError::WrongLength {
                    what,
                    kind,
                    expected: 32,
                    found: bytes.len(),
                });
            }
        }
        Ok(Self {
            kind,
            measurements,
            platform_ids,
            tcb: BTreeMap::from([(Claims::SVN.to_owned(), min_svn)]),
            require,
        })
    }

    /// A policy for a hardware TEE: one of these measurements, each component of the TCB at least
    /// at its floor, and where `platform_ids` names any, on one of these machines.
    ///
    /// # Errors
    /// [`PolicyError`] if there are no measurements, or the kind is `software`.
    pub fn hardware(
        kind: TeeKind,
        measurements: BTreeSet<PlatformMeasurement>,
        platform_ids: BTreeSet<PlatformId>,
        tcb: BTreeMap<String, u64>,
    ) -> Result<Self, PolicyError> {
        if kind == TeeKind::Software {
            return Err(PolicyError::NotHardware);
        }
        if measurements.is_empty() {
            return Err(PolicyError::NoMeasurements);
        }
        Ok(Self {
            kind,
            measurements,
            platform_ids,
            tcb,
            require: Protections::new(),
        })
    }

    /// The TEE's kind.
    #[must_use]
    pub const fn kind(&self) -> TeeKind {
        self.kind
    }

    /// Which Adyton may run.
    #[must_use]
    pub const fn measurements(&self) -> &BTreeSet<PlatformMeasurement> {
        &self.measurements
    }

    /// On which machines; empty, which only a hardware kind can be, for any.
    #[must_use]
    pub const fn platform_ids(&self) -> &BTreeSet<PlatformId> {
        &self.platform_ids
    }

    /// The least version of each component of the TCB.
    #[must_use]
    pub const fn tcb(&self) -> &BTreeMap<String, u64> {
        &self.tcb
    }

    /// Which protections of the software TEE must hold.
    #[must_use]
    pub const fn require(&self) -> &Protections {
        &self.require
    }
}
