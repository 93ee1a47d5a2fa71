use std::fmt;

use adyton_pki::{
    Certificate, Crl, DerReader, KeyUsage, LeafRule, PathRules, PublicKey, SignatureAlgorithm,
    TrustAnchor, VerifiedPath, oids, tag, verify_path,
};
use adyton_types::{Fingerprint, UnixTime};

use crate::purpose::Purposes;
use crate::{EnrolledAk, TpmError, TpmPublic};

/// The most certificates of a chain: root, two CAs and the key's own are seen.
const MAX_CHAIN: usize = 6;

/// The algorithms that TPM vendors and clouds sign certificates with.
const ALGORITHMS: [SignatureAlgorithm; 8] = [
    SignatureAlgorithm::RsaPkcs1Sha256,
    SignatureAlgorithm::RsaPkcs1Sha384,
    SignatureAlgorithm::RsaPkcs1Sha512,
    SignatureAlgorithm::EcdsaP256Sha256,
    SignatureAlgorithm::EcdsaP384Sha256,
    SignatureAlgorithm::EcdsaP384Sha384,
    SignatureAlgorithm::EcdsaP384Sha512,
    SignatureAlgorithm::EcdsaP521Sha512,
];

/// Who vouches for an Attestation Key.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum AkSource {
    /// A certificate under a root that the Verifier pins.
    Certificate {
        /// Subject of the certificate, if it has a common name.
        subject: Option<String>,
        /// Common name of its issuer.
        issuer: Option<String>,
        /// Serial number in hex.
        serial: String,
        /// It says that the key is an Endorsement Key, and not that it is an Attestation Key.
        for_ek: bool,
    },
    /// The Verifier's own enrolment: the key is in one TPM with this Endorsement Key.
    Enrolment {
        /// Fingerprint of the Endorsement Key.
        ek: Fingerprint,
    },
    /// Evidence of another TEE that names the key.
    Evidence {
        /// Which TEE.
        of: &'static str,
    },
}

impl fmt::Display for AkSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Certificate { issuer, serial, .. } => {
                let issuer = issuer.as_deref().unwrap_or("without a common name");
                write!(f, "certificate {serial} of the issuer `{issuer}`")
            }
            Self::Enrolment { ek } => write!(f, "enrolled with Endorsement Key {ek}"),
            Self::Evidence { of } => write!(f, "named by the Evidence of {of}"),
        }
    }
}

/// An Attestation Key that somebody vouches for, from and until a time. Having one tells you that
/// what it signs is what a TPM says, as far as `source` can be trusted.
#[derive(Debug, Clone)]
pub struct TrustedAk {
    key: PublicKey,
    public: Option<TpmPublic>,
    source: AkSource,
    not_before: UnixTime,
    not_after: UnixTime,
}

impl TrustedAk {
    /// A key that verified Evidence of another TEE names, which has to be a TPM's restricted
    /// signing key by that TEE's own rules. For the crates that verify such Evidence.
    #[must_use]
    pub const fn danger_from_evidence(
        key: PublicKey,
        of: &'static str,
        not_before: UnixTime,
        not_after: UnixTime,
    ) -> Self {
        Self {
            key,
            public: None,
            source: AkSource::Evidence { of },
            not_before,
            not_after,
        }
    }

    /// The key.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    /// Its public area, where more than its numbers is known.
    #[must_use]
    pub const fn public(&self) -> Option<&TpmPublic> {
        self.public.as_ref()
    }

    /// Who vouches for it.
    #[must_use]
    pub const fn source(&self) -> &AkSource {
        &self.source
    }

    /// From when the trust is good.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// Until when the trust is good.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }
}

/// An Endorsement Key that somebody vouches for.
#[derive(Debug, Clone)]
pub struct TrustedEk(TpmPublic);

impl TrustedEk {
    /// A key that its owner has pinned, by the SHA-256 of its `SubjectPublicKeyInfo`.
    ///
    /// # Errors
    /// [`TpmError`] if it is another key, or no Endorsement Key.
    pub fn pinned(public: TpmPublic, pin: &Fingerprint) -> Result<Self, TpmError> {
        if public.key().fingerprint() != *pin {
            return Err(TpmError::EkPin);
        }
        public.demand_ek()?;
        Ok(Self(public))
    }

    /// Its public area.
    #[must_use]
    pub const fn public(&self) -> &TpmPublic {
        &self.0
    }
}

