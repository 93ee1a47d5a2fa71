mod intel;

use adyton_codec::{Value, hex_encode};
use adyton_tee_amd_snp::SnpReport;
use adyton_tee_arm_cca::CcaToken;
use adyton_tee_aws_nitro::NitroDocument;
use adyton_tee_azure_cvm::{AzureEvidence, Hardware, HardwareKind, HclReport, without_padding};
use adyton_tee_intel_dcap::Quote;
use adyton_tee_nvidia_gpu::{DeviceEvidence, NvidiaError, Report};
use adyton_tee_software::SoftwareEvidenceError;
use adyton_tee_tcg_tpm::{Quote as TpmQuote, TpmError, TpmEvidence};
use adyton_types::{Evidence, Field, TeeKind};

use crate::VerifyError;
use crate::kinds::snp;
use crate::verify::limited;

/// Every field of the Evidence, decoded for a person to read. Nothing is judged: anybody can have
/// written it.
///
/// # Errors
/// [`VerifyError`] if the Evidence is not of its form.
pub fn fields(evidence: &Evidence) -> Result<Vec<Field>, VerifyError> {
    let bytes = limited(evidence)?;
    Ok(match evidence.kind {
        TeeKind::Software => software(bytes)?,
        TeeKind::Snp => SnpReport::parse(snp::split(bytes)?.0)?.fields(),
        TeeKind::Tdx | TeeKind::Sgx => intel::fields(&Quote::parse(bytes)?),
        TeeKind::Nitro => NitroDocument::parse(bytes)?.fields(),
        TeeKind::Tpm => TpmEvidence::parse(bytes)?.fields()?,
        TeeKind::Cca => CcaToken::parse(bytes)?.fields(),
        TeeKind::AzureSnp | TeeKind::AzureTdx => azure(bytes)?,
        TeeKind::NvidiaGpu => nvidia(bytes)?,
        kind => return Err(VerifyError::UnsupportedKind { kind }),
    })
}

/// The envelope of software Evidence, and what is in it where the signature holds: there is no way
/// to read a payload that is not signed.
fn software(bytes: &[u8]) -> Result<Vec<Field>, VerifyError> {
    let mut map = Value::decode(bytes)
        .and_then(|value| value.into_fields("software Evidence"))
        .map_err(SoftwareEvidenceError::from)?;
    let key: [u8; 32] = map.array("key").map_err(SoftwareEvidenceError::from)?;
    let mut fields = vec![Field::new("key", hex_encode(&key))];
    let claims = adyton_tee_software::verify(bytes)?.into_claims();
    fields.extend([
        Field::new("platform", claims.platform),
        Field::new("report-data", hex_encode(claims.report_data.as_bytes())),
        Field::new("executable", claims.executable),
        Field::new("svn", claims.svn),
    ]);
    for protection in &claims.protections {
        fields.push(Field::new(format!("protections.{protection}"), true));
    }
    Ok(fields)
}

/// The paravisor's report, the hardware's in it or beside it, and the vTPM's quote.
fn azure(bytes: &[u8]) -> Result<Vec<Field>, VerifyError> {
    let evidence = AzureEvidence::parse(bytes)?;
    let hcl = HclReport::parse(&evidence.hcl)?;
    let mut fields = hcl.fields();
    let hardware = match &evidence.hardware {
        Hardware::Snp { .. } if hcl.kind() == HardwareKind::Snp => {
            SnpReport::parse(hcl.hardware_report())?.fields()
        }
        Hardware::Snp { .. } => Vec::new(),
        Hardware::Tdx { quote } => intel::fields(&Quote::parse(without_padding(quote))?),
    };
    let named = hardware.into_iter();
    fields.extend(named.map(|f| Field::new(format!("hardware.{}", f.name), f.value)));
    let quote = TpmQuote::parse(&evidence.quote).map_err(TpmError::Attest)?;
    fields.extend(quote.fields());
    for (index, value) in evidence.pcrs.iter() {
        let name = format!("pcrs.{}.{index}", evidence.pcrs.bank());
        fields.push(Field::new(name, hex_encode(value)));
    }
    Ok(fields)
}

fn nvidia(bytes: &[u8]) -> Result<Vec<Field>, NvidiaError> {
    let mut fields = Vec::new();
    for (number, device) in DeviceEvidence::parse_list(bytes)?.iter().enumerate() {
        let at = |name: &str| format!("device{number}.{name}");
        fields.push(Field::new(at("arch"), device.architecture));
        fields.push(Field::new(at("nonce"), hex_encode(&device.nonce)));
        for field in Report::parse(&device.report)?.fields() {
            fields.push(Field::new(at(&field.name), field.value));
        }
        let chain = String::from_utf8_lossy(&device.chain);
        let certificates = chain.matches("BEGIN CERTIFICATE").count();
        fields.push(Field::new(at("chain.certificates"), certificates));
    }
    Ok(fields)
}
