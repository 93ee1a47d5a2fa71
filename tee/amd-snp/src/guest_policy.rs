use std::fmt;

use crate::bits::write_names;

/// The policy that the guest's owner gave at launch and the firmware enforces (AMD 56860, table
/// "Guest Policy Structure").
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct GuestPolicy(u64);

impl GuestPolicy {
    const SMT: u32 = 16;
    const RESERVED_ONE: u32 = 17;
    const MIGRATE_MA: u32 = 18;
    const DEBUG: u32 = 19;
    const SINGLE_SOCKET: u32 = 20;
    const CXL_ALLOW: u32 = 21;
    const MEM_AES_256_XTS: u32 = 22;
    const RAPL_DIS: u32 = 23;
    const CIPHERTEXT_HIDING_DRAM: u32 = 24;
    const PAGE_SWAP_DISABLE: u32 = 25;
    /// The lowest bit that has no meaning yet.
    const FIRST_UNKNOWN: u32 = 26;

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

    /// Least ABI version `(major, minor)` on which the guest runs.
    #[must_use]
    pub const fn min_abi(self) -> (u8, u8) {
        let [minor, major, ..] = self.0.to_le_bytes();
        (major, minor)
    }

    /// Simultaneous multithreading may be on.
    #[must_use]
    pub const fn smt_allowed(self) -> bool {
        self.bit(Self::SMT)
    }

    /// Bit 17, which must be one.
    #[must_use]
    pub const fn reserved_one(self) -> bool {
        self.bit(Self::RESERVED_ONE)
    }

    /// The guest may be bound to a migration agent, which can read all of it.
    #[must_use]
    pub const fn migration_agent_allowed(self) -> bool {
        self.bit(Self::MIGRATE_MA)
    }

    /// The host may read and write the guest's memory by debugging commands.
    #[must_use]
    pub const fn debug_allowed(self) -> bool {
        self.bit(Self::DEBUG)
    }

    /// The guest runs on one socket only.
    #[must_use]
    pub const fn single_socket(self) -> bool {
        self.bit(Self::SINGLE_SOCKET)
    }

    /// CXL devices and memory may be present.
    #[must_use]
    pub const fn cxl_allowed(self) -> bool {
        self.bit(Self::CXL_ALLOW)
    }

    /// Memory must be encrypted with AES-256-XTS.
    #[must_use]
    pub const fn aes_256_xts(self) -> bool {
        self.bit(Self::MEM_AES_256_XTS)
    }

    /// Running average power limit must be off (it leaks).
    #[must_use]
    pub const fn rapl_disabled(self) -> bool {
        self.bit(Self::RAPL_DIS)
    }

    /// The host must not see the ciphertext of the guest's memory.
    #[must_use]
    pub const fn ciphertext_hiding(self) -> bool {
        self.bit(Self::CIPHERTEXT_HIDING_DRAM)
    }

    /// The host may not move, swap or copy the guest's pages.
    #[must_use]
    pub const fn page_swap_disabled(self) -> bool {
        self.bit(Self::PAGE_SWAP_DISABLE)
    }

    /// Bits that have no meaning here: each may allow something that this Verifier does not know.
    #[must_use]
    pub const fn unknown_bits(self) -> u64 {
        self.0 >> Self::FIRST_UNKNOWN << Self::FIRST_UNKNOWN
    }
}

impl fmt::Display for GuestPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (major, minor) = self.min_abi();
        write!(f, "{:#x}: ABI at least {major}.{minor}", self.0)?;
        let named = [
            (self.smt_allowed(), "SMT"),
            (self.migration_agent_allowed(), "MIGRATE_MA"),
            (self.debug_allowed(), "DEBUG"),
            (self.single_socket(), "SINGLE_SOCKET"),
            (self.cxl_allowed(), "CXL_ALLOW"),
            (self.aes_256_xts(), "MEM_AES_256_XTS"),
            (self.rapl_disabled(), "RAPL_DIS"),
            (self.ciphertext_hiding(), "CIPHERTEXT_HIDING_DRAM"),
            (self.page_swap_disabled(), "PAGE_SWAP_DISABLE"),
        ];
        write_names(f, ", ", &named, self.unknown_bits())
    }
}

impl fmt::Debug for GuestPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "GuestPolicy({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bit_has_its_own_meaning() {
        let meanings: [fn(GuestPolicy) -> bool; 10] = [
            GuestPolicy::smt_allowed,
            GuestPolicy::reserved_one,
            GuestPolicy::migration_agent_allowed,
            GuestPolicy::debug_allowed,
            GuestPolicy::single_socket,
            GuestPolicy::cxl_allowed,
            GuestPolicy::aes_256_xts,
            GuestPolicy::rapl_disabled,
            GuestPolicy::ciphertext_hiding,
            GuestPolicy::page_swap_disabled,
        ];
        for bit in 0..64_usize {
            let policy = GuestPolicy::new(1 << bit);
            for (index, meaning) in meanings.iter().enumerate() {
                assert_eq!(meaning(policy), bit == index + 16, "bit {bit}");
            }
            assert_eq!(policy.unknown_bits() != 0, bit >= 26);
        }
        let policy = GuestPolicy::new(0x3_011f);
        assert_eq!((policy.min_abi(), policy.bits()), ((1, 0x1f), 0x3_011f));
        let text = GuestPolicy::new(1 << 40 | 0xb_0000).to_string();
        assert_eq!(
            text,
            "0x100000b0000: ABI at least 0.0, SMT, DEBUG, unknown 0x10000000000"
        );
    }
}
