//! Forged Evidence under keys of its own: right in everything, until a test alters one thing.

use std::sync::LazyLock;

use adyton_pki::forge::{CertificateForge, CrlForge, ExtensionForge, ForgeKey};
use adyton_pki::{KeyKind, Oid, SignatureAlgorithm};
use adyton_types::UnixTime;

use crate::report::{REPORT_BYTES, SIGNED_BYTES};
use crate::{CaChain, Generation, Roots, SigningCa, SnpEndorsements, SnpError, VekKind};

/// The keys that forgeries are signed with; making RSA keys takes a while, so all share them.
#[derive(Debug)]
pub struct ForgeKeys {
    /// The root's.
    pub ark: ForgeKey,
    /// The signing authority's.
    pub ca: ForgeKey,
    /// The chip's or cloud's.
    pub vek: ForgeKey,
    /// Somebody's, of the kind of a V*EK.
    pub stranger: ForgeKey,
}

/// The shared keys.
pub static KEYS: LazyLock<ForgeKeys> = LazyLock::new(|| ForgeKeys {
    ark: ForgeKey::generate(KeyKind::Rsa),
    ca: ForgeKey::generate(KeyKind::Rsa),
    vek: ForgeKey::generate(KeyKind::P384),
    stranger: ForgeKey::generate(KeyKind::P384),
});

/// 2026-01-01T00:00:00Z, at which forgeries are valid.
pub const NOW: UnixTime = UnixTime::from_secs(1_767_225_600);

/// The chip of forged Evidence; Turin has its first eight bytes.
pub const CHIP_ID: [u8; 64] = [0xc1; 64];

/// A forged vendor of one generation and kind of key. Every field may be altered before use.
#[derive(Debug, Clone)]
pub struct ForgedAmd {
    /// The generation.
    pub generation: Generation,
    /// The kind of key that signs reports.
    pub kind: VekKind,
    /// The root's certificate.
    pub ark: CertificateForge,
    /// The signing authority's.
    pub ca: CertificateForge,
    /// The V*EK's.
    pub vek: CertificateForge,
    /// The revocation list.
    pub crl: CrlForge,
}

impl ForgedAmd {
    /// A vendor whose reports verify.
    #[must_use]
    pub fn new(generation: Generation, kind: VekKind) -> Self {
        let root = format!("ARK-{generation}");
        let authority = kind.authority_name(generation);
        let name = match kind {
            VekKind::Vcek => "SEV-VCEK",
            VekKind::Vlek => "SEV-VLEK",
        };
        let mut vek = CertificateForge::new(name, &authority, &KEYS.vek).serial(&[0]);
        vek.extensions = extensions(generation, kind);
        Self {
            generation,
            kind,
            ark: CertificateForge::ca(&root, &root, &KEYS.ark, None).serial(&[1, 0, 0]),
            ca: CertificateForge::ca(&authority, &root, &KEYS.ca, Some(0)).serial(&[1, 0, 1]),
            vek,
            crl: CrlForge::new(&root),
        }
    }

    /// The roots that pin the forged one.
    #[must_use]
    pub fn roots(&self) -> Roots {
        Roots::danger_of(self.generation, KEYS.ark.public().fingerprint())
    }

    /// The signing authority, verified with its revocation list.
    ///
    /// # Errors
    /// What a test has altered.
    pub fn signing_ca(&self, now: UnixTime) -> Result<SigningCa, SnpError> {
        let (ark, ca) = (self.ark.sign(&KEYS.ark), self.ca.sign(&KEYS.ark));
        let chain = CaChain { ark: &ark, ca: &ca };
        SigningCa::verify(&self.roots(), &chain, &self.crl.sign(&KEYS.ark), now)
    }

    /// The Endorsements, verified.
    ///
    /// # Errors
    /// What a test has altered.
    pub fn endorsements(&self, now: UnixTime) -> Result<SnpEndorsements, SnpError> {
        SnpEndorsements::verify(&self.signing_ca(now)?, &self.vek.sign(&KEYS.ca), now)
    }

