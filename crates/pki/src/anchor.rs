use adyton_types::Fingerprint;

use crate::{Certificate, PublicKey};

/// A root that the caller trusts: a key, never a mere name (RFC 5280 section 6.1.1 (d)).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrustAnchor(pub(crate) Anchor);

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Anchor {
    Key { subject: Vec<u8>, key: PublicKey },
    Fingerprint(Fingerprint),
}

impl TrustAnchor {
    /// A name (DER) and a key. A path may end with a certificate that this key signed, or with the
    /// root's own certificate.
    #[must_use]
    pub fn new(subject: &[u8], key: PublicKey) -> Self {
        Self(Anchor::Key {
            subject: subject.to_vec(),
            key,
        })
    }

    /// The name and key of a root's certificate. The caller vouches for it; its dates and signature
    /// are looked at only where it stands in a path.
    #[must_use]
    pub fn from_certificate(root: &Certificate) -> Self {
        Self::new(root.subject(), root.public_key().clone())
    }

    /// The SHA-256 digest of a key's SubjectPublicKeyInfo. The root's certificate has to be the last
    /// of each path then.
    #[must_use]
    pub const fn from_fingerprint(spki: Fingerprint) -> Self {
        Self(Anchor::Fingerprint(spki))
    }

    /// Whether this certificate holds the pinned key.
    #[must_use]
    pub fn is_key_of(&self, certificate: &Certificate) -> bool {
        match &self.0 {
            Anchor::Key { subject, key } => {
                key == certificate.public_key() && subject.as_slice() == certificate.subject()
            }
            Anchor::Fingerprint(pinned) => *pinned == certificate.public_key().fingerprint(),
        }
    }
}
