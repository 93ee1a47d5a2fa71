use adyton_tee_amd_snp::SnpReport;
use adyton_tee_arm_cca::CcaToken;
use adyton_tee_azure_cvm::AzureEvidence;
use adyton_tee_intel_dcap::Quote;
use adyton_tee_nvidia_gpu::DeviceEvidence;
use adyton_tee_tcg_tpm::TpmEvidence;
use adyton_types::{Evidence, MAX_EVIDENCE_BYTES, ReportData, TeeKind, UnixTime};

use crate::authentic::{AuthenticEvidence, VerifiedEvidence};
use crate::kinds::{azure, cca, intel, nitro, nvidia, snp, software, tpm};
use crate::{EndorsementNeeded, Endorsements, VerifyError};

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