    /// A report of version 5.
    #[must_use]
    pub fn report(&self) -> ReportForge {
        let mut report = ReportForge([0; REPORT_BYTES]);
        let (cpuid, tcb) = match self.generation {
            Generation::Milan => ([0x19, 0x01, 0x01], [4, 0, 0, 0, 0, 0, 24, 219]),
            Generation::Genoa => ([0x19, 0x11, 0x01], [4, 0, 0, 0, 0, 0, 24, 219]),
            Generation::Turin => ([0x1a, 0x02, 0x01], [1, 4, 0, 24, 0, 0, 0, 219]),
        };
        let signing_key = match self.kind {
            VekKind::Vcek => 0,
            VekKind::Vlek => 1 << 2,
        };
        report.set(0x00, &[5]);
        report.set(0x08, &0x3_0000_u64.to_le_bytes());
        report.set(0x34, &[1]);
        report.set(0x38, &tcb);
        report.set(0x40, &[0x25]);
        report.set(0x48, &[signing_key]);
        report.set(0x50, &[0xda; 64]);
        report.set(0x90, &[0x3e; 48]);
        report.set(0x140, &[0x1d; 32]);
        report.set(0x160, &[0xff; 32]);
        report.set(0x180, &tcb);
        report.set(0x188, &cpuid);
        report.set(
            0x1a0,
            CHIP_ID
                .get(..self.generation.chip_id_bytes())
                .unwrap_or_default(),
        );
        report.set(0x1e0, &tcb);
        report.set(0x1e8, &[29, 55, 1, 0, 29, 55, 1, 0]);
        report.set(0x1f0, &tcb);
        report
    }
}

/// A report in the making.
#[derive(Debug, Clone)]
pub struct ReportForge(pub [u8; REPORT_BYTES]);

impl ReportForge {
    /// Writes bytes at an offset; what would lie beyond the end is left out.
    pub fn set(&mut self, at: usize, bytes: &[u8]) -> &mut Self {
        for (to, from) in self.0.iter_mut().skip(at).zip(bytes) {
            *to = *from;
        }
        self
    }

    /// Makes it one of an earlier version, whose reserved fields are zero.
    pub fn version(&mut self, version: u8) -> &mut Self {
        self.set(0, &[version]);
        if version < 5 {
            self.set(0x1f8, &[0; 16]);
        }
        if version < 3 {
            self.set(0x188, &[0; 3]);
        }
        self
    }

    /// The report, signed by a key on P-384.
    #[must_use]
    pub fn sign(&self, key: &ForgeKey) -> Vec<u8> {
        let signed = self.0.get(..SIGNED_BYTES).unwrap_or_default();
        let signature = key.sign(SignatureAlgorithm::EcdsaP384Sha384Fixed, signed);
        let mut report = self.clone();
        for (at, scalar) in [0x2a0, 0x2e8].into_iter().zip(signature.chunks(48)) {
            let little_endian: Vec<u8> = scalar.iter().rev().copied().collect();
            report.set(at, &little_endian);
        }
        report.0.to_vec()
    }
}

/// An object identifier below AMD's arc.
///
/// # Panics
/// If the numbers are no object identifier.
#[must_use]
pub fn oid(below: &str) -> Oid {
    Oid::new(&format!("1.3.6.1.4.1.3704.1.{below}")).expect("an object identifier")
}

/// An extension of a V*EK certificate.
#[must_use]
pub fn extension(below: &str, value: &[u8]) -> ExtensionForge {
    ExtensionForge::new(oid(below), false, value)
}

fn extensions(generation: Generation, kind: VekKind) -> Vec<ExtensionForge> {
    let text = |value: &str| {
        let length = u8::try_from(value.len()).unwrap_or(u8::MAX);
        [&[0x16, length], value.as_bytes()].concat()
    };
    let mut all = vec![
        extension("1", &[2, 1, generation.certificate_version()]),
        extension("2", &text(generation.as_str())),
        extension("3.1", &[2, 1, 4]),
        extension("3.2", &[2, 1, 0]),
        extension("3.3", &[2, 1, 24]),
        extension("3.5", &[2, 1, 0]),
        extension("3.6", &[2, 1, 0]),
        extension("3.7", &[2, 1, 0]),
        extension("3.8", &[2, 2, 0, 219]),
        match generation {
            Generation::Milan | Generation::Genoa => extension("3.4", &[2, 1, 0]),
            Generation::Turin => extension("3.9", &[2, 1, 1]),
        },
    ];
    all.push(match kind {
        VekKind::Vcek => {
            let id = CHIP_ID
                .get(..generation.chip_id_bytes())
                .unwrap_or_default();
            extension("4", id)
        }
        VekKind::Vlek => extension("5", &text("CN=cc-test.example")),
    });
    all
}
