use std::fmt;

use adyton_types::ReportData;

use crate::{FirmwareVersion, Generation, GuestPolicy, PlatformInfo, TcbVersion};

/// What a verified report says, and AMD's rules do not decide: for a policy to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnpClaims {
    /// Version of the report's structure, 2 to 5.
    pub version: u32,
    /// The processor's generation: stated by the report from version 3 on, by the certificate
    /// always.
    pub generation: Generation,
    /// Whose key signed.
    pub signer: Signer,
    /// `CPUID` family, model and stepping (combined); none in version 2.
    pub cpuid: Option<[u8; 3]>,
    /// The chip's id, 64 bytes or on Turin 8; none where it is masked.
    pub chip_id: Option<Vec<u8>>,
    /// Launch digest: the platform measurement.
    pub measurement: [u8; 48],
    /// What the guest asked to have signed.
    pub report_data: ReportData,
    /// What the host gave at launch (a digest of its configuration); zero where it gave nothing.
    pub host_data: [u8; 32],
    /// Launch policy.
    pub policy: GuestPolicy,
    /// What the firmware says about the machine.
    pub platform_info: PlatformInfo,
    /// Who asked for the report.
    pub requester: Requester,
    /// Security version of the guest, from its ID block.
    pub guest_svn: u32,
    /// Family id, from the ID block.
    pub family_id: [u8; 16],
    /// Image id, from the ID block.
    pub image_id: [u8; 16],
    /// SHA-384 of the key that signed the ID block; none without one.
    pub id_key_digest: Option<[u8; 48]>,
    /// SHA-384 of the key that signed the ID key; none without one.
    pub author_key_digest: Option<[u8; 48]>,
    /// The guest's id, which the firmware draws at launch.
    pub report_id: [u8; 32],
    /// The id of the guest's migration agent; none without one.
    pub report_id_ma: Option<[u8; 32]>,
    /// TCB of the running firmware.
    pub current_tcb: TcbVersion,
    /// TCB that the signing key was derived for: the certificate says the same.
    pub reported_tcb: TcbVersion,
    /// TCB that can no longer be rolled back.
    pub committed_tcb: TcbVersion,
    /// TCB when the guest was launched or imported.
    pub launch_tcb: TcbVersion,
    /// Version of the running firmware.
    pub current_firmware: FirmwareVersion,
    /// Version of the committed firmware.
    pub committed_firmware: FirmwareVersion,
    /// Mitigation vectors; none before version 5.
    pub mitigations: Option<Mitigations>,
    /// The host has the firmware mask signatures by the chip's key.
    pub mask_chip_key: bool,
    /// AMD's revocation list was looked at. False only for Endorsements that were made without
    /// one, by a function whose name begins with `danger_`.
    pub revocation_checked: bool,
}

impl SnpClaims {
    /// The firmware that runs is not the one that is committed: the host can still roll it back.
    #[must_use]
    pub fn provisional_firmware(&self) -> bool {
        self.current_tcb != self.committed_tcb || self.current_firmware != self.committed_firmware
    }

    /// What a policy must refuse unless it names the exception, in the order of [`Concern`].
    #[must_use]
    pub fn concerns(&self) -> Vec<Concern> {
        let unknown_policy = self.policy.unknown_bits() != 0;
        let unasked = !matches!(self.requester, Requester::Guest { vmpl: 0 });
        [
            (self.policy.debug_allowed(), Concern::Debug),
            (
                self.policy.migration_agent_allowed(),
                Concern::MigrationAgent,
            ),
            (unknown_policy, Concern::UnknownPolicyBits),
            (unasked, Concern::Requester),
            (self.provisional_firmware(), Concern::ProvisionalFirmware),
            (
                !self.platform_info.alias_check_complete(),
                Concern::AliasCheckMissing,
            ),
            (self.chip_id.is_none(), Concern::ChipIdMasked),
            (self.signer != Signer::Chip, Concern::CloudKey),
            (!self.revocation_checked, Concern::NoRevocationList),
        ]
        .into_iter()
        .filter_map(|(holds, concern)| holds.then_some(concern))
        .collect()
    }
}

/// Whose key signed a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Signer {
    /// The chip's own key (VCEK).
    Chip,
    /// A key that AMD lends a cloud for all its chips (VLEK).
    Cloud {
        /// The cloud, as the certificate's `CSP_ID` names it.
        csp_id: String,
    },
}

/// Who asked for a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Requester {
    /// Software in the guest, at that privilege level (0 is the highest; a paravisor's guests are
    /// above 0).
    Guest {
        /// 0 to 3.
        vmpl: u8,
    },
    /// The host: its report data is the host's own.
    Host,
}

/// Which mitigations were in effect (report version 5; AMD 56860, "Mitigation Vector").
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mitigations {
    /// When the guest was launched.
    pub launch: u64,
    /// When the report was made.
    pub current: u64,
}

impl Mitigations {
    /// Whether both vectors have every bit of `least`.
    #[must_use]
    pub const fn cover(&self, least: u64) -> bool {
        self.launch & self.current & least == least
    }
}

/// Something about authentic Evidence that weakens it so much that a policy has to name it to
/// accept it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Concern {
    /// The host may read and write the guest's memory.
    Debug,
    /// A migration agent may move the guest, and so read all of it.
    MigrationAgent,
    /// The launch policy has bits whose meaning is not known here.
    UnknownPolicyBits,
    /// Not the guest's highest privilege level asked, or the host did.
    Requester,
    /// The running firmware can still be rolled back.
    ProvisionalFirmware,
    /// The firmware did not check memory for aliases (BadRAM).
    AliasCheckMissing,
    /// The report does not say which chip made it.
    ChipIdMasked,
    /// A cloud's key signed, which is on all its chips: that the report is of the chip that it names,
    /// no certificate says.
    CloudKey,
    /// Nobody looked whether AMD has revoked the signing keys.
    NoRevocationList,
}

impl Concern {
    /// Its name, as in policies and on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::MigrationAgent => "migration-agent",
            Self::UnknownPolicyBits => "unknown-policy-bits",
            Self::Requester => "requester",
            Self::ProvisionalFirmware => "provisional-firmware",
            Self::AliasCheckMissing => "alias-check-missing",
            Self::ChipIdMasked => "chip-id-masked",
            Self::CloudKey => "cloud-key",
            Self::NoRevocationList => "no-revocation-list",
        }
    }
}

impl fmt::Display for Concern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
