use adyton_types::UnixTime;
use der::oid::ObjectIdentifier as Oid;

use super::read::WHAT;
use super::response::OcspResponse;
use crate::der_reader::{DerReader, tag};
use crate::oid::known;
use crate::scheme::Scheme;
use crate::{Certificate, KeyUsage, PkiError, PublicKey};

/// id-kp-OCSPSigning (RFC 6960 section 4.2.2.2).
const OCSP_SIGNING: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.3.9");

impl OcspResponse {
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
    pub(super) fn is_authorized(
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
