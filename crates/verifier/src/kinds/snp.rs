use std::collections::BTreeMap;

use adyton_tee_amd_snp::{
    CertTable, FirmwareVersion, Generation, REPORT_BYTES, Requester, Signer, SnpClaims,
    SnpEndorsements, SnpError, SnpReport, TcbVersion, VekKind,
};
use adyton_types::{PlatformId, PlatformMeasurement, TeeKind, UnixTime};

use crate::attribute::Attributes;
use crate::{AuthenticEvidence, Claims, EndorsementNeeded, Endorsements, VerifyError};

pub(crate) fn authenticate(
    bytes: &[u8],
    endorsements: &Endorsements,
    now: UnixTime,
) -> Result<AuthenticEvidence, VerifyError> {
    let (bytes, table) = split(bytes)?;
    let report = SnpReport::parse(bytes)?;
    // A host may hand out both: only the one of the key that signed is any good.
    let vek = match VekKind::from_signing_key(report.signing_key()) {
        Some(VekKind::Vlek) => table.vlek,
        _ => table.vcek,
    };
    let mut first = None;
    for known in endorsements.snp_for(&report, vek, now) {
        match adyton_tee_amd_snp::verify(bytes, &known, now) {
            Ok(verified) => {
                let checks = verified.checks().to_vec();
                let claims = verified.into_claims();
                return Ok(AuthenticEvidence {
                    report_data: claims.report_data.as_bytes().to_vec(),
                    claims: one_form(&claims, &known)?,
                    checks,
                });
            }
            Err(error) => first = first.or(Some(VerifyError::from(error))),
        }
    }
    Err(first.unwrap_or_else(|| endorsements.missing(TeeKind::Snp, needs(&report))))
}

/// A report, and the host's certificate table if it follows (an extended report).
pub(crate) fn split(bytes: &[u8]) -> Result<(&[u8], CertTable<'_>), SnpError> {
    match bytes.split_at_checked(REPORT_BYTES) {
        Some((report, table)) if !table.is_empty() => Ok((report, CertTable::parse(table)?)),
        _ => Ok((bytes, CertTable::default())),
    }
}

/// What a report needs: the certificate of its chip at its TCB (or of its cloud), what is above
/// it, and AMD's revocation list.
pub(crate) fn needs(report: &SnpReport<'_>) -> Vec<EndorsementNeeded> {
    let vlek = VekKind::from_signing_key(report.signing_key()) == Some(VekKind::Vlek);
    // A report of version 2 does not say which generation it is of; Turin has none of version 2.
    let generations = match report.generation() {
        Some(generation) => vec![generation],
        None => vec![Generation::Milan, Generation::Genoa],
    };
    let mut needed = Vec::new();
    for generation in generations {
        let product = generation.as_str();
        let root = "https://kdsintf.amd.com";
        if vlek {
            needed.push(EndorsementNeeded::AmdVlek { generation });
            needed.push(EndorsementNeeded::AmdChain {
                generation,
                url: format!("{root}/vlek/v1/{product}/cert_chain"),
            });
        } else {
            let chip = chip(report, generation);
            needed.push(EndorsementNeeded::AmdVcek {
                generation,
                url: chip.as_ref().map(|chip| vcek_url(generation, chip)),
                chip,
            });
            needed.push(EndorsementNeeded::AmdChain {
                generation,
                url: format!("{root}/vcek/v1/{product}/cert_chain"),
            });
        }
        let kind = if vlek { "vlek" } else { "vcek" };
        needed.push(EndorsementNeeded::AmdCrl {
            generation,
            url: format!("{root}/{kind}/v1/{product}/crl"),
        });
    }
    needed
}

/// Which chip at which TCB; none if the report does not name its chip or has a TCB of another layout.
fn chip(report: &SnpReport<'_>, generation: Generation) -> Option<(Vec<u8>, TcbVersion)> {
    let id = report.chip_id.get(..generation.chip_id_bytes())?;
    let tcb = report.reported_tcb.decode(generation)?;
    (!report.chip_id_masked()).then(|| (id.to_vec(), tcb))
}

/// Where AMD KDS has the certificate.
fn vcek_url(generation: Generation, (id, tcb): &(Vec<u8>, TcbVersion)) -> String {
    let fmc = tcb.fmc.map(|fmc| format!("fmcSPL={fmc:02}&"));
    format!(
        "https://kdsintf.amd.com/vcek/v1/{generation}/{}?{}blSPL={:02}&teeSPL={:02}&snpSPL={:02}&ucodeSPL={:02}",
        adyton_codec::hex_encode(id),
        fmc.unwrap_or_default(),
        tcb.bootloader,
        tcb.tee,
        tcb.snp,
        tcb.microcode
    )
}

pub(crate) fn one_form(snp: &SnpClaims, known: &SnpEndorsements) -> Result<Claims, VerifyError> {
    let masked = vec![0; snp.generation.chip_id_bytes()];
    let id = snp.chip_id.as_deref().unwrap_or(&masked);
    Ok(Claims {
        kind: TeeKind::Snp,
        generation: snp.generation.to_string(),
        measurement: PlatformMeasurement::new(&snp.measurement)?,
        platform_id: PlatformId::new(id)?,
        tcb: tcb(snp),
        standing: None,
        protections: adyton_types::Protections::default(),
        debug: snp.policy.debug_allowed(),
        concerns: snp.concerns().iter().map(ToString::to_string).collect(),
        attributes: attributes(snp).0,
        made_at: None,
        valid_until: known.not_after(),
    })
}

