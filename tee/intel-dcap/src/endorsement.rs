use adyton_pki::{
    Certificate, Crl, KeyUsage, LeafRule, PathRules, PkiError, SignatureAlgorithm, VerifiedCrl,
    VerifiedPath, parse_pem_chain, verify_path,
};
use adyton_types::{Check, UnixTime};

use crate::checks::{self, Held};
use crate::document::{SignedDocument, require_dates};
use crate::error::{Chain, Document};
use crate::pck::{PLATFORM_CA, PROCESSOR_CA};
use crate::qe_identity::{QeIdentity, RawQeIdentity};
use crate::tcb_info::{RawTcbInfo, TcbInfo};
use crate::{IntelBundle, IntelError, IntelTee, Roots};

/// The one algorithm that Intel signs certificates and lists with.
const ALGORITHMS: &[SignatureAlgorithm] = &[SignatureAlgorithm::EcdsaP256Sha256];

const TCB_SIGNER: &str = "Intel SGX TCB Signing";

/// Rules for the path of a TCB signer: issued by the root itself, never by a PCK CA.
const SIGNER_RULES: PathRules<'_> = PathRules {
    leaf: LeafRule::EndEntity(KeyUsage::DIGITAL_SIGNATURE),
    max_certificates: 2,
    algorithms: ALGORITHMS,
    understood: &[],
};

/// Rules for the path of the CA that issues PCK certificates and their revocation list.
pub(crate) const CA_RULES: PathRules<'_> = PathRules {
    leaf: LeafRule::Ca(KeyUsage::CRL_SIGN),
    ..SIGNER_RULES
};

/// Rules for the path of a PCK certificate.
pub(crate) const PCK_RULES: PathRules<'_> = PathRules {
    max_certificates: 3,
    ..SIGNER_RULES
};

/// Endorsements of Intel for one TEE and one kind of platform, every signature, date and revocation
/// of them verified. Having one tells you what Intel says of that kind of platform, from
/// [`not_before`](Self::not_before) to [`not_after`](Self::not_after).
#[derive(Debug)]
pub struct IntelEndorsements {
    pub(crate) tee: IntelTee,
    pub(crate) roots: Roots,
    pub(crate) tcb_info: TcbInfo,
    pub(crate) qe_identity: QeIdentity,
    pub(crate) root_crl: VerifiedCrl,
    pub(crate) pck_crl: VerifiedCrl,
    pub(crate) pck_ca: VerifiedPath,
    /// The text that `pck_ca` was read from, which most quotes repeat.
    pub(crate) pck_ca_pem: Vec<u8>,
    pub(crate) pck_chain: Option<Vec<u8>>,
    not_before: UnixTime,
    not_after: UnixTime,
    checks: Vec<Check>,
}

/// From when to when something is in date, narrowed by each part of it.
#[derive(Clone, Copy)]
struct Period {
    from: UnixTime,
    to: UnixTime,
}

impl Period {
    fn narrow(&mut self, from: UnixTime, to: UnixTime) {
        self.from = self.from.max(from);
        self.to = self.to.min(to);
    }

    /// Narrows to the dates of certificates and revocation lists.
    fn of_chains(&mut self, paths: &[&VerifiedPath], lists: &[&VerifiedCrl]) {
        for path in paths {
            self.narrow(path.not_before(), path.not_after());
        }
        for crl in lists {
            self.narrow(crl.this_update(), crl.next_update());
        }
    }

    /// Narrows to the dates of a signed document, which have to hold `now`.
    fn of_document(
        &mut self,
        document: Document,
        [from, to]: [UnixTime; 2],
        now: UnixTime,
        held: &mut Held,
    ) -> Result<(), IntelError> {
        let (signature, dates) = match document {
            Document::TcbInfo => (checks::TCB_INFO_SIGNATURE, checks::TCB_INFO_DATES),
            Document::QeIdentity => (checks::QE_IDENTITY_SIGNATURE, checks::QE_IDENTITY_DATES),
        };
        require_dates(document, from, to, now)?;
        self.narrow(from, to);
        held.add(signature, "ECDSA P-256 over the bytes as received");
        held.add(dates, format!("{from} <= {now} <= {to}"));
        Ok(())
    }
}

