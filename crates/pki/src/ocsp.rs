use adyton_codec::hex_encode;
use adyton_crypto::{sha256, sha384, sha512};
use adyton_types::{ErrorClass, UnixTime};
use der::oid::ObjectIdentifier as Oid;
use thiserror::Error;

use crate::der_reader::{DerReader, Element, tag};
use crate::oid::known;
use crate::scheme::Scheme;
use crate::time::parse_time;
use crate::{Certificate, KeyUsage, PkiError, PublicKey, VerifiedPath};

/// The largest response that is read: one answer and a responder's certificate take 2 KiB.
pub const MAX_OCSP_BYTES: usize = 64 * 1024;
/// Most answers in one response, and certificates beside them.
const MAX_ITEMS: usize = 32;
/// How long an answer without a nextUpdate counts, from its thisUpdate: newer information is then
/// there at any time (RFC 6960 section 4.2.2.1), so a day is a limit of ours.
const NO_NEXT_UPDATE_SECS: u64 = 24 * 3600;

/// id-pkix-ocsp-basic (RFC 6960 section 4.2.1).
pub(crate) const OCSP_BASIC: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.1");
/// id-kp-OCSPSigning (RFC 6960 section 4.2.2.2).
const OCSP_SIGNING: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.3.9");
const WHAT: &str = "OCSP response";

/// Why OCSP does not say that a certificate is good.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum OcspError {
    /// The bytes are no response.
    #[error("not an OCSP response")]
    Malformed(#[from] PkiError),
    /// The responder did not answer.
    #[error("the OCSP responder answered with error {status} instead of a status; ask it again")]
    Refused {
        /// RFC 6960 section 4.2.1.
        status: u8,
    },
    /// There is no answer for a certificate.
    #[error("there is no OCSP answer for certificate {index}, serial {serial}; fetch one")]
    Missing {
        /// Place in the path, from the leaf.
        index: usize,
        /// Its serial number in hex.
        serial: String,
    },
    /// Nobody who may answer signed the answer.
    #[error(
        "the OCSP answer for certificate {index} is not signed by its issuer or a responder of it"
    )]
    Responder {
        /// Place in the path, from the leaf.
        index: usize,
    },
    /// The answer is too old, or from the future.
    #[error(
        "the OCSP answer for certificate {index} counts from {this_update} to {next_update}, but it is {now}; fetch a newer one"
    )]
    OutOfDate {
        /// Place in the path, from the leaf.
        index: usize,
        /// From when on.
        this_update: UnixTime,
        /// Until when.
        next_update: UnixTime,
        /// The time of verification.
        now: UnixTime,
    },
    /// The certificate is revoked for good.
    #[error("certificate {index}, serial {serial}, is revoked (reason {reason})")]
    Revoked {
        /// Place in the path, from the leaf.
        index: usize,
        /// Its serial number in hex.
        serial: String,
        /// CRLReason (RFC 5280 section 5.3.1).
        reason: u8,
    },
    /// The certificate is on hold: revoked, for now.
    #[error("certificate {index}, serial {serial}, is on hold")]
    OnHold {
        /// Place in the path, from the leaf.
        index: usize,
        /// Its serial number in hex.
        serial: String,
    },
    /// The responder does not know the certificate.
    #[error("the OCSP responder does not know certificate {index}, serial {serial}")]
    Unknown {
        /// Place in the path, from the leaf.
        index: usize,
        /// Its serial number in hex.
        serial: String,
    },
}

impl OcspError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed(_) => ErrorClass::Malformed,
            Self::Responder { .. }
            | Self::Revoked { .. }
            | Self::OnHold { .. }
            | Self::Unknown { .. } => ErrorClass::Rejected,
            Self::OutOfDate { .. } => ErrorClass::Stale,
            Self::Refused { .. } | Self::Missing { .. } => ErrorClass::Unavailable,
        }
    }
}

/// What a responder says of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Good,
    Revoked { reason: u8 },
    Unknown,
}

