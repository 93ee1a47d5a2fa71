use std::fmt;
use std::sync::Arc;

use adyton_crypto::sha256;
use adyton_protocol::Card;
use adyton_types::Fingerprint;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::server::ParsedCertificate;
use rustls::{CertificateError, DigitallySignedStruct, OtherError, SignatureScheme};
use thiserror::Error;

use crate::der;

/// DER contents of [`CARD_EXTENSION_OID`](crate::CARD_EXTENSION_OID).
const CARD_OID: &[u8] = &[0x69, 0xd3, 0xf6, 0x99, 0x8e, 0x94, 0x88, 0x90, 0xfa, 0x77];

/// The card's bytes in a certificate.
pub(crate) fn card_in(certificate: &[u8]) -> Option<&[u8]> {
    der::extension(certificate, CARD_OID)
}

/// Why a certificate is not the pinned broker's. It travels through rustls inside its own error.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub(crate) enum PinError {
    #[error("no broker card")]
    NoCard,
    #[error("the card's id is {found}")]
    OtherBroker { found: Fingerprint },
    #[error("the card names another key")]
    ForeignKey,
    #[error("the key's digest is {found}")]
    OtherKey { found: Fingerprint },
}

/// What a server is known by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pin {
    /// The digest of a broker's card, which names the certificate's key.
    Card(Fingerprint),
    /// The digest of the certificate's key itself.
    Key(Fingerprint),
}

impl From<PinError> for rustls::Error {
    fn from(error: PinError) -> Self {
        Self::InvalidCertificate(CertificateError::Other(OtherError(Arc::new(error))))
    }
}

impl PinError {
    /// Finds it again in an error that came back from rustls.
    pub(crate) fn within(error: &rustls::Error) -> Option<&Self> {
        match error {
            rustls::Error::InvalidCertificate(CertificateError::Other(other)) => {
                other.0.downcast_ref()
            }
            _ => None,
        }
    }
}

/// Accepts the one certificate whose card has the pinned digest and names the certificate's key, or
/// whose key has the pinned digest.
///
/// The pin is the only authority. Names and validity dates are not looked at: nobody vouched for
/// them, and the client's clock is the host's, who is the adversary.
pub(crate) struct PinVerifier {
    pub(crate) pin: Pin,
    pub(crate) provider: Arc<CryptoProvider>,
}

impl fmt::Debug for PinVerifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PinVerifier({:?})", self.pin)
    }
}

impl ServerCertVerifier for PinVerifier {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        _intermediates: &[CertificateDer<'_>],
        _server_name: &ServerName<'_>,
        _ocsp_response: &[u8],
        _now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let key = ParsedCertificate::try_from(end_entity)?.subject_public_key_info();
        let key = sha256(&[key.as_ref()]);
        match self.pin {
            Pin::Card(id) => verify_card(end_entity, id, &key)?,
            Pin::Key(id) if id.as_bytes() == &key => {}
            Pin::Key(_) => {
                let found = Fingerprint::new(key);
                return Err(PinError::OtherKey { found }.into());
            }
        }
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        _message: &[u8],
        _cert: &CertificateDer<'_>,
        _dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        // Never called: TLS 1.2 is not built in. If it ever were, it is refused.
        Err(rustls::Error::PeerIncompatible(
            rustls::PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig,
        ))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        cert: &CertificateDer<'_>,
        dss: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, cert, dss, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}

fn verify_card(certificate: &[u8], id: Fingerprint, key: &[u8; 32]) -> Result<(), PinError> {
    let card = card_in(certificate).ok_or(PinError::NoCard)?;
    let found = Fingerprint::new(sha256(&[card]));
    if found != id {
        return Err(PinError::OtherBroker { found });
    }
    let card = Card::parse(card).map_err(|_| PinError::NoCard)?;
    if card.tls_spki().as_bytes() != key {
        return Err(PinError::ForeignKey);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CARD_EXTENSION_OID, ServerIdentity, TlsKey};

    #[test]
    fn the_two_forms_of_the_object_identifier_agree() {
        let mut contents = vec![69 + 0x24]; // 2 * 40 + 25 = 105
        let arc = CARD_EXTENSION_OID[2];
        for group in (0..9).rev() {
            let digit = u8::try_from(arc >> (7 * group) & 0x7f).unwrap();
            contents.push(digit | if group == 0 { 0 } else { 0x80 });
        }
        assert_eq!(contents, CARD_OID);
    }

    #[test]
    fn the_card_comes_back_out_of_the_certificate() {
        let key = TlsKey::generate().unwrap();
        let identity = ServerIdentity::danger_unmatched(&key, b"any card").unwrap();
        assert_eq!(
            card_in(identity.0.end_entity_cert().unwrap()),
            Some(b"any card".as_slice())
        );
        let again = TlsKey::from_pkcs8(key.to_pkcs8()).unwrap();
        assert_eq!(again.spki_digest(), key.spki_digest());
    }
}
