use std::fmt;

use serde::Deserialize;

/// What Intel says of a TCB level (PCS API v4, `tcbStatus`), and what a TD 1.5 makes of two of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize)]
pub enum TcbStatus {
    /// All known vulnerabilities are mitigated.
    UpToDate,
    /// Mitigated in firmware and microcode; the program has to do its part.
    #[serde(rename = "SWHardeningNeeded")]
    SwHardeningNeeded,
    /// The platform has to be configured, too.
    ConfigurationNeeded,
    /// Both.
    #[serde(rename = "ConfigurationAndSWHardeningNeeded")]
    ConfigurationAndSwHardeningNeeded,
    /// Below what Intel has published.
    OutOfDate,
    /// Below it, and to be configured.
    OutOfDateConfigurationNeeded,
    /// Keys of this level are known to be lost. Evidence is refused.
    Revoked,
    /// A TD 1.5 was launched on an old TCB that has been updated since: launch it anew.
    #[serde(skip)]
    TdRelaunchAdvised,
    /// The same, and the platform has to be configured.
    #[serde(skip)]
    TdRelaunchAdvisedConfigurationNeeded,
}

impl TcbStatus {
    /// Intel's word for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::UpToDate => "UpToDate",
            Self::SwHardeningNeeded => "SWHardeningNeeded",
            Self::ConfigurationNeeded => "ConfigurationNeeded",
            Self::ConfigurationAndSwHardeningNeeded => "ConfigurationAndSWHardeningNeeded",
            Self::OutOfDate => "OutOfDate",
            Self::OutOfDateConfigurationNeeded => "OutOfDateConfigurationNeeded",
            Self::Revoked => "Revoked",
            Self::TdRelaunchAdvised => "TDRelaunchAdvised",
            Self::TdRelaunchAdvisedConfigurationNeeded => "TDRelaunchAdvisedConfigurationNeeded",
        }
    }

    /// Whether the platform has to be configured.
    const fn asks_configuration(self) -> bool {
        matches!(
            self,
            Self::ConfigurationNeeded
                | Self::ConfigurationAndSwHardeningNeeded
                | Self::OutOfDateConfigurationNeeded
                | Self::TdRelaunchAdvisedConfigurationNeeded
        )
    }

    /// The platform's status made worse by that of a component, the QE or the TDX module: an
    /// out-of-date component makes the whole out of date, a revoked one revokes it (QVL,
    /// convergence of TCB statuses).
    #[must_use]
    pub const fn with_component(self, component: Self) -> Self {
        match (component, self) {
            (Self::Revoked, _) | (_, Self::Revoked) => Self::Revoked,
            (Self::OutOfDate | Self::OutOfDateConfigurationNeeded, _)
                if self.asks_configuration() =>
            {
                Self::OutOfDateConfigurationNeeded
            }
            (Self::OutOfDateConfigurationNeeded, _) => Self::OutOfDateConfigurationNeeded,
            (Self::OutOfDate, _) => Self::OutOfDate,
            (Self::ConfigurationNeeded, Self::UpToDate) => Self::ConfigurationNeeded,
            (Self::ConfigurationNeeded, Self::SwHardeningNeeded) => {
                Self::ConfigurationAndSwHardeningNeeded
            }
            (Self::ConfigurationNeeded, Self::OutOfDate) => Self::OutOfDateConfigurationNeeded,
            _ => self,
        }
    }

    /// The status of a TD 1.5 from those of its launch (`self`) and of now: launched on an old TCB
    /// that is current by now means that it is to be launched anew (QVL, TD relaunch).
    #[must_use]
    pub const fn relaunch(self, now: Self) -> Self {
        let launched_old = matches!(self, Self::OutOfDate | Self::OutOfDateConfigurationNeeded);
        let now_current = matches!(
            now,
            Self::UpToDate
                | Self::SwHardeningNeeded
                | Self::ConfigurationNeeded
                | Self::ConfigurationAndSwHardeningNeeded
        );
        match (
            launched_old && now_current,
            self.asks_configuration() || now.asks_configuration(),
        ) {
            (false, _) => self,
            (true, false) => Self::TdRelaunchAdvised,
            (true, true) => Self::TdRelaunchAdvisedConfigurationNeeded,
        }
    }
}

impl fmt::Display for TcbStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::TcbStatus::{self, *};

    const PLATFORM: [TcbStatus; 7] = [
        UpToDate,
        SwHardeningNeeded,
        ConfigurationNeeded,
        ConfigurationAndSwHardeningNeeded,
        OutOfDate,
        OutOfDateConfigurationNeeded,
        Revoked,
    ];

    #[test]
    fn an_out_of_date_component_makes_the_whole_out_of_date() {
        let expected = [
            OutOfDate,
            OutOfDate,
            OutOfDateConfigurationNeeded,
            OutOfDateConfigurationNeeded,
            OutOfDate,
            OutOfDateConfigurationNeeded,
            Revoked,
        ];
        for (platform, expected) in PLATFORM.into_iter().zip(expected) {
            assert_eq!(platform.with_component(OutOfDate), expected, "{platform}");
            assert_eq!(platform.with_component(UpToDate), platform);
            assert_eq!(platform.with_component(Revoked), Revoked);
        }
    }

    #[test]
    fn a_component_that_needs_configuration_makes_the_whole_need_it() {
        let expected = [
            ConfigurationNeeded,
            ConfigurationAndSwHardeningNeeded,
            ConfigurationNeeded,
            ConfigurationAndSwHardeningNeeded,
            OutOfDateConfigurationNeeded,
            OutOfDateConfigurationNeeded,
            Revoked,
        ];
        for (platform, expected) in PLATFORM.into_iter().zip(expected) {
            let whole = platform.with_component(ConfigurationNeeded);
            assert_eq!(whole, expected, "{platform}");
            let worse = platform.with_component(OutOfDateConfigurationNeeded);
            let revoked = platform == Revoked;
            let expected = if revoked {
                Revoked
            } else {
                OutOfDateConfigurationNeeded
            };
            assert_eq!(worse, expected, "{platform}");
        }
    }

    #[test]
    fn a_component_never_makes_it_better() {
        let rank = |status: TcbStatus| PLATFORM.iter().position(|s| *s == status).unwrap();
        for platform in PLATFORM {
            for component in PLATFORM {
                let whole = platform.with_component(component);
                assert!(
                    rank(whole) >= rank(platform),
                    "{platform} {component}: {whole}"
                );
            }
        }
    }

    #[test]
    fn relaunch_is_advised_only_from_old_to_current() {
        assert_eq!(OutOfDate.relaunch(UpToDate), TdRelaunchAdvised);
        assert_eq!(OutOfDate.relaunch(SwHardeningNeeded), TdRelaunchAdvised);
        for (launch, now) in [
            (OutOfDate, ConfigurationNeeded),
            (OutOfDateConfigurationNeeded, UpToDate),
        ] {
            assert_eq!(launch.relaunch(now), TdRelaunchAdvisedConfigurationNeeded);
        }
        assert_eq!(OutOfDate.relaunch(OutOfDate), OutOfDate);
        assert_eq!(UpToDate.relaunch(OutOfDate), UpToDate);
        assert_eq!(SwHardeningNeeded.relaunch(UpToDate), SwHardeningNeeded);
    }
}
