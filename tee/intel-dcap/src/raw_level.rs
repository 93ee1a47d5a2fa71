use std::cmp::Reverse;

use adyton_types::UnixTime;
use serde::Deserialize;

use crate::TcbStatus;
use crate::document::time;
use crate::tcb::Level;

/// A TCB level as Intel writes it, whatever its TCB consists of.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct RawLevel<T> {
    tcb: T,
    #[serde(deserialize_with = "time")]
    tcb_date: UnixTime,
    tcb_status: TcbStatus,
    #[serde(rename = "advisoryIDs", default)]
    advisories: Vec<String>,
}

/// The TCB of an enclave or a TDX module; `N` is as wide as its ISVSVN.
#[derive(Debug, Deserialize)]
pub(crate) struct RawIsvTcb<N> {
    isvsvn: N,
}

impl<T> RawLevel<T> {
    pub(crate) const fn status(&self) -> TcbStatus {
        self.tcb_status
    }

    /// What the level is met by, and what Intel says of it.
    pub(crate) fn split(self) -> (T, Level) {
        let level = Level::new(self.tcb_status, self.tcb_date, self.advisories);
        (self.tcb, level)
    }
}

/// Levels by ISVSVN, highest first: the order in JSON means nothing.
pub(crate) fn by_isv_svn<N>(levels: Vec<RawLevel<RawIsvTcb<N>>>) -> Vec<(u16, Level)>
where
    u16: From<N>,
{
    let mut levels: Vec<(u16, Level)> = levels
        .into_iter()
        .map(RawLevel::split)
        .map(|(tcb, level)| (tcb.isvsvn.into(), level))
        .collect();
    levels.sort_by_key(|(isv_svn, _)| Reverse(*isv_svn));
    levels
}
