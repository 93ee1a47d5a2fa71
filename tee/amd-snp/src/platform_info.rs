use std::fmt;

use crate::bits::write_names;

/// What the firmware says about the machine (AMD 56860, `PLATFORM_INFO` of the report).
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct PlatformInfo(u64);

impl PlatformInfo {
    const SMT: u32 = 0;
    const TSME: u32 = 1;
    const ECC: u32 = 2;
    const RAPL_DIS: u32 = 3;
    const CIPHERTEXT_HIDING_DRAM: u32 = 4;
    const ALIAS_CHECK_COMPLETE: u32 = 5;
    const SEV_TIO: u32 = 7;
    /// The bits with a meaning. Bit 6 has none in the published ABI, yet genuine Turin reports
    /// set it: an unknown bit is a claim to look at, not an error.
    const KNOWN: u64 = 0b1011_1111;

    /// From the field's value.
    #[must_use]
    pub const fn new(bits: u64) -> Self {
        Self(bits)
    }

    /// The field's value.
    #[must_use]
    pub const fn bits(self) -> u64 {
        self.0
    }

    const fn bit(self, at: u32) -> bool {
        self.0 >> at & 1 == 1
    }

    /// Simultaneous multithreading is on.
    #[must_use]
    pub const fn smt(self) -> bool {
        self.bit(Self::SMT)
    }

    /// Transparent memory encryption is on.
    #[must_use]
    pub const fn tsme(self) -> bool {
        self.bit(Self::TSME)
    }

    /// Memory has error correction.
    #[must_use]
    pub const fn ecc(self) -> bool {
        self.bit(Self::ECC)
    }

    /// Running average power limit is off.
    #[must_use]
    pub const fn rapl_disabled(self) -> bool {
        self.bit(Self::RAPL_DIS)
    }

    /// The host cannot see the ciphertext of guests' memory.
    #[must_use]
    pub const fn ciphertext_hiding(self) -> bool {
        self.bit(Self::CIPHERTEXT_HIDING_DRAM)
    }

    /// Since boot, the firmware has made sure that no two addresses reach one memory cell
    /// (BadRAM, CVE-2024-21944).
    #[must_use]
    pub const fn alias_check_complete(self) -> bool {
        self.bit(Self::ALIAS_CHECK_COMPLETE)
    }

    /// Trusted I/O is on.
    #[must_use]
    pub const fn sev_tio(self) -> bool {
        self.bit(Self::SEV_TIO)
    }

    /// Bits that have no meaning here.
    #[must_use]
    pub const fn unknown_bits(self) -> u64 {
        self.0 & !Self::KNOWN
    }
}

impl fmt::Display for PlatformInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:#x}", self.0)?;
        let named = [
            (self.smt(), "SMT"),
            (self.tsme(), "TSME"),
            (self.ecc(), "ECC"),
            (self.rapl_disabled(), "RAPL_DIS"),
            (self.ciphertext_hiding(), "CIPHERTEXT_HIDING_DRAM"),
            (self.alias_check_complete(), "ALIAS_CHECK_COMPLETE"),
            (self.sev_tio(), "SEV_TIO"),
        ];
        write_names(f, " ", &named, self.unknown_bits())
    }
}

impl fmt::Debug for PlatformInfo {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PlatformInfo({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_has_its_own_meaning() {
        type Meaning = fn(PlatformInfo) -> bool;
        let meanings: [(usize, Meaning); 7] = [
            (0, PlatformInfo::smt),
            (1, PlatformInfo::tsme),
            (2, PlatformInfo::ecc),
            (3, PlatformInfo::rapl_disabled),
            (4, PlatformInfo::ciphertext_hiding),
            (5, PlatformInfo::alias_check_complete),
            (7, PlatformInfo::sev_tio),
        ];
        for bit in 0..64_usize {
            let info = PlatformInfo::new(1 << bit);
            for (at, meaning) in meanings {
                assert_eq!(meaning(info), bit == at, "bit {bit}");
            }
            assert_eq!(info.unknown_bits() != 0, bit == 6 || bit > 7);
        }
        let info = PlatformInfo::new(0x61);
        assert_eq!(info.bits(), 0x61);
        assert_eq!(
            info.to_string(),
            "0x61 SMT ALIAS_CHECK_COMPLETE unknown 0x40"
        );
    }
}
