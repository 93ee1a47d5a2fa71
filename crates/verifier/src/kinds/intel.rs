use std::collections::BTreeMap;

use adyton_crypto::sha384;
use adyton_pki::{Certificate, split_pem_chain};
use adyton_tee_intel_dcap::{
    IntelClaims, IntelEndorsements, PckCa, PckPlatform, Quote, QuoteBody, SgxReport, TdReport,
};
use adyton_types::{PlatformId, PlatformMeasurement, UnixTime};

use crate::attribute::Attributes;
use crate::{
    AuthenticEvidence, Claims, EndorsementNeeded, Endorsements, PckQuery, TcbStanding, VerifyError,
};

pub(crate) fn authenticate(
    bytes: &[u8],
    endorsements: &Endorsements,
    now: UnixTime,
) -> Result<AuthenticEvidence, VerifyError> {
    let quote = Quote::parse(bytes)?;
    let mut first = None;
    for known in known_for(&quote, endorsements, now) {
        match adyton_tee_intel_dcap::verify(bytes, known, now) {
            Ok(verified) => {
                let mut checks = known.checks().to_vec();
                checks.extend(verified.checks().iter().cloned());
                let claims = verified.into_claims();
                return Ok(AuthenticEvidence {
                    report_data: claims.report_data.as_bytes().to_vec(),
                    claims: one_form(&claims)?,
                    checks,
                });
            }
            Err(error) => {
                // Those of the other PCK CA hold another revocation list: of no use for this quote.
                let other_ca = error.check() == adyton_tee_intel_dcap::checks::PCK_REVOCATION.name
                    && error.class() != adyton_types::ErrorClass::Rejected;
                first = first.or(Some(VerifyError::from(error)));
                // Without a certificate in the quote, the next platform's may be the one.
                let named = quote.certification.pck_chain().is_ok();
                if named && !other_ca {
                    break;
                }
            }
        }
    }
    Err(first.unwrap_or_else(|| endorsements.missing(quote.tee.kind(), needs(&quote))))
}

/// The Endorsements for the quote's platform.
pub(crate) fn known_for<'a>(
    quote: &Quote<'_>,
    endorsements: &'a Endorsements,
    now: UnixTime,
) -> Vec<&'a IntelEndorsements> {
    let fmspc = platform(quote).map(|platform| platform.fmspc);
    endorsements.intel_for(quote.tee, fmspc, now)
}

/// What the quote's PCK certificate says of the platform, as a hint for what to fetch: nothing of
/// it is verified.
fn platform(quote: &Quote<'_>) -> Option<PckPlatform> {
    let chain = quote.certification.pck_chain().ok()?;
    let leaf = split_pem_chain(chain).ok()?.into_iter().next()?;
    PckPlatform::parse(&Certificate::parse(&leaf).ok()?).ok()
}

/// What a quote needs: TCB info for its FMSPC, the identity of its QE, and the revocation lists of
/// its issuers.
pub(crate) fn needs(quote: &Quote<'_>) -> Vec<EndorsementNeeded> {
    let tee = quote.tee;
    if let Some(platform) = platform(quote) {
        return EndorsementNeeded::of_platform(tee, &platform);
    }
    let pck = EndorsementNeeded::IntelPck {
        tee,
        certification: quote.certification.kind,
        query: pck_query(quote),
    };
    // Most platforms are of several packages.
    let others = EndorsementNeeded::of_any_platform(tee, PckCa::Platform);
    std::iter::once(pck).chain(others).collect()
}

/// What the quote says of its platform in place of a certificate: encrypted PPID, CPUSVN, PCESVN and
/// PCEID (types 2 and 3).
fn pck_query(quote: &Quote<'_>) -> Option<PckQuery> {
    let ppid_bytes = match quote.certification.kind {
        2 => 256,
        3 => 384,
        _ => return None,
    };
    let (ppid, rest) = quote.certification.data.split_at_checked(ppid_bytes)?;
    let (cpu_svn, rest) = rest.split_first_chunk()?;
    let (pce_svn, rest) = rest.split_first_chunk()?;
    let (pce_id, rest) = rest.split_first_chunk()?;
    rest.is_empty().then_some(PckQuery {
        qe_id: *quote.user_data.first_chunk()?,
        encrypted_ppid: ppid.to_vec(),
        cpu_svn: *cpu_svn,
        pce_svn: *pce_svn,
        pce_id: *pce_id,
    })
}

pub(crate) fn one_form(intel: &IntelClaims) -> Result<Claims, VerifyError> {
    let mut attributes = Attributes::default();
    let (generation, measurement, debug) = match &intel.body {
        QuoteBody::Sgx(report) => {
            sgx_attributes(report, &mut attributes);
            ("SGX", report.mr_enclave.to_vec(), report.debug())
        }
        QuoteBody::Td(report) => {
            td_attributes(report, &mut attributes);
            let registers: Vec<&[u8]> = std::iter::once(report.mr_td.as_slice())
                .chain(report.rtmr.iter().map(<[u8; 48]>::as_slice))
                .collect();
            let generation = match (&report.v15, &report.v15_ex) {
                (_, Some(_)) => "TDX 1.5ex",
                (Some(_), None) => "TDX 1.5",
                (None, None) => "TDX 1.0",
            };
            (
                generation,
                sha384(&registers).to_vec(),
                report.td_attributes.debug(),
            )
        }
    };
    platform_attributes(intel, &mut attributes);
    let platform = &intel.platform;
    let id = platform.platform_instance_id.unwrap_or(platform.ppid);
    let weaknesses = intel.weaknesses();
    Ok(Claims {
        kind: intel.tee.kind(),
        generation: generation.to_owned(),
        measurement: PlatformMeasurement::new(&measurement)?,
        platform_id: PlatformId::new(&id)?,
        tcb: tcb(intel),
        standing: Some(TcbStanding {
            status: intel.tcb.status.as_str().to_owned(),
            advisories: intel.tcb.advisories.iter().cloned().collect(),
            date: intel.tcb.date,
            evaluation: intel.tcb_evaluation_number.min(intel.qe_evaluation_number),
        }),
        protections: adyton_types::Protections::default(),
        debug,
        concerns: weaknesses.iter().map(|w| w.as_str().to_owned()).collect(),
        attributes: attributes.0,
        made_at: None,
        valid_until: intel.valid_until,
    })
}

