use adyton_types::{Fingerprint, Protections, ReportData, Sha256Digest};

use crate::SoftwareReport;

/// What verified Evidence of the software TEE says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SoftwareClaims {
    /// Fingerprint of the platform key that signed: the platform id.
    pub platform: Fingerprint,
    /// SHA-256 of the running executable file: the platform measurement.
    pub executable: Sha256Digest,
    /// Security version of the software TEE.
    pub svn: u64,
    /// Which protections held when the Evidence was made.
    pub protections: Protections,
    /// What the process asked to have signed.
    pub report_data: ReportData,
}

impl SoftwareClaims {
    pub(crate) fn new(platform: Fingerprint, report: SoftwareReport) -> Self {
        Self {
            platform,
            executable: report.executable,
            svn: report.svn,
            protections: report.protections,
            report_data: report.report_data,
        }
    }
}