/// The TCB that the signing key stands for (`bootloader`, `tee`, `snp`, `microcode`, on Turin
/// `fmc`); the three others under `committed.`, `launch.` and `current.`. Besides, what else a policy
/// may want the least of: the report's version, the guest's own, those of the firmware, and each
/// mitigation that was in effect at launch and still is, as `mitigation.N` = 1.
fn tcb(snp: &SnpClaims) -> BTreeMap<String, u64> {
    let named = |prefix: &'static str, version: TcbVersion| {
        let all: Vec<(String, u64)> = version
            .components()
            .map(|(name, value)| (format!("{prefix}{name}"), u64::from(value)))
            .collect();
        all
    };
    let mut all: BTreeMap<String, u64> = [
        ("", snp.reported_tcb),
        ("committed.", snp.committed_tcb),
        ("launch.", snp.launch_tcb),
        ("current.", snp.current_tcb),
    ]
    .into_iter()
    .flat_map(|(prefix, version)| named(prefix, version))
    .collect();
    all.insert("report-version".to_owned(), snp.version.into());
    all.insert("guest-svn".to_owned(), snp.guest_svn.into());
    for (name, version) in [
        ("current.firmware", snp.current_firmware),
        ("committed.firmware", snp.committed_firmware),
    ] {
        all.insert(name.to_owned(), firmware(version));
    }
    if let Some(mitigations) = snp.mitigations {
        let in_effect = (0..u64::BITS).filter(|bit| mitigations.cover(1 << bit));
        all.extend(in_effect.map(|bit| (format!("mitigation.{bit}"), 1)));
    }
    all
}

/// Major, minor and build in one number that orders them.
fn firmware(version: FirmwareVersion) -> u64 {
    u64::from(version.major) << 16 | u64::from(version.minor) << 8 | u64::from(version.build)
}

fn attributes(snp: &SnpClaims) -> Attributes {
    let mut all = Attributes::default();
    all.number("report-version", snp.version);
    match &snp.signer {
        Signer::Chip => all.text("signer", "vcek"),
        Signer::Cloud { csp_id } => {
            all.text("signer", "vlek");
            all.text("csp-id", csp_id);
        }
    }
    match snp.requester {
        Requester::Guest { vmpl } => all.number("vmpl", vmpl),
        Requester::Host => all.flag("host-requested", true),
    }
    all.maybe_bytes("cpuid", snp.cpuid.as_ref().map(<[u8; 3]>::as_slice));
    all.number("guest-svn", snp.guest_svn);
    all.bytes("family-id", &snp.family_id);
    all.bytes("image-id", &snp.image_id);
    all.bytes("host-data", &snp.host_data);
    all.bytes("report-id", &snp.report_id);
    let digest = |digest: &Option<[u8; 48]>| digest.map(|d| d.to_vec());
    all.maybe_bytes("id-key-digest", digest(&snp.id_key_digest).as_deref());
    all.maybe_bytes(
        "author-key-digest",
        digest(&snp.author_key_digest).as_deref(),
    );
    all.maybe_bytes(
        "report-id-ma",
        snp.report_id_ma.as_ref().map(<[u8; 32]>::as_slice),
    );
    all.flag("mask-chip-key", snp.mask_chip_key);
    all.flag("revocation-checked", snp.revocation_checked);
    if let Some(mitigations) = snp.mitigations {
        all.number("launch-mitigations", mitigations.launch);
        all.number("current-mitigations", mitigations.current);
    }
    all.number("current-firmware", firmware(snp.current_firmware));
    all.number("committed-firmware", firmware(snp.committed_firmware));
    launch_policy(snp, &mut all);
    all
}

fn launch_policy(snp: &SnpClaims, all: &mut Attributes) {
    let (policy, platform) = (snp.policy, snp.platform_info);
    for (name, value) in [
        ("policy.smt-allowed", policy.smt_allowed()),
        ("policy.debug-allowed", policy.debug_allowed()),
        (
            "policy.migration-agent-allowed",
            policy.migration_agent_allowed(),
        ),
        ("policy.single-socket", policy.single_socket()),
        ("policy.cxl-allowed", policy.cxl_allowed()),
        ("policy.aes-256-xts", policy.aes_256_xts()),
        ("policy.rapl-disabled", policy.rapl_disabled()),
        ("policy.ciphertext-hiding", policy.ciphertext_hiding()),
        ("policy.page-swap-disabled", policy.page_swap_disabled()),
        ("platform.smt", platform.smt()),
        ("platform.tsme", platform.tsme()),
        ("platform.ecc", platform.ecc()),
        ("platform.rapl-disabled", platform.rapl_disabled()),
        ("platform.ciphertext-hiding", platform.ciphertext_hiding()),
        (
            "platform.alias-check-complete",
            platform.alias_check_complete(),
        ),
        ("platform.sev-tio", platform.sev_tio()),
    ] {
        all.flag(name, value);
    }
    let (major, minor) = policy.min_abi();
    all.number("policy.min-abi", u64::from(major) << 8 | u64::from(minor));
    all.number("policy.unknown-bits", policy.unknown_bits());
    all.number("platform.unknown-bits", platform.unknown_bits());
}
