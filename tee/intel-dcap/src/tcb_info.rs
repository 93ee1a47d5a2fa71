use std::cmp::Reverse;

use adyton_types::UnixTime;
use serde::Deserialize;

use crate::document::{hex, time};
use crate::error::Document;
use crate::raw_level::{RawIsvTcb, RawLevel, by_isv_svn};
use crate::tcb::{Level, TcbComponents};
use crate::{IntelError, IntelTee, TcbStatus};

/// The version of TCB info that is read.
const VERSION: u64 = 3;

/// Most TCB levels, and most TDX modules, that are read: Intel lists under 30.
const MAX_LEVELS: usize = 256;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawTcbInfo {
    id: String,
    version: u64,
    #[serde(deserialize_with = "time")]
    pub(crate) issue_date: UnixTime,
    #[serde(deserialize_with = "time")]
    pub(crate) next_update: UnixTime,
    #[serde(deserialize_with = "hex")]
    fmspc: [u8; 6],
    #[serde(deserialize_with = "hex")]
    pce_id: [u8; 2],
    tcb_type: u64,
    tcb_evaluation_data_number: u32,
    tcb_levels: Vec<RawLevel<RawTcb>>,
    tdx_module: Option<RawModule>,
    #[serde(default)]
    tdx_module_identities: Vec<RawModuleIdentity>,
}

