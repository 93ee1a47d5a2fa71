use std::sync::Arc;

use adyton_codec::hex_encode;
use adyton_crypto::sha256;
use adyton_pki::{
    Certificate, KeyKind, PkiError, PublicKey, SignatureAlgorithm, VerifiedPath, parse_pem_chain,
    split_first_pem, split_pem_chain, verify_path,
};
use adyton_types::{Check, ReportData, UnixTime};

use crate::appraise::{appraise_tcb, match_qe};
use crate::cache::VerifiedPck;
use crate::checks::{self, Held};
use crate::endorsement::{PCK_RULES, require_unrevoked, without_empty_lines};
use crate::error::Chain;
use crate::{IntelClaims, IntelEndorsements, IntelError, PckCache, PckPlatform, Quote, QuoteBody};

/// Evidence of SGX or TDX that verified. Having one tells you that a genuine platform of Intel, whose
/// TCB is known and not revoked, stated these claims. It does not tell you that the TCB is up to
/// date, that the enclave or TD is the one you mean, or that it cannot be debugged: that is for the
/// policy, over the claims.
#[derive(Debug, Clone)]
pub struct VerifiedQuote {
    claims: IntelClaims,
    checks: Vec<Check>,
}

impl VerifiedQuote {
    /// What the Evidence says.
    #[must_use]
    pub const fn claims(&self) -> &IntelClaims {
        &self.claims
    }

    /// The checks that were made on the Evidence, in order; all held. Those made on the Endorsements
    /// are theirs to tell ([`IntelEndorsements::checks`]).
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What the Evidence says, by value.
    #[must_use]
    pub fn into_claims(self) -> IntelClaims {
        self.claims
    }
}

/// Verifies a quote of SGX or TDX against Endorsements, at `now`.
///
/// Three P-256 signatures are verified where the Endorsements hold the CA of the PCK certificate:
/// that of the PCK certificate, of the QE's report and of the quote.
///
/// # Errors
/// [`IntelError`]; `check()` names what does not hold.
pub fn verify(
    evidence: &[u8],
    endorsements: &IntelEndorsements,
    now: UnixTime,
) -> Result<VerifiedQuote, IntelError> {
    verify_with(evidence, endorsements, None, now)
}

/// The same, with a cache of PCK certificates: of a platform that it knows, two signatures are
/// verified.
///
/// # Errors
/// Those of [`verify`].
pub fn verify_cached(
    evidence: &[u8],
    endorsements: &IntelEndorsements,
    cache: &PckCache,
    now: UnixTime,
) -> Result<VerifiedQuote, IntelError> {
    verify_with(evidence, endorsements, Some(cache), now)
}

fn verify_with(
    evidence: &[u8],
    endorsements: &IntelEndorsements,
    cache: Option<&PckCache>,
    now: UnixTime,
) -> Result<VerifiedQuote, IntelError> {
    let quote = Quote::parse(evidence)?;
    let mut held = Held(Vec::with_capacity(checks::ALL.len()));
    held_form(&quote, evidence.len(), &mut held);
    require_endorsements(&quote, endorsements, now, &mut held)?;
    let pck = verified_pck(&quote, endorsements, cache, now, &mut held)?;
    require_tcb_info(&pck.platform, endorsements, &mut held)?;
    verify_qe_report(&quote, pck.path.leaf().public_key(), &mut held)?;
    require_qe_binding(&quote, &mut held)?;
    let qe_level = match_qe(&quote.qe_report, &endorsements.qe_identity)?;
    held.add(
        checks::QE_IDENTITY,
        "signer, product, MISCSELECT, attributes",
    );
    held.add(checks::QE_DEBUG, "off");
    let isv_svn = quote.qe_report.isv_svn;
    let status = qe_level.status;
    held.add(checks::QE_TCB_LEVEL, format!("ISVSVN {isv_svn}: {status}"));
    verify_quote_signature(&quote, &mut held)?;
    let tcb = appraise_tcb(&quote.body, &pck.platform, &endorsements.tcb_info, qe_level)?;
    held_tcb(&tcb, &quote.body, &mut held);
    let valid_until = endorsements.not_after().min(pck.path.not_after());
    Ok(VerifiedQuote {
        claims: IntelClaims {
            tee: quote.tee,
            quote_version: quote.version,
            report_data: ReportData::new(*quote.body.report_data()),
            tcb,
            tcb_evaluation_number: endorsements.tcb_info.evaluation_number,
            qe_evaluation_number: endorsements.qe_identity.evaluation_number,
            platform: pck.platform.clone(),
            qe: quote.qe_report,
            body: quote.body,
            valid_until,
        },
        checks: held.0,
    })
}

