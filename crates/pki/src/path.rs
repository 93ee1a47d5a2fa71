use adyton_types::UnixTime;
use der::oid::ObjectIdentifier as Oid;

use crate::anchor::Anchor;
use crate::oid::known;
use crate::{
    Certificate, Crl, KeyUsage, PkiError, PublicKey, SignatureAlgorithm, TrustAnchor, VerifiedCrl,
};

/// The most certificates that a path may ever have, so that nobody is made to verify signatures
/// without end. The longest that a TEE vendor uses has six (NVIDIA).
pub const MAX_PATH: usize = 8;

/// Critical extensions that this crate itself obeys.
const OBEYED: [Oid; 2] = [known::BASIC_CONSTRAINTS, known::KEY_USAGE];

/// What the first certificate of a path has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LeafRule {
    /// No CA; its keyUsage is there and allows this.
    EndEntity(KeyUsage),
    /// No CA; if it has a keyUsage, that allows this. For issuers that write none (AMD).
    EndEntityUsageOptional(KeyUsage),
    /// A CA whose keyUsage allows this besides signing certificates.
    Ca(KeyUsage),
}

/// What is asked of a path beyond RFC 5280.
#[derive(Debug, Clone, Copy)]
pub struct PathRules<'a> {
    /// What the leaf has to be.
    pub leaf: LeafRule,
    /// The most certificates, a root's own included; [`MAX_PATH`] is the upper limit anyway.
    pub max_certificates: usize,
    /// The algorithms that certificates may be signed with.
    pub algorithms: &'a [SignatureAlgorithm],
    /// Critical extensions that the caller itself reads and obeys.
    pub understood: &'a [Oid],
}

/// A path whose every rule holds at the time it was verified for. Having one tells you that the
/// pinned root vouched, through CAs that may, for the leaf's key and extensions, and that all of it
/// was in date. It does not tell you that nothing is revoked: see
/// [`require_unrevoked`](Self::require_unrevoked).
#[derive(Debug, Clone)]
pub struct VerifiedPath {
    certificates: Vec<Certificate>,
    anchor: TrustAnchor,
    not_before: UnixTime,
    not_after: UnixTime,
}

impl VerifiedPath {
    /// The first certificate.
    ///
    /// # Panics
    /// Never: a path has one certificate at least.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        self.certificates.first().expect("a path is never empty")
    }

    /// All certificates, leaf first; the root's own last, if it was given.
    #[must_use]
    pub fn certificates(&self) -> &[Certificate] {
        &self.certificates
    }

    /// From when all of it is valid.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// Until when all of it is valid.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// Whether it is valid at another time too.
    #[must_use]
    pub fn covers(&self, now: UnixTime) -> bool {
        self.not_before <= now && now <= self.not_after
    }

    /// Verifies the path of a certificate that this path's leaf, a CA, has issued: the same as
    /// [`verify_path`] of both together, but signatures that are verified already are not verified
    /// again.
    ///
    /// # Errors
    /// Those of [`verify_path`].
    pub fn extend(
        &self,
        leaf: Certificate,
        rules: &PathRules<'_>,
        now: UnixTime,
    ) -> Result<Self, PkiError> {
        let mut certificates = vec![leaf];
        certificates.extend(self.certificates.iter().cloned());
        verify(certificates, self.anchor.clone(), rules, now, 1)
    }

    /// Verifies a revocation list that one of this path's CAs, or its root, has signed.
    ///
    /// # Errors
    /// [`PkiError`]: another issuer, an issuer that may not sign lists, a signature that does not
    /// verify, out of date, a critical extension that is not understood.
    pub fn verify_crl(
        &self,
        crl: &Crl,
        algorithms: &[SignatureAlgorithm],
        now: UnixTime,
    ) -> Result<VerifiedCrl, PkiError> {
        let issuer = self
            .certificates
            .iter()
            .enumerate()
            .find(|(_, certificate)| certificate.subject() == crl.issuer());
        let key = match (issuer, &self.anchor.0) {
            (Some((index, issuer)), _) => {
                if !issuer.is_ca() {
                    return Err(PkiError::NotACa { index });
                }
                require_usage(issuer, index, KeyUsage::CRL_SIGN)?;
                issuer.public_key()
            }
            (None, Anchor::Key { subject, key }) if subject.as_slice() == crl.issuer() => key,
            (None, _) => return Err(PkiError::CrlIssuer),
        };
        crl.verify(key, algorithms, now)
    }

    /// Refuses the path if a certificate of it, but for the root's own, is revoked, or if there is
    /// no list of its issuer's name and key among `crls`.
    ///
    /// # Errors
    /// [`PkiError::CrlMissing`], [`PkiError::Revoked`].
    pub fn require_unrevoked(&self, crls: &[&VerifiedCrl]) -> Result<(), PkiError> {
        for (index, certificate) in self.certificates.iter().enumerate() {
            let last = index.saturating_add(1) == self.certificates.len();
            if last && self.anchor.is_key_of(certificate) {
                continue;
            }
            let issuer = self.issuer_key(index)?;
            let crl = crls
                .iter()
                .find(|crl| crl.issuer() == certificate.issuer() && crl.issuer_key() == issuer)
                .ok_or(PkiError::CrlMissing { index })?;
            if crl.revoked(certificate.serial()) {
                return Err(PkiError::Revoked {
                    index,
                    serial: certificate.serial_hex(),
                });
            }
        }
        Ok(())
    }

    /// Whether it holds the pinned key.
    pub(crate) fn is_root(&self, certificate: &Certificate) -> bool {
        self.anchor.is_key_of(certificate)
    }

    pub(crate) fn issuer_key(&self, index: usize) -> Result<&PublicKey, PkiError> {
        match (
            self.certificates.get(index.saturating_add(1)),
            &self.anchor.0,
        ) {
            (Some(issuer), _) => Ok(issuer.public_key()),
            (None, Anchor::Key { key, .. }) => Ok(key),
            (None, Anchor::Fingerprint(_)) => Err(PkiError::NotAnchored),
        }
    }
}

