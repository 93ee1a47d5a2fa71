use adyton_pki::forge::{AnswerForge, OcspForge};
use adyton_pki::{
    Certificate, KeyUsage, LeafRule, OcspResponse, PathRules, SignatureAlgorithm, TrustAnchor,
    parse_pem_chain, verify_path,
};
use adyton_tee_nvidia_gpu::{
    Architecture, DeviceEvidence, NvidiaEndorsements, NvidiaRoots, Rim, verify,
};

use crate::support::{IN_2024, IN_2025, IN_2026, Vectors, entry, verdict};

/// Without manifests, a genuine device gets as far as asking for them.
const GENUINE: &str = "rim-version";

/// Report, chain (the ends of their files' names), architecture, verdict. The report of
/// `coco_report1` has a byte behind its signature. Where the name says that the signature is
/// invalid, the report is of another GPU than the chain, and its firmware differs already.
const REPORTS: &str = "
cpp_unit-tests_testdata_hopperAttestationReport.txt sdk-cpp_unit-tests_testdata_hopperCertChain.txt HOPPER rim-version
sample_attestation_data_gpu_hopperAttestationReport.txt sample_attestation_data_gpu_hopperCertChain.txt HOPPER rim-version
gpu_hopperAttestationReportExpired.txt gpu_hopperCertChainExpired.txt HOPPER rim-version
gpu_hopperAttestationReportInvalidSignature.txt sample_attestation_data_gpu_hopperCertChain.txt HOPPER fwid
sample_attestation_data_gpu_blackwellAttestationReport.txt blackwellCertChain.txt BLACKWELL rim-version
sample_attestation_data_gpu_blackwellAttestationReport.txt blackwellCertChain.txt HOPPER architecture
sample_attestation_data_switch_switchAttestationReport.txt sample_attestation_data_switch_switchCertChain.txt LS10 rim-version
sdk-cpp_unit-tests_testdata_switchAttestationReport.txt sdk-cpp_unit-tests_testdata_switchCertChain.txt LS10 rim-version
switch_switchAttestationReportInvalidSignature.txt sample_attestation_data_switch_switchCertChain.txt LS10 report-signature
verifier_src_verifier_samples_hopperAttestationReport.txt samples_hopperCertChain.txt HOPPER rim-version
test_data_nvidia_hopperAttestationReport.txt hopper_cert_chain_case1.txt HOPPER rim-version
test_data_nvidia_hopperAttestationReport.txt hopper_cert_chain_case2.txt HOPPER certificate-chain
test_data_nvidia_hopperAttestationReport.txt hopper_cert_chain_case3.txt HOPPER certificate-chain
test_data_nvidia_hopperAttestationReport.txt hopper_cert_chain_case4.txt HOPPER certificate-chain
test_data_nvidia_hopperAttestationReport.txt hopper_signing_cert.pem HOPPER certificate-chain
hopper_coco_report1.txt hopper_coco_certs1.txt HOPPER report-form
mocks_attestationReport.txt mocks_gpuAkCertChain.txt HOPPER rim-version
mocks_attestationReport.txt mocks_invalidCertChain.txt HOPPER certificate-chain
";