impl IntelEndorsements {
    /// Verifies a bundle for `tee` at `now`: chains to `roots`, lists, signatures, dates, kinds and
    /// forms of the documents. An evaluation below `min_evaluation_number` is refused: an older one
    /// may be in date still, and know less vulnerabilities.
    ///
    /// # Errors
    /// [`IntelError`]; `check()` names what does not hold.
    pub fn verify(
        tee: IntelTee,
        bundle: &IntelBundle,
        roots: &Roots,
        min_evaluation_number: u32,
        now: UnixTime,
    ) -> Result<Self, IntelError> {
        let mut held = Held(Vec::new());
        let mut period = Period {
            from: UnixTime::from_secs(0),
            to: UnixTime::MAX,
        };
        let signer = signer_path(&bundle.tcb_info_chain, roots, now)?;
        let root_crl = list(Chain::RootCrl, &bundle.root_crl, &signer, now)?;
        held.add(checks::SIGNER_CHAIN, path_text(&signer));
        held.add(checks::SIGNER_VALIDITY, dates_text(&signer, now));
        held.add(checks::ROOT_CRL, list_text(&root_crl, now));
        require_unrevoked(Chain::Signer, &signer, &[&root_crl])?;
        let qe_signer = if bundle.qe_identity_chain == bundle.tcb_info_chain {
            signer.clone()
        } else {
            let path = signer_path(&bundle.qe_identity_chain, roots, now)?;
            require_unrevoked(Chain::Signer, &path, &[&root_crl])?;
            path
        };
        held.add(checks::SIGNER_REVOCATION, "not in the root's list");

        let pck_ca = ca_path(&bundle.pck_crl_chain, roots, now)?;
        require_unrevoked(Chain::PckCrlIssuer, &pck_ca, &[&root_crl])?;
        let pck_crl = pck_list(&bundle.pck_crl, &pck_ca, now)?;
        held.add(checks::PCK_CRL_ISSUER, path_text(&pck_ca));
        held.add(checks::PCK_CRL, list_text(&pck_crl, now));

        let tcb_info = {
            let raw: RawTcbInfo = open(&bundle.tcb_info, Document::TcbInfo, &signer)?;
            let dates = [raw.issue_date, raw.next_update];
            period.of_document(Document::TcbInfo, dates, now, &mut held)?;
            raw.check(tee)?
        };
        held.add(checks::TCB_INFO_KIND, format!("{tee}, version 3"));
        held.add(checks::TCB_INFO_FORM, tcb_info.form_text());
        let qe_identity = {
            let raw: RawQeIdentity = open(&bundle.qe_identity, Document::QeIdentity, &qe_signer)?;
            let dates = [raw.issue_date, raw.next_update];
            period.of_document(Document::QeIdentity, dates, now, &mut held)?;
            raw.check(tee)?
        };
        let id = tee.qe_identity_id();
        held.add(checks::QE_IDENTITY_KIND, format!("{id}, version 2"));
        let levels = qe_identity.levels.len();
        held.add(checks::QE_IDENTITY_FORM, format!("{levels} TCB levels"));
        let found = [tcb_info.evaluation_number, qe_identity.evaluation_number];
        require_evaluation(found, min_evaluation_number, &mut held)?;
        period.of_chains(&[&signer, &qe_signer, &pck_ca], &[&root_crl, &pck_crl]);
        Ok(Self {
            tee,
            roots: roots.clone(),
            tcb_info,
            qe_identity,
            root_crl,
            pck_crl,
            pck_ca,
            pck_ca_pem: without_empty_lines(&bundle.pck_crl_chain).to_vec(),
            pck_chain: bundle.pck_chain.clone(),
            not_before: period.from,
            not_after: period.to,
            checks: held.0,
        })
    }

    /// Which TEE they are for.
    #[must_use]
    pub const fn tee(&self) -> IntelTee {
        self.tee
    }

    /// Which platforms they are for.
    #[must_use]
    pub const fn fmspc(&self) -> [u8; 6] {
        self.tcb_info.fmspc
    }

    /// The first second at which all of it is in date.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// The last second at which all of it is in date.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// The checks that were made, in order; all held.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }
}

pub(crate) fn pki(chain: Chain) -> impl Fn(PkiError) -> IntelError {
    move |source| IntelError::Pki { chain, source }
}

