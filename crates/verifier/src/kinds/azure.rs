use std::collections::BTreeMap;

use adyton_tee_amd_snp::SnpReport;
use adyton_tee_azure_cvm::{
    AzureClaims, AzureEndorsements, AzureError, AzureEvidence, Expected, Hardware, HardwareClaims,
    HardwareKind, HclReport, UserData, VerifiedAzure, without_padding,
};
use adyton_tee_intel_dcap::Quote as TdQuote;
use adyton_tee_tcg_tpm::{PcrSelection, Quote, TpmError};
use adyton_types::{PlatformMeasurement, TeeKind, UnixTime};

use crate::kinds::{intel, snp, tpm};
use crate::{Attribute, AuthenticEvidence, Claims, EndorsementNeeded, Endorsements, VerifyError};

pub(crate) fn authenticate(
    bytes: &[u8],
    endorsements: &Endorsements,
    now: UnixTime,
) -> Result<AuthenticEvidence, VerifyError> {
    let evidence = AzureEvidence::parse(bytes)?;
    let quote = Quote::parse(&evidence.quote)
        .map_err(TpmError::Attest)
        .map_err(AzureError::Quote)?;
    if quote.extra_data.is_empty() {
        return Err(VerifyError::EmptyReportData);
    }
    // The quote is fresh by its nonce, which is the Evidence's report data here; user data of the
    // machine's start is a claim.
    let expected = Expected {
        nonce: quote.extra_data,
        selection: PcrSelection::new(evidence.pcrs.bank(), evidence.pcrs.set()),
        user_data: UserData::Claim,
    };
    let (verified, hardware) = match &evidence.hardware {
        Hardware::Snp { vek } => on_snp(&evidence, vek.as_deref(), endorsements, &expected, now)?,
        Hardware::Tdx { quote } => on_tdx(&evidence, quote, endorsements, &expected, now)?,
    };
    let mut checks = verified.checks().to_vec();
    checks.retain(|check| check.name != tpm::NONCE);
    let claims = verified.into_claims();
    Ok(AuthenticEvidence {
        report_data: claims.quote.nonce.clone(),
        claims: one_form(&claims, hardware)?,
        checks,
    })
}

/// With the hardware's claims in the one form.
type Verified = (VerifiedAzure, Claims);

fn on_snp(
    evidence: &AzureEvidence,
    vek: Option<&[u8]>,
    endorsements: &Endorsements,
    expected: &Expected<'_>,
    now: UnixTime,
) -> Result<Verified, VerifyError> {
    let hcl = HclReport::parse(&evidence.hcl)?;
    if hcl.kind() != HardwareKind::Snp {
        return Err(AzureError::Hardware { hcl: hcl.kind() }.into());
    }
    let report = SnpReport::parse(hcl.hardware_report())?;
    let mut first = None;
    for known in endorsements.snp_for(&report, vek, now) {
        match adyton_tee_azure_cvm::verify(evidence, AzureEndorsements::Snp(&known), expected, now)
        {
            Ok(verified) => {
                let HardwareClaims::Snp(claims) = &verified.claims().hardware else {
                    continue;
                };
                let hardware = snp::one_form(claims, &known)?;
                return Ok((verified, hardware));
            }
            Err(error) => first = first.or(Some(VerifyError::from(error))),
        }
    }
    Err(first.unwrap_or_else(|| endorsements.missing(TeeKind::AzureSnp, snp::needs(&report))))
}

fn on_tdx(
    evidence: &AzureEvidence,
    quote: &[u8],
    endorsements: &Endorsements,
    expected: &Expected<'_>,
    now: UnixTime,
) -> Result<Verified, VerifyError> {
    let quote = TdQuote::parse(without_padding(quote))?;
    let mut first = None;
    for known in intel::known_for(&quote, endorsements, now) {
        match adyton_tee_azure_cvm::verify(evidence, AzureEndorsements::Tdx(known), expected, now) {
            Ok(verified) => {
                let HardwareClaims::Tdx(claims) = &verified.claims().hardware else {
                    continue;
                };
                let hardware = intel::one_form(claims)?;
                return Ok((verified, hardware));
            }
            Err(error) => first = first.or(Some(VerifyError::from(error))),
        }
    }
    Err(first.unwrap_or_else(|| endorsements.missing(TeeKind::AzureTdx, intel::needs(&quote))))
}

pub(crate) fn needs(evidence: &AzureEvidence) -> Result<Vec<EndorsementNeeded>, VerifyError> {
    Ok(match &evidence.hardware {
        Hardware::Snp { .. } => {
            let hcl = HclReport::parse(&evidence.hcl)?;
            snp::needs(&SnpReport::parse(hcl.hardware_report())?)
        }
        Hardware::Tdx { quote } => intel::needs(&TdQuote::parse(without_padding(quote))?),
    })
}

/// The hardware's claims, with the vTPM's in their place where it matters: which system runs is in
/// the PCRs alone, the hardware measures Microsoft's paravisor (`paravisor`).
fn one_form(azure: &AzureClaims, hardware: Claims) -> Result<Claims, VerifyError> {
    let kind = match azure.hardware.kind() {
        HardwareKind::Snp => TeeKind::AzureSnp,
        HardwareKind::Tdx => TeeKind::AzureTdx,
    };
    let mut attributes: BTreeMap<String, Attribute> = hardware
        .attributes
        .into_iter()
        // The privilege level is judged as on SEV-SNP itself, under the same name.
        .map(|(name, value)| match name.as_str() {
            "vmpl" => (name, value),
            _ => (format!("hardware.{name}"), value),
        })
        .collect();
    let paravisor = hardware.measurement.as_bytes().to_vec();
    attributes.insert("paravisor".to_owned(), Attribute::Bytes(paravisor));
    attributes.extend(tpm::attributes(&azure.quote).0);
    let vm = &azure.runtime.vm;
    for (name, value) in [
        ("vm.console-enabled", vm.console_enabled),
        ("vm.secure-boot", vm.secure_boot),
        ("vm.tpm-enabled", vm.tpm_enabled),
        ("vm.tpm-persisted", vm.tpm_persisted),
        (
            "vm.filtered-vpci-devices-allowed",
            vm.filtered_vpci_devices_allowed,
        ),
    ] {
        if let Some(value) = value {
            attributes.insert(name.to_owned(), Attribute::Flag(value));
        }
    }
    for (name, value) in [
        ("vm.root-cert-thumbprint", &vm.root_cert_thumbprint),
        ("vm.unique-id", &vm.vm_unique_id),
    ] {
        if let Some(value) = value {
            attributes.insert(name.to_owned(), Attribute::Text(value.clone()));
        }
    }
    if let Some(user_data) = &azure.runtime.user_data {
        attributes.insert("user-data".to_owned(), Attribute::Bytes(user_data.to_vec()));
    }
    let mut tcb = hardware.tcb;
    tcb.insert("firmware".to_owned(), azure.quote.firmware_version);
    Ok(Claims {
        kind,
        measurement: PlatformMeasurement::new(&tpm::measurement(&azure.quote))?,
        attributes,
        tcb,
        ..hardware
    })
}
