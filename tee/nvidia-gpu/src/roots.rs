use adyton_pki::{PublicKey, TrustAnchor};
use adyton_types::Fingerprint;

/// SHA-256 of the SubjectPublicKeyInfo of `NVIDIA Device Identity CA`, valid from 2021-11-05
/// without an end; its certificate is in NVIDIA nvtrust, `verifier_device_root.pem`.
const DEVICE_ROOT: [u8; 32] = [
    0xa9, 0x0c, 0x4e, 0xb5, 0xac, 0xfd, 0x3e, 0x3d, 0x03, 0xa2, 0x5d, 0xb6, 0xa2, 0x6b, 0x84, 0xf7,
    0x20, 0xad, 0x05, 0x03, 0x19, 0x6c, 0x62, 0x7c, 0x21, 0xdd, 0xd4, 0x8d, 0xd8, 0x5b, 0x06, 0xa4,
];

/// The same of `NVIDIA CoRIM signing Root CA`, valid from 2023-03-16 to 2053-03-08,
/// `verifier_RIM_root.pem`.
const RIM_ROOT: [u8; 32] = [
    0xde, 0xc1, 0xdc, 0x31, 0x64, 0x77, 0xaa, 0x85, 0x1e, 0xeb, 0xdf, 0x51, 0x32, 0x7a, 0xe9, 0xf8,
    0x64, 0xbc, 0x8d, 0x89, 0x25, 0x46, 0x57, 0xed, 0x1e, 0x7e, 0xb9, 0x16, 0x8a, 0xf1, 0xe1, 0xa3,
];

/// The keys that everything of NVIDIA ends at.
#[derive(Debug, Clone)]
pub struct NvidiaRoots {
    device: Vec<TrustAnchor>,
    rim: Vec<TrustAnchor>,
    responders: Vec<PublicKey>,
}

impl NvidiaRoots {
    /// NVIDIA's own, pinned by key.
    #[must_use]
    pub fn production() -> Self {
        let pinned = |digest| vec![TrustAnchor::from_fingerprint(Fingerprint::new(digest))];
        Self {
            device: pinned(DEVICE_ROOT),
            rim: pinned(RIM_ROOT),
            responders: Vec::new(),
        }
    }

    /// Other roots, and OCSP responders that are trusted to answer for every issuer: for tests.
    #[must_use]
    pub const fn danger_new(
        device: Vec<TrustAnchor>,
        rim: Vec<TrustAnchor>,
        responders: Vec<PublicKey>,
    ) -> Self {
        Self {
            device,
            rim,
            responders,
        }
    }

    /// NVIDIA's own roots, with other OCSP responders: for tests of recorded Evidence.
    #[must_use]
    pub fn danger_production_answered_by(responders: Vec<PublicKey>) -> Self {
        Self {
            responders,
            ..Self::production()
        }
    }

    /// The same and another root of devices: whoever holds its key can state anything.
    #[must_use]
    pub fn danger_with_device(mut self, anchor: TrustAnchor) -> Self {
        self.device.push(anchor);
        self
    }

    /// The same and another root of manifests: whoever holds its key can call anything genuine.
    #[must_use]
    pub fn danger_with_rim(mut self, anchor: TrustAnchor) -> Self {
        self.rim.push(anchor);
        self
    }

    pub(crate) fn device(&self) -> &[TrustAnchor] {
        &self.device
    }

    pub(crate) fn rim(&self) -> &[TrustAnchor] {
        &self.rim
    }

    /// OCSP responders that are trusted to answer for every issuer: none under NVIDIA's own roots.
    #[must_use]
    pub fn responders(&self) -> &[PublicKey] {
        &self.responders
    }
}