/// Verifies a path, leaf first, to one of the pinned keys, at `now` (RFC 5280 section 6.1, without
/// policies; where a path has a policy or name constraint that is critical, it is refused).
///
/// Stricter than the RFC: names are compared byte for byte; the root's own certificate, where it is
/// given, obeys every rule too, its signature and dates included; a nameConstraints extension is
/// refused even if it is not critical, since it has to be.
///
/// # Errors
/// [`PkiError`], by the first rule that does not hold.
pub fn verify_path(
    certificates: Vec<Certificate>,
    anchors: &[TrustAnchor],
    rules: &PathRules<'_>,
    now: UnixTime,
) -> Result<VerifiedPath, PkiError> {
    let last = certificates.last().ok_or(PkiError::EmptyPath)?;
    let anchor = anchors
        .iter()
        .find(|anchor| anchor.is_key_of(last) || issued_by(anchor, last))
        .ok_or(PkiError::NotAnchored)?
        .clone();
    let signatures = certificates.len();
    verify(certificates, anchor, rules, now, signatures)
}

/// The rules, with the signatures of the first `signatures` certificates; the others' are known to
/// verify.
fn verify(
    certificates: Vec<Certificate>,
    anchor: TrustAnchor,
    rules: &PathRules<'_>,
    now: UnixTime,
    signatures: usize,
) -> Result<VerifiedPath, PkiError> {
    let max = rules.max_certificates.min(MAX_PATH);
    if certificates.len() > max {
        return Err(PkiError::PathTooLong {
            max,
            found: certificates.len(),
        });
    }
    for (index, certificate) in certificates.iter().enumerate() {
        let issuer = certificates.get(index.saturating_add(1));
        let (name, key) = match (issuer, &anchor.0) {
            (Some(issuer), _) => (issuer.subject(), issuer.public_key()),
            (None, _) if anchor.is_key_of(certificate) => {
                (certificate.subject(), certificate.public_key())
            }
            (None, Anchor::Key { subject, key }) => (subject.as_slice(), key),
            (None, Anchor::Fingerprint(_)) => return Err(PkiError::NotAnchored),
        };
        if certificate.issuer() != name {
            return Err(PkiError::IssuerMismatch { index });
        }
        require_valid(certificate, index, now)?;
        require_understood(certificate, rules.understood)?;
        match index.checked_sub(1) {
            None => require_leaf(certificate, rules.leaf)?,
            Some(between) => require_ca(certificate, index, between)?,
        }
        if index < signatures {
            verify_signature(certificate, index, key, rules.algorithms)?;
        }
    }
    let not_before = certificates.iter().map(Certificate::not_before).max();
    let not_after = certificates.iter().map(Certificate::not_after).min();
    Ok(VerifiedPath {
        not_before: not_before.unwrap_or(UnixTime::MAX),
        not_after: not_after.unwrap_or(UnixTime::from_secs(0)),
        certificates,
        anchor,
    })
}