#[test]
fn recorded_reports_have_their_verdicts() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let mut wrong = Vec::new();
    for line in REPORTS.lines().filter(|line| !line.is_empty()) {
        let [report, chain, architecture, expected] =
            line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let architecture = Architecture::parse(architecture).unwrap();
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
    let Some(vectors) = Vectors::open() else {
        return;
    };
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
    let Some(vectors) = Vectors::open() else {
        return;
    };
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
        endorsements
            .add_rim(vectors.rim(rim, IN_2026).unwrap())
            .unwrap();
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
    let Some(vectors) = Vectors::open() else {
        return;
    };
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

/// Manifest, year, verdict. Those whose names say mismatch were changed after they were signed, but
/// for the VBIOS's of 96.00.5E.00.01, which is another one of NVIDIA's.
const MANIFESTS: &str = "
testdata_NV_GPU_DRIVER_GH100_550.144.03.xml 2026 verified
switchVBIOSRim_NV_SWITCH_BIOS_5612_0002_890_9610550001.xml 2026 verified
testdata_incorrect_signature_driver_rim.xml 2026 rim-signature
testdata_incorrect_cert_chain_driver_rim.xml 2026 rim-certificate-chain
GH100_570.124.03_expired.xml 2026 rim-certificate-chain
5612_0002_890_9610550001_invalid_signature.xml 2026 rim-certificate-chain
5612_0002_890_9610550001_invalid_signature.xml 2025 rim-signature
5612_0002_890_9610550001_measurement_mismatch.xml 2026 rim-certificate-chain
5612_0002_890_9610550001_measurement_mismatch.xml 2025 rim-signature
1010_0200_882_96005E0001_measurement_mismatch.xml 2026 rim-certificate-chain
1010_0200_882_96005E0001_measurement_mismatch.xml 2025 verified
GH100_535.86.09_measurement_mismatch.xml 2026 rim-signature
Driver_RIM_test_no_gpu.swidtag 2024 verified
Driver_RIM_test_no_gpu.swidtag 2026 rim-certificate-chain
96005E0001_test_no_gpu.swidtag 2024 verified
";

#[test]
fn recorded_manifests_have_their_verdicts() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let mut table: Vec<String> = MANIFESTS.lines().map(str::to_owned).collect();
    for name in vectors.names() {
        if name.ends_with("_PROD.swidtag") {
            table.push(format!("{name} 2024 verified"));
        }
    }
    assert_eq!(table.len(), 16 + 24);
    let mut wrong = Vec::new();
    for line in table.iter().filter(|line| !line.is_empty()) {
        let [file, year, expected] = line.split(' ').collect::<Vec<_>>().try_into().unwrap();
        let now = match year {
            "2024" => IN_2024,
            "2025" => IN_2025,
            _ => IN_2026,
        };
        let found = vectors
            .rim(file, now)
            .map_or_else(|check| check, |_| "verified");
        println!("{file}\t{year}\t{found}");
        if found != expected {
            wrong.push(format!("{file} in {year}: {found}, not {expected}"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// A GPU and a switch with everything that NVIDIA published for them.
#[test]
fn recorded_devices_verify_to_the_end() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let whole = |report: &str, chain: &str, architecture, rims: &[&str], now| {
        let (report, pem) = (vectors.report(report), vectors.read(chain));
        let mut endorsements = vectors.endorsements(&pem);
        for rim in rims {
            endorsements
                .add_rim(vectors.rim(rim, now).unwrap())
                .unwrap();
        }
        let evidence = format!("[{}]", entry(architecture, &report, &pem));
        verify(evidence.as_bytes(), &endorsements, now)
    };
    let test = [
        "Driver_RIM_test_no_gpu.swidtag",
        "96005E0001_test_no_gpu.swidtag",
    ];
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
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let pem = vectors.read("sdk-cpp_unit-tests_testdata_hopperCertChain.txt");
    let report = vectors.report("cpp_unit-tests_testdata_hopperAttestationReport.txt");
    let evidence = format!("[{}]", entry(Architecture::Hopper, &report, &pem));
    let mut endorsements = NvidiaEndorsements::new();
    assert_eq!(
        verdict(evidence.as_bytes(), &endorsements, IN_2026),
        "revocation"
    );
    endorsements.add_ocsp(vectors.answers_for(&pem).unwrap());
    assert_eq!(
        verdict(evidence.as_bytes(), &endorsements, IN_2026),
        "revocation"
    );
    // Another RIM root.
    let wrong = Certificate::parse(&pem_body(&vectors.text("incorrect_rim_root.crt"))).unwrap();
    let xml = vectors.read("testdata_NV_GPU_DRIVER_GH100_550.144.03.xml");
    let anchors = vec![TrustAnchor::from_certificate(&wrong)];
    let roots = NvidiaRoots::danger_new(vec![], anchors, vec![]);
    let error = Rim::verify(&xml, &[], &roots, IN_2026).unwrap_err();
    assert_eq!(error.check(), "rim-certificate-chain");
}

fn pem_body(pem: &str) -> Vec<u8> {
    let body: String = pem
        .lines()
        .filter(|line| !line.starts_with("---"))
        .collect();
    adyton_codec::base64_decode(&body).unwrap()
}

/// The chains by themselves, so that a wrong anchor would show.
#[test]
fn the_pinned_root_is_nvidias() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
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
