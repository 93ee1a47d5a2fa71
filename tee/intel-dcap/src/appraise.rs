//! The rules by which security versions become a TCB status.

use crate::qe_identity::QeIdentity;
use crate::tcb::{CurrentTcb, Level, TcbVerdict, by_isv_svn};
use crate::tcb_info::{ModuleIdentity, ModuleRule, TcbInfo};
use crate::{
    IntelError, PckPlatform, PlatformTcb, QuoteBody, SgxReport, TcbComponents, TcbStatus, TdReport,
};

/// Holds the QE's report against Intel's identity, and finds its TCB level.
pub(crate) fn match_qe<'a>(
    report: &SgxReport,
    identity: &'a QeIdentity,
) -> Result<&'a Level, IntelError> {
    let require = |field, found: &[u8], expected: &[u8], mask: &[u8]| {
        let (found, expected) = (under(found, mask), under(expected, mask));
        match found == expected {
            true => Ok(()),
            false => Err(IntelError::QeIdentity {
                field,
                expected,
                found,
            }),
        }
    };
    if report.debug() {
        return Err(IntelError::QeDebug);
    }
    let whole = [0xff; 32];
    require("MRSIGNER", &report.mr_signer, &identity.mr_signer, &whole)?;
    let [found, expected] = [report.isv_prod_id, identity.isv_prod_id].map(u16::to_be_bytes);
    require("ISVPRODID", &found, &expected, &whole)?;
    let numbers = [
        report.misc_select,
        identity.misc_select,
        identity.misc_select_mask,
    ];
    let [found, expected, mask] = numbers.map(u32::to_le_bytes);
    require("MISCSELECT", &found, &expected, &mask)?;
    let (found, expected) = (&report.attributes, &identity.attributes);
    require("ATTRIBUTES", found, expected, &identity.attributes_mask)?;
    let isv_svn = report.isv_svn;
    by_isv_svn(&identity.levels, isv_svn).map_err(|lowest| IntelError::QeTcbLevel {
        found: isv_svn,
        lowest,
    })
}

/// The bytes, those bits of them that the mask has; a mask may be longer.
fn under(bytes: &[u8], mask: &[u8]) -> Box<[u8]> {
    bytes
        .iter()
        .zip(mask)
        .map(|(byte, mask)| byte & mask)
        .collect()
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
    let current = current.map(|levels| levels.current(qe)).transpose()?;
    let mut status = launch.converged(qe)?;
    let mut parts = vec![launch.platform];
    parts.extend(launch.module);
    parts.push(qe);
    if let Some(current) = &current {
        status = status.relaunch(current.status);
        parts.push(&current.platform);
        parts.extend(&current.module);
    }
    let mut advisories: Vec<String> = Vec::new();
    let mut date = launch.platform.date;
    for level in parts {
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
            .ok_or_else(|| no_level(platform, info, None, false))?;
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
            .ok_or_else(|| no_level(platform, info, Some(svns), current))?;
        let module = match module_identity(info, version) {
            _ if version == 0 => None,
            None => return Err(IntelError::TdxModuleUnknown { version, current }),
            Some(identity) => {
                let level = by_isv_svn(&identity.levels, u16::from(isv_svn));
                Some(level.map_err(|lowest| IntelError::TdxModuleTcbLevel {
                    found: isv_svn,
                    lowest,
                    current,
                })?)
            }
        };
        Ok(Self {
            platform: &found.level,
            module,
        })
    }

    /// These levels as those of now.
    fn current(&self, qe: &Level) -> Result<CurrentTcb, IntelError> {
        Ok(CurrentTcb {
            status: self.converged(qe)?,
            platform: self.platform.clone(),
            module: self.module.cloned(),
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

/// That no level is met, with what the platform has and the lowest level asks for.
fn no_level(
    platform: &PckPlatform,
    info: &TcbInfo,
    tdx: Option<TcbComponents>,
    current: bool,
) -> IntelError {
    let found = PlatformTcb {
        sgx: platform.tcb,
        pce_svn: platform.pce_svn,
        tdx,
    };
    let lowest = match info.levels.last() {
        Some(level) => PlatformTcb {
            sgx: level.sgx,
            pce_svn: level.pce_svn,
            tdx: tdx.map(|_| level.tdx),
        },
        None => found.clone(),
    };
    IntelError::PlatformTcbLevel {
        found: Box::new(found),
        lowest: Box::new(lowest),
        current,
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
    let wrong = |field, found: &[u8], expected: &[u8]| {
        Err(IntelError::TdxModule {
            field,
            expected: expected.into(),
            found: found.into(),
        })
    };
    if report.mr_signer_seam != rule.mr_signer {
        return wrong("MRSIGNERSEAM", &report.mr_signer_seam, &rule.mr_signer);
    }
    let expected = under(&rule.attributes, &rule.mask);
    if report.seam_attributes.as_slice() != &*expected {
        return wrong("SEAMATTRIBUTES", &report.seam_attributes, &expected);
    }
    Ok(())
}