/// CRLReason certificateHold.
const CERTIFICATE_HOLD: u8 = 6;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum CertIdHash {
    Sha256,
    Sha384,
    Sha512,
}

impl CertIdHash {
    fn is_of(self, digest: &[u8], bytes: &[u8]) -> bool {
        match self {
            Self::Sha256 => digest == sha256(&[bytes]),
            Self::Sha384 => digest == sha384(&[bytes]),
            Self::Sha512 => digest == sha512(&[bytes]),
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Answer {
    hash: CertIdHash,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
    status: Status,
    this_update: UnixTime,
    next_update: UnixTime,
}

/// A basic OCSP response as received (RFC 6960 section 4.2.1). Having one does not tell you that a
/// responder signed it: see [`VerifiedPath::require_unrevoked_by_ocsp`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspResponse {
    der: Vec<u8>,
    signed: Vec<u8>,
    algorithm: Vec<u8>,
    signature: Vec<u8>,
    answers: Vec<Answer>,
    certificates: Vec<Certificate>,
}

/// How long the answers for a path count.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OcspWindow {
    /// From when on all do.
    pub not_before: UnixTime,
    /// Until when all do.
    pub not_after: UnixTime,
}

impl OcspResponse {
    /// Reads one response, all of `der`.
    ///
    /// # Errors
    /// [`OcspError::Malformed`], and [`OcspError::Refused`] if the responder gave an error.
    pub fn parse(der: &[u8]) -> Result<Self, OcspError> {
        if der.len() > MAX_OCSP_BYTES {
            return Err(OcspError::Malformed(PkiError::TooLarge {
                what: WHAT,
                max: MAX_OCSP_BYTES,
                found: der.len(),
            }));
        }
        let mut outer = DerReader::single(der, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
        match outer.expect(tag::ENUMERATED, WHAT)?.value {
            [0] => {}
            [status] => return Err(OcspError::Refused { status: *status }),
            _ => return Err(PkiError::Der { what: WHAT }.into()),
        }
        let bytes = outer.expect(tag::explicit(0), WHAT)?;
        outer.finish()?;
        let mut bytes =
            DerReader::single(bytes.value, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
        if bytes.any(WHAT)?.oid(WHAT)? != OCSP_BASIC {
            return Err(PkiError::Der { what: WHAT }.into());
        }
        let basic = bytes.expect(tag::OCTET_STRING, WHAT)?.value;
        bytes.finish()?;
        Self::parse_basic(der, basic).map_err(OcspError::Malformed)
    }

    fn parse_basic(der: &[u8], basic: &[u8]) -> Result<Self, PkiError> {
        let mut basic =
            DerReader::single(basic, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
        let signed = basic.expect(tag::SEQUENCE, WHAT)?;
        let algorithm = basic.expect(tag::SEQUENCE, WHAT)?;
        let signature = basic.any(WHAT)?.whole_bits(WHAT)?;
        let mut certificates = Vec::new();
        if let Some(list) = basic.optional(tag::explicit(0), WHAT)? {
            let list = DerReader::single(list.value, tag::SEQUENCE, WHAT)?;
            for element in items(list.inside(tag::SEQUENCE, WHAT)?)? {
                certificates.push(Certificate::parse(element.raw)?);
            }
        }
        basic.finish()?;
        Ok(Self {
            der: der.to_vec(),
            signed: signed.raw.to_vec(),
            algorithm: algorithm.raw.to_vec(),
            signature: signature.to_vec(),
            answers: parse_response_data(signed)?,
            certificates,
        })
    }

    /// All of it, as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// Whether this key signed it.
    fn is_signed_by(&self, key: &PublicKey) -> bool {
        let scheme =
            DerReader::single(&self.algorithm, tag::SEQUENCE, WHAT).and_then(Scheme::parse);
        let algorithm = scheme.ok().and_then(|scheme| scheme.with_key(key.kind()));
        algorithm.is_some_and(|algorithm| {
            let (message, signature) = (&self.signed, &self.signature);
            key.verify(algorithm, message, signature, WHAT).is_ok()
        })
    }

    /// Whether somebody signed it who may answer for `issuer` (RFC 6960 section 4.2.2.2): a
    /// responder that the caller pins, the issuer itself, or one whose certificate the issuer
    /// signed for that very purpose.
    fn is_authorized(
        &self,
        issuer: &PublicKey,
        issuer_name: &[u8],
        responders: &[PublicKey],
        now: UnixTime,
    ) -> bool {
        let direct = responders.iter().chain([issuer]);
        let mut delegated = self.certificates.iter().filter(|certificate| {
            certificate.issuer() == issuer_name && may_answer(certificate, issuer, now)
        });
        direct.into_iter().any(|key| self.is_signed_by(key))
            || delegated.any(|certificate| self.is_signed_by(certificate.public_key()))
    }
}

/// Whether a responder's certificate is the issuer's, for answering OCSP, and in date.
fn may_answer(certificate: &Certificate, issuer: &PublicKey, now: UnixTime) -> bool {
    let purpose = certificate.extension(&known::EXT_KEY_USAGE);
    let usage = certificate.key_usage();
    certificate.not_before() <= now
        && now <= certificate.not_after()
        && purpose.is_some_and(|value| has_purpose(value).unwrap_or(false))
        && usage.is_none_or(|usage| usage.allows(KeyUsage::DIGITAL_SIGNATURE))
        && certificate
            .extensions()
            .all(|extension| !extension.critical || UNDERSTOOD.contains(&extension.oid))
        && certificate.is_signed_by(issuer)
}

/// Critical extensions of a responder's certificate that are read here, or by the parser.
const UNDERSTOOD: [Oid; 3] = [
    known::BASIC_CONSTRAINTS,
    known::KEY_USAGE,
    known::EXT_KEY_USAGE,
];

fn has_purpose(value: &[u8]) -> Result<bool, PkiError> {
    let mut purposes =
        DerReader::single(value, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    while !purposes.is_empty() {
        if purposes.any(WHAT)?.oid(WHAT)? == OCSP_SIGNING {
            return Ok(true);
        }
    }
    Ok(false)
}

fn items(mut reader: DerReader<'_>) -> Result<Vec<Element<'_>>, PkiError> {
    let mut found = Vec::new();
    while !reader.is_empty() {
        if found.len() == MAX_ITEMS {
            return Err(PkiError::Der { what: WHAT });
        }
        found.push(reader.expect(tag::SEQUENCE, WHAT)?);
    }
    Ok(found)
}

/// ResponseData: version 1, whoever signs, when, the answers, and extensions, of which a nonce is
/// not asked for here and a critical one is not known.
fn parse_response_data(element: Element<'_>) -> Result<Vec<Answer>, PkiError> {
    let mut data = element.inside(tag::SEQUENCE, WHAT)?;
    if let Some(version) = data.optional(tag::explicit(0), WHAT)? {
        let version = DerReader::single(version.value, tag::INTEGER, WHAT)?;
        if version.u64(WHAT)? != 0 {
            return Err(PkiError::Der { what: WHAT });
        }
    }
    let responder = data.any(WHAT)?;
    if ![tag::explicit(1), tag::explicit(2)].contains(&responder.tag) {
        return Err(PkiError::Der { what: WHAT });
    }
    time(data.any(WHAT)?)?;
    let answers = data
        .expect(tag::SEQUENCE, WHAT)?
        .inside(tag::SEQUENCE, WHAT)?;
    let answers = items(answers)?
        .into_iter()
        .map(parse_answer)
        .collect::<Result<_, _>>()?;
    no_critical(data.optional(tag::explicit(1), WHAT)?)?;
    data.finish()?;
    Ok(answers)
}

fn parse_answer(element: Element<'_>) -> Result<Answer, PkiError> {
    let wrong = PkiError::Der { what: WHAT };
    let mut single = element.inside(tag::SEQUENCE, WHAT)?;
    let mut id = single.any(WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    let mut algorithm = id.any(WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    let hash = match algorithm.any(WHAT)?.oid(WHAT)? {
        known::SHA256 => CertIdHash::Sha256,
        known::SHA384 => CertIdHash::Sha384,
        known::SHA512 => CertIdHash::Sha512,
        oid => {
            return Err(PkiError::UnknownAlgorithm {
                oid: oid.to_string(),
            });
        }
    };
    algorithm.optional(tag::NULL, WHAT)?;
    algorithm.finish()?;
    let issuer_name = id.expect(tag::OCTET_STRING, WHAT)?.value.to_vec();
    let issuer_key = id.expect(tag::OCTET_STRING, WHAT)?.value.to_vec();
    let serial = id.expect(tag::INTEGER, WHAT)?.value.to_vec();
    id.finish()?;
    let status = single.any(WHAT)?;
    let status = match (status.tag, status.value) {
        (0x80, []) => Status::Good,
        (0xa1, revoked) => Status::Revoked {
            reason: parse_reason(revoked)?,
        },
        (0x82, []) => Status::Unknown,
        _ => return Err(wrong),
    };
    let this_update = time(single.any(WHAT)?)?;
    let next_update = match single.optional(tag::explicit(0), WHAT)? {
        Some(next) => time(DerReader::single(next.value, tag::GENERALIZED_TIME, WHAT)?)?,
        None => this_update.plus_secs(NO_NEXT_UPDATE_SECS),
    };
    no_critical(single.optional(tag::explicit(1), WHAT)?)?;
    single.finish()?;
    Ok(Answer {
        hash,
        issuer_name,
        issuer_key,
        serial,
        status,
        this_update,
        next_update,
    })
}

/// RevokedInfo's reason; unspecified (0) where there is none.
fn parse_reason(revoked: &[u8]) -> Result<u8, PkiError> {
    let mut fields = DerReader::new(revoked, WHAT)?;
    time(fields.any(WHAT)?)?;
    let reason = match fields.optional(tag::explicit(0), WHAT)? {
        None => 0,
        Some(wrapped) => match DerReader::single(wrapped.value, tag::ENUMERATED, WHAT)?.value {
            [reason] => *reason,
            _ => return Err(PkiError::Der { what: WHAT }),
        },
    };
    fields.finish()?;
    Ok(reason)
}

/// Refuses extensions of which one is critical: none is understood here.
fn no_critical(extensions: Option<Element<'_>>) -> Result<(), PkiError> {
    let Some(wrapped) = extensions else {
        return Ok(());
    };
    let list = DerReader::single(wrapped.value, tag::SEQUENCE, WHAT)?;
    for extension in items(list.inside(tag::SEQUENCE, WHAT)?)? {
        let mut fields = extension.inside(tag::SEQUENCE, WHAT)?;
        let oid = fields.any(WHAT)?.oid(WHAT)?;
        if let Some(flag) = fields.optional(tag::BOOLEAN, WHAT)?
            && flag.boolean(WHAT)?
        {
            return Err(PkiError::CriticalExtension {
                oid: oid.to_string(),
            });
        }
    }
    Ok(())
}

fn time(element: Element<'_>) -> Result<UnixTime, PkiError> {
    parse_time(element.is(tag::GENERALIZED_TIME, WHAT)?, WHAT)
}

impl VerifiedPath {
    /// Refuses the path unless an authorized responder says of every certificate of it, but for
    /// the root's own, that it is good at `now`. On hold counts as revoked. `responders` are keys
    /// that the caller trusts to answer for every issuer (RFC 6960 section 4.2.2.2), usually none.
    ///
    /// # Errors
    /// [`OcspError`], by the first certificate that is not known to be good.
    pub fn require_unrevoked_by_ocsp(
        &self,
        responses: &[OcspResponse],
        responders: &[PublicKey],
        now: UnixTime,
    ) -> Result<OcspWindow, OcspError> {
        self.require_good(0, responses, responders, now)
    }

    /// The same for every certificate but the leaf: for a leaf that a device made itself, so that
    /// no CA knows of it.
    ///
    /// # Errors
    /// [`OcspError`], by the first certificate that is not known to be good.
    pub fn require_issuers_unrevoked_by_ocsp(
        &self,
        responses: &[OcspResponse],
        responders: &[PublicKey],
        now: UnixTime,
    ) -> Result<OcspWindow, OcspError> {
        self.require_good(1, responses, responders, now)
    }

    fn require_good(
        &self,
        from: usize,
        responses: &[OcspResponse],
        responders: &[PublicKey],
        now: UnixTime,
    ) -> Result<OcspWindow, OcspError> {
        let mut window = OcspWindow {
            not_before: UnixTime::from_secs(0),
            not_after: UnixTime::MAX,
        };
        for (index, certificate) in self.certificates().iter().enumerate().skip(from) {
            if self.is_root(certificate) {
                continue;
            }
            let issuer = self.issuer_key(index)?;
            let one = good(responses, certificate, issuer, index, responders, now)?;
            window.not_before = window.not_before.max(one.not_before);
            window.not_after = window.not_after.min(one.not_after);
        }
        Ok(window)
    }
}

/// The newest authorized answer for a certificate, which has to be good at `now`.
pub(crate) fn good(
    responses: &[OcspResponse],
    certificate: &Certificate,
    issuer: &PublicKey,
    index: usize,
    responders: &[PublicKey],
    now: UnixTime,
) -> Result<OcspWindow, OcspError> {
    let answers = find(responses, certificate, issuer, index)?;
    let authorized = answers.into_iter().filter(|(response, _)| {
        response.is_authorized(issuer, certificate.issuer(), responders, now)
    });
    let newest = authorized.max_by_key(|(_, answer)| answer.this_update);
    let (_, answer) = newest.ok_or(OcspError::Responder { index })?;
    answer.require_good(index, certificate, now)?;
    Ok(OcspWindow {
        not_before: answer.this_update,
        not_after: answer.next_update,
    })
}

/// Every answer for a certificate; none is an error.
fn find<'a>(
    responses: &'a [OcspResponse],
    certificate: &Certificate,
    issuer: &PublicKey,
    index: usize,
) -> Result<Vec<(&'a OcspResponse, &'a Answer)>, OcspError> {
    let answers = responses.iter().flat_map(|response| {
        response
            .answers
            .iter()
            .map(move |answer| (response, answer))
    });
    let found: Vec<_> = answers
        .filter(|(_, answer)| {
            answer.serial == certificate.serial()
                && answer.hash.is_of(&answer.issuer_name, certificate.issuer())
                && answer.hash.is_of(&answer.issuer_key, issuer.bytes())
        })
        .collect();
    if found.is_empty() {
        return Err(OcspError::Missing {
            index,
            serial: hex_encode(certificate.serial()),
        });
    }
    Ok(found)
}

impl Answer {
    fn require_good(
        &self,
        index: usize,
        certificate: &Certificate,
        now: UnixTime,
    ) -> Result<(), OcspError> {
        let serial = certificate.serial_hex();
        if now < self.this_update || now > self.next_update {
            return Err(OcspError::OutOfDate {
                index,
                this_update: self.this_update,
                next_update: self.next_update,
                now,
            });
        }
        match self.status {
            Status::Good => Ok(()),
            Status::Revoked {
                reason: CERTIFICATE_HOLD,
            } => Err(OcspError::OnHold { index, serial }),
            Status::Revoked { reason } => Err(OcspError::Revoked {
                index,
                serial,
                reason,
            }),
            Status::Unknown => Err(OcspError::Unknown { index, serial }),
        }
    }
}
