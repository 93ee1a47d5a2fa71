//! The named checks that join the links of Azure Evidence. Those of the hardware report and of the
//! quote are in the crates that make them.

const LEARN: &str = "Microsoft Learn, Guest attestation for confidential VMs";

adyton_types::named_checks! {
    /// The Evidence is the container of the specification.
    CONTAINER = "azure-container", "specs/azure-evidence.md";
    /// The HCL report has its header, sizes and padding, and no byte too many.
    HCL = "hcl-structure", LEARN;
    /// The kind of hardware that the report names is the one whose Evidence and Endorsements are there.
    HARDWARE = "hardware-kind", LEARN;
    /// The SNP report was asked for by the paravisor, at VMPL 0: a guest above it could have any text
    /// attested.
    VMPL = "paravisor-vmpl", "AMD 56860, table 23 (VMPL)";
    /// The report data is the hash of the runtime claims, by the hash that the report names.
    BINDING = "claims-binding", LEARN;
    /// The runtime claims are JSON that names one Attestation Key, RSA of at least 2048 bits.
    RUNTIME = "runtime-claims", LEARN;
    /// The user data in the runtime claims is the one that was asked for.
    USER_DATA = "user-data", LEARN;
}