/// The sixteen components of the platform's SGX TCB as Intel certified it (`sgx.1` to `sgx.16`),
/// `pce`, `qe`, and for TDX the sixteen of the module (`tdx.1` to `tdx.16`; 1 is its security
/// version, 2 its major version).
fn tcb(intel: &IntelClaims) -> BTreeMap<String, u64> {
    let numbered = |prefix: &str, components: &[u8; 16]| {
        let named = components.iter().zip(1_u8..);
        let all: Vec<(String, u64)> = named
            .map(|(svn, number)| (format!("{prefix}.{number}"), u64::from(*svn)))
            .collect();
        all
    };
    let mut tcb: BTreeMap<String, u64> =
        numbered("sgx", &intel.platform.tcb.0).into_iter().collect();
    tcb.insert("pce".to_owned(), intel.platform.pce_svn.into());
    tcb.insert("qe".to_owned(), intel.qe.isv_svn.into());
    match &intel.body {
        QuoteBody::Td(report) => {
            tcb.extend(numbered("tdx", &report.tee_tcb_svn));
            if let Some(v15) = &report.v15 {
                tcb.extend(numbered("tdx-now", &v15.tee_tcb_svn_2));
            }
        }
        QuoteBody::Sgx(report) => {
            tcb.insert("isv".to_owned(), report.isv_svn.into());
        }
    }
    tcb
}

fn sgx_attributes(report: &SgxReport, all: &mut Attributes) {
    all.bytes("mr-enclave", &report.mr_enclave);
    all.bytes("mr-signer", &report.mr_signer);
    all.number("isv-prod-id", report.isv_prod_id);
    all.number("isv-svn", report.isv_svn);
    all.bytes("isv-ext-prod-id", &report.isv_ext_prod_id);
    all.bytes("isv-family-id", &report.isv_family_id);
    all.bytes("config-id", &report.config_id);
    all.number("config-svn", report.config_svn);
    all.number("misc-select", report.misc_select);
    all.bytes("attributes", &report.attributes);
    all.flag("mode-64", report.mode_64());
    all.flag("provision-key", report.provision_key());
    all.flag("kss", report.kss());
}

fn td_attributes(report: &TdReport, all: &mut Attributes) {
    all.bytes("mr-td", &report.mr_td);
    for (number, rtmr) in report.rtmr.iter().enumerate() {
        all.bytes(&format!("rtmr{number}"), rtmr);
    }
    all.bytes("mr-config-id", &report.mr_config_id);
    all.bytes("mr-owner", &report.mr_owner);
    all.bytes("mr-owner-config", &report.mr_owner_config);
    all.bytes("mr-seam", &report.mr_seam);
    all.bytes("td-attributes", &report.td_attributes.0);
    all.bytes("xfam", &report.xfam);
    all.flag("sept-ve-disable", report.td_attributes.sept_ve_disable());
    all.flag("migratable", report.td_attributes.migratable());
    all.flag("perfmon", report.td_attributes.perfmon());
    if let Some(v15) = &report.v15 {
        all.bytes("mr-service-td", &v15.mr_service_td);
    }
    if let Some(ex) = &report.v15_ex {
        all.bytes("td-id", &ex.td_id);
        all.bytes("dev-info", &ex.dev_info);
        all.bytes("init-service-td-hash", &ex.init_service_td_hash);
        all.bytes("cur-service-td-hash", &ex.cur_service_td_hash);
    }
}

fn platform_attributes(intel: &IntelClaims, all: &mut Attributes) {
    let platform = &intel.platform;
    all.number("quote-version", intel.quote_version);
    all.bytes("fmspc", &platform.fmspc);
    all.bytes("pce-id", &platform.pce_id);
    all.bytes("ppid", &platform.ppid);
    let instance = platform.platform_instance_id;
    all.maybe_bytes(
        "platform-instance-id",
        instance.as_ref().map(<[u8; 16]>::as_slice),
    );
    for (name, value) in [
        ("dynamic-platform", platform.dynamic_platform),
        ("cached-keys", platform.cached_keys),
        ("smt-enabled", platform.smt_enabled),
    ] {
        if let Some(value) = value {
            all.flag(name, value);
        }
    }
    all.number("sgx-type", platform.sgx_type);
    all.text("platform-status", intel.tcb.platform.status.as_str());
    all.text("qe-status", intel.tcb.qe.status.as_str());
    if let Some(module) = &intel.tcb.module {
        all.text("module-status", module.status.as_str());
    }
    if let Some(current) = &intel.tcb.current {
        all.text("current-status", current.status.as_str());
    }
}
