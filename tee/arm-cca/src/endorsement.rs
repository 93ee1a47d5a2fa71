use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use adyton_types::UnixTime;

use crate::{CcaError, EcKey, ImplementationId, InstanceId, SwComponent};

/// One software component that may run on an implementation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComponentReference {
    /// The type that a token has to name for it; `None` matches a component without one.
    pub kind: Option<String>,
    /// Its measurement.
    pub measurement: Vec<u8>,
    /// Hash of the key that signed it.
    pub signer: Vec<u8>,
    /// The version that a token has to name, where the vendor gives one.
    pub version: Option<String>,
}

impl ComponentReference {
    /// Whether the component is this one.
    #[must_use]
    pub fn matches(&self, component: &SwComponent) -> bool {
        self.kind == component.kind
            && self.measurement == component.measurement
            && self.signer == component.signer
            && (self.version.is_none() || self.version == component.version)
    }
}

/// The Reference Values of one implementation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformReference {
    /// The configuration.
    pub config: Vec<u8>,
    /// The components that may run; several of one type are alternatives.
    pub components: Vec<ComponentReference>,
    /// The types that have to be in a token. `RMM` should be among them wherever tokens name types.
    pub required: Vec<String>,
}

/// The Endorsements and Reference Values for CCA platforms.
///
/// Arm defines no signed form for them that vendors publish yet, so the caller vouches for what it
/// puts in, and says how long it holds. Having one tells you that no platform has two keys.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CcaEndorsements {
    not_before: UnixTime,
    not_after: UnixTime,
    keys: BTreeMap<(ImplementationId, InstanceId), EcKey>,
    references: BTreeMap<ImplementationId, PlatformReference>,
}

impl CcaEndorsements {
    /// An empty set, in force from `not_before` to `not_after`, both included.
    #[must_use]
    pub const fn new(not_before: UnixTime, not_after: UnixTime) -> Self {
        Self {
            not_before,
            not_after,
            keys: BTreeMap::new(),
            references: BTreeMap::new(),
        }
    }

    /// From when on they are in force.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// Until when they are in force.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// Endorses the CPAK of one machine: `key` is the outcome of one of [`EcKey`]'s constructors.
    ///
    /// # Errors
    /// [`CcaError::EndorsedKey`] if it is none, [`CcaError::EndorsedTwice`] if the machine has
    /// another key already.
    pub fn add_key(
        &mut self,
        implementation: ImplementationId,
        instance: InstanceId,
        key: Result<EcKey, &'static str>,
    ) -> Result<(), CcaError> {
        let key = key.map_err(|what| CcaError::EndorsedKey { what })?;
        if !key.is_on_curve() {
            return Err(CcaError::EndorsedKey {
                what: "its point is not on the curve",
            });
        }
        match self.keys.entry((implementation, instance)) {
            Entry::Occupied(before) if *before.get() != key => Err(CcaError::EndorsedTwice {
                implementation,
                instance,
            }),
            Entry::Occupied(_) => Ok(()),
            Entry::Vacant(place) => {
                place.insert(key);
                Ok(())
            }
        }
    }

    /// Sets the Reference Values of one implementation, in place of those that were there.
    pub fn set_reference(
        &mut self,
        implementation: ImplementationId,
        reference: PlatformReference,
    ) {
        self.references.insert(implementation, reference);
    }

    pub(crate) fn key(
        &self,
        implementation: ImplementationId,
        instance: InstanceId,
    ) -> Result<&EcKey, CcaError> {
        let found = self.keys.get(&(implementation, instance));
        found.ok_or(CcaError::UnknownPlatform {
            implementation,
            instance,
        })
    }

    pub(crate) fn reference(
        &self,
        implementation: ImplementationId,
    ) -> Result<&PlatformReference, CcaError> {
        let found = self.references.get(&implementation);
        found.ok_or(CcaError::NoReference { implementation })
    }
}
