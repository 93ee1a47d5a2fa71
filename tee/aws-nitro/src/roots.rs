use adyton_pki::Certificate;
use adyton_types::Fingerprint;

/// The root key that a document has to lead to, pinned by the SHA-256 digest of its
/// SubjectPublicKeyInfo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots(Fingerprint);

/// The key of `AWS_NitroEnclaves_Root-G1`, whose certificate AWS publishes with the SHA-256 digest
/// 641A0321A3E244EFE456463195D606317ED7CDCC3C1756E09893F3C68F79BB5B.
const ROOT_G1: [u8; 32] = [
    0xf2, 0xca, 0xf5, 0xec, 0xc6, 0x19, 0x0b, 0x4a, 0x83, 0x99, 0xb7, 0x8b, 0xc5, 0x8a, 0x2b, 0xbc,
    0xd0, 0x38, 0x23, 0x75, 0xdb, 0x8a, 0x1b, 0xfd, 0x78, 0xa8, 0x27, 0x43, 0x87, 0x4f, 0xd2, 0x25,
];

impl Roots {
    /// AWS's.
    #[must_use]
    pub const fn aws() -> Self {
        Self(Fingerprint::new(ROOT_G1))
    }

    /// Another's, for forged Evidence: who holds the key can state anything.
    #[must_use]
    pub const fn danger_of(key: Fingerprint) -> Self {
        Self(key)
    }

    pub(crate) fn is_root(&self, certificate: &Certificate) -> bool {
        certificate.public_key().fingerprint() == self.0
    }
}
