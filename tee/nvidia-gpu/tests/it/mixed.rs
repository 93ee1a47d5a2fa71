//! Recorded reports under manifests of the test's own, where NVIDIA's were not recorded.

use std::ops::Range;

use adyton_codec::{base64_encode, hex_encode};
use adyton_pki::{TrustAnchor, parse_pem_chain};
use adyton_tee_nvidia_gpu::forge::{ForgedRim, ForgedWorld, answers};
use adyton_tee_nvidia_gpu::{
    Architecture, NvidiaEndorsements, NvidiaRoots, Report, Rim, VerifiedDevices, verify,
};
use adyton_types::UnixTime;

use crate::support::{IN_2024, IN_2025, IN_2026, Vectors, rim_chain};

/// A recorded device, under NVIDIA's device root, NVIDIA's RIM root and one of the test's own.
struct Mixed {
    vectors: Vectors,
    world: ForgedWorld,
    roots: NvidiaRoots,
    report: Vec<u8>,
    pem: Vec<u8>,
    architecture: Architecture,
}

impl Mixed {
    fn open(report: &str, chain: &str, architecture: Architecture) -> Option<Self> {
        let vectors = Vectors::open()?;
        let world = ForgedWorld::hopper();
        let anchor = |pem: &str| {
            let chain = parse_pem_chain(&vectors.read(pem)).unwrap();
            TrustAnchor::from_certificate(&chain[0])
        };
        let own = TrustAnchor::from_certificate(world.rim_chain.last().unwrap());
        let responders = [&vectors.responder, &world.responder];
        let roots = NvidiaRoots::danger_new(
            vec![anchor("verifier_device_root.pem")],
            vec![anchor("verifier_RIM_root.pem"), own],
            responders.map(|key| key.public().clone()).to_vec(),
        );
        Some(Self {
            report: vectors.report(report),
            pem: vectors.read(chain),
            vectors,
            world,
            roots,
            architecture,
        })
    }

    /// A manifest of the test's own that the report fits at these measurements.
    fn fitting(&self, product: &str, version: &str, indices: Range<u8>, now: UnixTime) -> Rim {
        let parsed = Report::parse(&self.report).unwrap();
        let mut forged = ForgedRim::new(product, version, []);
        for index in indices {
            let values = vec![parsed.measurements[&index]];
            forged.resources.push((index, true, values));
        }
        let ocsp = [answers(&self.world.rim_chain, &self.world.responder)];
        let xml = self.world.rim_xml(&forged);
        Rim::verify(xml.as_bytes(), &ocsp, &self.roots, now).unwrap()
    }

    /// A recorded manifest.
    fn recorded(&self, ending: &str, now: UnixTime) -> Rim {
        let xml = self.vectors.read(ending);
        let ocsp = [answers(&rim_chain(&xml).unwrap(), &self.vectors.responder)];
        Rim::verify(&xml, &ocsp, &self.roots, now).unwrap()
    }

    fn endorsements(&self, rims: impl IntoIterator<Item = Rim>) -> NvidiaEndorsements {
        let mut endorsements = NvidiaEndorsements::danger_under(self.roots.clone());
        endorsements.add_ocsp(self.vectors.answers_for(&self.pem).unwrap());
        for rim in rims {
            endorsements.add_rim(rim).unwrap();
        }
        endorsements
    }

    fn verdict(
        &self,
        report: &[u8],
        pem: &[u8],
        endorsements: &NvidiaEndorsements,
        now: UnixTime,
    ) -> Result<VerifiedDevices, &'static str> {
        let list = format!(
            r#"[{{"arch":"{}","certificate":"{}","evidence":"{}","nonce":"{}"}}]"#,
            self.architecture,
            base64_encode(pem),
            base64_encode(report),
            hex_encode(&self.report[4..36]),
        );
        verify(list.as_bytes(), endorsements, now).map_err(|error| error.check())
    }
}

fn hopper() -> Option<Mixed> {
    Mixed::open(
        "sample_attestation_data_gpu_hopperAttestationReport.txt",
        "sample_attestation_data_gpu_hopperCertChain.txt",
        Architecture::Hopper,
    )
}

/// NVIDIA's VBIOS manifest of the version, and a signed one with other values.
#[test]
fn a_recorded_mismatch_is_one() {
    let Some(mixed) = hopper() else { return };
    let with = |vbios: &str, now| {
        let driver = mixed.fitting("GH100", "535.86.09", 20..41, now);
        let endorsements = mixed.endorsements([driver, mixed.recorded(vbios, now)]);
        mixed.verdict(&mixed.report, &mixed.pem, &endorsements, now)
    };
    let verified = with("1010_0200_882_96005E0001_PROD.swidtag", IN_2024).unwrap();
    assert_eq!(verified.claims().devices[0].measured, 32);
    let mismatch = "1010_0200_882_96005E0001_measurement_mismatch.xml";
    assert_eq!(with(mismatch, IN_2025), Err("measurements"));
}

/// Every bit pattern that the sweep tries: one flipped bit in each byte of report and chain.
fn sweep(mixed: &Mixed, product: &str, vbios: &str, driver: &str) {
    let rims = [
        mixed.fitting(product, vbios, 0..10, IN_2026),
        mixed.fitting(product, driver, 10..64, IN_2026),
    ];
    let endorsements = mixed.endorsements(rims);
    let verdict = |report: &[u8], pem: &[u8]| mixed.verdict(report, pem, &endorsements, IN_2026);
    let good = verdict(&mixed.report, &mixed.pem).unwrap().into_claims();
    for at in 0..mixed.report.len() {
        let mut altered = mixed.report.clone();
        altered[at] ^= 1 << (at % 8);
        assert!(verdict(&altered, &mixed.pem).is_err(), "report byte {at}");
    }
    let mut unread = Vec::new();
    for at in 0..mixed.pem.len() {
        let mut altered = mixed.pem.clone();
        altered[at] ^= 1 << (at % 7);
        if let Ok(verified) = verdict(&mixed.report, &altered) {
            assert_eq!(verified.into_claims(), good, "chain byte {at}");
            unread.push(at);
        }
    }
    println!("{product}: unread bytes of the chain's text: {unread:?}");
    assert!(unread.is_empty(), "{unread:?}");
}

#[test]
fn every_flipped_byte_of_a_hopper_is_refused() {
    let Some(mixed) = hopper() else { return };
    sweep(&mixed, "GH100", "96.00.5E.00.01", "535.86.09");
}

#[test]
fn every_flipped_byte_of_a_blackwell_is_refused() {
    let report = "sample_attestation_data_gpu_blackwellAttestationReport.txt";
    let opened = Mixed::open(report, "blackwellCertChain.txt", Architecture::Blackwell);
    let Some(mixed) = opened else { return };
    sweep(&mixed, "GB100", "97.00.88.00.0F", "575.32");
}
