use adyton_codec::hex_encode;
use adyton_crypto::ct_eq;
use adyton_tee_amd_snp::{Requester, SnpEndorsements};
use adyton_tee_intel_dcap::IntelEndorsements;
use adyton_tee_tcg_tpm::{PcrSelection, Signature, SignedQuote, TpmError, TrustedAk, verify_quote};
use adyton_types::{Check, ReportData, UnixTime};

use crate::checks;
use crate::{
    AzureClaims, AzureError, AzureEvidence, Hardware, HardwareClaims, HclReport, RuntimeClaims,
};

/// The Endorsements of the hardware, verified before.
#[derive(Debug, Clone, Copy)]
pub enum AzureEndorsements<'a> {
    /// Of a chip by AMD.
    Snp(&'a SnpEndorsements),
    /// Of a platform by Intel.
    Tdx(&'a IntelEndorsements),
}

/// What the Verifier asked the Attester for.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// The nonce of the vTPM's quote.
    pub nonce: &'a [u8],
    /// The PCRs that policy is about.
    pub selection: PcrSelection,
    /// What is asked of the user data in the runtime claims.
    pub user_data: UserData<'a>,
}

/// What is asked of the user data in the runtime claims. The Verifier decides, never a version in
/// the Evidence.
#[derive(Debug, Clone, Copy)]
pub enum UserData<'a> {
    /// It has to be this: then the hardware report, too, was made for this session.
    Exactly(&'a [u8; 64]),
    /// It is a claim like others: the hardware report dates from the machine's start, and freshness
    /// rests on the quote's nonce alone.
    Claim,
}

/// Azure Evidence that verified. Having one tells you that genuine hardware attests a paravisor of
/// `claims().hardware`, that this paravisor named the vTPM's key, and that the vTPM quoted the PCRs
/// for the nonce. Whether the paravisor is Microsoft's, and the PCRs those of the system you mean, is
/// for the policy.
#[derive(Debug, Clone)]
pub struct VerifiedAzure {
    claims: AzureClaims,
    checks: Vec<Check>,
}

impl VerifiedAzure {
    /// What the Evidence says.
    #[must_use]
    pub const fn claims(&self) -> &AzureClaims {
        &self.claims
    }

    /// The checks that were made, in order: of the report, of the links, of the quote.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What the Evidence says, by value.
    #[must_use]
    pub fn into_claims(self) -> AzureClaims {
        self.claims
    }
}

/// Verifies Azure Evidence.
///
/// # Errors
/// [`AzureError`]; its `check()` names the check that failed.
pub fn verify(
    evidence: &AzureEvidence,
    endorsements: AzureEndorsements<'_>,
    expected: &Expected<'_>,
    now: UnixTime,
) -> Result<VerifiedAzure, AzureError> {
    let hcl = HclReport::parse(&evidence.hcl)?;
    let compared = format!(
        "{} bytes, claims of {}",
        evidence.hcl.len(),
        hcl.claims().len()
    );
    let mut made = vec![checks::HCL.held(compared)];
    let hardware = verify_hardware(evidence, &hcl, endorsements, now)?;
    made.push(checks::HARDWARE.held(hcl.kind().to_string()));
    made.extend(hardware.checks);
    made.push(demand_binding(&hcl, &hardware.report_data)?);
    let runtime = RuntimeClaims::parse(hcl.claims())?;
    made.push(checks::RUNTIME.held(format!("HCLAkPub is {}", runtime.ak.fingerprint())));
    if let UserData::Exactly(wanted) = expected.user_data {
        made.push(demand_user_data(&runtime, wanted)?);
    }
    let ak = TrustedAk::danger_from_evidence(
        runtime.ak.clone(),
        hcl.kind().as_str(),
        hardware.not_before,
        hardware.not_after,
    );
    let signature = Signature::parse(&evidence.signature).map_err(TpmError::SignatureForm)?;
    let signed = SignedQuote {
        quote: &evidence.quote,
        signature,
        pcrs: &evidence.pcrs,
        log: None,
    };
    let asked = adyton_tee_tcg_tpm::Expected {
        nonce: expected.nonce,
        selection: expected.selection,
    };
    let quote = verify_quote(&signed, &ak, &asked, now)?;
    made.extend_from_slice(quote.checks());
    Ok(VerifiedAzure {
        claims: AzureClaims {
            hardware: hardware.claims,
            runtime,
            quote: quote.into_claims(),
        },
        checks: made,
    })
}

