use std::io;

use adyton_codec::{base64_decode, hex_decode};
use adyton_pki::forge::{AnswerForge, ForgeKey, OcspForge};
use adyton_pki::{Certificate, KeyKind, OcspResponse, parse_pem_chain};
use adyton_tee_nvidia_gpu::forge::ForgedReport;
use adyton_tee_nvidia_gpu::{
    Architecture, DeviceEvidence, NvidiaEndorsements, NvidiaRoots, Rim, verify,
};
use adyton_types::UnixTime;

use crate::index::{Index, Row};
use crate::table::{Outcome, Table};

/// The middles of 2024, 2025 and 2026: manifests are good for a year or two.
const TIMES: [u64; 3] = [1_717_200_000, 1_750_000_000, 1_793_500_000];
/// When the newest are.
const NOW: UnixTime = UnixTime::from_secs(TIMES[2]);
const ARCHITECTURES: [Architecture; 3] = [
    Architecture::Hopper,
    Architecture::Blackwell,
    Architecture::Ls10,
];
/// Checks by how much of the device's own Evidence they have behind them. With the last two it is
/// genuine, and only its manifest was not recorded, or measures something else.
const PROGRESS: [&str; 5] = [
    "fwid",
    "revocation",
    "report-signature",
    "rim-version",
    "measurements",
];
/// Words in the names of files that have to be refused.
const BAD: [&str; 9] = [
    "expired",
    "invalid",
    "mismatch",
    "incorrect",
    "case2",
    "case3",
    "case4",
    "signing_cert",
    "hold",
];

/// What is recorded of NVIDIA's, and a responder: OCSP answers were not recorded.
struct Recorded {
    responder: ForgeKey,
    roots: NvidiaRoots,
    manifests: Vec<Vec<u8>>,
    reports: Vec<Vec<u8>>,
    chains: Vec<Vec<u8>>,
}

/// Verifies reports and certificate chains with each other, manifests, and whole Evidence.
pub(crate) fn run(index: &Index, table: &mut Table) -> io::Result<()> {
    let recorded = Recorded::read(index)?;
    for row in rows(index) {
        let bytes = index.bytes(&row.file)?;
        let (kind, outcome) = if let Some(found) = index.evidence(row)? {
            let evidence = found.evidence.bytes;
            ("nvidia evidence", recorded.evidence(&evidence, row))
        } else if is_manifest(&bytes) {
            ("nvidia manifest", recorded.manifest(&bytes))
        } else if let Some(report) = report(&bytes) {
            ("nvidia report", recorded.pairs(&[report], &recorded.chains))
        } else if is_chain(&bytes) && !row.file.ends_with(".crt") {
            ("nvidia chain", recorded.pairs(&recorded.reports, &[bytes]))
        } else {
            table.add_part("nvidia, others");
            continue;
        };
        table.add(kind, &outcome);
        table.compare(&row.file, agrees(row, &outcome), &row.verdict, &outcome);
    }
    Ok(())
}

fn rows(index: &Index) -> impl Iterator<Item = &Row> {
    let rows = index.rows().iter();
    rows.filter(|row| row.kind.starts_with("nvidia-") && row.kind != "nvidia-root")
}

/// A name that says bad is refused before its manifests are asked for; any other is genuine.
fn agrees(row: &Row, outcome: &Outcome) -> bool {
    let name = row.file.to_lowercase();
    let genuine = match outcome {
        Outcome::Accepted(_) => true,
        Outcome::Refused(check) => ["rim-version", "measurements"].contains(&check.as_str()),
    };
    genuine != BAD.iter().any(|word| name.contains(word))
}

fn is_manifest(bytes: &[u8]) -> bool {
    bytes.starts_with(b"<?xml") || bytes.starts_with(b"<SoftwareIdentity")
}

fn is_chain(bytes: &[u8]) -> bool {
    bytes.starts_with(b"-----BEGIN CERTIFICATE-----")
}

/// Reports are kept in hexadecimal.
fn report(bytes: &[u8]) -> Option<Vec<u8>> {
    let text = std::str::from_utf8(bytes).ok()?.trim().to_ascii_lowercase();
    hex_decode(&text).ok().filter(|report| report.len() > 1000)
}

impl Recorded {
    fn read(index: &Index) -> io::Result<Self> {
        let files = rows(index).map(|row| index.bytes(&row.file));
        let files: Vec<Vec<u8>> = files.collect::<io::Result<_>>()?;
        let responder = ForgeKey::generate(KeyKind::P384);
        Ok(Self {
            roots: NvidiaRoots::danger_production_answered_by(vec![responder.public().clone()]),
            responder,
            manifests: files
                .iter()
                .filter(|file| is_manifest(file))
                .cloned()
                .collect(),
            reports: files.iter().filter_map(|file| report(file)).collect(),
            chains: files
                .iter()
                .filter(|file| is_chain(file))
                .cloned()
                .collect(),
        })
    }

