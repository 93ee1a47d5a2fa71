//! Recorded reports, chains and manifests. They are read from the directory that `ADYTON_VECTORS`
//! names; without it the tests are skipped. OCSP answers were not recorded: a responder of the
//! test's own gives them, all good but where a test says otherwise.

use std::path::{Path, PathBuf};

use adyton_codec::{base64_encode, hex_decode};
use adyton_pki::forge::{AnswerForge, ForgeKey, OcspForge};
use adyton_pki::{
    Certificate, KeyKind, KeyUsage, LeafRule, OcspResponse, PathRules, SignatureAlgorithm,
    TrustAnchor, parse_pem_chain, verify_path,
};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedRim, ForgedWorld, answers};
use adyton_tee_nvidia_gpu::{
    Architecture, DeviceEvidence, NvidiaEndorsements, NvidiaRoots, Report, Rim, verify,
};
use adyton_types::UnixTime;

/// 2024-06-01, when the manifests of 2023 were in force, and 2026-11-01.
const IN_2024: UnixTime = UnixTime::from_secs(1_717_200_000);
const IN_2026: UnixTime = UnixTime::from_secs(1_793_500_000);

struct Vectors {
    directory: PathBuf,
    responder: ForgeKey,
}

impl Vectors {
    #[expect(
        clippy::disallowed_methods,
        reason = "where vectors are is told to tests by the environment"
    )]
    fn open() -> Option<Self> {
        let root = std::env::var("ADYTON_VECTORS").ok();
        if root.is_none() {
            println!("skipped: ADYTON_VECTORS is not set");
        }
        Some(Self {
            directory: Path::new(&root?).join("nvidia"),
            responder: ForgeKey::generate(KeyKind::P384),
        })
    }

    fn read(&self, ending: &str) -> Vec<u8> {
        let files = std::fs::read_dir(&self.directory).unwrap();
        let mut paths = files.map(|entry| entry.unwrap().path());
        let path = paths.find(|path| path.to_string_lossy().ends_with(ending));
        std::fs::read(path.unwrap_or_else(|| panic!("no {ending}"))).unwrap()
    }

    fn text(&self, ending: &str) -> String {
        String::from_utf8(self.read(ending)).unwrap()
    }

    /// A report that is stored as hex.
    fn report(&self, ending: &str) -> Vec<u8> {
        hex_decode(&self.text(ending).trim().to_ascii_lowercase()).unwrap()
    }

    fn roots(&self) -> NvidiaRoots {
        NvidiaRoots::danger_production_answered_by(vec![self.responder.public().clone()])
    }

    /// Good answers for whatever certificates are in these texts, as far as they make a chain.
    fn answers_for(&self, pem: &[u8]) -> Option<OcspResponse> {
        let chain = parse_pem_chain(pem).ok()?;
        Some(answers(&chain, &self.responder))
    }

    fn endorsements(&self, pem: &[u8]) -> NvidiaEndorsements {
        let mut endorsements = NvidiaEndorsements::danger_under(self.roots());
        for response in self.answers_for(pem) {
            endorsements.add_ocsp(response);
        }
        endorsements
    }

    fn rim(&self, ending: &str, now: UnixTime) -> Result<Rim, &'static str> {
        let xml = self.read(ending);
        let ocsp = rim_chain(&xml).map(|chain| answers(&chain, &self.responder));
        let ocsp: Vec<_> = ocsp.into_iter().collect();
        Rim::verify(&xml, &ocsp, &self.roots(), now).map_err(|error| error.check())
    }
}

/// The certificates in a manifest's signature, found without looking at the rest.
fn rim_chain(xml: &[u8]) -> Option<Vec<Certificate>> {
    let text = std::str::from_utf8(xml).ok()?;
    let parts = text.split("<ds:X509Certificate>").skip(1);
    let der = parts.map(|part| {
        let base64 = part.split('<').next().unwrap_or_default().replace('\n', "");
        adyton_codec::base64_decode(&base64).ok()
    });
    der.map(|der| Certificate::parse(&der?).ok()).collect()
}

fn entry(architecture: Architecture, report: &[u8], pem: &[u8]) -> String {
    let nonce = report.get(4..36).unwrap_or(&[1; 32]);
    let pem = std::str::from_utf8(pem).unwrap();
    ForgedReport::entry(architecture, nonce, report, pem)
}

