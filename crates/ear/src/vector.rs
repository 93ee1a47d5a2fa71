use crate::Tier;

/// Values of a trustworthiness vector that Adyton gives (draft-ietf-rats-ar4si section 2.3.4).
pub mod trust {
    /// Any category: it affirms.
    pub const AFFIRMED: i8 = 2;
    /// Configuration: there are settings that weaken it.
    pub const UNSAFE_CONFIG: i8 = 32;
    /// Executables: what runs is not one of those that are known.
    pub const UNRECOGNIZED_RUNTIME: i8 = 33;
    /// Hardware: it has flaws that are known.
    pub const UNSAFE_HARDWARE: i8 = 32;
    /// Any category: it must not be trusted.
    pub const CONTRAINDICATED: i8 = 96;
    /// Hardware or instance: it is not one of those that are known.
    pub const UNRECOGNIZED: i8 = 97;
}

/// The trustworthiness vector (draft-ietf-rats-ar4si section 2.3): what a Verifier says of each
/// side of an Attester; 0 where it says nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct TrustVector {
    /// Which machine it is.
    pub instance_identity: i8,
    /// How it is set up.
    pub configuration: i8,
    /// What runs.
    pub executables: i8,
    /// Files.
    pub file_system: i8,
    /// The hardware and its firmware.
    pub hardware: i8,
    /// Whether memory is hidden from the host.
    pub runtime_opaque: i8,
    /// Whether storage is.
    pub storage_opaque: i8,
    /// Data of others that were taken in.
    pub sourced_data: i8,
}

impl TrustVector {
    pub(crate) const NAMES: [&'static str; 8] = [
        "instance-identity",
        "configuration",
        "executables",
        "file-system",
        "hardware",
        "runtime-opaque",
        "storage-opaque",
        "sourced-data",
    ];

    /// The values in the order of their numbers in CBOR.
    pub(crate) const fn values(&self) -> [i8; 8] {
        [
            self.instance_identity,
            self.configuration,
            self.executables,
            self.file_system,
            self.hardware,
            self.runtime_opaque,
            self.storage_opaque,
            self.sourced_data,
        ]
    }

    pub(crate) const fn from_values(values: [i8; 8]) -> Self {
        let [
            instance_identity,
            configuration,
            executables,
            file_system,
            hardware,
            runtime_opaque,
            storage_opaque,
            sourced_data,
        ] = values;
        Self {
            instance_identity,
            configuration,
            executables,
            file_system,
            hardware,
            runtime_opaque,
            storage_opaque,
            sourced_data,
        }
    }

    /// The worst tier of its values.
    #[must_use]
    pub fn tier(&self) -> Tier {
        let tiers = self.values().map(Tier::of);
        tiers.into_iter().max().unwrap_or_default()
    }
}
