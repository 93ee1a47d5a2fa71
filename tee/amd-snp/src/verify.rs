use adyton_codec::hex_encode;
use adyton_types::{Check, UnixTime};

use crate::claims::{Mitigations, Requester, Signer, SnpClaims};
use crate::report::{HOST_REQUESTED, REPORT_BYTES};
use crate::vek_extensions::Holder;
use crate::{
    Generation, RawTcb, SnpEndorsements, SnpError, SnpReport, TcbVersion, VekKind, checks,
};

/// An SNP report that verified. Having one tells you that AMD hardware of `claims().generation`,
/// with the firmware that the claims state, made these claims: the certificates lead to AMD's
/// root, the report is signed, and it is of the chip and TCB that the certificate was issued for.
/// Whether that chip, firmware, guest and launch policy are acceptable, and whom the report data
/// binds, is not decided here: see [`SnpClaims::concerns`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedSnpReport {
    claims: SnpClaims,
    checks: Vec<Check>,
}

impl VerifiedSnpReport {
    /// What the report says.
    #[must_use]
    pub const fn claims(&self) -> &SnpClaims {
        &self.claims
    }

    /// Every check that was made, those of the Endorsements first.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What the report says, by value.
    #[must_use]
    pub fn into_claims(self) -> SnpClaims {
        self.claims
    }
}

/// Verifies a report under Endorsements that were verified before: one P-384 signature.
///
/// # Errors
/// The [`SnpError`] whose [`check`](SnpError::check) names what failed.
pub fn verify(
    evidence: &[u8],
    endorsements: &SnpEndorsements,
    now: UnixTime,
) -> Result<VerifiedSnpReport, SnpError> {
    let report = SnpReport::parse(evidence)?;
    let mut checks = endorsements.checks().to_vec();
    checks.push(checks::REPORT_LENGTH.held(format!("{REPORT_BYTES} bytes")));
    checks.push(checks::REPORT_VERSION.held(report.version.to_string()));
    checks.push(reserved_zero(&report)?);
    checks.push(signature_algorithm(&report)?);
    checks.push(policy_form(&report)?);
    let (requester, check) = vmpl_form(&report)?;
    checks.push(check);
    checks.push(endorsements_dates(endorsements, now)?);
    checks.push(signing_key(&report, endorsements)?);
    checks.push(generation(&report, endorsements.generation())?);
    checks.push(signature_encoding(&report)?);
    checks.push(report_signature(&report, endorsements)?);
    let (chip_id, check) = chip_id(&report, endorsements)?;
    checks.push(check);
    let (tcbs, check) = tcb_layout(&report, endorsements.generation())?;
    checks.push(check);
    checks.push(tcb_certified(&tcbs, endorsements)?);
    checks.push(tcb_order(&report, &tcbs)?);
    let context = Context {
        requester,
        chip_id,
        tcbs,
    };
    let claims = claims(&report, endorsements, context);
    Ok(VerifiedSnpReport { claims, checks })
}

fn reserved_zero(report: &SnpReport<'_>) -> Result<Check, SnpError> {
    match report.reserved() {
        None => Ok(checks::RESERVED_ZERO.held("every reserved byte of this version is zero")),
        Some(at) => Err(SnpError::Reserved { at }),
    }
}

fn signature_algorithm(report: &SnpReport<'_>) -> Result<Check, SnpError> {
    match report.signature_algorithm {
        1 => Ok(checks::SIGNATURE_ALGORITHM.held("1 (ECDSA P-384 with SHA-384)")),
        found => Err(SnpError::SignatureAlgorithm { found }),
    }
}

fn policy_form(report: &SnpReport<'_>) -> Result<Check, SnpError> {
    if report.policy.reserved_one() {
        Ok(checks::POLICY_FORM.held("bit 17 is one"))
    } else {
        Err(SnpError::PolicyForm {
            found: report.policy.bits(),
        })
    }
}

fn vmpl_form(report: &SnpReport<'_>) -> Result<(Requester, Check), SnpError> {
    let requester = match (report.vmpl, u8::try_from(report.vmpl)) {
        (HOST_REQUESTED, _) => Requester::Host,
        (_, Ok(vmpl @ 0..=3)) => Requester::Guest { vmpl },
        (found, _) => return Err(SnpError::Vmpl { found }),
    };
    Ok((
        requester,
        checks::VMPL_FORM.held(format!("{:#x}", report.vmpl)),
    ))
}

