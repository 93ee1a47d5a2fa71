use std::collections::{BTreeMap, BTreeSet};

use adyton_types::{PlatformId, PlatformMeasurement, Protections, TeeKind};
use adyton_verifier::Claims;

use crate::consistency::{require_bounds, require_consistent, require_lengths};
use crate::{HardwareRules, Measurements, PolicyError};

/// One way in which a platform is acceptable: a `[[platform]]` of an Appraisal Policy or a release
/// document. Everything in it must hold. Having one tells you that it does not contradict itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformPolicy {
    rules: HardwareRules,
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
        if measurements.is_empty() {
            return Err(PolicyError::NoMeasurements);
        }
        if platform_ids.is_empty() {
            return Err(PolicyError::NoPlatformIds);
        }
        let mut rules = HardwareRules::new(TeeKind::Software, Measurements::Listed(measurements));
        rules.platform_ids = platform_ids;
        require_bounds(&rules)?;
        require_lengths(&rules)?;
        rules.tcb = BTreeMap::from([(Claims::SVN.to_owned(), min_svn)]);
        Ok(Self { rules, require })
    }

    /// A policy for a hardware TEE.
    ///
    /// # Errors
    /// [`PolicyError`] if the rules contradict themselves or could never be satisfied, or the kind
    /// is `software`.
    pub fn hardware(rules: HardwareRules) -> Result<Self, PolicyError> {
        require_consistent(&rules)?;
        Ok(Self {
            rules,
            require: Protections::new(),
        })
    }

    /// The TEE's kind.
    #[must_use]
    pub const fn kind(&self) -> TeeKind {
        self.rules.kind
    }

    /// The rules. Those of the software TEE have measurements, ids, and its one TCB component.
    #[must_use]
    pub const fn rules(&self) -> &HardwareRules {
        &self.rules
    }

    /// On which machines; empty, which only a hardware kind can be, for any.
    #[must_use]
    pub const fn platform_ids(&self) -> &BTreeSet<PlatformId> {
        &self.rules.platform_ids
    }

    /// The least version of each component of the TCB.
    #[must_use]
    pub const fn tcb(&self) -> &BTreeMap<String, u64> {
        &self.rules.tcb
    }

    /// Which protections of the software TEE must hold.
    #[must_use]
    pub const fn require(&self) -> &Protections {
        &self.require
    }

    /// Refuses what nobody's secrets and beliefs may depend on: whatever program as Adyton, machines
    /// that their owner can look into, and devices that vouch for what anybody asks them to. A GPU
    /// says what it is itself, and nothing of the machine or the program that asks it.
    ///
    /// # Errors
    /// [`PolicyError::NotDependable`].
    pub fn require_dependable(&self) -> Result<(), PolicyError> {
        let refuse = |what| Err(PolicyError::NotDependable { what });
        if self.rules.kind == TeeKind::NvidiaGpu {
            return refuse("a platform of kind `nvidia-gpu`");
        }
        if self.rules.measurements == Measurements::Any {
            return refuse("a platform of `measurements = \"any\"`");
        }
        if self.rules.concerns.contains("debug") {
            return refuse("a platform with the concern `debug`");
        }
        Ok(())
    }
}