pub(crate) fn certificates(chain: Chain, pem: &[u8]) -> Result<Vec<Certificate>, IntelError> {
    parse_pem_chain(pem).map_err(pki(chain))
}

pub(crate) fn signer_path(
    pem: &[u8],
    roots: &Roots,
    now: UnixTime,
) -> Result<VerifiedPath, IntelError> {
    let chain = Chain::Signer;
    let certificates = certificates(chain, pem)?;
    let path =
        verify_path(certificates, roots.anchors(), &SIGNER_RULES, now).map_err(pki(chain))?;
    match path.leaf().subject_common_name() {
        Some(TCB_SIGNER) => Ok(path),
        other => Err(IntelError::Subject {
            chain,
            expected: TCB_SIGNER,
            found: other.unwrap_or_default().to_owned(),
        }),
    }
}

pub(crate) fn ca_path(
    pem: &[u8],
    roots: &Roots,
    now: UnixTime,
) -> Result<VerifiedPath, IntelError> {
    let chain = Chain::PckCrlIssuer;
    let certificates = certificates(chain, pem)?;
    let path = verify_path(certificates, roots.anchors(), &CA_RULES, now).map_err(pki(chain))?;
    match path.leaf().subject_common_name() {
        Some(PLATFORM_CA | PROCESSOR_CA) => Ok(path),
        other => Err(IntelError::Subject {
            chain,
            expected: PLATFORM_CA,
            found: other.unwrap_or_default().to_owned(),
        }),
    }
}

pub(crate) fn list(
    chain: Chain,
    der: &[u8],
    path: &VerifiedPath,
    now: UnixTime,
) -> Result<VerifiedCrl, IntelError> {
    let crl = Crl::parse(der).map_err(pki(chain))?;
    path.verify_crl(&crl, ALGORITHMS, now).map_err(pki(chain))
}

/// The list of a PCK CA, which that CA itself issued: the root, which stands above it, has a list of
/// its own, which says nothing of PCK certificates.
pub(crate) fn pck_list(
    der: &[u8],
    ca: &VerifiedPath,
    now: UnixTime,
) -> Result<VerifiedCrl, IntelError> {
    let crl = list(Chain::PckCrl, der, ca, now)?;
    if crl.issuer() == ca.leaf().subject() {
        Ok(crl)
    } else {
        Err(pki(Chain::PckCrl)(PkiError::CrlIssuer))
    }
}

pub(crate) fn require_unrevoked(
    chain: Chain,
    path: &VerifiedPath,
    lists: &[&VerifiedCrl],
) -> Result<(), IntelError> {
    path.require_unrevoked(lists).map_err(pki(chain))
}

pub(crate) fn open<T: serde::de::DeserializeOwned>(
    signed: &SignedDocument,
    document: Document,
    signer: &VerifiedPath,
) -> Result<T, IntelError> {
    signed.open(document, signer.leaf().public_key())
}

/// Evaluations of TCB info and QE identity against the least that is accepted.
fn require_evaluation(found: [u32; 2], min: u32, held: &mut Held) -> Result<(), IntelError> {
    for (document, found) in [Document::TcbInfo, Document::QeIdentity]
        .into_iter()
        .zip(found)
    {
        if found < min {
            return Err(IntelError::EvaluationNumber {
                document,
                min,
                found,
            });
        }
    }
    let [tcb_info, qe_identity] = found;
    held.add(
        checks::EVALUATION_NUMBER,
        format!("{tcb_info} and {qe_identity} >= {min}"),
    );
    Ok(())
}

fn path_text(path: &VerifiedPath) -> String {
    let names: Vec<&str> = path
        .certificates()
        .iter()
        .map(|certificate| certificate.subject_common_name().unwrap_or("?"))
        .collect();
    names.join(" < ")
}

fn dates_text(path: &VerifiedPath, now: UnixTime) -> String {
    format!("{} <= {now} <= {}", path.not_before(), path.not_after())
}

fn list_text(crl: &VerifiedCrl, now: UnixTime) -> String {
    format!("{} <= {now} <= {}", crl.this_update(), crl.next_update())
}

/// A text without the empty lines around it, which PEM may have.
pub(crate) fn without_empty_lines(mut text: &[u8]) -> &[u8] {
    while let Some(rest) = text.strip_prefix(b"\n").or(text.strip_suffix(b"\n")) {
        text = rest;
    }
    text
}