/// What a Verifier of TPM quotes trusts: pinned roots, with the certificates and revocation lists
/// under them, and the keys that it has itself enrolled.
#[derive(Debug, Clone)]
pub struct TpmEndorsements {
    anchors: Vec<TrustAnchor>,
    intermediates: Vec<Certificate>,
    crls: Vec<Crl>,
    enrolled: Vec<EnrolledAk>,
    revocation: bool,
}

impl TpmEndorsements {
    /// Trusts the roots `anchors`.
    #[must_use]
    pub const fn new(anchors: Vec<TrustAnchor>) -> Self {
        Self {
            anchors,
            intermediates: Vec::new(),
            crls: Vec::new(),
            enrolled: Vec::new(),
            revocation: true,
        }
    }

    /// Knows certificates of CAs, for chains that leave them out.
    #[must_use]
    pub fn with_intermediates(mut self, certificates: Vec<Certificate>) -> Self {
        self.intermediates.extend(certificates);
        self
    }

    /// Knows revocation lists; every certificate that says where its issuer's is needs that one.
    #[must_use]
    pub fn with_crls(mut self, crls: Vec<Crl>) -> Self {
        self.crls.extend(crls);
        self
    }

    /// Trusts a key that it has enrolled.
    #[must_use]
    pub fn with_enrolled(mut self, ak: EnrolledAk) -> Self {
        self.enrolled.push(ak);
        self
    }

    /// Looks at no revocation list: a revoked key is believed.
    #[must_use]
    pub const fn danger_without_revocation(mut self) -> Self {
        self.revocation = false;
        self
    }

    /// The trust in an Attestation Key: by its certificate, if `chain` has one (DER, leaf first),
    /// or else by its enrolment.
    ///
    /// # Errors
    /// [`TpmError`] of the checks `ak-attributes` and `ak-endorsed`.
    pub fn trusted_ak(
        &self,
        public: TpmPublic,
        chain: &[Vec<u8>],
        now: UnixTime,
    ) -> Result<TrustedAk, TpmError> {
        public.demand_ak()?;
        let (source, not_before, not_after) = if chain.is_empty() {
            let name = public.name();
            let mut known = self.enrolled.iter();
            let found = known
                .find(|ak| ak.name() == name)
                .ok_or(TpmError::AkUnknown)?;
            let source = AkSource::Enrolment { ek: found.ek() };
            (source, found.enrolled(), found.not_after())
        } else {
            let usages = [KeyUsage::DIGITAL_SIGNATURE];
            let (path, purposes) = self.certified(&public, chain, &usages, now)?;
            (
                certificate_source(path.leaf(), !purposes.ak),
                path.not_before(),
                path.not_after(),
            )
        };
        Ok(TrustedAk {
            key: public.key().clone(),
            public: Some(public),
            source,
            not_before,
            not_after,
        })
    }

    /// The trust in an Endorsement Key, by its certificate (DER, leaf first).
    ///
    /// # Errors
    /// [`TpmError`] if it is no Endorsement Key, or the chain is not accepted.
    pub fn trusted_ek(
        &self,
        public: TpmPublic,
        chain: &[Vec<u8>],
        now: UnixTime,
    ) -> Result<TrustedEk, TpmError> {
        public.demand_ek()?;
        let usages = [KeyUsage::KEY_ENCIPHERMENT, KeyUsage::KEY_AGREEMENT];
        let (_, purposes) = self.certified(&public, chain, &usages, now)?;
        if !purposes.ek {
            return Err(TpmError::Purpose { index: 0 });
        }
        Ok(TrustedEk(public))
    }

    /// A path for exactly this key, whose leaf has one of these usages; and which keys of a TPM the
    /// leaf is for.
    fn certified(
        &self,
        public: &TpmPublic,
        chain: &[Vec<u8>],
        usages: &[KeyUsage],
        now: UnixTime,
    ) -> Result<(VerifiedPath, Purposes), TpmError> {
        let chain = chain.iter().map(|der| Certificate::parse(der));
        let chain = self.complete(chain.collect::<Result<Vec<_>, _>>()?);
        let usage = chain
            .first()
            .and_then(Certificate::key_usage)
            .and_then(|has| usages.iter().find(|usage| has.allows(**usage)))
            .or(usages.first())
            .copied();
        let rules = PathRules {
            leaf: LeafRule::EndEntity(usage.unwrap_or(KeyUsage::DIGITAL_SIGNATURE)),
            max_certificates: MAX_CHAIN,
            algorithms: &ALGORITHMS,
            // The name is that of the TPM's maker and model (TCG EK Credential Profile 2.5, section
            // 3.2.9): nothing that forbids anything.
            understood: &[oids::SUBJECT_ALT_NAME, oids::EXT_KEY_USAGE],
        };
        let path = verify_path(chain, &self.anchors, &rules, now)?;
        if path.leaf().public_key() != public.key() {
            return Err(TpmError::AkCertificateKey);
        }
        let purposes = purposes(&path)?;
        if self.revocation {
            self.demand_unrevoked(&path, now)?;
        }
        Ok((path, purposes))
    }

