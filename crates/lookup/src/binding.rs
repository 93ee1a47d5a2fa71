use adyton_codec::Value;
use adyton_crypto::{KemPublicKey, sha512};
use adyton_types::ReportData;

use crate::terms::Terms;

const LABEL: &[u8] = b"adyton/lookup-bind/v1\0";

/// Bytes of what a client makes Evidence fresh by.
pub(crate) const FRESH_BYTES: usize = 32;
/// Bytes of a session's name.
pub(crate) const SESSION_BYTES: usize = 16;

/// What the report data of a service's Evidence is the digest of. Client and service compute it
/// each for itself; it goes over no wire.
pub(crate) struct Binding<'a> {
    /// The client's own random bytes.
    pub(crate) fresh: &'a [u8; FRESH_BYTES],
    /// The session's name.
    pub(crate) session: &'a [u8; SESSION_BYTES],
    /// The key that requests are sealed to.
    pub(crate) kem: &'a KemPublicKey,
    /// What the service does.
    pub(crate) terms: &'a Terms,
}

impl Binding<'_> {
    /// The 64 bytes that the TEE must have signed.
    pub(crate) fn report_data(&self) -> ReportData {
        let (kem, terms) = (self.kem.to_bytes(), self.terms.digest());
        let binding = Value::map([
            ("role", Value::text("lookup")),
            ("fresh", Value::bytes(self.fresh)),
            ("session", Value::bytes(self.session)),
            ("kem", Value::bytes(&kem)),
            ("terms", Value::bytes(terms.as_bytes())),
        ]);
        ReportData::new(sha512(&[LABEL, &binding.encode()]))
    }
}

/// HPKE's `info` of a session: it is about this binding and no other.
pub(crate) fn session_info(report_data: &ReportData) -> Vec<u8> {
    [
        b"adyton/lookup-session/v1\0",
        report_data.as_bytes().as_slice(),
    ]
    .concat()
}

/// HPKE's exporter context of the key that answers are sealed under.
pub(crate) const ANSWER_LABEL: &[u8] = b"adyton/lookup-answer/v1";

/// What an owner signs to open a session of its own.
pub(crate) fn owner_claim(report_data: &ReportData) -> Vec<u8> {
    [
        b"adyton/lookup-owner/v1\0",
        report_data.as_bytes().as_slice(),
    ]
    .concat()
}