fn endorsements_dates(endorsements: &SnpEndorsements, now: UnixTime) -> Result<Check, SnpError> {
    let (from, until) = (endorsements.not_before(), endorsements.not_after());
    if now < from || now > until {
        return Err(SnpError::Endorsements { from, until });
    }
    Ok(checks::ENDORSEMENTS_DATES.held(format!("{from} to {until}")))
}

fn signing_key(report: &SnpReport<'_>, endorsements: &SnpEndorsements) -> Result<Check, SnpError> {
    let certificate = endorsements.kind();
    let found = report.signing_key();
    if VekKind::from_signing_key(found) == Some(certificate) {
        Ok(checks::SIGNING_KEY.held(format!("{found} ({certificate}), as the certificate")))
    } else {
        Err(SnpError::SigningKey { found, certificate })
    }
}

fn generation(report: &SnpReport<'_>, certificate: Generation) -> Result<Check, SnpError> {
    if report.version < 3 {
        let compared = format!("{certificate}, from the certificate: version 2 does not say");
        return Ok(checks::GENERATION.held(compared));
    }
    let [family, model, _] = report.cpuid;
    match report.generation() {
        None => Err(SnpError::Processor { family, model }),
        Some(found) if found != certificate => Err(SnpError::Generation { found, certificate }),
        Some(found) => {
            let compared =
                format!("family {family:#04x} model {model:#04x} is {found}, as the certificate");
            Ok(checks::GENERATION.held(compared))
        }
    }
}

/// Length of a scalar of P-384, of the 72 bytes that the report reserves for it.
const SCALAR_BYTES: usize = 48;

/// The scalars as received: least significant byte first, padded with zeros. That they are not 0
/// and below the group's order is part of verifying the signature.
fn signature_encoding(report: &SnpReport<'_>) -> Result<Check, SnpError> {
    fixed_signature(report).ok_or(SnpError::SignatureEncoding)?;
    Ok(checks::SIGNATURE_ENCODING.held("R and S end after 48 of 72 bytes"))
}

/// R and S, most significant byte first, 48 bytes each; `None` if a padding byte is not zero.
fn fixed_signature(report: &SnpReport<'_>) -> Option<[u8; 2 * SCALAR_BYTES]> {
    let mut fixed = [0; 2 * SCALAR_BYTES];
    let (r, s) = fixed.split_at_mut(SCALAR_BYTES);
    for (to, from) in [(r, &report.signature_r), (s, &report.signature_s)] {
        let (scalar, padding) = from.split_first_chunk::<SCALAR_BYTES>()?;
        if padding.iter().any(|byte| *byte != 0) {
            return None;
        }
        to.copy_from_slice(scalar);
        to.reverse();
    }
    Some(fixed)
}

fn report_signature(
    report: &SnpReport<'_>,
    endorsements: &SnpEndorsements,
) -> Result<Check, SnpError> {
    let signature = fixed_signature(report).ok_or(SnpError::SignatureEncoding)?;
    endorsements.verify_report(report.signed_bytes(), &signature)?;
    Ok(checks::REPORT_SIGNATURE
        .held("bytes 0x000 to 0x29f, as received, under the key of the V*EK certificate"))
}

fn chip_id(
    report: &SnpReport<'_>,
    endorsements: &SnpEndorsements,
) -> Result<(Option<Vec<u8>>, Check), SnpError> {
    let length = endorsements.generation().chip_id_bytes();
    let (id, padding) = report
        .chip_id
        .split_at_checked(length)
        .ok_or(SnpError::ChipId)?;
    if report.chip_id_masked() {
        return Ok((
            None,
            checks::CHIP_ID.held("masked: the report does not name a chip"),
        ));
    }
    if padding.iter().any(|byte| *byte != 0) {
        return Err(SnpError::ChipId);
    }
    let compared = match endorsements.holder() {
        Holder::Chip(certified) if certified == id => {
            format!("{} is the certificate's hwID", hex_encode(id))
        }
        Holder::Chip(_) => return Err(SnpError::ChipId),
        Holder::Cloud(_) => format!("{}; a VLEK certificate names no chip", hex_encode(id)),
    };
    Ok((Some(id.to_vec()), checks::CHIP_ID.held(compared)))
}

