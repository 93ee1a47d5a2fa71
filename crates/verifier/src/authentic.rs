use adyton_crypto::ct_eq;
use adyton_tee_intel_dcap::eventlog::{EventLog, VerifiedEventLog};
use adyton_types::{Check, ReportData, TeeKind};

use crate::error::REPORT_DATA;
use crate::{Attribute, Claims, VerifyError};

/// Evidence that is authentic. Having one tells you that a TEE of `claims().kind` stated the claims
/// and was asked to vouch for `report_data()`; not by whom, so that it may be somebody else's
/// Evidence, recorded. Only [`bind`](Self::bind) says that it is about a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthenticEvidence {
    pub(crate) claims: Claims,
    pub(crate) report_data: Vec<u8>,
    pub(crate) checks: Vec<Check>,
}

impl AuthenticEvidence {
    /// What the Evidence states.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// What the TEE was asked to vouch for, as it stands in the Evidence: 64 bytes, or what the
    /// kind has room for.
    #[must_use]
    pub fn report_data(&self) -> &[u8] {
        &self.report_data
    }

    /// Every check that was made, in order, those on the Endorsements first; all held.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// Ties an event log to the RTMRs of a trust domain: the firmware's (CCEL), or dstack's in JSON.
    /// A TPM's log is part of its Evidence.
    ///
    /// # Errors
    /// [`VerifyError::NoRegisters`], [`VerifyError::EventLog`].
    pub fn explain_registers(&self, log: &[u8]) -> Result<VerifiedEventLog, VerifyError> {
        let kind = self.claims.kind;
        let register = |name: &str| match self.claims.attributes.get(name) {
            Some(Attribute::Bytes(value)) => value.as_slice().try_into().ok(),
            _ => None,
        };
        let registers = ["rtmr0", "rtmr1", "rtmr2", "rtmr3"].map(register);
        let [Some(rtmr0), Some(rtmr1), Some(rtmr2), Some(rtmr3)] = registers else {
            return Err(VerifyError::NoRegisters { kind });
        };
        let log = match log.trim_ascii_start().starts_with(b"[") {
            true => EventLog::parse_json(log)?,
            false => EventLog::parse(log)?,
        };
        Ok(log.verify_registers(&[rtmr0, rtmr1, rtmr2, rtmr3])?)
    }

    /// Demands that the Evidence vouches for `expected`.
    ///
    /// A kind whose field is shorter holds the leftmost bytes (`specs/binding.md`): 32 bytes a TPM
    /// or an NVIDIA device, or 48 a TPM. All others hold all 64.
    ///
    /// # Errors
    /// [`VerifyError::EmptyReportData`], [`VerifyError::ReportData`].
    pub fn bind(mut self, expected: &ReportData) -> Result<VerifiedEvidence, VerifyError> {
        let found = self.report_data.as_slice();
        if found.iter().all(|byte| *byte == 0) {
            return Err(VerifyError::EmptyReportData);
        }
        let allowed: &[usize] = match self.claims.kind {
            TeeKind::Tpm | TeeKind::AzureSnp | TeeKind::AzureTdx => &[32, 48, 64],
            TeeKind::NvidiaGpu => &[32],
            _ => &[64],
        };
        let leftmost = expected.as_bytes().get(..found.len());
        let whole = expected.as_bytes().as_slice();
        let fits = leftmost.filter(|_| allowed.contains(&found.len()));
        if !fits.is_some_and(|leftmost| ct_eq(leftmost, found)) {
            return Err(VerifyError::ReportData {
                expected: leftmost.unwrap_or(whole).into(),
                found: found.into(),
            });
        }
        let compared = format!(
            "{} is the binding's, {} bytes",
            adyton_codec::hex_encode(found),
            found.len()
        );
        let check = Check::new(REPORT_DATA, "specs/binding.md", compared);
        self.checks.push(check);
        Ok(VerifiedEvidence {
            claims: self.claims,
            report_data: *expected,
            checks: self.checks,
        })
    }
}

/// Evidence that verified. Having one tells you that a TEE of `claims().kind` stated the claims,
/// to somebody who asked it to vouch for exactly `report_data()`. Whether that TEE is one to trust
/// is not decided here.
///
/// Nobody else makes one:
/// ```compile_fail,E0451
/// # fn forge(claims: adyton_verifier::Claims, report_data: adyton_types::ReportData) {
/// adyton_verifier::VerifiedEvidence { claims, report_data, checks: Vec::new() };
/// # }
/// ```
#[derive(Debug, PartialEq, Eq)]
pub struct VerifiedEvidence {
    claims: Claims,
    report_data: ReportData,
    checks: Vec<Check>,
}

impl VerifiedEvidence {
    /// What the Evidence states.
    #[must_use]
    pub const fn claims(&self) -> &Claims {
        &self.claims
    }

    /// The binding's digest that it vouches for.
    #[must_use]
    pub const fn report_data(&self) -> &ReportData {
        &self.report_data
    }

    /// Every check that was made, in order, those on the Endorsements first; all held.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }
}
