use adyton_pki::TrustAnchor;
use adyton_types::Fingerprint;

use crate::Generation;

/// The root keys that Endorsements may lead to, one for a generation, each pinned by the SHA-256
/// digest of its SubjectPublicKeyInfo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Roots(Vec<(Generation, Fingerprint)>);

/// The keys of AMD's root certificates `ARK-Milan`, `ARK-Genoa` and `ARK-Turin`, as AMD KDS serves
/// them (`/vcek/v1/{product}/cert_chain`) and as the crate `sev` 8.0.0 has them built in.
const AMD: [(Generation, [u8; 32]); 3] = [
    (
        Generation::Milan,
        sha256_from_hex(b"9f056bee44377e29308cb5ffa895bdfb62d18881fa6bed8d6f075b0204089cb9"),
    ),
    (
        Generation::Genoa,
        sha256_from_hex(b"429a69c9422aa258ee4d8db5fcda9c6470ef15f8cd5a9cebd6cbc7d90b863831"),
    ),
    (
        Generation::Turin,
        sha256_from_hex(b"4f125410563a2ab9a50356f9243f6fe0b6f73de98603f53f90339c70e9d7ad08"),
    ),
];

impl Roots {
    /// AMD's.
    #[must_use]
    pub fn amd() -> Self {
        Self(
            AMD.map(|(generation, key)| (generation, Fingerprint::new(key)))
                .to_vec(),
        )
    }

    /// Another's, for forged Evidence: who holds the key can state anything.
    #[must_use]
    pub fn danger_of(generation: Generation, key: Fingerprint) -> Self {
        Self(vec![(generation, key)])
    }

    /// The same and another: who holds its key can state anything of that generation.
    #[must_use]
    pub fn danger_with(mut self, generation: Generation, key: Fingerprint) -> Self {
        self.0.push((generation, key));
        self
    }

    /// The generation whose root has that key.
    pub(crate) fn generation_of(&self, key: Fingerprint) -> Option<Generation> {
        let found = self.0.iter().find(|(_, pinned)| *pinned == key)?;
        Some(found.0)
    }
}

/// The anchor of a pinned key.
pub(crate) const fn anchor(key: Fingerprint) -> TrustAnchor {
    TrustAnchor::from_fingerprint(key)
}

/// Reads 64 lower-case hexadecimal digits at compile time.
#[expect(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "evaluated at compile time only, where a mistake fails the build"
)]
const fn sha256_from_hex(text: &[u8; 64]) -> [u8; 32] {
    let mut bytes = [0; 32];
    let mut at = 0;
    while at < 32 {
        bytes[at] = digit(text[2 * at]) << 4 | digit(text[2 * at + 1]);
        at += 1;
    }
    bytes
}

const fn digit(c: u8) -> u8 {
    match c {
        b'0'..=b'9' => c.wrapping_sub(b'0'),
        _ => c.wrapping_sub(b'a').wrapping_add(10),
    }
}