/// What [`Quote::parse`] checks.
fn held_form(quote: &Quote<'_>, len: usize, held: &mut Held) {
    held.add(checks::QUOTE_VERSION, quote.version.to_string());
    held.add(checks::KEY_TYPE, "2, ECDSA P-256");
    held.add(checks::TEE_TYPE, quote.tee.tcb_info_id());
    let body = quote.signed.len().saturating_sub(48);
    held.add(checks::BODY_TYPE, format!("{body} bytes"));
    held.add(checks::LENGTHS, format!("{len} bytes, all used"));
    held.add(checks::VENDOR, "Intel's");
    held.add(checks::RESERVED, "all zero");
    let kind = quote.certification.kind;
    held.add(checks::CERTIFICATION, format!("type {kind}"));
}

fn require_endorsements(
    quote: &Quote<'_>,
    endorsements: &IntelEndorsements,
    now: UnixTime,
    held: &mut Held,
) -> Result<(), IntelError> {
    if endorsements.tee != quote.tee {
        return Err(IntelError::OtherTee {
            quote: quote.tee,
            endorsements: endorsements.tee,
        });
    }
    let (from, to) = (endorsements.not_before(), endorsements.not_after());
    if now < from || now > to {
        return Err(IntelError::EndorsementPeriod { from, to, now });
    }
    held.add(checks::ENDORSEMENT_PERIOD, format!("{now}, to {to}"));
    Ok(())
}

/// The PCK certificate's path, from the cache or verified now; its dates and revocation each time.
fn verified_pck(
    quote: &Quote<'_>,
    endorsements: &IntelEndorsements,
    cache: Option<&PckCache>,
    now: UnixTime,
    held: &mut Held,
) -> Result<Arc<VerifiedPck>, IntelError> {
    let chain = match (quote.certification.pck_chain(), &endorsements.pck_chain) {
        (Ok(chain), _) => chain,
        (Err(_), Some(handed_in)) => handed_in,
        (Err(needed), None) => return Err(needed),
    };
    let known = cache.and_then(|cache| cache.find(chain, &endorsements.roots));
    let known = known.filter(|pck| pck.path.covers(now));
    let from_cache = known.is_some();
    let pck = match known {
        Some(pck) => pck,
        None => Arc::new(verify_pck(chain, endorsements, now)?),
    };
    let lists = [&endorsements.root_crl, &endorsements.pck_crl];
    require_unrevoked(Chain::Pck, &pck.path, &lists)?;
    if let Some(cache) = cache.filter(|_| !from_cache) {
        cache.keep(chain, &pck);
    }
    let how = if from_cache { ", known" } else { "" };
    let ca = pck.platform.ca;
    held.add(checks::PCK_CHAIN, format!("{ca:?} CA, pinned root{how}"));
    held.add(checks::PCK_VALIDITY, format!("to {}", pck.path.not_after()));
    let serial = pck.path.leaf().serial_hex();
    held.add(checks::PCK_REVOCATION, format!("{serial} in no list"));
    held.add(checks::PCK_SUBJECT, "a PCK certificate");
    held.add(checks::PCK_EXTENSION, "complete");
    Ok(pck)
}

fn verify_pck(
    chain: &[u8],
    endorsements: &IntelEndorsements,
    now: UnixTime,
) -> Result<VerifiedPck, IntelError> {
    let pki = |source| IntelError::Pki {
        chain: Chain::Pck,
        source,
    };
    let path: VerifiedPath = match issued_by_known(chain, endorsements).map_err(pki)? {
        Some(leaf) => endorsements.pck_ca.extend(leaf, &PCK_RULES, now),
        None => {
            let parsed = parse_pem_chain(chain).map_err(pki)?;
            verify_path(parsed, endorsements.roots.anchors(), &PCK_RULES, now)
        }
    }
    .map_err(pki)?;
    let platform = PckPlatform::parse(path.leaf())?;
    Ok(VerifiedPck {
        path,
        platform,
        roots: endorsements.roots.clone(),
    })
}

