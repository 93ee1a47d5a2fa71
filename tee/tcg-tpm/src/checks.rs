//! The named checks of a TPM quote, each with the document that asks for it.

/// A check's name and its source.
pub type Named = (&'static str, &'static str);

/// The Evidence is the container of the specification.
pub const CONTAINER: Named = ("container", "specs/tpm-evidence.md");
/// The AK's public area is well-formed and of an accepted kind and size.
pub const AK_PUBLIC: Named = ("ak-public", "TPM 2.0 part 2, section 12.2.4");
/// The AK is restricted, signs, cannot leave its TPM, and was made by it.
pub const AK_ATTRIBUTES: Named = (
    "ak-attributes",
    "TPM 2.0 part 1, section 25.3; TCG Keys for Device Identity and Attestation 1.0, section 7.3",
);
/// Somebody vouches for the AK: a certificate under a pinned root, or an enrolment.
pub const AK_ENDORSED: Named = (
    "ak-endorsed",
    "RFC 5280, section 6.1; TPM 2.0 part 1, section 24",
);
/// The quote has the TPM's magic, the type of a quote, and no byte too many.
pub const ATTEST: Named = ("attest-structure", "TPM 2.0 part 2, section 10.12.12");
/// The signature has an accepted scheme and hash (never SHA-1), those of the key.
pub const SCHEME: Named = ("signature-scheme", "TPM 2.0 part 2, section 11.3.4");
/// The signature over the received bytes is the AK's.
pub const SIGNATURE: Named = ("signature", "TPM 2.0 part 3, section 18.4");
/// `extraData` is the Verifier's nonce.
pub const NONCE: Named = ("nonce", "TPM 2.0 part 2, section 10.12.12");
/// The signed selection is the one that was asked for, bank and PCRs.
pub const SELECTION: Named = (
    "pcr-selection",
    "TPM 2.0 part 2, section 10.12.1; the class of CVE-2024-29039",
);
/// The values given are of the selected PCRs, all of them and no other.
pub const VALUES: Named = ("pcr-values", "TPM 2.0 part 2, section 10.12.1");
/// The signed digest is that of the values, in the order of the selection.
pub const PCR_DIGEST: Named = ("pcr-digest", "TPM 2.0 part 3, section 18.4");
/// The event log adds up to the values.
pub const EVENT_LOG: Named = (
    "event-log",
    "TCG PC Client Platform Firmware Profile 1.06, section 10; CVE-2022-0317",
);
/// Two quotes of a session are of one key and one boot.
pub const SESSION: Named = ("session-counters", "TPM 2.0 part 1, section 36");
/// The TPM opened a credential that only the EK's TPM opens, and only for this AK.
pub const ACTIVATION: Named = ("credential-activation", "TPM 2.0 part 1, section 24");

/// Every check.
pub const ALL: [Named; 14] = [
    CONTAINER,
    AK_PUBLIC,
    AK_ATTRIBUTES,
    AK_ENDORSED,
    ATTEST,
    SCHEME,
    SIGNATURE,
    NONCE,
    SELECTION,
    VALUES,
    PCR_DIGEST,
    EVENT_LOG,
    SESSION,
    ACTIVATION,
];