    /// Good answers for a chain, but for a certificate that NVIDIA put on hold.
    fn answers(&self, chain: &[Certificate], held: Option<&str>) -> Option<OcspResponse> {
        let pairs = chain.iter().zip(chain.iter().skip(1));
        let answers = pairs.map(|(certificate, issuer)| {
            let good = AnswerForge::good(certificate, issuer.public_key());
            match certificate.subject_common_name() {
                // Six is `certificateHold` (RFC 5280 section 5.3.1).
                Some(name) if Some(name) == held => good.revoked(6),
                _ => good,
            }
        });
        OcspResponse::parse(&OcspForge::new(answers.collect()).sign(&self.responder)).ok()
    }

    fn rim(&self, xml: &[u8], now: UnixTime) -> Result<Rim, &'static str> {
        let answers = signers(xml).and_then(|chain| self.answers(&chain, None));
        let answers: Vec<_> = answers.into_iter().collect();
        Rim::verify(xml, &answers, &self.roots, now).map_err(|error| error.check())
    }

    /// At the time at which it gets furthest.
    fn manifest(&self, xml: &[u8]) -> Outcome {
        let results = TIMES.map(|now| self.rim(xml, UnixTime::from_secs(now)));
        let dates = "rim-certificate-chain";
        match results.iter().find_map(|result| result.as_ref().ok()) {
            Some(_) => Outcome::Accepted(String::new()),
            None => {
                let checks = results.into_iter().filter_map(Result::err);
                let other = checks.into_iter().find(|check| *check != dates);
                Outcome::Refused(other.unwrap_or(dates).to_owned())
            }
        }
    }

    fn endorsements(&self, now: UnixTime) -> NvidiaEndorsements {
        let mut endorsements = NvidiaEndorsements::danger_under(self.roots.clone());
        for xml in &self.manifests {
            if let Ok(rim) = self.rim(xml, now) {
                // Of two for one version the first counts.
                let _ = endorsements.add_rim(rim);
            }
        }
        endorsements
    }

    fn evidence(&self, bytes: &[u8], row: &Row) -> Outcome {
        let devices = DeviceEvidence::parse_list(bytes).unwrap_or_default();
        let held = row
            .file
            .contains("cert_hold")
            .then_some("GH100 A01 GSP BROM");
        let mut endorsements = self.endorsements(NOW);
        for device in devices {
            let chain = parse_pem_chain(&device.chain).ok();
            let answers = chain.and_then(|chain| self.answers(&chain, held));
            if let Some(answers) = answers {
                endorsements.add_ocsp(answers);
            }
        }
        judge(bytes, &endorsements, NOW)
    }

    /// The pair that gets furthest.
    fn pairs(&self, reports: &[Vec<u8>], chains: &[Vec<u8>]) -> Outcome {
        best(TIMES.map(UnixTime::from_secs).into_iter().flat_map(|now| {
            let mut endorsements = self.endorsements(now);
            for chain in chains
                .iter()
                .filter_map(|chain| parse_pem_chain(chain).ok())
            {
                if let Some(answers) = self.answers(&chain, None) {
                    endorsements.add_ocsp(answers);
                }
            }
            let pairs = reports
                .iter()
                .flat_map(|report| chains.iter().map(move |chain| (report, chain)));
            let outcomes = pairs.flat_map(|(report, chain)| {
                let nonce = report.get(4..36).unwrap_or_default();
                let pem = String::from_utf8_lossy(chain).into_owned();
                ARCHITECTURES
                    .map(|architecture| ForgedReport::entry(architecture, nonce, report, &pem))
            });
            let judged =
                outcomes.map(|entry| judge(format!("[{entry}]").as_bytes(), &endorsements, now));
            judged.collect::<Vec<_>>()
        }))
    }
}

fn judge(evidence: &[u8], endorsements: &NvidiaEndorsements, now: UnixTime) -> Outcome {
    match verify(evidence, endorsements, now) {
        Ok(_) => Outcome::Accepted(String::new()),
        Err(error) => Outcome::Refused(error.check().to_owned()),
    }
}

fn best(outcomes: impl Iterator<Item = Outcome>) -> Outcome {
    let progress = |outcome: &Outcome| match outcome {
        Outcome::Accepted(_) => Some(PROGRESS.len()),
        Outcome::Refused(check) => PROGRESS.iter().position(|known| known == check),
    };
    let best = outcomes.max_by_key(progress);
    best.unwrap_or_else(|| Outcome::Refused("unknown form".to_owned()))
}

/// The certificates in a manifest's signature, found without looking at the rest.
fn signers(xml: &[u8]) -> Option<Vec<Certificate>> {
    let text = std::str::from_utf8(xml).ok()?;
    let parts = text.split("<ds:X509Certificate>").skip(1);
    let certificates = parts.map(|part| {
        let packed: String = part.split('<').next()?.split_ascii_whitespace().collect();
        Certificate::parse(&base64_decode(&packed).ok()?).ok()
    });
    certificates.collect()
}
