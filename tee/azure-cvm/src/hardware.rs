use std::fmt;

/// The hardware below a confidential virtual machine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HardwareKind {
    /// AMD SEV-SNP.
    Snp,
    /// Intel TDX.
    Tdx,
}

impl HardwareKind {
    /// The number in the runtime data.
    #[must_use]
    pub const fn report_type(self) -> u32 {
        match self {
            Self::Snp => 2,
            Self::Tdx => 4,
        }
    }

    /// Its name, as of the kind of Evidence.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Snp => "azure-snp",
            Self::Tdx => "azure-tdx",
        }
    }
}

impl fmt::Display for HardwareKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
