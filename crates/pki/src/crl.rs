use std::fmt;
use std::ops::Range;

use adyton_types::UnixTime;

use crate::certificate::{common_name, range_in};
use crate::der_reader::{DerReader, Element, tag};
use crate::extension::parse_extensions;
use crate::oid::known;
use crate::scheme::Scheme;
use crate::time::parse_time;
use crate::{PkiError, PublicKey, SignatureAlgorithm};

/// The largest revocation list that is read: 40 bytes an entry, so some 25,000 entries.
pub const MAX_CRL_BYTES: usize = 1 << 20;

/// A certificate revocation list of version 2 as received, its fields found and its form checked
/// (RFC 5280 section 5). Having one does not tell you that anybody signed it.
#[derive(Clone)]
pub struct Crl {
    raw: Box<[u8]>,
    signed: Range<usize>,
    issuer: Range<usize>,
    inner_algorithm: Range<usize>,
    outer_algorithm: Range<usize>,
    signature: Range<usize>,
    this_update: UnixTime,
    next_update: Option<UnixTime>,
    number: Option<Vec<u8>>,
    critical: Option<String>,
    /// Sorted.
    serials: Vec<Vec<u8>>,
}

const WHAT: &str = "revocation list";

impl Crl {
    /// Reads one list, all of `der`.
    ///
    /// # Errors
    /// [`PkiError`] of class malformed.
    pub fn parse(der: &[u8]) -> Result<Self, PkiError> {
        if der.len() > MAX_CRL_BYTES {
            return Err(PkiError::TooLarge {
                what: WHAT,
                max: MAX_CRL_BYTES,
                found: der.len(),
            });
        }
        let at = |part: &[u8]| range_in(der, part);
        let mut outer = DerReader::single(der, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
        let signed = outer.expect(tag::SEQUENCE, WHAT)?;
        let outer_algorithm = outer.expect(tag::SEQUENCE, "signature algorithm")?;
        let signature = outer.any("signature")?.whole_bits("signature")?;
        outer.finish()?;

        let mut fields = signed.inside(tag::SEQUENCE, WHAT)?;
        version_2(fields.optional(tag::INTEGER, "version")?)?;
        let inner_algorithm = fields.expect(tag::SEQUENCE, "signature algorithm")?;
        let issuer = fields.expect(tag::SEQUENCE, "issuer")?;
        let this_update = parse_time(fields.any("this update")?, "this update")?;
        let next_update = match fields.optional(tag::UTC_TIME, "next update")? {
            Some(time) => Some(time),
            None => fields.optional(tag::GENERALIZED_TIME, "next update")?,
        };
        let next_update = next_update
            .map(|time| parse_time(time, "next update"))
            .transpose()?;
        let mut found = Entries::default();
        if let Some(list) = fields.optional(tag::SEQUENCE, "revoked certificates")? {
            found.read(list)?;
        }
        let mut number = None;
        if let Some(wrapped) = fields.optional(tag::explicit(0), "extensions")? {
            let list = DerReader::single(wrapped.value, tag::SEQUENCE, "extensions")?;
            for extension in parse_extensions(list.inside(tag::SEQUENCE, "extensions")?)? {
                if extension.oid == known::CRL_NUMBER {
                    let value = DerReader::single(extension.value, tag::INTEGER, "CRL number")?;
                    number = Some(value.unsigned("CRL number")?.to_vec());
                }
                // A delta list, or one of only some certificates, is not the whole list, whether
                // its issuer marked that critical (as it has to) or not.
                let partial = [known::DELTA_CRL, known::ISSUING_DISTRIBUTION_POINT];
                if extension.critical || partial.contains(&extension.oid) {
                    found.critical.get_or_insert(extension.oid.to_string());
                }
            }
        }
        fields.finish()?;
        found.serials.sort_unstable();
        Ok(Self {
            signed: at(signed.raw),
            issuer: at(issuer.raw),
            inner_algorithm: at(inner_algorithm.raw),
            outer_algorithm: at(outer_algorithm.raw),
            signature: at(signature),
            this_update,
            next_update,
            number,
            critical: found.critical,
            serials: found.serials,
            raw: der.into(),
        })
    }

    fn part(&self, range: &Range<usize>) -> &[u8] {
        self.raw.get(range.clone()).unwrap_or_default()
    }

    /// The bytes as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.raw
    }

    /// The issuer's Name in DER.
    #[must_use]
    pub fn issuer(&self) -> &[u8] {
        self.part(&self.issuer)
    }

    /// The issuer's one commonName.
    #[must_use]
    pub fn issuer_common_name(&self) -> Option<&str> {
        common_name(self.issuer())
    }