fn verdict(evidence: &[u8], endorsements: &NvidiaEndorsements, now: UnixTime) -> String {
    match verify(evidence, endorsements, now) {
        Ok(_) => "verified".to_owned(),
        Err(error) => error.check().to_owned(),
    }
}

/// Without manifests, a genuine device gets as far as asking for them.
const GENUINE: &str = "rim-version";

#[test]
fn recorded_reports_have_their_verdicts() {
    use Architecture::{Blackwell, Hopper, Ls10};
    let Some(vectors) = Vectors::open() else { return };
    let sdk = "sample_attestation_data_";
    let table = [
        ("cpp_unit-tests_testdata_hopperAttestationReport.txt", "sdk-cpp_unit-tests_testdata_hopperCertChain.txt", Hopper, GENUINE),
        (&format!("{sdk}gpu_hopperAttestationReport.txt"), &format!("{sdk}gpu_hopperCertChain.txt"), Hopper, GENUINE),
        ("gpu_hopperAttestationReportExpired.txt", "gpu_hopperCertChainExpired.txt", Hopper, GENUINE),
        ("gpu_hopperAttestationReportInvalidSignature.txt", &format!("{sdk}gpu_hopperCertChain.txt"), Hopper, "fwid"),
        (&format!("{sdk}gpu_blackwellAttestationReport.txt"), "blackwellCertChain.txt", Blackwell, GENUINE),
        (&format!("{sdk}gpu_blackwellAttestationReport.txt"), "blackwellCertChain.txt", Hopper, "architecture"),
        (&format!("{sdk}switch_switchAttestationReport.txt"), &format!("{sdk}switch_switchCertChain.txt"), Ls10, GENUINE),
        ("sdk-cpp_unit-tests_testdata_switchAttestationReport.txt", "sdk-cpp_unit-tests_testdata_switchCertChain.txt", Ls10, GENUINE),
        ("switch_switchAttestationReportInvalidSignature.txt", &format!("{sdk}switch_switchCertChain.txt"), Ls10, "report-signature"),
        ("verifier_src_verifier_samples_hopperAttestationReport.txt", "samples_hopperCertChain.txt", Hopper, GENUINE),
        ("test_data_nvidia_hopperAttestationReport.txt", "hopper_cert_chain_case1.txt", Hopper, GENUINE),
        ("test_data_nvidia_hopperAttestationReport.txt", "hopper_cert_chain_case2.txt", Hopper, "certificate-chain"),
        ("test_data_nvidia_hopperAttestationReport.txt", "hopper_cert_chain_case3.txt", Hopper, "certificate-chain"),
        ("test_data_nvidia_hopperAttestationReport.txt", "hopper_cert_chain_case4.txt", Hopper, "certificate-chain"),
        ("test_data_nvidia_hopperAttestationReport.txt", "hopper_signing_cert.pem", Hopper, "certificate-chain"),
        // A byte follows its signature.
        ("hopper_coco_report1.txt", "hopper_coco_certs1.txt", Hopper, "report-form"),
        ("mocks_attestationReport.txt", "mocks_gpuAkCertChain.txt", Hopper, GENUINE),
        ("mocks_attestationReport.txt", "mocks_invalidCertChain.txt", Hopper, "certificate-chain"),
    ];
    let mut wrong = Vec::new();
    for (report, chain, architecture, expected) in table {
        let (bytes, pem) = (vectors.report(report), vectors.read(chain));
        let evidence = format!("[{}]", entry(architecture, &bytes, &pem));
        let found = verdict(evidence.as_bytes(), &vectors.endorsements(&pem), IN_2026);
        println!("{report} {chain}\t{found}");
        if found != expected {
            wrong.push(format!("{report} {chain}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn a_report_with_a_byte_behind_it_is_genuine_without_it() {
    let Some(vectors) = Vectors::open() else { return };
    let (report, pem) = (
        vectors.report("hopper_coco_report1.txt"),
        vectors.read("hopper_coco_certs1.txt"),
    );
    let whole = &report[..report.len() - 1];
    let evidence = format!("[{}]", entry(Architecture::Hopper, whole, &pem));
    let found = verdict(evidence.as_bytes(), &vectors.endorsements(&pem), IN_2026);
    assert_eq!(found, GENUINE);
}

#[test]
fn serialised_evidence_has_its_verdicts() {
    let Some(vectors) = Vectors::open() else { return };
    for (file, expected) in [
        ("testdata_evidence_hopper_590_12.json", GENUINE),
        ("evidence_hopper_evidence.json", GENUINE),
        ("evidence_multi_gpu_hopper.json", GENUINE),
        ("evidence_switch_evidence_ls10.json", "verified"),
        // The same switch four times.
        ("evidence_multi_switch_ls10.json", "evidence-form"),
        ("evidence_hopper_evidence_cert_hold.json", GENUINE),
    ] {
        let evidence = vectors.read(file);
        let mut endorsements = NvidiaEndorsements::danger_under(vectors.roots());
        let rim = "switchVBIOSRim_NV_SWITCH_BIOS_5612_0002_890_9610550001.xml";
        endorsements.add_rim(vectors.rim(rim, IN_2026).unwrap()).unwrap();
        for device in DeviceEvidence::parse_list(&evidence).unwrap() {
            endorsements.add_ocsp(vectors.answers_for(&device.chain).unwrap());
        }
        let found = verdict(&evidence, &endorsements, IN_2026);
        println!("{file}\t{found}");
        assert_eq!(found, expected, "{file}");
    }
}

/// The chain that NVIDIA put on hold, with the answer that says so.
#[test]
fn a_certificate_on_hold_is_refused() {
    let Some(vectors) = Vectors::open() else { return };
    let evidence = vectors.read("evidence_hopper_evidence_cert_hold.json");
    let device = DeviceEvidence::parse_list(&evidence).unwrap().remove(0);
    let chain = parse_pem_chain(&device.chain).unwrap();
    let pairs = chain.iter().zip(&chain[1..]);
    let held = pairs.map(|(certificate, issuer)| {
        let answer = AnswerForge::good(certificate, issuer.public_key());
        let is_brom = certificate.subject_common_name() == Some("GH100 A01 GSP BROM");
        if is_brom { answer.revoked(6) } else { answer }
    });
    let response = OcspForge::new(held.collect()).sign(&vectors.responder);
    let mut endorsements = NvidiaEndorsements::danger_under(vectors.roots());
    endorsements.add_ocsp(OcspResponse::parse(&response).unwrap());
    assert_eq!(verdict(&evidence, &endorsements, IN_2026), "revocation");
}

#[test]
fn recorded_manifests_have_their_verdicts() {
    let Some(vectors) = Vectors::open() else { return };
    let mut wrong = Vec::new();
    let mut expect = |file: &str, now, expected: &str| {
        let found = vectors.rim(file, now).map_or_else(|check| check, |_| "verified");
        println!("{file}\t{now}\t{found}");
        if found != expected {
            wrong.push(format!("{file} at {now}: {found}, not {expected}"));
        }
    };
    for (file, expected) in [
        ("testdata_NV_GPU_DRIVER_GH100_550.144.03.xml", "verified"),
        ("switchVBIOSRim_NV_SWITCH_BIOS_5612_0002_890_9610550001.xml", "verified"),
        ("testdata_incorrect_signature_driver_rim.xml", "rim-signature"),
        ("testdata_incorrect_cert_chain_driver_rim.xml", "rim-certificate-chain"),
        ("GH100_570.124.03_expired.xml", "rim-certificate-chain"),
        // Signed in 2024, for two years.
        ("5612_0002_890_9610550001_invalid_signature.xml", "rim-certificate-chain"),
        ("5612_0002_890_9610550001_measurement_mismatch.xml", "rim-certificate-chain"),
        ("1010_0200_882_96005E0001_measurement_mismatch.xml", "rim-certificate-chain"),
        ("GH100_535.86.09_measurement_mismatch.xml", "rim-signature"),
    ] {
        expect(file, IN_2026, expected);
    }
    // In their time, their own fault shows.
    let in_2025 = UnixTime::from_secs(1_750_000_000);
    expect("5612_0002_890_9610550001_invalid_signature.xml", in_2025, "rim-signature");
    expect("5612_0002_890_9610550001_measurement_mismatch.xml", in_2025, "rim-signature");
    expect("1010_0200_882_96005E0001_measurement_mismatch.xml", in_2025, "rim-signature");
    expect("Driver_RIM_test_no_gpu.swidtag", IN_2024, "verified");
    expect("96005E0001_test_no_gpu.swidtag", IN_2024, "verified");
    expect("Driver_RIM_test_no_gpu.swidtag", IN_2026, "rim-certificate-chain");
    let mut samples = 0;
    for entry in std::fs::read_dir(&vectors.directory).unwrap() {
        let name = entry.unwrap().file_name().to_string_lossy().into_owned();
        if name.ends_with("_PROD.swidtag") {
            samples += 1;
            expect(&name, IN_2024, "verified");
        }
    }
    assert_eq!(samples, 22);
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A GPU and a switch with everything that NVIDIA published for them.
#[test]
fn recorded_devices_verify_to_the_end() {
    let Some(vectors) = Vectors::open() else { return };
    let whole = |report: &str, chain: &str, architecture, rims: &[&str], now| {
        let (report, pem) = (vectors.report(report), vectors.read(chain));
        let mut endorsements = vectors.endorsements(&pem);
        for rim in rims {
            endorsements.add_rim(vectors.rim(rim, now).unwrap()).unwrap();
        }
        let evidence = format!("[{}]", entry(architecture, &report, &pem));
        verify(evidence.as_bytes(), &endorsements, now)
    };
    let test = ["Driver_RIM_test_no_gpu.swidtag", "96005E0001_test_no_gpu.swidtag"];
    let gpu = |rims: &[&str]| {
        let (report, chain) = ("mocks_attestationReport.txt", "mocks_gpuAkCertChain.txt");
        whole(report, chain, Architecture::Hopper, rims, IN_2024)
    };
    let verified = gpu(&test).unwrap();
    for check in verified.checks() {
        println!("{check}");
    }
    let device = &verified.claims().devices[0];
    assert_eq!(device.driver_version.as_deref(), Some("545.00"));
    assert_eq!(device.vbios_version, "96.00.5E.00.01");
    assert_eq!(device.measured, 32);
    // The production VBIOS of the same version measures otherwise.
    let other = gpu(&[test[0], "1010_0200_882_96005E0001_PROD.swidtag"]).unwrap_err();
    assert_eq!(other.check(), "measurements");
    let switch = whole(
        "sdk-cpp_unit-tests_testdata_switchAttestationReport.txt",
        "sdk-cpp_unit-tests_testdata_switchCertChain.txt",
        Architecture::Ls10,
        &["switchVBIOSRim_NV_SWITCH_BIOS_5612_0002_890_9610550001.xml"],
        IN_2026,
    );
    let switch = switch.unwrap().into_claims();
    assert_eq!(switch.devices[0].measured, 31);
    assert_eq!(switch.devices[0].locked, Some(true));
}

/// With NVIDIA's own responders nothing of the test's is believed.
#[test]
fn only_nvidia_answers_for_nvidias_certificates() {
    let Some(vectors) = Vectors::open() else { return };
    let pem = vectors.read("sdk-cpp_unit-tests_testdata_hopperCertChain.txt");
    let report = vectors.report("cpp_unit-tests_testdata_hopperAttestationReport.txt");
    let evidence = format!("[{}]", entry(Architecture::Hopper, &report, &pem));
    let mut endorsements = NvidiaEndorsements::new();
    assert_eq!(verdict(evidence.as_bytes(), &endorsements, IN_2026), "revocation");
    endorsements.add_ocsp(vectors.answers_for(&pem).unwrap());
    assert_eq!(verdict(evidence.as_bytes(), &endorsements, IN_2026), "revocation");
    // Another RIM root.
    let wrong = Certificate::parse(&pem_body(&vectors.text("incorrect_rim_root.crt"))).unwrap();
    let xml = vectors.read("testdata_NV_GPU_DRIVER_GH100_550.144.03.xml");
    let anchors = vec![TrustAnchor::from_certificate(&wrong)];
    let roots = NvidiaRoots::danger_new(vec![], anchors, vec![]);
    let error = Rim::verify(&xml, &[], &roots, IN_2026).unwrap_err();
    assert_eq!(error.check(), "rim-certificate-chain");
}

fn pem_body(pem: &str) -> Vec<u8> {
    let body: String = pem.lines().filter(|line| !line.starts_with("---")).collect();
    adyton_codec::base64_decode(&body).unwrap()
}

/// Every byte of a Hopper and a Blackwell report with their chains: a flipped bit is refused, but
/// for the bytes of the chain that nobody reads (line ends of its text).
#[test]
fn every_flipped_byte_is_refused_or_unread() {
    let Some(vectors) = Vectors::open() else { return };
    for (report, chain, architecture) in [
        ("gpu_hopperAttestationReport.txt", "sample_attestation_data_gpu_hopperCertChain.txt", Architecture::Hopper),
        ("gpu_blackwellAttestationReport.txt", "blackwellCertChain.txt", Architecture::Blackwell),
    ] {
        let (report, pem) = (vectors.report(report), vectors.read(chain));
        let mut endorsements = vectors.endorsements(&pem);
        for rim in forged_rims(&vectors, &report, architecture, &mut endorsements) {
            endorsements.add_rim(rim).unwrap();
        }
        let whole = |report: &[u8], pem: &[u8]| {
            let list = format!(
                r#"[{{"arch":"{architecture}","certificate":"{}","evidence":"{}","nonce":"{}"}}]"#,
                base64_encode(pem),
                base64_encode(report),
                adyton_codec::hex_encode(&report[4..36]),
            );
            verify(list.as_bytes(), &endorsements, IN_2026)
        };
        let good = whole(&report, &pem).unwrap().into_claims();
        for at in 0..report.len() {
            let mut altered = report.clone();
            altered[at] ^= 1 << (at % 8);
            assert!(whole(&altered, &pem).is_err(), "{architecture} report byte {at}");
        }
        let mut unread = Vec::new();
        for at in 0..pem.len() {
            let mut altered = pem.clone();
            altered[at] ^= 1 << (at % 7);
            if let Ok(verified) = whole(&report, &altered) {
                assert_eq!(verified.into_claims(), good, "{architecture} chain byte {at}");
                unread.push(at);
            }
        }
        println!("{architecture}: {} bytes of the chain's text are unread: {unread:?}", unread.len());
        assert!(unread.is_empty(), "{unread:?}");
    }
}

/// Manifests under roots of the test's own that a recorded report fits: NVIDIA's were not recorded.
fn forged_rims(
    vectors: &Vectors,
    report: &[u8],
    architecture: Architecture,
    endorsements: &mut NvidiaEndorsements,
) -> Vec<Rim> {
    let world = ForgedWorld::hopper();
    let device = vec![TrustAnchor::from_certificate(
        parse_pem_chain(&vectors.read("verifier_device_root.pem")).unwrap().last().unwrap(),
    )];
    let rim = vec![TrustAnchor::from_certificate(world.rim_chain.last().unwrap())];
    let responders = vec![
        vectors.responder.public().clone(),
        world.responder.public().clone(),
    ];
    let roots = NvidiaRoots::danger_new(device, rim, responders);
    let mut fresh = NvidiaEndorsements::danger_under(roots.clone());
    let (chain, product) = match architecture {
        Architecture::Blackwell => ("blackwellCertChain.txt", "GB100"),
        _ => ("sample_attestation_data_gpu_hopperCertChain.txt", "GH100"),
    };
    fresh.add_ocsp(vectors.answers_for(&vectors.read(chain)).unwrap());
    *endorsements = fresh;
    let parsed = Report::parse(report).unwrap();
    let field = |name: &str| {
        let fields = parsed.fields();
        let mut found = fields.iter().filter(|field| field.name == name);
        found.next().unwrap().value.clone()
    };
    let vbios = hex_decode(&field("opaque.vbios_version")).unwrap();
    let vbios = format!(
        "{:02X}.{:02X}.{:02X}.{:02X}.{:02X}",
        vbios[3], vbios[2], vbios[1], vbios[0], vbios[4]
    );
    [(vbios, 0..10), (field("opaque.driver_version"), 10..64)]
        .into_iter()
        .map(|(version, indices)| {
            let mut forged = ForgedRim::new(product, &version, []);
            for index in indices {
                let values = vec![parsed.measurements[&index]];
                forged.resources.push((index, true, values));
            }
            let ocsp = [answers(&world.rim_chain, &world.responder)];
            let xml = world.rim_xml(&forged);
            Rim::verify(xml.as_bytes(), &ocsp, &roots, IN_2026).unwrap()
        })
        .collect()
}

/// The chains by themselves, so that a wrong anchor would show.
#[test]
fn the_pinned_root_is_nvidias() {
    let Some(vectors) = Vectors::open() else { return };
    let root = parse_pem_chain(&vectors.read("verifier_device_root.pem")).unwrap();
    let anchors = [TrustAnchor::from_certificate(&root[0])];
    let rules = PathRules {
        leaf: LeafRule::EndEntity(KeyUsage::DIGITAL_SIGNATURE),
        max_certificates: 6,
        algorithms: &[SignatureAlgorithm::EcdsaP384Sha384],
        understood: &[],
    };
    let chain = parse_pem_chain(&vectors.read("samples_hopperCertChain.txt")).unwrap();
    assert!(verify_path(chain, &anchors, &rules, IN_2026).is_ok());
}
