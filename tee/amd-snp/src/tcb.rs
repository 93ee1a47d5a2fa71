use std::fmt;

use crate::Generation;

/// A `TCB_VERSION` as signed: eight bytes whose layout the processor's generation decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RawTcb(pub [u8; 8]);

impl RawTcb {
    /// Its components in the layout of that generation; `None` if a reserved byte is not zero.
    ///
    /// Milan and Genoa: `[boot loader, TEE, 0, 0, 0, 0, SNP, microcode]`; Turin: `[FMC, boot
    /// loader, TEE, SNP, 0, 0, 0, microcode]` (AMD 56860, section 2.2).
    #[must_use]
    pub const fn decode(self, generation: Generation) -> Option<TcbVersion> {
        match (generation, self.0) {
            (
                Generation::Milan | Generation::Genoa,
                [bootloader, tee, 0, 0, 0, 0, snp, microcode],
            ) => Some(TcbVersion {
                fmc: None,
                bootloader,
                tee,
                snp,
                microcode,
            }),
            (Generation::Turin, [fmc, bootloader, tee, snp, 0, 0, 0, microcode]) => {
                Some(TcbVersion {
                    fmc: Some(fmc),
                    bootloader,
                    tee,
                    snp,
                    microcode,
                })
            }
            _ => None,
        }
    }
}

impl fmt::Display for RawTcb {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&adyton_codec::hex_encode(&self.0))
    }
}

/// The security versions of a platform's firmware. Versions are compared by component; there is
/// no total order, and comparing them as one number is wrong in either layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TcbVersion {
    /// First mutable code; Turin and later only.
    pub fmc: Option<u8>,
    /// AMD secure processor boot loader.
    pub bootloader: u8,
    /// AMD secure processor operating system.
    pub tee: u8,
    /// SNP firmware.
    pub snp: u8,
    /// Lowest microcode patch level of all cores.
    pub microcode: u8,
}

impl TcbVersion {
    /// Whether every component is at least that of `other`. Versions of two layouts are not
    /// comparable: false.
    #[must_use]
    pub fn covers(&self, other: &Self) -> bool {
        self.fmc.is_some() == other.fmc.is_some()
            && self
                .components()
                .zip(other.components())
                .all(|((_, ours), (_, theirs))| ours >= theirs)
    }

    /// The components by name, those that the generation has.
    pub fn components(&self) -> impl Iterator<Item = (&'static str, u8)> {
        self.fmc.map(|fmc| ("fmc", fmc)).into_iter().chain([
            ("bootloader", self.bootloader),
            ("tee", self.tee),
            ("snp", self.snp),
            ("microcode", self.microcode),
        ])
    }
}

impl fmt::Display for TcbVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, version)) in self.components().enumerate() {
            let gap = if index == 0 { "" } else { " " };
            write!(f, "{gap}{name} {version}")?;
        }
        Ok(())
    }
}

/// The version of the SNP firmware (AMD 56860, table of `ATTESTATION_REPORT`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct FirmwareVersion {
    /// Major version of the ABI.
    pub major: u8,
    /// Minor version of the ABI.
    pub minor: u8,
    /// Build number.
    pub build: u8,
}

impl fmt::Display for FirmwareVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}.{}", self.major, self.minor, self.build)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn layouts_differ_by_generation() {
        let milan = RawTcb([4, 0, 0, 0, 0, 0, 24, 219]);
        let tcb = milan.decode(Generation::Milan).unwrap();
        assert_eq!(tcb.to_string(), "bootloader 4 tee 0 snp 24 microcode 219");
        assert_eq!(milan.decode(Generation::Turin), None);
        let turin = RawTcb([1, 2, 3, 4, 0, 0, 0, 81]);
        let tcb = turin.decode(Generation::Turin).unwrap();
        assert_eq!(
            tcb.to_string(),
            "fmc 1 bootloader 2 tee 3 snp 4 microcode 81"
        );
        assert_eq!(turin.decode(Generation::Genoa), None);
        let names: Vec<_> = tcb.components().map(|(name, _)| name).collect();
        assert_eq!(names, ["fmc", "bootloader", "tee", "snp", "microcode"]);
        for at in 2..6 {
            let mut raw = milan;
            raw.0[at] = 1;
            assert_eq!(raw.decode(Generation::Milan), None);
        }
    }

    #[test]
    fn no_component_makes_up_for_another() {
        let base = RawTcb([4, 0, 0, 0, 0, 0, 24, 100])
            .decode(Generation::Milan)
            .unwrap();
        assert!(base.covers(&base));
        // As one number, the first is greater; by component it is not.
        let newer_microcode = TcbVersion {
            microcode: 200,
            snp: 23,
            ..base
        };
        assert!(!newer_microcode.covers(&base) && !base.covers(&newer_microcode));
        let turin = TcbVersion {
            fmc: Some(9),
            ..base
        };
        assert!(!turin.covers(&base) && !base.covers(&turin));
    }
}
