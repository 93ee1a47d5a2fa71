use std::cmp::Reverse;

use adyton_crypto::{sha256, sha384, sha512};
use adyton_types::UnixTime;

use super::error::OcspError;
use super::read::{WHAT, extensions, time};
use crate::der_reader::{DerReader, Element, tag};
use crate::oid::known;
use crate::{Certificate, PkiError, PublicKey};

/// How long an answer without a nextUpdate counts, from its thisUpdate: newer information is then
/// there at any time (RFC 6960 section 4.2.2.1), so a day is a limit of ours.
const NO_NEXT_UPDATE_SECS: u64 = 24 * 3600;

/// What a responder says of a certificate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    Good,
    Revoked { reason: u8 },
    Unknown,
}

/// CRLReason certificateHold.
const CERTIFICATE_HOLD: u8 = 6;

/// By which digest an answer names an issuer.
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

/// A SingleResponse (RFC 6960 section 4.2.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Answer {
    hash: CertIdHash,
    issuer_name: Vec<u8>,
    issuer_key: Vec<u8>,
    serial: Vec<u8>,
    status: Status,
    this_update: UnixTime,
    next_update: UnixTime,
}

impl Answer {
    /// Whether it is for this certificate, as issued by this key.
    pub(super) fn is_for(&self, certificate: &Certificate, issuer: &PublicKey) -> bool {
        self.serial == certificate.serial()
            && self.hash.is_of(&self.issuer_name, certificate.issuer())
            && self.hash.is_of(&self.issuer_key, issuer.bytes())
    }

    pub(super) const fn this_update(&self) -> UnixTime {
        self.this_update
    }

    pub(super) const fn next_update(&self) -> UnixTime {
        self.next_update
    }

    /// Which of several answers counts: the greatest. The newest; of those of one second the worse,
    /// and then the one that ends sooner, so that who hands them in decides nothing by their order.
    pub(super) const fn precedence(&self) -> (UnixTime, u8, Reverse<UnixTime>) {
        let worse = match self.status {
            Status::Good => 0,
            Status::Unknown => 1,
            Status::Revoked {
                reason: CERTIFICATE_HOLD,
            } => 2,
            Status::Revoked { .. } => 3,
        };
        (self.this_update, worse, Reverse(self.next_update))
    }

    pub(super) fn require_good(
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

pub(super) fn parse_answer(element: Element<'_>) -> Result<Answer, PkiError> {
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
    extensions(single.optional(tag::explicit(1), WHAT)?)?;
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