#[derive(Debug, Deserialize)]
struct RawTcb {
    sgxtcbcomponents: [RawSvn; 16],
    pcesvn: u16,
    tdxtcbcomponents: Option<[RawSvn; 16]>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
struct RawSvn {
    svn: u8,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawModule {
    #[serde(deserialize_with = "hex")]
    mrsigner: [u8; 48],
    #[serde(deserialize_with = "hex")]
    attributes: [u8; 8],
    #[serde(deserialize_with = "hex")]
    attributes_mask: [u8; 8],
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct RawModuleIdentity {
    id: String,
    #[serde(flatten)]
    module: RawModule,
    tcb_levels: Vec<RawLevel<RawIsvTcb<u8>>>,
}

/// A TCB level of the platform.
#[derive(Debug)]
pub(crate) struct PlatformLevel {
    pub(crate) sgx: TcbComponents,
    pub(crate) pce_svn: u16,
    /// Zero for SGX.
    pub(crate) tdx: TcbComponents,
    pub(crate) level: Level,
}

/// What a TDX module has to be.
#[derive(Debug)]
pub(crate) struct ModuleRule {
    pub(crate) mr_signer: [u8; 48],
    pub(crate) attributes: [u8; 8],
    pub(crate) mask: [u8; 8],
}

/// The identity of TDX modules of one major version.
#[derive(Debug)]
pub(crate) struct ModuleIdentity {
    pub(crate) version: u8,
    pub(crate) rule: ModuleRule,
    /// By ISVSVN, highest first.
    pub(crate) levels: Vec<(u16, Level)>,
}

/// TCB info of version 3, its levels sorted as Intel's library does.
#[derive(Debug)]
pub(crate) struct TcbInfo {
    pub(crate) fmspc: [u8; 6],
    pub(crate) pce_id: [u8; 2],
    pub(crate) evaluation_number: u32,
    pub(crate) levels: Vec<PlatformLevel>,
    /// For modules of version 0; none for SGX.
    pub(crate) module: Option<ModuleRule>,
    pub(crate) modules: Vec<ModuleIdentity>,
}

fn form(what: &'static str) -> IntelError {
    IntelError::Form {
        document: Document::TcbInfo,
        what,
    }
}

impl RawTcbInfo {
    /// Checks kind and form, and sorts the levels.
    pub(crate) fn check(self, tee: IntelTee) -> Result<TcbInfo, IntelError> {
        if self.id != tee.tcb_info_id() || self.version != VERSION {
            return Err(IntelError::DocumentKind {
                document: Document::TcbInfo,
                id: self.id,
                version: self.version,
                expected: tee.tcb_info_id(),
                expected_version: VERSION,
            });
        }
        if self.tcb_type != 0 {
            return Err(form("its TCB type is not 0"));
        }
        let count = self.tcb_levels.len().max(self.tdx_module_identities.len());
        if self.tcb_levels.is_empty() || count > MAX_LEVELS {
            return Err(form("it has no TCB level, or more than 256"));
        }
        let tdx = tee == IntelTee::Tdx;
        if tdx != self.tdx_module.is_some() {
            return Err(form("tdxModule has to be there for TDX, and only then"));
        }
        let mut levels = self
            .tcb_levels
            .into_iter()
            .map(|level| platform_level(level, tdx))
            .collect::<Result<Vec<_>, _>>()?;
        // The order in JSON means nothing: the first level that is met counts in the order of
        // components, PCESVN and TDX components, highest first.
        levels.sort_by_key(|level| Reverse((level.sgx, level.pce_svn, level.tdx)));
        let mut modules: Vec<ModuleIdentity> = Vec::new();
        for identity in self.tdx_module_identities {
            let identity = identity.check()?;
            if modules
                .iter()
                .any(|other| other.version == identity.version)
            {
                return Err(form("a TDX module identity is there twice"));
            }
            modules.push(identity);
        }
        Ok(TcbInfo {
            fmspc: self.fmspc,
            pce_id: self.pce_id,
            evaluation_number: self.tcb_evaluation_data_number,
            levels,
            module: self.tdx_module.map(RawModule::rule),
            modules,
        })
    }
}

impl TcbInfo {
    /// What was found where its form was checked.
    pub(crate) fn form_text(&self) -> String {
        let (levels, modules) = (self.levels.len(), self.modules.len());
        format!("{levels} TCB levels, {modules} TDX module identities")
    }
}

fn platform_level(level: RawLevel<RawTcb>, tdx: bool) -> Result<PlatformLevel, IntelError> {
    let (tcb, level) = level.split();
    if tdx != tcb.tdxtcbcomponents.is_some() {
        return Err(form(
            "TDX components have to be there for TDX, and only then",
        ));
    }
    let svns = |list: [RawSvn; 16]| TcbComponents(list.map(|component| component.svn));
    Ok(PlatformLevel {
        sgx: svns(tcb.sgxtcbcomponents),
        pce_svn: tcb.pcesvn,
        tdx: tcb.tdxtcbcomponents.map(svns).unwrap_or_default(),
        level,
    })
}

impl RawModule {
    const fn rule(self) -> ModuleRule {
        ModuleRule {
            mr_signer: self.mrsigner,
            attributes: self.attributes,
            mask: self.attributes_mask,
        }
    }
}

impl RawModuleIdentity {
    /// Its id is `TDX_` and the major version, two hexadecimal digits.
    fn check(self) -> Result<ModuleIdentity, IntelError> {
        let version = match self.id.strip_prefix("TDX_") {
            // A sign would do for the conversion.
            Some(digits) if digits.len() == 2 && !digits.starts_with('+') => {
                u8::from_str_radix(digits, 16).ok()
            }
            _ => None,
        };
        let version = version.filter(|version| *version > 0).ok_or(form(
            "the id of a TDX module is not TDX_ and two hex digits",
        ))?;
        let allowed = [
            TcbStatus::UpToDate,
            TcbStatus::OutOfDate,
            TcbStatus::Revoked,
        ];
        let mut statuses = self.tcb_levels.iter().map(RawLevel::status);
        if !statuses.all(|status| allowed.contains(&status)) {
            return Err(form("a TDX module has a status that modules cannot have"));
        }
        if self.tcb_levels.is_empty() {
            return Err(form("a TDX module has no TCB level"));
        }
        Ok(ModuleIdentity {
            version,
            rule: self.module.rule(),
            levels: by_isv_svn(self.tcb_levels),
        })
    }
}
