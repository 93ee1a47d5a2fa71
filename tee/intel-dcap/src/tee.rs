use std::fmt;

use adyton_types::TeeKind;

/// Which of Intel's TEEs made a quote, and which one Endorsements are for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum IntelTee {
    /// Software Guard Extensions: an enclave of a process.
    Sgx,
    /// Trust Domain Extensions: a virtual machine.
    Tdx,
}

impl IntelTee {
    /// The kind of TEE, as all of Adyton names it.
    #[must_use]
    pub const fn kind(self) -> TeeKind {
        match self {
            Self::Sgx => TeeKind::Sgx,
            Self::Tdx => TeeKind::Tdx,
        }
    }

    /// The `id` of its TCB info.
    pub(crate) const fn tcb_info_id(self) -> &'static str {
        match self {
            Self::Sgx => "SGX",
            Self::Tdx => "TDX",
        }
    }

    /// The `id` of the identity of its quoting enclave.
    pub(crate) const fn qe_identity_id(self) -> &'static str {
        match self {
            Self::Sgx => "QE",
            Self::Tdx => "TD_QE",
        }
    }
}

impl fmt::Display for IntelTee {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tcb_info_id())
    }
}
