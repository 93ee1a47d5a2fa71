use adyton_crypto::sha384;
use adyton_types::UnixTime;

use super::error::OcspError;
use super::path::{OcspWindow, good};
use super::response::{OCSP_NONCE, OcspResponse};
use crate::der_reader::tag;
use crate::oid::known;
use crate::{Certificate, PublicKey};

/// What one asks an OCSP responder: is this certificate good? (RFC 6960 section 4.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OcspQuestion {
    certificate: Certificate,
    issuer: PublicKey,
}

impl OcspQuestion {
    /// Asks about a certificate, as issued by `issuer`. `None` if names say that it did not.
    #[must_use]
    pub fn new(certificate: &Certificate, issuer: &Certificate) -> Option<Self> {
        (certificate.issuer() == issuer.subject()).then(|| Self {
            certificate: certificate.clone(),
            issuer: issuer.public_key().clone(),
        })
    }

    /// The certificate that it is about.
    #[must_use]
    pub const fn certificate(&self) -> &Certificate {
        &self.certificate
    }

    /// `OCSPRequest` in DER: one CertID by SHA-384, as NVIDIA's own verifier asks, and a nonce, which
    /// has to be fresh (RFC 8954 section 2.1; 32 bytes is the longest).
    #[must_use]
    pub fn request(&self, nonce: &[u8; 32]) -> Vec<u8> {
        let hash = element(tag::OID, known::SHA384.as_bytes());
        let id = [
            element(tag::SEQUENCE, &hash),
            element(tag::OCTET_STRING, &sha384(&[self.certificate.issuer()])),
            element(tag::OCTET_STRING, &sha384(&[self.issuer.bytes()])),
            element(tag::INTEGER, self.certificate.serial()),
        ];
        // Twice a SEQUENCE of one: CertID, Request and requestList.
        let list = (0..2).fold(element(tag::SEQUENCE, &id.concat()), |inner, _| {
            element(tag::SEQUENCE, &inner)
        });
        let value = element(tag::OCTET_STRING, nonce);
        let extension = [
            element(tag::OID, OCSP_NONCE.as_bytes()),
            element(tag::OCTET_STRING, &value),
        ];
        let extensions = element(tag::SEQUENCE, &element(tag::SEQUENCE, &extension.concat()));
        let to_be_signed = [list, element(tag::explicit(2), &extensions)].concat();
        element(tag::SEQUENCE, &element(tag::SEQUENCE, &to_be_signed))
    }

    /// Verifies that a response was not signed for another question than that with this nonce. One
    /// without a nonce was signed for all: responders may answer so, and its dates say how long it
    /// counts (RFC 6960 section 4.4.1).
    ///
    /// # Errors
    /// [`OcspError::Nonce`].
    pub fn require_nonce(response: &OcspResponse, nonce: &[u8; 32]) -> Result<(), OcspError> {
        match response.nonce() {
            Some(found) if found != nonce => Err(OcspError::Nonce),
            _ => Ok(()),
        }
    }

    /// Verifies that a response answers it: signed by who may, in date, and good. On hold counts as
    /// revoked.
    ///
    /// # Errors
    /// [`OcspError`]; index 0 stands for the certificate.
    pub fn verify(
        &self,
        responses: &[OcspResponse],
        responders: &[PublicKey],
        now: UnixTime,
    ) -> Result<OcspWindow, OcspError> {
        good(
            responses,
            &self.certificate,
            &self.issuer,
            0,
            responders,
            now,
        )
    }
}

