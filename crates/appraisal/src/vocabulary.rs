//! What the words of a policy can be for each kind of TEE. A word that no Evidence of the kind has
//! would make a policy that nothing, or a deny-list that everything, satisfies: a slip of the pen,
//! which is refused when the policy is read.

use adyton_types::TeeKind;

/// Intel says what a TCB is worth.
pub(crate) const fn is_intel(kind: TeeKind) -> bool {
    matches!(kind, TeeKind::Sgx | TeeKind::Tdx | TeeKind::AzureTdx)
}

/// SEV-SNP has privilege levels inside the guest.
pub(crate) const fn is_snp(kind: TeeKind) -> bool {
    matches!(kind, TeeKind::Snp | TeeKind::AzureSnp)
}

/// Attributes that say whose paravisor runs below the guest, where the kind has one. The hardware
/// measures the paravisor alone, and the paravisor names the key that vouches for the guest: where
/// it may be anybody's, so may everything that is said of the guest. Empty for other kinds.
pub(crate) const fn paravisor(kind: TeeKind) -> &'static [&'static str] {
    match kind {
        TeeKind::AzureSnp => &["paravisor", "hardware.id-key-digest"],
        TeeKind::AzureTdx => &["paravisor"],
        _ => &[],
    }
}

/// Its Evidence says when it was made.
pub(crate) const fn has_clock(kind: TeeKind) -> bool {
    matches!(kind, TeeKind::Nitro)
}

/// Length of a measurement in bytes, where the kind has one.
pub(crate) const fn measurement_len(kind: TeeKind) -> Option<usize> {
    match kind {
        TeeKind::Software | TeeKind::Sgx | TeeKind::Tpm | TeeKind::AzureSnp | TeeKind::AzureTdx => {
            Some(32)
        }
        TeeKind::Snp | TeeKind::Tdx | TeeKind::Nitro | TeeKind::NvidiaGpu => Some(48),
        _ => None,
    }
}

/// Lengths of a platform id in bytes, where the kind has some.
pub(crate) const fn platform_id_lens(kind: TeeKind) -> &'static [usize] {
    match kind {
        TeeKind::Software | TeeKind::Tpm | TeeKind::NvidiaGpu => &[32],
        // 8 on Turin.
        TeeKind::Snp | TeeKind::AzureSnp => &[8, 64],
        TeeKind::Tdx | TeeKind::Sgx | TeeKind::AzureTdx => &[16],
        TeeKind::Cca => &[33],
        _ => &[],
    }
}

/// Whether an attribute is an id of the machine, of a part of it or of its TPM's key, beside that which
/// is its platform id.
pub(crate) fn is_id(attribute: &str) -> bool {
    let bare = attribute.strip_prefix("hardware.").unwrap_or(attribute);
    let of_device = bare
        .strip_prefix("device")
        .and_then(|rest| rest.strip_suffix(".key"));
    ["ppid", "platform-instance-id", "ak"].contains(&bare) || of_device.is_some()
}

/// The generations of a kind; empty where there may be others.
pub(crate) const fn generations(kind: TeeKind) -> &'static [&'static str] {
    match kind {
        TeeKind::Snp | TeeKind::AzureSnp => &["Milan", "Genoa", "Turin"],
        TeeKind::Tdx | TeeKind::AzureTdx => &["TDX 1.0", "TDX 1.5", "TDX 1.5ex"],
        TeeKind::Sgx => &["SGX"],
        TeeKind::Nitro => &["enclave", "nitrotpm"],
        TeeKind::Cca => &["CCA"],
        TeeKind::Tpm => &["TPM 2.0"],
        // Of several devices each is judged.
        TeeKind::NvidiaGpu => &["HOPPER", "BLACKWELL", "LS10"],
        _ => &[],
    }
}

/// What Intel may say of a TCB. `Revoked` is no word here: nothing accepts it.
pub(crate) const STATUSES: [&str; 8] = [
    "UpToDate",
    "SWHardeningNeeded",
    "ConfigurationNeeded",
    "ConfigurationAndSWHardeningNeeded",
    "OutOfDate",
    "OutOfDateConfigurationNeeded",
    "TDRelaunchAdvised",
    "TDRelaunchAdvisedConfigurationNeeded",
];

/// Attributes that say which cloud's key signed (SEV-SNP's VLEK).
pub(crate) const CLOUD: [&str; 2] = ["csp-id", "hardware.csp-id"];

const SNP_CONCERNS: &[&str] = &[
    "cloud-key",
    "debug",
    "migration-agent",
    "unknown-policy-bits",
    "provisional-firmware",
    "alias-check-missing",
    "chip-id-masked",
    "no-revocation-list",
];

const INTEL_CONCERNS: &[&str] = &[
    "debug",
    "profiling",
    "reserved-attributes",
    "sept-ve",
    "migratable",
    "service-td",
    "servtd-ext",
    "provision-key",
];

/// The weaknesses that a kind can have.
pub(crate) const fn concerns(kind: TeeKind) -> &'static [&'static str] {
    match kind {
        TeeKind::Snp | TeeKind::AzureSnp => SNP_CONCERNS,
        TeeKind::Tdx | TeeKind::Sgx | TeeKind::AzureTdx => INTEL_CONCERNS,
        TeeKind::Nitro => &["debug"],
        TeeKind::Tpm => &["ak-certified-as-ek"],
        TeeKind::NvidiaGpu => &["topology-incomplete", "switch-unlocked"],
        _ => &[],
    }
}

/// Whether Evidence of a kind can state a component of the TCB.
pub(crate) fn has_component(kind: TeeKind, component: &str) -> bool {
    let numbered = |prefix: &str| {
        let number = component.strip_prefix(prefix);
        let number = number.filter(|n| !n.starts_with(['0', '+']));
        number.is_some_and(|n| n.parse().is_ok_and(|n: u8| (1..=16).contains(&n)))
    };
    let snp = || {
        let of_report = [
            "report-version",
            "guest-svn",
            "current.firmware",
            "committed.firmware",
        ];
        if let Some(bit) = component.strip_prefix("mitigation.") {
            let shortest = bit == "0" || !bit.starts_with(['0', '+']);
            return shortest && bit.parse().is_ok_and(|bit: u8| bit < 64);
        }
        if of_report.contains(&component) {
            return true;
        }
        let named = ["committed.", "launch.", "current."]
            .into_iter()
            .find_map(|prefix| component.strip_prefix(prefix))
            .unwrap_or(component);
        ["fmc", "bootloader", "tee", "snp", "microcode"].contains(&named)
    };
    let intel = || component == "pce" || component == "qe" || numbered("sgx.");
    let tdx = || intel() || numbered("tdx.") || numbered("tdx-now.");
    let tpm = || component == "firmware";
    match kind {
        TeeKind::Snp => snp(),
        TeeKind::AzureSnp => snp() || tpm(),
        TeeKind::Sgx => intel() || component == "isv",
        TeeKind::Tdx => tdx(),
        TeeKind::AzureTdx => tdx() || tpm(),
        TeeKind::Tpm => tpm(),
        _ => false,
    }
}

/// Attributes that have a key of their own in policies.
pub(crate) fn has_own_key(attribute: &str) -> Option<&'static str> {
    match attribute {
        "vmpl" => Some("vmpl"),
        "age-secs" => Some("max-age"),
        "policy.debug-allowed" | "migratable" | "policy.migration-agent-allowed" => {
            Some("concerns")
        }
        _ => None,
    }
}