    /// Verifies it under a key that [`VerifiedPath::verify_crl`](crate::VerifiedPath::verify_crl)
    /// found to be its issuer's.
    pub(crate) fn verify(
        &self,
        key: &PublicKey,
        allowed: &[SignatureAlgorithm],
        now: UnixTime,
    ) -> Result<VerifiedCrl, PkiError> {
        let next_update = self.next_update.ok_or(PkiError::CrlNoNextUpdate)?;
        let this_update = self.this_update;
        if now < this_update {
            return Err(PkiError::CrlNotYetValid { this_update, now });
        }
        if now > next_update {
            return Err(PkiError::CrlExpired { next_update, now });
        }
        if let Some(oid) = &self.critical {
            return Err(PkiError::CriticalExtension { oid: oid.clone() });
        }
        self.verify_signature(key, allowed)?;
        Ok(VerifiedCrl {
            issuer: self.issuer().to_vec(),
            issuer_key: key.clone(),
            this_update,
            next_update,
            number: self.number.clone(),
            serials: self.serials.clone(),
        })
    }

    fn verify_signature(
        &self,
        key: &PublicKey,
        allowed: &[SignatureAlgorithm],
    ) -> Result<(), PkiError> {
        let outer = self.part(&self.outer_algorithm);
        if self.part(&self.inner_algorithm) != outer {
            return Err(PkiError::AlgorithmMismatch { index: 0 });
        }
        let scheme = Scheme::parse(DerReader::single(
            outer,
            tag::SEQUENCE,
            "signature algorithm",
        )?)?;
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
            self.part(&self.signed),
            self.part(&self.signature),
            "a revocation list",
        )
    }
}

impl fmt::Debug for Crl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.issuer_common_name().unwrap_or("?");
        write!(f, "Crl({name}, {} entries)", self.serials.len())
    }
}

#[derive(Default)]
struct Entries {
    serials: Vec<Vec<u8>>,
    /// The first critical extension, of an entry or of the list; none is understood here.
    critical: Option<String>,
}

impl Entries {
    fn read(&mut self, list: Element<'_>) -> Result<(), PkiError> {
        const WHAT: &str = "revoked certificate";
        let mut list = list.inside(tag::SEQUENCE, WHAT)?;
        while !list.is_empty() {
            let mut entry = list.any(WHAT)?.inside(tag::SEQUENCE, WHAT)?;
            let serial = entry.expect(tag::INTEGER, WHAT)?.value.to_vec();
            parse_time(entry.any(WHAT)?, WHAT)?;
            if let Some(extensions) = entry.optional(tag::SEQUENCE, WHAT)? {
                for extension in parse_extensions(extensions.inside(tag::SEQUENCE, WHAT)?)? {
                    if extension.critical {
                        self.critical.get_or_insert(extension.oid.to_string());
                    }
                }
            }
            entry.finish()?;
            self.serials.push(serial);
        }
        Ok(())
    }
}

fn version_2(version: Option<Element<'_>>) -> Result<(), PkiError> {
    let found = match version {
        Some(number) => number.u64("version")?,
        None => 0,
    };
    if found == 1 {
        Ok(())
    } else {
        Err(PkiError::Version {
            what: WHAT,
            expected: 2,
            found: found.saturating_add(1),
        })
    }
}

/// A revocation list that its issuer signed and that was in date when it was verified. Having one
/// tells you which serial numbers of that issuer were revoked then.
#[derive(Debug, Clone)]
pub struct VerifiedCrl {
    issuer: Vec<u8>,
    issuer_key: PublicKey,
    this_update: UnixTime,
    next_update: UnixTime,
    number: Option<Vec<u8>>,
    serials: Vec<Vec<u8>>,
}

impl VerifiedCrl {
    /// The issuer's Name in DER.
    #[must_use]
    pub fn issuer(&self) -> &[u8] {
        &self.issuer
    }

    /// The key that it was verified under. CAs of one name may have several keys.
    #[must_use]
    pub const fn issuer_key(&self) -> &PublicKey {
        &self.issuer_key
    }

    /// When it was made.
    #[must_use]
    pub const fn this_update(&self) -> UnixTime {
        self.this_update
    }

    /// When the next one is due.
    #[must_use]
    pub const fn next_update(&self) -> UnixTime {
        self.next_update
    }

    /// Its number (RFC 5280 section 5.2.3), big endian: it grows with every list.
    #[must_use]
    pub fn number(&self) -> Option<&[u8]> {
        self.number.as_deref()
    }

    /// Whether it names this serial number (the contents of the INTEGER).
    #[must_use]
    pub fn revoked(&self, serial: &[u8]) -> bool {
        self.serials
            .binary_search_by(|entry| entry.as_slice().cmp(serial))
            .is_ok()
    }
}
