//! The checks by name, each with the document that asks for it. A check that holds is listed with
//! the verified Evidence; one that fails is the error, under the same name.

adyton_types::named_checks! {
    /// A certificate table's parts lie inside it.
    CERT_TABLE = "cert-table", "AMD 56421, SNP Extended Guest Request";
    /// The root certificate's key is AMD's for one generation.
    ARK_PINNED = "ark-pinned", "AMD 57230, section 4 (certificate chains); keys as published by AMD KDS";
    /// The root certificate is signed by its own key, with the one algorithm AMD uses.
    ARK_SIGNATURE = "ark-signature", "AMD 57230, section 3 (RSASSA-PSS, SHA-384)";
    /// The root certificate is that of an authority, and its name is AMD's.
    ARK_PROFILE = "ark-profile", "RFC 5280, sections 4.2.1.3 and 4.2.1.9";
    /// `now` is within the root certificate's dates.
    ARK_DATES = "ark-dates", "RFC 5280, section 6.1.3 (a) (2)";
    /// The signing key's certificate is signed by the root.
    CA_SIGNATURE = "ca-signature", "AMD 57230, section 3 (RSASSA-PSS, SHA-384)";
    /// The signing key's certificate is that of the generation's ASK or ASVK, an authority for
    /// leaves only.
    CA_PROFILE = "ca-profile", "AMD 57230, section 4; RFC 5280, sections 4.2.1.3 and 4.2.1.9";
    /// `now` is within the signing key's certificate's dates.
    CA_DATES = "ca-dates", "RFC 5280, section 6.1.3 (a) (2)";
    /// AMD's revocation list is signed by the same root.
    CRL_SIGNATURE = "crl-signature", "RFC 5280, section 6.3.3 (f), (g)";
    /// `now` is within the revocation list's dates.
    CRL_DATES = "crl-dates", "RFC 5280, section 5.1.2.5";
    /// Neither the root nor the signing key is revoked.
    CA_NOT_REVOKED = "ca-not-revoked", "RFC 5280, section 6.3.3 (i)";
    /// There was no revocation list to look at: for recorded Evidence only.
    NO_REVOCATION_LIST = "no-revocation-list", "none: this is a check left out";
    /// The V*EK certificate is signed by the ASK or ASVK.
    VEK_SIGNATURE = "vek-signature", "AMD 57230, section 3 (RSASSA-PSS, SHA-384)";
    /// `now` is within the V*EK certificate's dates.
    VEK_DATES = "vek-dates", "RFC 5280, section 6.1.3 (a) (2)";
    /// The V*EK certificate is of the kind that its issuer signs, with a P-384 key.
    VEK_PROFILE = "vek-profile", "AMD 57230, section 3.1";
    /// The V*EK certificate is not revoked.
    VEK_NOT_REVOKED = "vek-not-revoked", "RFC 5280, section 6.3.3 (i)";
    /// The V*EK certificate has exactly the extensions of its structure version, in exact DER.
    VEK_EXTENSIONS = "vek-extensions", "AMD 57230, section 3.1, table of extensions";
    /// The V*EK certificate names a product of its root's generation.
    VEK_PRODUCT = "vek-product", "AMD 57230, section 3.1, productName";
    /// The report is as long as one.
    REPORT_LENGTH = "report-length", "AMD 56860, table ATTESTATION_REPORT";
    /// The report is of a known version.
    REPORT_VERSION = "report-version", "AMD 56860, table ATTESTATION_REPORT";
    /// Reserved bytes of the report are zero.
    RESERVED_ZERO = "reserved-zero", "AMD 56860, table ATTESTATION_REPORT";
    /// The report is signed with ECDSA P-384 and SHA-384.
    SIGNATURE_ALGORITHM = "signature-algorithm", "AMD 56860, table of signature algorithms";
    /// Bit 17 of the launch policy is one.
    POLICY_FORM = "policy-form", "AMD 56860, table of the guest policy";
    /// The privilege level is one that exists.
    VMPL_FORM = "vmpl-form", "AMD 56860, VMPL";
    /// The Endorsements have not expired.
    ENDORSEMENTS_DATES = "endorsements-dates", "RFC 5280, sections 5.1.2.5 and 6.1.3";
    /// `SIGNING_KEY` names the kind of key that the certificate is of.
    SIGNING_KEY = "signing-key", "AMD 56860, SIGNING_KEY";
    /// The processor that the report states is known, and of the certificate's generation.
    GENERATION = "generation", "AMD 56860, CPUID_FAM_ID and CPUID_MOD_ID; AMD 57230, productName";
    /// `R` and `S` are of P-384's size, and what follows them is zero.
    SIGNATURE_ENCODING = "signature-encoding", "AMD 56860, table of the ECDSA P-384 signature";
    /// The report is signed by the V*EK, over the bytes received.
    REPORT_SIGNATURE = "report-signature", "AMD 56860, SNP_GUEST_REQUEST; FIPS 186-5, section 6.4";
    /// The certificate is that of the chip that the report names.
    CHIP_ID = "chip-id", "AMD 57230, hwID; AMD 56860, CHIP_ID and MASK_CHIP_ID";
    /// TCB versions of the report have the generation's layout.
    TCB_LAYOUT = "tcb-layout", "AMD 56860, section 2.2 (TCB_VERSION)";
    /// The certificate was issued for the reported TCB, component by component.
    TCB_CERTIFIED = "tcb-certified", "AMD 57230, blSPL to fmcSPL; AMD 56860, REPORTED_TCB";
    /// The reported TCB is none that the platform does not have.
    TCB_ORDER = "tcb-order", "AMD 56860, SNP_SET_CONFIG and SNP_COMMIT";
}
