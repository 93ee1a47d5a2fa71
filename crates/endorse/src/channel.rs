/// Which of the two sets of TCB info that Intel serves at one time (PCS v4, `update`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Channel {
    /// The one that platforms have had a year to catch up with.
    #[default]
    Standard,
    /// The newest: a platform is out of date as soon as there is an update for it.
    Early,
}

impl Channel {
    /// In files' names: both can be kept in one directory, and of several the newest counts.
    pub(crate) const fn suffix(self) -> &'static str {
        match self {
            Self::Standard => "",
            Self::Early => "-early",
        }
    }

    pub(crate) const fn query(self) -> &'static str {
        match self {
            Self::Standard => "standard",
            Self::Early => "early",
        }
    }
}