fn issued_by(anchor: &TrustAnchor, last: &Certificate) -> bool {
    matches!(&anchor.0, Anchor::Key { subject, .. } if subject.as_slice() == last.issuer())
}

fn require_valid(certificate: &Certificate, index: usize, now: UnixTime) -> Result<(), PkiError> {
    let (not_before, not_after) = (certificate.not_before(), certificate.not_after());
    if now < not_before {
        return Err(PkiError::NotYetValid {
            index,
            not_before,
            now,
        });
    }
    if now > not_after {
        return Err(PkiError::Expired {
            index,
            not_after,
            now,
        });
    }
    Ok(())
}

fn require_understood(certificate: &Certificate, understood: &[Oid]) -> Result<(), PkiError> {
    for extension in certificate.extensions() {
        let known = OBEYED.contains(&extension.oid) || understood.contains(&extension.oid);
        if extension.oid == known::NAME_CONSTRAINTS || (extension.critical && !known) {
            return Err(PkiError::CriticalExtension {
                oid: extension.oid.to_string(),
            });
        }
    }
    Ok(())
}

fn require_leaf(leaf: &Certificate, rule: LeafRule) -> Result<(), PkiError> {
    let kind = |ca: bool| if ca { "a CA" } else { "an end entity" };
    let ca = matches!(rule, LeafRule::Ca(_));
    if leaf.is_ca() != ca {
        return Err(PkiError::LeafKind {
            expected: kind(ca),
            found: kind(leaf.is_ca()),
        });
    }
    match rule {
        LeafRule::EndEntityUsageOptional(_) if leaf.key_usage().is_none() => Ok(()),
        LeafRule::EndEntity(usage) | LeafRule::EndEntityUsageOptional(usage) => {
            require_usage(leaf, 0, usage)
        }
        LeafRule::Ca(usage) => require_usage(leaf, 0, usage.and(KeyUsage::CERT_SIGN)),
    }
}

/// A certificate that issued another: `between` CAs stand between it and the leaf (RFC 5280
/// sections 6.1.4 (k), (m), (n) and 4.2.1.9).
fn require_ca(certificate: &Certificate, index: usize, between: usize) -> Result<(), PkiError> {
    let constraints = certificate
        .basic_constraints()
        .filter(|constraints| constraints.ca)
        .ok_or(PkiError::NotACa { index })?;
    require_usage(certificate, index, KeyUsage::CERT_SIGN)?;
    let found = u64::try_from(between).unwrap_or(u64::MAX);
    match constraints.path_len {
        Some(max) if found > max => Err(PkiError::PathLength { index, max, found }),
        _ => Ok(()),
    }
}

fn require_usage(
    certificate: &Certificate,
    index: usize,
    needed: KeyUsage,
) -> Result<(), PkiError> {
    let missing = match certificate.key_usage() {
        Some(usage) if usage.allows(needed) => return Ok(()),
        Some(usage) => usage.lacks(needed).name(),
        None => needed.name(),
    };
    Err(PkiError::KeyUsage { index, missing })
}

fn verify_signature(
    certificate: &Certificate,
    index: usize,
    key: &PublicKey,
    allowed: &[SignatureAlgorithm],
) -> Result<(), PkiError> {
    let scheme = certificate.scheme(index)?;
    let algorithm = scheme
        .with_key(key.kind())
        .ok_or_else(|| PkiError::UnknownAlgorithm {
            oid: scheme.oid().to_string(),
        })?;
    if !allowed.contains(&algorithm) {
        return Err(PkiError::AlgorithmNotAllowed { algorithm });
    }
    key.verify(
        algorithm,
        certificate.signed_part(),
        certificate.signature(),
        "a certificate",
    )
}
