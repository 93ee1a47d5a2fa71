use adyton_crypto::ct_eq;
use adyton_tee_amd_snp::SnpReport;
use adyton_tee_arm_cca::CcaToken;
use adyton_tee_azure_cvm::AzureEvidence;
use adyton_tee_intel_dcap::Quote;
use adyton_tee_nvidia_gpu::DeviceEvidence;
use adyton_tee_tcg_tpm::TpmEvidence;
use adyton_types::{Check, Evidence, MAX_EVIDENCE_BYTES, ReportData, TeeKind, UnixTime};

use crate::kinds::{azure, cca, intel, nitro, nvidia, snp, software, tpm};
use crate::{Claims, EndorsementNeeded, Endorsements, VerifyError};

/// Name of the one check that this crate makes itself.
pub(crate) const REPORT_DATA: &str = "report-data";

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
        let leftmost = leftmost.filter(|_| allowed.contains(&found.len()));
        if !leftmost.is_some_and(|leftmost| ct_eq(leftmost, found)) {
            return Err(VerifyError::ReportData);
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

/// Verifies Evidence: that it is authentic at `now`, and that its report data is `expected`, which
/// the caller has computed from a binding whose every field it has itself checked.
///
/// `now` is the Verifier's own clock. Software Evidence carries no certificates and does not need
/// it; its freshness is the token in the binding.
///
/// # Errors
/// [`VerifyError`]; its [`check`](VerifyError::check) names the check that failed. If Endorsements
/// are missing it says which.
pub fn verify(
    evidence: &Evidence,
    endorsements: &Endorsements,
    expected: &ReportData,
    now: UnixTime,
) -> Result<VerifiedEvidence, VerifyError> {
    authenticate(evidence, endorsements, now)?.bind(expected)
}

/// The same without a binding: for looking at Evidence that others recorded. What comes out
/// releases nothing.
///
/// # Errors
/// [`VerifyError`].
pub fn authenticate(
    evidence: &Evidence,
    endorsements: &Endorsements,
    now: UnixTime,
) -> Result<AuthenticEvidence, VerifyError> {
    let bytes = limited(evidence)?;
    let authentic = match evidence.kind {
        TeeKind::Software => software::authenticate(bytes)?,
        TeeKind::Snp => snp::authenticate(bytes, endorsements, now)?,
        TeeKind::Tdx | TeeKind::Sgx => intel::authenticate(bytes, endorsements, now)?,
        TeeKind::Nitro => nitro::authenticate(bytes, endorsements, now)?,
        TeeKind::Tpm => tpm::authenticate(bytes, endorsements, now)?,
        TeeKind::Cca => cca::authenticate(bytes, endorsements, now)?,
        TeeKind::AzureSnp | TeeKind::AzureTdx => azure::authenticate(bytes, endorsements, now)?,
        TeeKind::NvidiaGpu => nvidia::authenticate(bytes, endorsements, now)?,
        kind => return Err(VerifyError::UnsupportedKind { kind }),
    };
    let found = authentic.claims.kind;
    if found != evidence.kind {
        let said = evidence.kind;
        return Err(VerifyError::OtherKind { said, found });
    }
    Ok(authentic)
}

/// Which Endorsements the Evidence needs, told by fields that nobody has verified: for fetching.
/// Software and Nitro Evidence need none.
///
/// # Errors
/// [`VerifyError`] if the Evidence is not of its form.
pub fn needs(evidence: &Evidence) -> Result<Vec<EndorsementNeeded>, VerifyError> {
    let bytes = limited(evidence)?;
    Ok(match evidence.kind {
        TeeKind::Software | TeeKind::Nitro => Vec::new(),
        TeeKind::Snp => snp::needs(&SnpReport::parse(snp::split(bytes)?.0)?),
        TeeKind::Tdx | TeeKind::Sgx => intel::needs(&Quote::parse(bytes)?),
        TeeKind::Tpm => tpm::needs(&TpmEvidence::parse(bytes)?),
        TeeKind::Cca => cca::needs(&CcaToken::parse(bytes)?),
        TeeKind::AzureSnp | TeeKind::AzureTdx => azure::needs(&AzureEvidence::parse(bytes)?)?,
        TeeKind::NvidiaGpu => nvidia::needs(&DeviceEvidence::parse_list(bytes)?),
        kind => return Err(VerifyError::UnsupportedKind { kind }),
    })
}

pub(crate) fn limited(evidence: &Evidence) -> Result<&[u8], VerifyError> {
    match evidence.bytes.len() {
        found if found > MAX_EVIDENCE_BYTES => Err(VerifyError::TooLong { found }),
        _ => Ok(&evidence.bytes),
    }
}

#[cfg(test)]
mod tests;
