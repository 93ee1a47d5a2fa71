use adyton_pki::{
    Certificate, Crl, KeyUsage, LeafRule, PathRules, PkiError, SignatureAlgorithm, TrustAnchor,
    VerifiedCrl, verify_path,
};
use adyton_types::{Check, UnixTime};

use crate::error::Part;
use crate::roots::{Roots, anchor};
use crate::{Generation, SnpError, VekKind, checks};

/// The one algorithm that AMD signs certificates and revocation lists with (AMD 57230, section 3).
pub(crate) const ALGORITHMS: [SignatureAlgorithm; 1] = [SignatureAlgorithm::RsaPssSha384];

/// The certificates above a V*EK, in DER, from whoever had them: AMD KDS (`cert_chain`), the
/// host's certificate table, or a cache. They prove themselves.
#[derive(Debug, Clone, Copy)]
pub struct CaChain<'a> {
    /// AMD root key certificate.
    pub ark: &'a [u8],
    /// AMD signing key certificate: ASK for a VCEK, ASVK for a VLEK.
    pub ca: &'a [u8],
}

/// An AMD signing key of one generation that verified: its certificate leads to a pinned root, and
/// AMD's revocation list was looked at. It is verified once and signs the certificates of many
/// chips.
#[derive(Debug, Clone)]
pub struct SigningCa {
    pub(crate) generation: Generation,
    pub(crate) kind: VekKind,
    pub(crate) anchor: TrustAnchor,
    pub(crate) crl: Option<VerifiedCrl>,
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
    pub(crate) checks: Vec<Check>,
}

impl SigningCa {
    /// Verifies the chain, and AMD's revocation list (in DER, from `/vcek/v1/{product}/crl` or
    /// `/vlek/v1/{product}/crl` of AMD KDS).
    ///
    /// # Errors
    /// The [`SnpError`] whose [`check`](SnpError::check) names what failed.
    pub fn verify(
        roots: &Roots,
        chain: &CaChain<'_>,
        crl: &[u8],
        now: UnixTime,
    ) -> Result<Self, SnpError> {
        let mut ca = Chain::verify(roots, chain, now)?;
        let crl = ca.revocations(crl, now)?;
        let mut ca = ca.authority;
        ca.not_before = ca.not_before.max(crl.this_update());
        ca.not_after = ca.not_after.min(crl.next_update());
        ca.crl = Some(crl);
        Ok(ca)
    }

    /// Verifies the chain, and leaves open whether AMD has revoked it. Only for recorded Evidence,
    /// with which no revocation list was kept: what verifies under it says so, as the check
    /// `no-revocation-list` and as a claim.
    ///
    /// # Errors
    /// The [`SnpError`] whose [`check`](SnpError::check) names what failed.
    pub fn danger_without_revocation_list(
        roots: &Roots,
        chain: &CaChain<'_>,
        now: UnixTime,
    ) -> Result<Self, SnpError> {
        let mut ca = Chain::verify(roots, chain, now)?.authority;
        let warning = "nobody looked whether AMD has revoked these certificates";
        ca.checks.push(checks::NO_REVOCATION_LIST.held(warning));
        Ok(ca)
    }

    /// Verifies a revocation list, in DER, by itself: whoever is revoked by it. For who keeps lists, and
    /// must not miss the one that revokes the chain. Gives until when list and chain are good.
    ///
    /// # Errors
    /// The [`SnpError`] whose [`check`](SnpError::check) names what failed; never
    /// [`SnpError::Revoked`].
    pub fn revocation_list(
        roots: &Roots,
        chain: &CaChain<'_>,
        crl: &[u8],
        now: UnixTime,
    ) -> Result<UnixTime, SnpError> {
        let ca = Chain::verify(roots, chain, now)?;
        let crl = ca.list(crl, now)?;
        Ok(ca.authority.not_after.min(crl.next_update()))
    }

    /// Whether a certificate, in DER, is that of a pinned root, whole and in date.
    #[must_use]
    pub fn is_root(roots: &Roots, ark: &[u8], now: UnixTime) -> bool {
        Certificate::parse(ark)
            .is_ok_and(|ark| verify_ark(roots, &ark, now, &mut Vec::new()).is_ok())
    }

    /// The generation whose root signed.
    #[must_use]
    pub const fn generation(&self) -> Generation {
        self.generation
    }

    /// The kind of key whose certificates it signs.
    #[must_use]
    pub const fn kind(&self) -> VekKind {
        self.kind
    }

    /// The first second at which all of it is valid.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// The last second at which all of it is valid; the revocation list is mostly what ends.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }
}

/// A chain that verified, with what its revocation list has to be compared with.
struct Chain {
    authority: SigningCa,
    ark: Certificate,
    ca: Certificate,
}

impl Chain {
    fn verify(roots: &Roots, chain: &CaChain<'_>, now: UnixTime) -> Result<Self, SnpError> {
        let parse =
            |part, der| Certificate::parse(der).map_err(|cause| SnpError::Profile { part, cause });
        let ark = parse(Part::Ark, chain.ark)?;
        let ca = parse(Part::Ca, chain.ca)?;
        let mut checks = Vec::new();
        let generation = verify_ark(roots, &ark, now, &mut checks)?;
        let kind = verify_ca(&ark, &ca, generation, now, &mut checks)?;
        let authority = SigningCa {
            generation,
            kind,
            anchor: TrustAnchor::from_certificate(&ca),
            crl: None,
            not_before: ark.not_before().max(ca.not_before()),
            not_after: ark.not_after().min(ca.not_after()),
            checks,
        };
        Ok(Self { authority, ark, ca })
    }

