use std::fmt;
use std::sync::Arc;

use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::signature::{ECDSA_P256_SHA256_ASN1_SIGNING, EcdsaKeyPair, KeyPair as _};
use rcgen::{CertificateParams, CustomExtension, DistinguishedName, DnType, PublicKeyData};
use rustls::crypto::aws_lc_rs::sign::any_ecdsa_type;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::CertifiedKey;

use adyton_crypto::{SecretBytes, sha256};
use adyton_protocol::Card;
use adyton_types::Sha256Digest;

use crate::TransportError;

/// The certificate extension that carries a broker's card (`specs/release-protocol.md`).
pub const CARD_EXTENSION_OID: [u64; 3] = [2, 25, 6_047_318_837_236_612_471];

/// A broker's TLS key: ECDSA P-256 (FIPS 186-5), which every TLS 1.3 client can verify.
pub struct TlsKey {
    pkcs8: SecretBytes,
    pair: EcdsaKeyPair,
}

impl TlsKey {
    /// Makes a fresh key. The provider has a generator of its own, seeded by the system.
    ///
    /// # Errors
    /// [`TransportError::Key`] if the provider fails.
    pub fn generate() -> Result<Self, TransportError> {
        let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_ASN1_SIGNING)
            .map_err(|_| TransportError::Key)?;
        let pkcs8 = pair.to_pkcs8v1().map_err(|_| TransportError::Key)?;
        Ok(Self {
            pkcs8: SecretBytes::new(pkcs8.as_ref().to_vec()),
            pair,
        })
    }

    /// From what [`to_pkcs8`](Self::to_pkcs8) gave.
    ///
    /// # Errors
    /// [`TransportError::Key`].
    pub fn from_pkcs8(pkcs8: &SecretBytes) -> Result<Self, TransportError> {
        let pair = EcdsaKeyPair::from_pkcs8(&ECDSA_P256_SHA256_ASN1_SIGNING, pkcs8.expose())
            .map_err(|_| TransportError::Key)?;
        Ok(Self {
            pkcs8: SecretBytes::new(pkcs8.expose().to_vec()),
            pair,
        })
    }

    /// The private key as PKCS #8 (RFC 5958), to be stored sealed.
    #[must_use]
    pub const fn to_pkcs8(&self) -> &SecretBytes {
        &self.pkcs8
    }

    /// SHA-256 of the SubjectPublicKeyInfo: the card's `tls-spki`.
    #[must_use]
    pub fn spki_digest(&self) -> Sha256Digest {
        Sha256Digest::new(sha256(&[&self.subject_public_key_info()]))
    }
}

impl fmt::Debug for TlsKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("TlsKey(ECDSA P-256)")
    }
}

impl PublicKeyData for TlsKey {
    fn der_bytes(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }

    fn algorithm(&self) -> &'static rcgen::SignatureAlgorithm {
        &rcgen::PKCS_ECDSA_P256_SHA256
    }

    fn subject_public_key_info(&self) -> Vec<u8> {
        self.pair
            .public_key()
            .as_der()
            .expect("a P-256 public key has a DER form")
            .as_ref()
            .to_vec()
    }
}

impl rcgen::SigningKey for TlsKey {
    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, rcgen::Error> {
        self.pair
            .sign(&SystemRandom::new(), message)
            .map(|signature| signature.as_ref().to_vec())
            .map_err(|_| rcgen::Error::RemoteKeyError)
    }
}

/// A broker's TLS key with the self-signed certificate that carries its card.
///
/// The certificate is made anew at every start and never stored: the card is what people pin, and
/// the certificate's dates say nothing.
#[derive(Clone)]
pub struct ServerIdentity(pub(crate) Arc<CertifiedKey>);

impl ServerIdentity {
    /// From the key and the card, which must name the key.
    ///
    /// # Errors
    /// [`TransportError::CardKey`] if it names another; [`TransportError::Key`] if no certificate
    /// can be made.
    pub fn new(key: &TlsKey, card: &Card) -> Result<Self, TransportError> {
        if *card.tls_spki() != key.spki_digest() {
            return Err(TransportError::CardKey);
        }
        Self::danger_unmatched(key, &card.encode())
    }

    /// From the key alone, for a server that is known by it.
    ///
    /// # Errors
    /// [`TransportError::Key`] if no certificate can be made.
    pub fn of_key(key: &TlsKey) -> Result<Self, TransportError> {
        Self::certify(key, "Adyton", Vec::new())
    }

    /// Without looking at the card, so that tests can play an impostor.
    ///
    /// # Errors
    /// [`TransportError::Key`] if no certificate can be made.
    #[doc(hidden)]
    pub fn danger_unmatched(key: &TlsKey, card: &[u8]) -> Result<Self, TransportError> {
        let card = CustomExtension::from_oid_content(&CARD_EXTENSION_OID, card.to_vec());
        Self::certify(key, "Adyton broker", vec![card])
    }

    fn certify(
        key: &TlsKey,
        name: &str,
        extensions: Vec<CustomExtension>,
    ) -> Result<Self, TransportError> {
        let mut params = CertificateParams::default();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, name);
        params.custom_extensions = extensions;
        let certificate = params.self_signed(key).map_err(|_| TransportError::Key)?;
        let private = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.pkcs8.expose()));
        let signer = any_ecdsa_type(&private).map_err(|_| TransportError::Key)?;
        Ok(Self(Arc::new(CertifiedKey::new(
            vec![certificate.der().clone()],
            signer,
        ))))
    }
}

impl fmt::Debug for ServerIdentity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ServerIdentity")
    }
}
