use adyton_types::{Fingerprint, UnixTime};

use crate::eventlog::VerifiedLog;
use crate::{AkSource, Hierarchy, PcrValues};

/// What a verified quote says, for policy to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TpmClaims {
    /// Fingerprint of the Attestation Key.
    pub ak: Fingerprint,
    /// Who vouches for it.
    pub ak_source: AkSource,
    /// Until when that is good: the earliest end of its certificates, or that of its enrolment.
    pub ak_until: UnixTime,
    /// The hierarchy whose primary key it is, if it is one: told by the qualified name in the
    /// quote. `None` for a child of another key, and where only the key's numbers are known.
    pub hierarchy: Option<Hierarchy>,
    /// The nonce.
    pub nonce: Vec<u8>,
    /// Milliseconds of operation.
    pub clock: u64,
    /// How often the TPM was reset.
    pub reset_count: u32,
    /// How often it was restarted or resumed since.
    pub restart_count: u32,
    /// Whether the clock has not gone back.
    pub clock_safe: bool,
    /// The vendor's firmware version, for policy to demand a least one.
    pub firmware_version: u64,
    /// The values of the selected PCRs.
    pub pcrs: PcrValues,
    /// Their digest, which does not say which PCRs they are of.
    pub pcr_digest: Vec<u8>,
    /// The event log, if one was given.
    pub log: Option<VerifiedLog>,
}
