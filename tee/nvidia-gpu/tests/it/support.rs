//! Recorded reports, chains and manifests. They are read from the directory that `ADYTON_VECTORS`
//! names; without it the tests are skipped. OCSP answers were not recorded: a responder of the
//! test's own gives them, all good but where a test says otherwise.

use adyton_codec::hex_decode;
use adyton_pki::forge::ForgeKey;
use adyton_pki::{Certificate, KeyKind, OcspResponse, parse_pem_chain};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, answers};
use adyton_tee_nvidia_gpu::{Architecture, NvidiaEndorsements, NvidiaRoots, Rim, verify};
use adyton_types::UnixTime;

/// 2024-06-01, when the manifests of 2023 were in force.
pub(crate) const IN_2024: UnixTime = UnixTime::from_secs(1_717_200_000);
/// 2025-06-15.
pub(crate) const IN_2025: UnixTime = UnixTime::from_secs(1_750_000_000);
/// 2026-11-01.
pub(crate) const IN_2026: UnixTime = UnixTime::from_secs(1_793_500_000);

const FOLDER: &str = "nvidia";

pub(crate) struct Vectors {
    recorded: adyton_vectors::Vectors,
    pub(crate) responder: ForgeKey,
}

impl Vectors {
    pub(crate) fn open() -> Option<Self> {
        Some(Self {
            recorded: adyton_vectors::Vectors::open()?,
            responder: ForgeKey::generate(KeyKind::P384),
        })
    }

    pub(crate) fn read(&self, ending: &str) -> Vec<u8> {
        self.recorded.ending(FOLDER, ending)
    }

    /// The names of all files.
    pub(crate) fn names(&self) -> Vec<String> {
        self.recorded.names(FOLDER)
    }

    pub(crate) fn text(&self, ending: &str) -> String {
        String::from_utf8(self.read(ending)).unwrap()
    }

    /// A report that is stored as hex.
    pub(crate) fn report(&self, ending: &str) -> Vec<u8> {
        hex_decode(&self.text(ending).trim().to_ascii_lowercase()).unwrap()
    }

    pub(crate) fn roots(&self) -> NvidiaRoots {
        NvidiaRoots::danger_production_answered_by(vec![self.responder.public().clone()])
    }

    /// Good answers for whatever certificates are in these texts, as far as they make a chain.
    pub(crate) fn answers_for(&self, pem: &[u8]) -> Option<OcspResponse> {
        let chain = parse_pem_chain(pem).ok()?;
        Some(answers(&chain, &self.responder))
    }

    pub(crate) fn endorsements(&self, pem: &[u8]) -> NvidiaEndorsements {
        let mut endorsements = NvidiaEndorsements::danger_under(self.roots());
        if let Some(response) = self.answers_for(pem) {
            endorsements.add_ocsp(response);
        }
        endorsements
    }

    pub(crate) fn rim(&self, ending: &str, now: UnixTime) -> Result<Rim, &'static str> {
        let xml = self.read(ending);
        let ocsp = rim_chain(&xml).map(|chain| answers(&chain, &self.responder));
        let ocsp: Vec<_> = ocsp.into_iter().collect();
        Rim::verify(&xml, &ocsp, &self.roots(), now).map_err(|error| error.check())
    }
}

/// The certificates in a manifest's signature, found without looking at the rest.
pub(crate) fn rim_chain(xml: &[u8]) -> Option<Vec<Certificate>> {
    let text = std::str::from_utf8(xml).ok()?;
    let parts = text.split("<ds:X509Certificate>").skip(1);
    let der = parts.map(|part| {
        let base64 = part.split('<').next().unwrap_or_default().replace('\n', "");
        adyton_codec::base64_decode(&base64).ok()
    });
    der.map(|der| Certificate::parse(&der?).ok()).collect()
}

pub(crate) fn entry(architecture: Architecture, report: &[u8], pem: &[u8]) -> String {
    let nonce = report.get(4..36).unwrap_or(&[1; 32]);
    let pem = std::str::from_utf8(pem).unwrap();
    ForgedReport::entry(architecture, nonce, report, pem)
}

pub(crate) fn verdict(evidence: &[u8], endorsements: &NvidiaEndorsements, now: UnixTime) -> String {
    match verify(evidence, endorsements, now) {
        Ok(_) => "verified".to_owned(),
        Err(error) => error.check().to_owned(),
    }
}
