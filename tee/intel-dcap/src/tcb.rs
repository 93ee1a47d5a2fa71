use std::fmt;
use std::sync::Arc;

use adyton_codec::hex_encode;
use adyton_types::UnixTime;

use crate::TcbStatus;

/// Security versions of the sixteen components of a TCB. The order of two values is that of their
/// components one after the other; whether one *meets* another is [`meets`](Self::meets).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub struct TcbComponents(pub [u8; 16]);

impl TcbComponents {
    /// Whether each component from `first` on is at least the other's.
    #[must_use]
    pub fn meets(&self, needed: &Self, first: usize) -> bool {
        self.0
            .iter()
            .zip(needed.0)
            .skip(first)
            .all(|(have, needs)| *have >= needs)
    }
}

impl fmt::Display for TcbComponents {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&hex_encode(&self.0))
    }
}

/// The security versions that a platform has, or that a level asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformTcb {
    /// Of the SGX components.
    pub sgx: TcbComponents,
    /// Of the PCE.
    pub pce_svn: u16,
    /// Of the TDX components; none for SGX.
    pub tdx: Option<TcbComponents>,
}

impl fmt::Display for PlatformTcb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { sgx, pce_svn, tdx } = self;
        write!(f, "SGX components {sgx}, PCESVN {pce_svn}")?;
        match tdx {
            Some(tdx) => write!(f, ", TDX components {tdx}"),
            None => Ok(()),
        }
    }
}

/// What Intel says of one level of a TCB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Level {
    /// The status.
    pub status: TcbStatus,
    /// The date to which the level is known to be current: mitigations published later are not in it.
    pub date: UnixTime,
    /// Security advisories that apply, as INTEL-SA-00837.
    pub advisories: Arc<[String]>,
}

impl Level {
    pub(crate) fn new(status: TcbStatus, date: UnixTime, advisories: Vec<String>) -> Self {
        Self {
            status,
            date,
            advisories: advisories.into(),
        }
    }
}

/// The first level that an ISVSVN meets, of levels sorted with the highest first; or else what the
/// lowest asks for.
pub(crate) fn by_isv_svn(levels: &[(u16, Level)], isv_svn: u16) -> Result<&Level, u16> {
    match levels.iter().find(|(needed, _)| isv_svn >= *needed) {
        Some((_, level)) => Ok(level),
        None => Err(levels.last().map_or(u16::MAX, |(lowest, _)| *lowest)),
    }
}

/// What is to be thought of the TCB as a whole, and how that came about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcbVerdict {
    /// The statuses of platform, TDX module and quoting enclave, converged; for a TD of TDX 1.5 with
    /// that of its current TCB. Never `Revoked`.
    pub status: TcbStatus,
    /// All advisories of the TCB, at launch and now, each once.
    pub advisories: Vec<String>,
    /// The oldest of the dates of the levels, at launch and now.
    pub date: UnixTime,
    /// The platform's level.
    pub platform: Level,
    /// The TDX module's level.
    pub module: Option<Level>,
    /// The quoting enclave's level.
    pub qe: Level,
    /// Levels of platform and module by the TCB of now (TEE_TCB_SVN_2), of a TD of TDX 1.5.
    pub current: Option<CurrentTcb>,
}

/// Levels by the TCB of now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CurrentTcb {
    /// Platform, module and QE converged.
    pub status: TcbStatus,
    /// The platform's level.
    pub platform: Level,
    /// The TDX module's level.
    pub module: Option<Level>,
}
