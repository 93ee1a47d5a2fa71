use crate::IntelError;
use crate::bytes::Bytes;

/// Length of a TD report of TDX 1.0 in a quote.
pub const TD_REPORT_10_BYTES: usize = 584;
/// Length of a TD report of TDX 1.5.
pub const TD_REPORT_15_BYTES: usize = 648;
/// Length of a TD report of TDX 1.5 with the extension for service TDs.
pub const TD_REPORT_15EX_BYTES: usize = 885;

/// TDATTRIBUTES (Intel TDX Module ABI Specification 348551-008US, table 3.23).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TdAttributes(pub [u8; 8]);

/// Bits that mean something; all others are reserved. TUD: 0 DEBUG, 4 to 6 profiling; SEC: 16 ICSSD,
/// 17 SERVTD_EXT, 27 LASS, 28 SEPT_VE_DISABLE, 29 MIGRATABLE, 30 PKS, 31 KL; OTHER: 62 TPA,
/// 63 PERFMON. A verifier may ignore 18 to 22, which Intel keeps for what makes a TD safer: here they
/// count as reserved until they are known.
const KNOWN: u64 =
    1 | 0b111 << 4 | 0b11 << 16 | 1 << 27 | 1 << 28 | 1 << 29 | 1 << 30 | 1 << 31 | 0b11 << 62;

impl TdAttributes {
    const fn bit(self, n: u8) -> bool {
        u64::from_le_bytes(self.0) >> n & 1 == 1
    }

    /// The host may read the TD.
    #[must_use]
    pub const fn debug(self) -> bool {
        self.bit(0)
    }

    /// The host may profile it in ways that leak (bits 4 to 6 of the untrusted group).
    #[must_use]
    pub const fn profiling(self) -> bool {
        u64::from_le_bytes(self.0) & 0b111 << 4 != 0
    }

    /// It may be bound to extended service TDs.
    #[must_use]
    pub const fn servtd_ext(self) -> bool {
        self.bit(17)
    }

    /// Pages that the host takes away stop the TD instead of faulting into its handler.
    #[must_use]
    pub const fn sept_ve_disable(self) -> bool {
        self.bit(28)
    }

    /// A migration TD may take it elsewhere.
    #[must_use]
    pub const fn migratable(self) -> bool {
        self.bit(29)
    }

    /// It may use performance counters.
    #[must_use]
    pub const fn perfmon(self) -> bool {
        self.bit(63)
    }

    /// The bits that have no meaning yet.
    #[must_use]
    pub const fn reserved(self) -> u64 {
        u64::from_le_bytes(self.0) & !KNOWN
    }
}

/// What TDX 1.5 adds to a report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Td15 {
    /// Security versions of the TCB *now*: after an update of the TDX module that kept TDs running
    /// they differ from those of the launch.
    pub tee_tcb_svn_2: [u8; 16],
    /// Measurement of the service TDs that are bound to it; zero if none is.
    pub mr_service_td: [u8; 48],
}

/// What the extension for service TDs adds to a report of TDX 1.5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Td15Ex {
    /// Which virtual machine of a partitioned TD.
    pub vm_id: u8,
    /// Identity of the TD.
    pub td_id: [u8; 32],
    /// Digest of attested devices.
    pub dev_info: [u8; 48],
    /// Service TD binding at its first use.
    pub init_service_td_hash: [u8; 48],
    /// Attributes of that binding.
    pub init_service_td_attributes: [u8; 8],
    /// CPUSVN at that time.
    pub init_cpu_svn: [u8; 16],
    /// TEE_TCB_SVN at that time.
    pub init_tee_tcb_svn: [u8; 16],
    /// FMSPC of the platform at that time.
    pub init_tee_fmspc: [u8; 12],
    /// Service TD binding now.
    pub cur_service_td_hash: [u8; 48],
    /// Attributes of that binding.
    pub cur_service_td_attributes: [u8; 8],
}

/// Report of a trust domain (Intel TDX DCAP Quoting Library API, TD quote body).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TdReport {
    /// Security versions of the TCB at launch: byte 0 the module's ISVSVN, byte 1 its major version.
    pub tee_tcb_svn: [u8; 16],
    /// Measurement of the TDX module.
    pub mr_seam: [u8; 48],
    /// Its signer; zero for Intel's.
    pub mr_signer_seam: [u8; 48],
    /// Its attributes.
    pub seam_attributes: [u8; 8],
    /// What the TD is allowed, DEBUG among it.
    pub td_attributes: TdAttributes,
    /// Extended CPU features that it may use.
    pub xfam: [u8; 8],
    /// MRTD: measurement of what the TD was built from, its firmware.
    pub mr_td: [u8; 48],
    /// Id for configuration that is not measured by its owner.
    pub mr_config_id: [u8; 48],
    /// Id of its owner.
    pub mr_owner: [u8; 48],
    /// Id of the owner's configuration.
    pub mr_owner_config: [u8; 48],
    /// RTMR0 to RTMR3: what ran, extended at run time.
    pub rtmr: [[u8; 48]; 4],
    /// What the TD asked to have signed.
    pub report_data: [u8; 64],
    /// Of TDX 1.5.
    pub v15: Option<Td15>,
    /// Of the extension for service TDs.
    pub v15_ex: Option<Td15Ex>,
}

impl TdReport {
    /// Reads a report; its version is told by the length.
    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, IntelError> {
        const WHAT: &str = "TD report";
        let mut at = Bytes::new(bytes);
        let mut report = Self {
            tee_tcb_svn: at.array(WHAT)?,
            mr_seam: at.array(WHAT)?,
            mr_signer_seam: at.array(WHAT)?,
            seam_attributes: at.array(WHAT)?,
            td_attributes: TdAttributes(at.array(WHAT)?),
            xfam: at.array(WHAT)?,
            mr_td: at.array(WHAT)?,
            mr_config_id: at.array(WHAT)?,
            mr_owner: at.array(WHAT)?,
            mr_owner_config: at.array(WHAT)?,
            rtmr: [
                at.array(WHAT)?,
                at.array(WHAT)?,
                at.array(WHAT)?,
                at.array(WHAT)?,
            ],
            report_data: at.array(WHAT)?,
            v15: None,
            v15_ex: None,
        };
        if at.left() > 0 {
            report.v15 = Some(Td15 {
                tee_tcb_svn_2: at.array(WHAT)?,
                mr_service_td: at.array(WHAT)?,
            });
        }
        if at.left() > 0 {
            report.v15_ex = Some(Td15Ex {
                vm_id: at.u8(WHAT)?,
                td_id: at.array(WHAT)?,
                dev_info: at.array(WHAT)?,
                init_service_td_hash: at.array(WHAT)?,
                init_service_td_attributes: at.array(WHAT)?,
                init_cpu_svn: at.array(WHAT)?,
                init_tee_tcb_svn: at.array(WHAT)?,
                init_tee_fmspc: at.array(WHAT)?,
                cur_service_td_hash: at.array(WHAT)?,
                cur_service_td_attributes: at.array(WHAT)?,
            });
        }
        at.finish(WHAT)?;
        Ok(report)
    }
}