    /// Verifies the revocation list, which the root signs.
    fn list(&self, der: &[u8], now: UnixTime) -> Result<VerifiedCrl, SnpError> {
        let crl = Crl::parse(der).map_err(|cause| SnpError::Profile {
            part: Part::Crl,
            cause,
        })?;
        let root = [anchor(self.ark.public_key().fingerprint())];
        let path = single(&self.ark, &root, LeafRule::Ca(KeyUsage::CRL_SIGN), now)
            .map_err(|cause| refused(Part::Ark, &self.ark, cause, now))?;
        path.verify_crl(&crl, &ALGORITHMS, now)
            .map_err(|cause| match cause {
                PkiError::CrlNotYetValid { .. }
                | PkiError::CrlExpired { .. }
                | PkiError::CrlNoNextUpdate => SnpError::RevocationList { cause },
                cause => SnpError::Signature {
                    part: Part::Crl,
                    cause,
                },
            })
    }

    /// Verifies the revocation list, and looks for both certificates in it.
    fn revocations(&mut self, der: &[u8], now: UnixTime) -> Result<VerifiedCrl, SnpError> {
        let verified = self.list(der, now)?;
        for (part, certificate) in [(Part::Ark, &self.ark), (Part::Ca, &self.ca)] {
            if verified.revoked(certificate.serial()) {
                return Err(SnpError::Revoked { part });
            }
        }
        let (from, until) = (verified.this_update(), verified.next_update());
        self.authority.checks.extend([
            checks::CRL_SIGNATURE.held("signed by the same root"),
            checks::CRL_DATES.held(format!("{from} to {until}")),
            checks::CA_NOT_REVOKED.held(format!(
                "serials {} and {} are not in the list",
                self.ark.serial_hex(),
                self.ca.serial_hex()
            )),
        ]);
        Ok(verified)
    }
}

fn verify_ark(
    roots: &Roots,
    ark: &Certificate,
    now: UnixTime,
    checks: &mut Vec<Check>,
) -> Result<Generation, SnpError> {
    let key = ark.public_key().fingerprint();
    let generation = roots
        .generation_of(key)
        .ok_or(SnpError::Root { found: key })?;
    single(ark, &[anchor(key)], LeafRule::Ca(KeyUsage::CRL_SIGN), now)
        .map_err(|cause| refused(Part::Ark, ark, cause, now))?;
    if ark.subject_common_name() != Some(&format!("ARK-{generation}")) {
        return Err(SnpError::Role {
            part: Part::Ark,
            why: "is not named as its generation's",
        });
    }
    checks.extend([
        checks::ARK_PINNED.held(format!("{key} is the root key of {generation}")),
        checks::ARK_SIGNATURE.held("signed by its own key, RSASSA-PSS with SHA-384"),
        checks::ARK_PROFILE.held("an authority for certificates and revocation lists"),
        checks::ARK_DATES.held(format!("{} to {}", ark.not_before(), ark.not_after())),
    ]);
    Ok(generation)
}

fn verify_ca(
    ark: &Certificate,
    ca: &Certificate,
    generation: Generation,
    now: UnixTime,
    checks: &mut Vec<Check>,
) -> Result<VekKind, SnpError> {
    let root = [TrustAnchor::from_certificate(ark)];
    single(ca, &root, LeafRule::Ca(KeyUsage::CERT_SIGN), now)
        .map_err(|cause| refused(Part::Ca, ca, cause, now))?;
    let role = |why| SnpError::Role {
        part: Part::Ca,
        why,
    };
    // An authority for leaves only: AMD's have a path length of 0.
    if ca
        .basic_constraints()
        .and_then(|constraints| constraints.path_len)
        != Some(0)
    {
        return Err(role("has no path length of 0"));
    }
    let name = ca.subject_common_name().unwrap_or_default();
    let kind = VekKind::ALL
        .into_iter()
        .find(|kind| kind.authority_name(generation) == name)
        .ok_or(role(
            "is named neither as its generation's ASK nor as its ASVK",
        ))?;
    checks.extend([
        checks::CA_SIGNATURE.held("signed by the root, RSASSA-PSS with SHA-384"),
        checks::CA_PROFILE.held(format!("{name}: an authority for {kind} certificates only")),
        checks::CA_DATES.held(format!("{} to {}", ca.not_before(), ca.not_after())),
    ]);
    Ok(kind)
}

/// Verifies one certificate under one key, so that an error is about no other certificate.
pub(crate) fn single(
    certificate: &Certificate,
    issuer: &[TrustAnchor],
    leaf: LeafRule,
    now: UnixTime,
) -> Result<adyton_pki::VerifiedPath, PkiError> {
    let rules = PathRules {
        leaf,
        max_certificates: 1,
        algorithms: &ALGORITHMS,
        understood: &[],
    };
    verify_path(vec![certificate.clone()], issuer, &rules, now)
}

/// The named check that a certificate failed.
pub(crate) fn refused(
    part: Part,
    certificate: &Certificate,
    cause: PkiError,
    now: UnixTime,
) -> SnpError {
    match cause {
        PkiError::NotYetValid { .. } | PkiError::Expired { .. } => SnpError::Dates {
            part,
            from: certificate.not_before(),
            until: certificate.not_after(),
            now,
        },
        PkiError::Signature { .. }
        | PkiError::UnknownAlgorithm { .. }
        | PkiError::AlgorithmMismatch { .. }
        | PkiError::AlgorithmNotAllowed { .. }
        | PkiError::IssuerMismatch { .. }
        | PkiError::NotAnchored => SnpError::Signature { part, cause },
        cause => SnpError::Profile { part, cause },
    }
}
