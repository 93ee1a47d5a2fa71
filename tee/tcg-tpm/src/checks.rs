//! The named checks of a TPM quote, each with the document that asks for it.

adyton_types::named_checks! {
    /// The Evidence is the container of the specification.
    CONTAINER = "container", "specs/tpm-evidence.md";
    /// The AK's public area is well-formed and of an accepted kind and size.
    AK_PUBLIC = "ak-public", "TPM 2.0 part 2, section 12.2.4";
    /// The AK is restricted, signs, cannot leave its TPM, and was made by it.
    AK_ATTRIBUTES = "ak-attributes", "TPM 2.0 part 1, section 25.3; TCG Keys for Device Identity and Attestation 1.0, section 7.3";
    /// Somebody vouches for the AK: a certificate under a pinned root, or an enrolment.
    AK_ENDORSED = "ak-endorsed", "RFC 5280, section 6.1; TPM 2.0 part 1, section 24";
    /// The quote has the TPM's magic, the type of a quote, and no byte too many.
    ATTEST = "attest-structure", "TPM 2.0 part 2, section 10.12.12";
    /// The signature has an accepted scheme and hash (never SHA-1), those of the key.
    SCHEME = "signature-scheme", "TPM 2.0 part 2, section 11.3.4";
    /// The signature over the received bytes is the AK's.
    SIGNATURE = "signature", "TPM 2.0 part 3, section 18.4";
    /// `extraData` is the Verifier's nonce.
    NONCE = "nonce", "TPM 2.0 part 2, section 10.12.12";
    /// The signed selection is the one that was asked for, bank and PCRs.
    SELECTION = "pcr-selection", "TPM 2.0 part 2, section 10.12.1; the class of CVE-2024-29039";
    /// The values given are of the selected PCRs, all of them and no other.
    VALUES = "pcr-values", "TPM 2.0 part 2, section 10.12.1";
    /// The signed digest is that of the values, in the order of the selection.
    PCR_DIGEST = "pcr-digest", "TPM 2.0 part 3, section 18.4";
    /// The event log adds up to the values.
    EVENT_LOG = "event-log", "TCG PC Client Platform Firmware Profile 1.06, section 10; CVE-2022-0317";
    /// Two quotes of a session are of one key and one boot.
    SESSION = "session-counters", "TPM 2.0 part 1, section 36";
    /// The TPM opened a credential that only the EK's TPM opens, and only for this AK.
    ACTIVATION = "credential-activation", "TPM 2.0 part 1, section 24";
}