    /// The chain, continued by the certificates that are known, up to one that signed itself. Of
    /// several of one name, as GCE's authorities are, that whose key signed.
    fn complete(&self, mut chain: Vec<Certificate>) -> Vec<Certificate> {
        while let Some(last) = chain.last() {
            let next = self.intermediates.iter().find(|known| {
                known.subject() == last.issuer()
                    && known.subject() != last.subject()
                    && last.is_signed_by(known.public_key())
            });
            match next {
                Some(next) if chain.len() < MAX_CHAIN => chain.push(next.clone()),
                _ => break,
            }
        }
        chain
    }

    /// Each certificate that says where its issuer's revocation list is must not be on it, and the
    /// list must be there.
    fn demand_unrevoked(&self, path: &VerifiedPath, now: UnixTime) -> Result<(), TpmError> {
        let certificates = path.certificates();
        for (index, certificate) in certificates.iter().enumerate() {
            let listed = certificate.extension(&oids::CRL_DISTRIBUTION_POINTS);
            let root = self
                .anchors
                .iter()
                .any(|anchor| anchor.is_key_of(certificate));
            let Some(points) = listed.filter(|_| !root) else {
                continue;
            };
            let serial = certificate.serial();
            let lists = self.crls.iter();
            let mut lists = lists.filter(|crl| crl.issuer() == certificate.issuer());
            let first = lists.next().ok_or_else(|| TpmError::RevocationList {
                index,
                url: first_url(points).unwrap_or_else(|| "no address is given".to_owned()),
            })?;
            // A list that is none, or has ended, takes no other's place; of several good ones each
            // counts.
            let mut revoked = path
                .verify_crl(first, &ALGORITHMS, now)
                .map(|crl| crl.revoked(serial));
            for crl in lists.filter_map(|crl| path.verify_crl(crl, &ALGORITHMS, now).ok()) {
                revoked = Ok(revoked.unwrap_or(false) || crl.revoked(serial));
            }
            if revoked? {
                return Err(adyton_pki::PkiError::Revoked {
                    index,
                    serial: certificate.serial_hex(),
                }
                .into());
            }
        }
        Ok(())
    }
}

/// Those of the leaf. An authority that says what its certificates are for says that of a TPM's keys.
fn purposes(path: &VerifiedPath) -> Result<Purposes, TpmError> {
    let leaf = Purposes::of(path.leaf(), 0)?;
    for (index, authority) in path.certificates().iter().enumerate().skip(1) {
        Purposes::of(authority, index)?;
    }
    Ok(leaf)
}

fn certificate_source(leaf: &Certificate, for_ek: bool) -> AkSource {
    AkSource::Certificate {
        subject: leaf.subject_common_name().map(ToOwned::to_owned),
        issuer: leaf.issuer_common_name().map(ToOwned::to_owned),
        serial: leaf.serial_hex(),
        for_ek,
    }
}

/// The first address in cRLDistributionPoints (RFC 5280 section 4.2.1.13), to tell it in an error.
fn first_url(points: &[u8]) -> Option<String> {
    const WHAT: &str = "distribution points";
    let points = DerReader::single(points, tag::SEQUENCE, WHAT).ok()?;
    let mut points = points.inside(tag::SEQUENCE, WHAT).ok()?;
    let mut point = points.any(WHAT).ok()?.inside(tag::SEQUENCE, WHAT).ok()?;
    let mut name = point.any(WHAT).ok()?.inside(tag::explicit(0), WHAT).ok()?;
    let mut full = name.any(WHAT).ok()?.inside(tag::explicit(0), WHAT).ok()?;
    let uri = full.expect(tag::implicit(6), WHAT).ok()?;
    String::from_utf8(uri.value.to_vec()).ok()
}
