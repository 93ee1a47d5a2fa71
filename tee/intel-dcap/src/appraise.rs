//! The rules by which security versions become a TCB status.

use crate::qe_identity::QeIdentity;
use crate::tcb::{CurrentTcb, Level, TcbVerdict, by_isv_svn};
use crate::tcb_info::{ModuleIdentity, ModuleRule, TcbInfo};
use crate::{IntelError, PckPlatform, QuoteBody, SgxReport, TcbComponents, TcbStatus, TdReport};

/// Holds the QE's report against Intel's identity, and finds its TCB level.
pub(crate) fn match_qe<'a>(
    report: &SgxReport,
    identity: &'a QeIdentity,
) -> Result<&'a Level, IntelError> {
    let wrong = |field| Err(IntelError::QeIdentity { field });
    if report.debug() {
        return Err(IntelError::QeDebug);
    }
    if report.mr_signer != identity.mr_signer {
        return wrong("MRSIGNER");
    }
    if report.isv_prod_id != identity.isv_prod_id {
        return wrong("ISVPRODID");
    }
    let mask = identity.misc_select_mask;
    if report.misc_select & mask != identity.misc_select & mask {
        return wrong("MISCSELECT");
    }
    if !equal_under(
        &report.attributes,
        &identity.attributes,
        &identity.attributes_mask,
    ) {
        return wrong("ATTRIBUTES");
    }
    by_isv_svn(&identity.levels, report.isv_svn).ok_or(IntelError::QeTcbLevel {
        found: report.isv_svn,
    })
}

fn equal_under<const N: usize>(found: &[u8; N], expected: &[u8; N], mask: &[u8; N]) -> bool {
    found
        .iter()
        .zip(expected)
        .zip(mask)
        .all(|((found, expected), mask)| found & mask == expected & mask)
}

/// Finds the levels of platform and TDX module, now and at launch, and converges them with the QE's.
pub(crate) fn appraise_tcb(
    body: &QuoteBody,
    platform: &PckPlatform,
    info: &TcbInfo,
    qe: &Level,
) -> Result<TcbVerdict, IntelError> {
    let (launch, current) = match body {
        QuoteBody::Sgx(_) => (Levels::sgx(platform, info)?, None),
        QuoteBody::Td(report) => {
            let launch = Levels::tdx(platform, info, &report.tee_tcb_svn, false)?;
            require_module(report, info)?;
            let current = report
                .v15
                .as_ref()
                .map(|v15| Levels::tdx(platform, info, &v15.tee_tcb_svn_2, true))
                .transpose()?;
            (launch, current)
        }
    };
    let mut status = launch.converged(qe)?;
    let current = match current {
        Some(levels) => {
            let now = levels.converged(qe)?;
            status = status.relaunch(now);
            Some(CurrentTcb {
                status: now,
                platform: levels.platform.clone(),
                module: levels.module.cloned(),
            })
        }
        None => None,
    };
    let parts = [Some(launch.platform), launch.module, Some(qe)];
    let mut advisories: Vec<String> = Vec::new();
    let mut date = launch.platform.date;
    for level in parts.into_iter().flatten() {
        date = date.min(level.date);
        for advisory in level.advisories.iter() {
            if !advisories.contains(advisory) {
                advisories.push(advisory.clone());
            }
        }
    }
    Ok(TcbVerdict {
        status,
        advisories,
        date,
        platform: launch.platform.clone(),
        module: launch.module.cloned(),
        qe: qe.clone(),
        current,
    })
}

/// The levels that one set of security versions meets.
struct Levels<'a> {
    platform: &'a Level,
    module: Option<&'a Level>,
}

impl<'a> Levels<'a> {
    fn sgx(platform: &PckPlatform, info: &'a TcbInfo) -> Result<Self, IntelError> {
        let found = info
            .levels
            .iter()
            .find(|level| meets_sgx(platform, level))
            .ok_or(IntelError::PlatformTcbLevel { current: false })?;
        Ok(Self {
            platform: &found.level,
            module: None,
        })
    }

    /// Components 0 and 1 of a TDX TCB are the module's ISVSVN and version. A module that has an
    /// identity of its own is judged by that, not by them.
    fn tdx(
        platform: &PckPlatform,
        info: &'a TcbInfo,
        tee_tcb_svn: &[u8; 16],
        current: bool,
    ) -> Result<Self, IntelError> {
        let [isv_svn, version, ..] = *tee_tcb_svn;
        let svns = TcbComponents(*tee_tcb_svn);
        let first = if version > 0 { 2 } else { 0 };
        let found = info
            .levels
            .iter()
            .find(|level| meets_sgx(platform, level) && svns.meets(&level.tdx, first))
            .ok_or(IntelError::PlatformTcbLevel { current })?;
        let module = match module_identity(info, version) {
            _ if version == 0 => None,
            None => return Err(IntelError::TdxModuleUnknown { version, current }),
            Some(identity) => Some(by_isv_svn(&identity.levels, u16::from(isv_svn)).ok_or(
                IntelError::TdxModuleTcbLevel {
                    found: isv_svn,
                    current,
                },
            )?),
        };
        Ok(Self {
            platform: &found.level,
            module,
        })
    }

    /// The status of all; a revoked part refuses the Evidence.
    fn converged(&self, qe: &Level) -> Result<TcbStatus, IntelError> {
        let parts = [
            ("platform", Some(self.platform)),
            ("TDX module", self.module),
            ("quoting enclave", Some(qe)),
        ];
        let mut status = self.platform.status;
        for (component, level) in parts {
            let Some(level) = level else { continue };
            if level.status == TcbStatus::Revoked {
                return Err(IntelError::Revoked {
                    component,
                    status: level.status,
                });
            }
            status = status.with_component(level.status);
        }
        Ok(status)
    }
}

/// CPUSVN components are those of the PCK certificate: Intel certified them, the report only says.
fn meets_sgx(platform: &PckPlatform, level: &crate::tcb_info::PlatformLevel) -> bool {
    platform.tcb.meets(&level.sgx, 0) && platform.pce_svn >= level.pce_svn
}

fn module_identity(info: &TcbInfo, version: u8) -> Option<&ModuleIdentity> {
    info.modules
        .iter()
        .find(|identity| identity.version == version)
}

/// The module's signer and attributes. Attribute bits outside the mask have to be zero: what they
/// mean is not known.
fn require_module(report: &TdReport, info: &TcbInfo) -> Result<(), IntelError> {
    let [_, version, ..] = report.tee_tcb_svn;
    let rule: Option<&ModuleRule> = match module_identity(info, version) {
        Some(identity) => Some(&identity.rule),
        None => info.module.as_ref(),
    };
    let rule = rule.ok_or(IntelError::TdxModuleUnknown {
        version,
        current: false,
    })?;
    if report.mr_signer_seam != rule.mr_signer {
        return Err(IntelError::TdxModule {
            field: "MRSIGNERSEAM",
        });
    }
    let inside = equal_under(&report.seam_attributes, &rule.attributes, &rule.mask);
    let outside = rule.mask.map(|mask| !mask);
    if !inside || !equal_under(&report.seam_attributes, &[0; 8], &outside) {
        return Err(IntelError::TdxModule {
            field: "SEAMATTRIBUTES",
        });
    }
    Ok(())
}
