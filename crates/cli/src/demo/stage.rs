use std::path::{Path, PathBuf};

use adyton_appraisal::Judging;
use adyton_attester::{create_platform_key, measure_running_executable};
use adyton_client::{
    Existing, Observer, Placement, RunError, RunReport, RunRequest, Step, read_file,
};
use adyton_protocol::{Pins, verify_receipt};
use adyton_sealing::{Identity, open_stream};
use adyton_types::{Fingerprint, ProgramMeasurement, Protection, Sha256Digest};

use super::hospital::Hospital;
use super::plan::{self, HEART, HOLD, HOLD_SOURCE, HOSPITALS, Program};
use crate::Failure;
use crate::platform::software_policy;

/// What is said as it goes.
pub(super) type Say<'a> = &'a dyn Fn(&str);

/// Everything that the demonstration needs, set up: one machine with a software TEE, three
/// hospitals with a broker each, a study that receives the result, and two programs.
pub(super) struct Stage {
    pub(super) dir: PathBuf,
    pub(super) platform_key: PathBuf,
    pub(super) hospitals: Vec<Hospital>,
    pub(super) heart: Program,
    /// The `adyton.toml` of `heart`.
    pub(super) source: String,
    pub(super) recipient: String,
    identity: Identity,
    platform: Fingerprint,
    executable: Sha256Digest,
}

/// What the run brought.
pub(super) struct Performance {
    pub(super) program: ProgramMeasurement,
    pub(super) report: String,
    /// The first broker's request and answer, as an eavesdropper has them.
    pub(super) request: Vec<u8>,
    pub(super) answer: Vec<u8>,
}

/// The program that learns takes each hospital's key from that hospital's own broker only.
fn heart_source(hospitals: &[Hospital], recipient: &str) -> String {
    let pin = |hospital: &Hospital| (hospital.name.to_string(), *hospital.address.id());
    let pins: Vec<_> = hospitals.iter().map(pin).collect();
    let pins: Vec<_> = pins.iter().map(|(name, id)| (name.as_str(), *id)).collect();
    plan::heart_source(&pins, recipient)
}

/// Keeps what passes on the wire.
#[derive(Default)]
pub(super) struct Eavesdropper {
    pub(super) requests: Vec<Vec<u8>>,
    pub(super) answers: Vec<Vec<u8>>,
}

impl Observer for Eavesdropper {
    fn step(&mut self, _: &Step) {}

    fn answer(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        self.answers.push(bytes.clone());
        bytes
    }

    fn request(&mut self, bytes: Vec<u8>) -> Vec<u8> {
        self.requests.push(bytes.clone());
        bytes
    }
}

impl Stage {
    pub(super) fn set(dir: &Path, say: Say<'_>) -> Result<Self, Failure> {
        let platform_key = dir.join("tee").join("platform.key");
        let platform =
            create_platform_key(&platform_key, &mut adyton_crypto::os_rng())?.fingerprint();
        let executable = measure_running_executable()?;
        say(&format!(
            "machine     a software TEE, platform id {}...\n\
             \x20           no hardware root: it shows how everything works, and walls off other users and root's tools",
            short(&platform.to_string())
        ));
        let identity = Identity::generate_hybrid(&mut adyton_crypto::os_rng());
        let recipient = identity.recipient().to_string();
        let open = |(name, records)| Hospital::open(dir, name, records);
        let hospitals = HOSPITALS
            .into_iter()
            .map(open)
            .collect::<Result<Vec<_>, _>>()?;
        let source = heart_source(&hospitals, &recipient);
        let heart = plan::build(&source, HEART)?;
        let hold = plan::build(HOLD_SOURCE, HOLD)?;
        let measurement = heart.manifest.measurement();
        write(&dir.join("heart.adyton"), &heart.bundle)?;
        write(&dir.join("hold.adyton"), &hold.bundle)?;
        say(&format!(
            "program     heart, 420 lines of C, measurement {}...",
            short(&measurement.to_string())
        ));
        let programs = [measurement, hold.manifest.measurement()];
        for ((name, records), hospital) in HOSPITALS.iter().zip(&hospitals) {
            let (text, document) = plan::release_document(name, &programs, &platform, &executable)?;
            write(&dir.join(name).join("release.toml"), text.as_bytes())?;
            hospital.allow(document)?;
            say(&format!(
                "hospital    {name:11} {:3} patients, sealed; its key in its own broker at {}",
                records.lines().count() - 1,
                hospital.address.authority()
            ));
        }
        let stage = Self {
            dir: dir.to_owned(),
            platform_key,
            hospitals,
            heart,
            source,
            recipient,
            identity,
            platform,
            executable,
        };
        stage.write_identity()?;
        Ok(stage)
    }