struct Tcbs {
    current: TcbVersion,
    reported: TcbVersion,
    committed: TcbVersion,
    launch: TcbVersion,
}

fn tcb_layout(report: &SnpReport<'_>, generation: Generation) -> Result<(Tcbs, Check), SnpError> {
    let decode = |which: &'static str, raw: RawTcb| {
        raw.decode(generation)
            .ok_or(SnpError::TcbLayout { which, generation })
    };
    let tcbs = Tcbs {
        current: decode("CURRENT_TCB", report.current_tcb)?,
        reported: decode("REPORTED_TCB", report.reported_tcb)?,
        committed: decode("COMMITTED_TCB", report.committed_tcb)?,
        launch: decode("LAUNCH_TCB", report.launch_tcb)?,
    };
    Ok((
        tcbs,
        checks::TCB_LAYOUT.held(format!("four TCB versions in the layout of {generation}")),
    ))
}

fn tcb_certified(tcbs: &Tcbs, endorsements: &SnpEndorsements) -> Result<Check, SnpError> {
    let certified = endorsements.tcb();
    if tcbs.reported == certified {
        Ok(checks::TCB_CERTIFIED.held(format!("{certified}, in report and certificate")))
    } else {
        Err(SnpError::TcbCertified {
            reported: tcbs.reported,
            certified,
        })
    }
}

fn tcb_order(report: &SnpReport<'_>, tcbs: &Tcbs) -> Result<Check, SnpError> {
    let wrong = |lesser, greater| SnpError::TcbOrder { lesser, greater };
    if !tcbs.current.covers(&tcbs.reported) {
        return Err(wrong("CURRENT_TCB", "REPORTED_TCB"));
    }
    if !tcbs.current.covers(&tcbs.committed) {
        return Err(wrong("CURRENT_TCB", "COMMITTED_TCB"));
    }
    if report.current_firmware < report.committed_firmware {
        return Err(wrong("CURRENT_VERSION", "COMMITTED_VERSION"));
    }
    Ok(checks::TCB_ORDER.held(format!(
        "current ({}) covers reported and committed",
        tcbs.current
    )))
}

struct Context {
    requester: Requester,
    chip_id: Option<Vec<u8>>,
    tcbs: Tcbs,
}

fn claims(report: &SnpReport<'_>, endorsements: &SnpEndorsements, context: Context) -> SnpClaims {
    let present = |digest: [u8; 48]| (digest != [0; 48]).then_some(digest);
    SnpClaims {
        version: report.version,
        generation: endorsements.generation(),
        signer: match endorsements.holder() {
            Holder::Chip(_) => Signer::Chip,
            Holder::Cloud(csp_id) => Signer::Cloud {
                csp_id: csp_id.clone(),
            },
        },
        cpuid: (report.version >= 3).then_some(report.cpuid),
        chip_id: context.chip_id,
        measurement: report.measurement,
        report_data: report.report_data,
        host_data: report.host_data,
        policy: report.policy,
        platform_info: report.platform_info,
        requester: context.requester,
        guest_svn: report.guest_svn,
        family_id: report.family_id,
        image_id: report.image_id,
        id_key_digest: present(report.id_key_digest),
        author_key_digest: report
            .author_key_enabled()
            .then_some(report.author_key_digest),
        report_id: report.report_id,
        report_id_ma: (report.report_id_ma != [0xff; 32]).then_some(report.report_id_ma),
        current_tcb: context.tcbs.current,
        reported_tcb: context.tcbs.reported,
        committed_tcb: context.tcbs.committed,
        launch_tcb: context.tcbs.launch,
        current_firmware: report.current_firmware,
        committed_firmware: report.committed_firmware,
        mitigations: (report.version >= 5).then_some(Mitigations {
            launch: report.launch_mitigations,
            current: report.current_mitigations,
        }),
        mask_chip_key: report.mask_chip_key(),
        revocation_checked: endorsements.revocation_checked(),
    }
}
