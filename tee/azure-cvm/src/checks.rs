//! The named checks that join the links of Azure Evidence. Those of the hardware report and of the
//! quote are in the crates that make them.

/// A check's name and its source.
pub type Named = (&'static str, &'static str);

const LEARN: &str = "Microsoft Learn, Guest attestation for confidential VMs";

/// The Evidence is the container of the specification.
pub const CONTAINER: Named = ("azure-container", "specs/azure-evidence.md");
/// The HCL report has its header, sizes and padding, and no byte too many.
pub const HCL: Named = ("hcl-structure", LEARN);
/// The kind of hardware that the report names is the one whose Evidence and Endorsements are there.
pub const HARDWARE: Named = ("hardware-kind", LEARN);
/// The SNP report was asked for by the paravisor, at VMPL 0: a guest above it could have any text
/// attested.
pub const VMPL: Named = ("paravisor-vmpl", "AMD 56860, table 23 (VMPL)");
/// The report data is the hash of the runtime claims, by the hash that the report names.
pub const BINDING: Named = ("claims-binding", LEARN);
/// The runtime claims are JSON that names one Attestation Key, RSA of at least 2048 bits.
pub const RUNTIME: Named = ("runtime-claims", LEARN);
/// The user data in the runtime claims is the one that was asked for.
pub const USER_DATA: Named = ("user-data", LEARN);

/// Every check.
pub const ALL: [Named; 7] = [CONTAINER, HCL, HARDWARE, VMPL, BINDING, RUNTIME, USER_DATA];