/// One DER element; of a CertID none is longer than 64 KiB.
fn element(tag: u8, value: &[u8]) -> Vec<u8> {
    let length = u16::try_from(value.len()).unwrap_or(u16::MAX).to_be_bytes();
    let head = match length {
        [0, short] if short < 0x80 => vec![tag, short],
        [0, byte] => vec![tag, 0x81, byte],
        [high, low] => vec![tag, 0x82, high, low],
    };
    [head.as_slice(), value].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::forge::{
        AnswerForge, CertificateForge, ExtensionForge, ForgeKey, OcspForge, octet_string, oid,
        sequence,
    };
    use crate::{DerReader, KeyKind, PkiError};

    const NOW: UnixTime = UnixTime::from_secs(1_770_000_000);
    const WHAT: &str = "OCSP request";
    const NONCE: [u8; 32] = [0x5a; 32];

    /// The four fields of the one CertID (RFC 6960 section 4.1.1).
    fn cert_id(request: &[u8]) -> Result<Vec<Vec<u8>>, PkiError> {
        let mut inner = DerReader::single(request, tag::SEQUENCE, WHAT)?;
        for depth in 0..4 {
            let mut outer = inner.inside(tag::SEQUENCE, WHAT)?;
            inner = outer.expect(tag::SEQUENCE, WHAT)?;
            if depth == 1 {
                let extensions = outer.expect(tag::explicit(2), WHAT)?;
                let one = sequence(&[&oid(&OCSP_NONCE), &octet_string(&octet_string(&NONCE))]);
                assert_eq!(extensions.value, sequence(&[&one]));
            }
            outer.finish()?;
        }
        let mut fields = inner.inside(tag::SEQUENCE, WHAT)?;
        let mut found = Vec::new();
        while !fields.is_empty() {
            found.push(fields.any(WHAT)?.value.to_vec());
        }
        Ok(found)
    }

    #[test]
    fn a_question_names_one_certificate_and_takes_answers_for_it_alone() {
        let (root, root_key) = CertificateForge::root("Root", KeyKind::P384);
        let key = ForgeKey::generate(KeyKind::P384);
        let one = CertificateForge::end_entity("One", "Root", &key).serial(&[5]);
        let one = one.certificate(&root_key);
        let two = CertificateForge::end_entity("Two", "Root", &key).serial(&[6]);
        let two = two.certificate(&root_key);
        assert_eq!(OcspQuestion::new(&one, &two), None);
        let question = OcspQuestion::new(&one, &root).unwrap();
        let fields = cert_id(&question.request(&NONCE)).unwrap();
        let expected = [
            [&[tag::OID, 9], known::SHA384.as_bytes()].concat(),
            sha384(&[root.subject()]).to_vec(),
            sha384(&[root.public_key().bytes()]).to_vec(),
            vec![5],
        ];
        assert_eq!(fields, expected);
        let answer = |of| {
            let good = AnswerForge::good(of, root.public_key());
            let response = OcspForge::new(vec![good]).sign(&root_key);
            [OcspResponse::parse(&response).unwrap()]
        };
        assert!(question.verify(&answer(&one), &[], NOW).is_ok());
        let other = question.verify(&answer(&two), &[], NOW);
        assert!(matches!(other, Err(OcspError::Missing { index: 0, .. })));
    }

    #[test]
    fn an_answer_with_a_nonce_is_for_one_question() {
        let (root, root_key) = CertificateForge::root("Root", KeyKind::P384);
        let good = AnswerForge::good(&root, root.public_key());
        let judged = |value: Option<Vec<u8>>| {
            let mut forge = OcspForge::new(vec![good.clone()]);
            let extension = |value: Vec<u8>| ExtensionForge::new(OCSP_NONCE, false, &value);
            forge.extensions = value.map(extension).into_iter().collect();
            let response = OcspResponse::parse(&forge.sign(&root_key))?;
            OcspQuestion::require_nonce(&response, &NONCE)
        };
        assert_eq!(judged(None), Ok(()));
        assert_eq!(judged(Some(octet_string(&NONCE))), Ok(()));
        for other in [&[0x5b; 32][..], &NONCE[..31], &[]] {
            assert_eq!(judged(Some(octet_string(other))), Err(OcspError::Nonce));
        }
        // Not as RFC 8954 writes it.
        let bare = judged(Some(NONCE.to_vec()));
        assert!(matches!(bare, Err(OcspError::Malformed(_))));
    }

    #[test]
    fn lengths_are_written_as_short_as_they_can_be() {
        for (bytes, head) in [
            (0x7f, vec![4, 0x7f]),
            (0x80, vec![4, 0x81, 0x80]),
            (0x100, vec![4, 0x82, 1, 0]),
        ] {
            assert_eq!(element(4, &vec![7; bytes])[..head.len()], head);
        }
    }
}
