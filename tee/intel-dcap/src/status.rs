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

    /// The platform's status made worse by that of a component: the QE, the TDX module, or the TCB of
    /// now. An out-of-date component makes the whole out of date, one that has to be configured makes
    /// the whole need it, a revoked one revokes it (QVL, convergence of TCB statuses).
    #[must_use]
    pub const fn with_component(self, component: Self) -> Self {
        let (Some(whole), Some(part)) = (self.faults(), component.faults()) else {
            return Self::Revoked;
        };
        Self::of_faults(Faults {
            software: whole.software || part.software,
            configuration: whole.configuration || part.configuration,
            age: if part.age.rank() > whole.age.rank() {
                part.age
            } else {
                whole.age
            },
        })
    }

    /// What is wrong, one thing beside the other; `None` if it is revoked.
    const fn faults(self) -> Option<Faults> {
        let (software, configuration, age) = match self {
            Self::UpToDate => (false, false, Age::Current),
            Self::SwHardeningNeeded => (true, false, Age::Current),
            Self::ConfigurationNeeded => (false, true, Age::Current),
            Self::ConfigurationAndSwHardeningNeeded => (true, true, Age::Current),
            Self::TdRelaunchAdvised => (false, false, Age::LaunchedOld),
            Self::TdRelaunchAdvisedConfigurationNeeded => (false, true, Age::LaunchedOld),
            Self::OutOfDate => (false, false, Age::Old),
            Self::OutOfDateConfigurationNeeded => (false, true, Age::Old),
            Self::Revoked => return None,
        };
        Some(Faults {
            software,
            configuration,
            age,
        })
    }

    /// Intel's word for these faults. Of what is not current nobody says that software has to do its
    /// part: it is to be updated first.
    const fn of_faults(faults: Faults) -> Self {
        match (faults.age, faults.configuration, faults.software) {
            (Age::Current, false, false) => Self::UpToDate,
            (Age::Current, false, true) => Self::SwHardeningNeeded,
            (Age::Current, true, false) => Self::ConfigurationNeeded,
            (Age::Current, true, true) => Self::ConfigurationAndSwHardeningNeeded,
            (Age::LaunchedOld, false, _) => Self::TdRelaunchAdvised,
            (Age::LaunchedOld, true, _) => Self::TdRelaunchAdvisedConfigurationNeeded,
            (Age::Old, false, _) => Self::OutOfDate,
            (Age::Old, true, _) => Self::OutOfDateConfigurationNeeded,
        }
    }

    /// The status of a TD 1.5 from those of its launch (`self`) and of now: launched on an old TCB
    /// that is current by now means that it is to be launched anew (QVL, TD relaunch). Else the worse
    /// of both, where QVL takes that of the launch: a TD runs on what there is now.
    #[must_use]
    pub const fn relaunch(self, now: Self) -> Self {
        match (self.faults(), now.faults()) {
            (Some(launch), Some(current)) => {
                let updated = matches!(launch.age, Age::Old) && matches!(current.age, Age::Current);
                if !updated {
                    return self.with_component(now);
                }
                Self::of_faults(Faults {
                    age: Age::LaunchedOld,
                    configuration: launch.configuration || current.configuration,
                    software: false,
                })
            }
            _ => Self::Revoked,
        }
    }
}

/// What is wrong with a TCB, each by itself.
#[derive(Clone, Copy)]
struct Faults {
    /// The program has to do its part.
    software: bool,
    /// The platform has to be configured.
    configuration: bool,
    age: Age,
}

/// How old a TCB is.
#[derive(Clone, Copy)]
enum Age {
    Current,
    /// Old when the TD was launched, current now.
    LaunchedOld,
    Old,
}

impl Age {
    const fn rank(self) -> u8 {
        match self {
            Self::Current => 0,
            Self::LaunchedOld => 1,
            Self::Old => 2,
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
    fn the_whole_is_never_better_than_a_part_of_it() {
        let rank = |status: TcbStatus| PLATFORM.iter().position(|s| *s == status).unwrap();
        for platform in PLATFORM {
            for component in PLATFORM {
                let whole = platform.with_component(component);
                let worse = rank(platform).max(rank(component));
                assert!(rank(whole) >= worse, "{platform} {component}: {whole}");
                assert_eq!(whole, component.with_component(platform));
            }
        }
    }

    /// What a relaunch would mend stays that, unless something else is worse.
    #[test]
    fn a_relaunch_that_is_advised_stays_so_beside_good_parts() {
        let advised = TdRelaunchAdvised;
        let configured = TdRelaunchAdvisedConfigurationNeeded;
        for (component, expected) in [
            (UpToDate, advised),
            (SwHardeningNeeded, advised),
            (ConfigurationNeeded, configured),
            (OutOfDate, OutOfDate),
            (Revoked, Revoked),
        ] {
            assert_eq!(advised.with_component(component), expected, "{component}");
        }
        assert_eq!(configured.with_component(UpToDate), configured);
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
        assert_eq!(SwHardeningNeeded.relaunch(UpToDate), SwHardeningNeeded);
    }

    #[test]
    fn a_tcb_that_is_worse_now_than_at_the_launch_counts() {
        assert_eq!(UpToDate.relaunch(OutOfDate), OutOfDate);
        assert_eq!(UpToDate.relaunch(ConfigurationNeeded), ConfigurationNeeded);
        assert_eq!(
            ConfigurationNeeded.relaunch(OutOfDate),
            OutOfDateConfigurationNeeded
        );
        for status in PLATFORM {
            assert_eq!(status.relaunch(Revoked), Revoked);
            assert_eq!(Revoked.relaunch(status), Revoked);
        }
    }
}
