use der::oid::ObjectIdentifier as Oid;

use super::answer::{Answer, parse_answer};
use super::error::OcspError;
use super::read::{WHAT, extensions, items, time};
use crate::der_reader::{DerReader, Element, tag};
use crate::{Certificate, PkiError};

/// The largest response that is read: one answer and a responder's certificate take 2 KiB.
pub const MAX_OCSP_BYTES: usize = 64 * 1024;
/// id-pkix-ocsp-nonce (RFC 8954 section 2.1).
pub(crate) const OCSP_NONCE: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.2");
/// id-pkix-ocsp-basic (RFC 6960 section 4.2.1).
pub(crate) const OCSP_BASIC: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.1");

/// A basic OCSP response as received (RFC 6960 section 4.2.1). Having one does not tell you that a
/// responder signed it: see
/// [`VerifiedPath::require_unrevoked_by_ocsp`](crate::VerifiedPath::require_unrevoked_by_ocsp).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspResponse {
    der: Vec<u8>,
    pub(super) signed: Vec<u8>,
    pub(super) algorithm: Vec<u8>,
    pub(super) signature: Vec<u8>,
    pub(super) answers: Vec<Answer>,
    pub(super) certificates: Vec<Certificate>,
    nonce: Option<Vec<u8>>,
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
        let (answers, nonce) = parse_response_data(signed)?;
        Ok(Self {
            der: der.to_vec(),
            signed: signed.raw.to_vec(),
            algorithm: algorithm.raw.to_vec(),
            signature: signature.to_vec(),
            answers,
            nonce,
            certificates,
        })
    }

    /// All of it, as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.der
    }

    /// The nonce of the question that it answers; none if it was signed before anybody asked.
    #[must_use]
    pub fn nonce(&self) -> Option<&[u8]> {
        self.nonce.as_deref()
    }
}

type ResponseData = (Vec<Answer>, Option<Vec<u8>>);

/// ResponseData: version 1, whoever signs, when, the answers, and extensions, of which a nonce is
/// kept, and a critical one is not known.
fn parse_response_data(element: Element<'_>) -> Result<ResponseData, PkiError> {
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
    let extensions = extensions(data.optional(tag::explicit(1), WHAT)?)?;
    data.finish()?;
    let nonce = extensions.into_iter().find(|(oid, _)| *oid == OCSP_NONCE);
    let nonce = match nonce {
        None => None,
        Some((_, value)) => {
            let inner = DerReader::single(value, tag::OCTET_STRING, WHAT)?;
            Some(inner.value.to_vec())
        }
    };
    Ok((answers, nonce))
}