    fn write_identity(&self) -> Result<(), Failure> {
        let file = adyton_client::NewFile::create(
            &self.dir.join("study.key"),
            adyton_client::Access::Private,
            Existing::Refuse,
        )?;
        let text = zeroize::Zeroizing::new(format!("{}\n", self.identity.expose().as_str()));
        std::io::Write::write_all(&mut file.file(), text.as_bytes())
            .map_err(|error| Failure::unavailable(error.to_string()))?;
        Ok(file.publish()?)
    }

    /// The request to run `bundle` on all three hospitals' records; results go to `to`.
    pub(super) fn request(&self, bundle: &str, to: &str) -> RunRequest {
        RunRequest {
            adyton: "/proc/self/exe".into(),
            bundle: self.dir.join(bundle),
            inputs: self.hospitals.iter().map(Hospital::source).collect(),
            outputs: std::collections::BTreeMap::new(),
            placement: Placement {
                dir: self.dir.join(to),
                receipt: None,
                existing: Existing::Refuse,
            },
            tee: None,
            platform_key: self.platform_key.clone(),
            code_cache: Some(self.dir.join("cache")),
        }
    }

    /// Runs a request that must not succeed.
    pub(super) fn attempt(
        &self,
        request: &RunRequest,
        observer: &mut dyn Observer,
    ) -> Result<Result<RunReport, RunError>, Failure> {
        let dir = &request.placement.dir;
        std::fs::create_dir_all(dir).map_err(|error| Failure::unavailable(error.to_string()))?;
        let done = adyton_client::run(request, observer);
        if done.is_err() {
            // It goes if nothing was written to it; what was written is for the reader to see.
            let _ = std::fs::remove_dir(dir);
        }
        Ok(done)
    }

    /// The run itself, its result opened and its receipt verified.
    pub(super) fn perform(&self, say: Say<'_>) -> Result<Performance, Failure> {
        say(
            "\nrunning     the enclave measures itself and the program, and asks each broker for its key",
        );
        let mut wire = Eavesdropper::default();
        let request = self.request("heart.adyton", "result");
        let report = self.attempt(&request, &mut wire)??;
        say(
            "            three keys released, each decision in its broker's log first; outputs sealed",
        );
        let receipt = read_file(&report.receipt, "receipt", 1 << 24)?;
        let pins = Pins {
            platforms: vec![software_policy(
                [self.executable],
                [self.platform],
                Protection::ALL,
            )?],
            programs: [self.heart.manifest.measurement()].into(),
            brokers: self
                .hospitals
                .iter()
                .map(|hospital| *hospital.address.id())
                .collect(),
        };
        verify_receipt(&receipt, &pins, &Judging::default(), adyton_client::now())?;
        say(
            "receipt     verified offline: this program, on this platform, on these sealed files, wrote these results",
        );
        let text = self.open("report.txt", &request)?;
        say(&format!(
            "\nThe result, which only the study's key opens:\n\n{}",
            indent(&text)
        ));
        let first = |all: Vec<Vec<u8>>| all.into_iter().next().unwrap_or_default();
        Ok(Performance {
            program: report.program,
            report: text,
            request: first(wire.requests),
            answer: first(wire.answers),
        })
    }

    fn open(&self, output: &str, request: &RunRequest) -> Result<String, Failure> {
        let path = request.placement.dir.join(format!("{output}.age"));
        let sealed = read_file(&path, "sealed file", 1 << 24)?;
        let mut opened = Vec::new();
        open_stream(sealed.as_slice(), &mut opened, &self.identity, |_| ())
            .map_err(|error| Failure::new(error.class(), &error))?;
        Ok(String::from_utf8_lossy(&opened).into_owned())
    }
}

/// Writes a public file of the demonstration.
pub(super) fn write(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let fail = |error| adyton_client::FileError::io("write", path, error);
    Ok(std::fs::write(path, bytes).map_err(fail)?)
}

pub(super) fn short(text: &str) -> &str {
    text.get(..16).unwrap_or(text)
}

fn indent(text: &str) -> String {
    text.lines().map(|line| format!("    {line}\n")).collect()
}
