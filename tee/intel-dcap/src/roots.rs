use adyton_pki::TrustAnchor;
use adyton_types::Fingerprint;

/// SHA-256 of the SubjectPublicKeyInfo of `Intel SGX Root CA`, which is root of SGX and TDX. The
/// certificate is published at
/// `https://certificates.trustedservices.intel.com/Intel_SGX_Provisioning_Certification_RootCA.cer`.
pub const INTEL_ROOT_KEY: Fingerprint = Fingerprint::new([
    0xa0, 0xaf, 0x03, 0x12, 0x89, 0xf5, 0xd5, 0xd4, 0x13, 0x2f, 0x91, 0x86, 0x06, 0x8a, 0x7f, 0xc1,
    0x36, 0x28, 0x63, 0x3b, 0xa2, 0x35, 0x77, 0x74, 0x72, 0xe2, 0x9b, 0x6b, 0x6c, 0x67, 0xa4, 0x9e,
]);

/// The root keys that are trusted. Two are equal if they trust the same keys in the same order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots(Vec<TrustAnchor>);

impl Roots {
    /// Intel's.
    #[must_use]
    pub fn intel() -> Self {
        Self(vec![TrustAnchor::from_fingerprint(INTEL_ROOT_KEY)])
    }

    /// Others, in place of Intel's: whoever holds their keys can state anything. For tests.
    #[must_use]
    pub const fn danger_others(anchors: Vec<TrustAnchor>) -> Self {
        Self(anchors)
    }

    /// The same and another: whoever holds its key can state anything.
    #[must_use]
    pub fn danger_with(mut self, anchor: TrustAnchor) -> Self {
        self.0.push(anchor);
        self
    }

    pub(crate) fn anchors(&self) -> &[TrustAnchor] {
        &self.0
    }
}