/// The hardware's part, verified.
struct Attested {
    claims: HardwareClaims,
    checks: Vec<Check>,
    report_data: ReportData,
    not_before: UnixTime,
    not_after: UnixTime,
}

fn verify_hardware(
    evidence: &AzureEvidence,
    hcl: &HclReport<'_>,
    endorsements: AzureEndorsements<'_>,
    now: UnixTime,
) -> Result<Attested, AzureError> {
    if hcl.kind() != evidence.hardware.kind() {
        return Err(AzureError::Hardware { hcl: hcl.kind() });
    }
    match (&evidence.hardware, endorsements) {
        (Hardware::Snp { .. }, AzureEndorsements::Snp(endorsements)) => {
            let report = hcl.hardware_report();
            let verified = adyton_tee_amd_snp::verify(report, endorsements, now)?;
            let mut checks = verified.checks().to_vec();
            let claims = verified.into_claims();
            checks.push(demand_paravisor(claims.requester)?);
            Ok(Attested {
                checks,
                report_data: claims.report_data,
                claims: HardwareClaims::Snp(Box::new(claims)),
                not_before: endorsements.not_before(),
                not_after: endorsements.not_after(),
            })
        }
        (Hardware::Tdx { quote }, AzureEndorsements::Tdx(endorsements)) => {
            let verified =
                adyton_tee_intel_dcap::verify(without_padding(quote), endorsements, now)?;
            let checks = verified.checks().to_vec();
            let claims = verified.into_claims();
            Ok(Attested {
                checks,
                report_data: claims.report_data,
                not_before: endorsements.not_before(),
                not_after: claims.valid_until,
                claims: HardwareClaims::Tdx(Box::new(claims)),
            })
        }
        _ => Err(AzureError::Hardware { hcl: hcl.kind() }),
    }
}

/// The quote without the zeros with which Azure's metadata service fills it up to a fixed size.
/// Anything else behind a quote stays there, and is refused by the crate that judges it.
#[must_use]
pub fn without_padding(bytes: &[u8]) -> &[u8] {
    let end = declared_end(bytes).unwrap_or(bytes.len());
    match bytes.split_at_checked(end) {
        Some((quote, padding)) if padding.iter().all(|byte| *byte == 0) => quote,
        _ => bytes,
    }
}

/// Where a quote of version 4 or 5 says that it ends: after header, body and signature data.
fn declared_end(bytes: &[u8]) -> Option<usize> {
    const HEADER: usize = 48;
    const BODY_V4: usize = 584;
    let u32_at = |at: usize| {
        let bytes = bytes.get(at..at.checked_add(4)?)?;
        usize::try_from(u32::from_le_bytes(bytes.try_into().ok()?)).ok()
    };
    let body = match bytes.get(..2)? {
        [4, 0] => HEADER.checked_add(BODY_V4)?,
        // The body's type takes two bytes, its size four.
        [5, 0] => u32_at(HEADER.checked_add(2)?)?.checked_add(HEADER + 6)?,
        _ => return None,
    };
    u32_at(body)?.checked_add(body)?.checked_add(4)
}

fn demand_paravisor(requester: Requester) -> Result<Check, AzureError> {
    match requester {
        Requester::Guest { vmpl: 0 } => Ok(checks::VMPL.held("asked for at VMPL 0")),
        _ => Err(AzureError::Vmpl),
    }
}

fn demand_binding(hcl: &HclReport<'_>, report_data: &ReportData) -> Result<Check, AzureError> {
    if !hcl.is_bound_by(report_data.as_bytes()) {
        return Err(AzureError::Binding);
    }
    let compared = format!("report data is the {} of the claims", hcl.hash_name());
    Ok(checks::BINDING.held(compared))
}

fn demand_user_data(runtime: &RuntimeClaims, wanted: &[u8; 64]) -> Result<Check, AzureError> {
    match &runtime.user_data {
        Some(found) if ct_eq(found, wanted) => Ok(checks::USER_DATA.held(hex_encode(wanted))),
        _ => Err(AzureError::UserData),
    }
}