/// The first certificate of a chain, if those above it are the CA of the Endorsements, which has
/// verified. Mostly its very text stands there; else the bytes inside are compared.
fn issued_by_known(
    chain: &[u8],
    endorsements: &IntelEndorsements,
) -> Result<Option<Certificate>, PkiError> {
    let (leaf, above) = split_first_pem(chain)?;
    if without_empty_lines(above) == endorsements.pck_ca_pem {
        return Certificate::parse(&leaf).map(Some);
    }
    let ders = split_pem_chain(chain)?;
    let issuers = ders.iter().skip(1).map(Vec::as_slice);
    let known = endorsements.pck_ca.certificates().iter();
    if issuers.eq(known.map(Certificate::der)) {
        return Certificate::parse(&leaf).map(Some);
    }
    Ok(None)
}

/// TCB info is that of the platform.
fn require_tcb_info(
    platform: &PckPlatform,
    endorsements: &IntelEndorsements,
    held: &mut Held,
) -> Result<(), IntelError> {
    let info = &endorsements.tcb_info;
    if platform.fmspc != info.fmspc {
        return Err(IntelError::Fmspc {
            pck: platform.fmspc,
            tcb_info: info.fmspc,
        });
    }
    held.add(checks::FMSPC, hex_encode(&info.fmspc));
    if platform.pce_id != info.pce_id {
        return Err(IntelError::PceId {
            pck: platform.pce_id,
            tcb_info: info.pce_id,
        });
    }
    held.add(checks::PCEID, hex_encode(&info.pce_id));
    Ok(())
}

const FIXED: SignatureAlgorithm = SignatureAlgorithm::EcdsaP256Sha256Fixed;

fn verify_qe_report(quote: &Quote<'_>, pck: &PublicKey, held: &mut Held) -> Result<(), IntelError> {
    pck.verify(
        FIXED,
        quote.qe_report_bytes,
        quote.qe_report_signature,
        "the QE report",
    )
    .map_err(|_| IntelError::QeReportSignature)?;
    held.add(checks::QE_REPORT_SIGNATURE, "ECDSA P-256 by the PCK");
    Ok(())
}

/// Report data of the QE: SHA-256 of attestation key and authentication data, then zeros.
fn require_qe_binding(quote: &Quote<'_>, held: &mut Held) -> Result<(), IntelError> {
    let digest = sha256(&[&quote.attestation_key, quote.qe_auth_data]);
    let (bound, rest) = quote.qe_report.report_data.split_at(digest.len());
    if bound != digest || rest.iter().any(|byte| *byte != 0) {
        return Err(IntelError::QeReportData);
    }
    held.add(checks::QE_REPORT_DATA, "binds the attestation key");
    Ok(())
}

fn verify_quote_signature(quote: &Quote<'_>, held: &mut Held) -> Result<(), IntelError> {
    let point = [&[4], quote.attestation_key.as_slice()].concat();
    PublicKey::from_sec1(KeyKind::P256, &point)
        .map_err(|_| IntelError::AttestationKey)?
        .verify(FIXED, quote.signed, quote.signature, "the quote")
        .map_err(|_| IntelError::QuoteSignature)?;
    let len = quote.signed.len();
    held.add(
        checks::QUOTE_SIGNATURE,
        format!("ECDSA P-256 over {len} bytes as received"),
    );
    Ok(())
}

fn held_tcb(tcb: &crate::TcbVerdict, body: &QuoteBody, held: &mut Held) {
    let level = |level: &crate::Level| format!("{} of {}", level.status, level.date);
    held.add(checks::PLATFORM_TCB_LEVEL, level(&tcb.platform));
    if let QuoteBody::Td(report) = body {
        let [isv_svn, version, ..] = report.tee_tcb_svn;
        held.add(checks::TDX_MODULE, format!("version {version}, Intel's"));
        if let Some(module) = &tcb.module {
            let text = format!("ISVSVN {isv_svn}: {}", level(module));
            held.add(checks::TDX_MODULE_TCB_LEVEL, text);
        }
        if let Some(current) = &tcb.current {
            held.add(checks::TDX_CURRENT_TCB, current.status.as_str());
        }
    }
    held.add(checks::TCB_REVOKED, format!("converged: {}", tcb.status));
}
