//! NVIDIA GPUs: speed beside the signatures alone, in one run. There is no peer here: no complete
//! verifier in Rust is known.
//!
//! `cargo run --release --bin nvidia -- FOLDER`, the folder of real Evidence

use std::hint::black_box;

use adyton_codec::{base64_decode, hex_decode};
use adyton_oracles::{Vectors, median_ns, peak_of, table};
use adyton_pki::forge::ForgeKey;
use adyton_pki::{Certificate, KeyKind, SignatureAlgorithm, parse_pem_chain};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, answers};
use adyton_tee_nvidia_gpu::{Architecture, NvidiaEndorsements, NvidiaRoots, Rim, verify};
use adyton_types::UnixTime;

const REPORT: &str =
    "nvidia/confidentsecurity_go-nvtrust__pkg_gonvtrust_mocks_attestationReport.txt";
const CHAIN: &str = "nvidia/confidentsecurity_go-nvtrust__pkg_gonvtrust_mocks_gpuAkCertChain.txt";
const RIMS: [&str; 2] = [
    "nvidia/NVIDIA_nvtrust__verifier_src_verifier_samples_Driver_RIM_test_no_gpu.swidtag",
    "nvidia/NVIDIA_nvtrust__erifier_samples_1010_0200_882_96005E0001_test_no_gpu.swidtag",
];
const NOW: UnixTime = UnixTime::from_secs(1_717_200_000);
/// Five certificates, the report, and three OCSP answers: every certificate but leaf and root.
const SIGNATURES: usize = 9;

fn rim_chain(xml: &[u8]) -> Vec<Certificate> {
    let text = std::str::from_utf8(xml).expect("text");
    let parts = text.split("<ds:X509Certificate>").skip(1);
    parts
        .map(|part| {
            let base64 = part.split('<').next().unwrap_or_default().replace('\n', "");
            let der = base64_decode(&base64).expect("base64");
            Certificate::parse(&der).expect("a certificate")
        })
        .collect()
}

fn main() {
    let vectors = Vectors::open();
    let responder = ForgeKey::generate(KeyKind::P384);
    let roots = || NvidiaRoots::danger_production_answered_by(vec![responder.public().clone()]);
    let (pem, hex) = (vectors.read(CHAIN), vectors.read(REPORT));
    let hex = String::from_utf8(hex).expect("text");
    let report = hex_decode(&hex.trim().to_ascii_lowercase()).expect("hex");
    let chain = parse_pem_chain(&pem).expect("a chain");
    let mut endorsements = NvidiaEndorsements::danger_under(roots());
    endorsements.add_ocsp(answers(&chain, &responder));
    let rims: Vec<_> = RIMS.map(|file| vectors.read(file)).to_vec();
    let verify_rim = |xml: &[u8]| {
        let ocsp = [answers(&rim_chain(xml), &responder)];
        Rim::verify(xml, &ocsp, &roots(), NOW).expect("a manifest")
    };
    for xml in &rims {
        endorsements
            .add_rim(verify_rim(xml))
            .expect("another version");
    }
    let pem = String::from_utf8(pem).expect("text");
    let entry = ForgedReport::entry(Architecture::Hopper, &report[4..36], &report, &pem);
    let evidence = format!("[{entry}]").into_bytes();
    let (signed, signature) = report.split_at(report.len() - 96);
    let key = chain[0].public_key();
    let floor = || {
        for _ in 0..SIGNATURES {
            let algorithm = SignatureAlgorithm::EcdsaP384Sha384Fixed;
            key.verify(algorithm, black_box(signed), signature, "report")
                .expect("signed");
        }
    };
    let times = median_ns(
        20,
        3,
        [
            &mut || floor(),
            &mut || {
                let verified = verify(black_box(&evidence), &endorsements, NOW);
                let _ = black_box(verified.expect("verifies"));
            },
            &mut || {
                let _ = black_box(verify_rim(black_box(&rims[0])));
            },
        ],
    );
    table(&[
        ("nine P-384 signatures alone", times[0]),
        ("adyton, a GPU", times[1]),
        ("adyton, a manifest (and making its OCSP answers)", times[2]),
    ]);
    println!(
        "{:.0} GPUs/s; floor ratio {:.2}",
        1e9 / times[1],
        times[0] / times[1]
    );
    let (_, peak) = peak_of(|| verify(&evidence, &endorsements, NOW).expect("verifies"));
    println!("peak heap of one verification: {peak} bytes");
    let (_, peak) = peak_of(|| verify_rim(&rims[0]));
    println!(
        "peak heap of verifying a manifest of {} bytes: {peak} bytes",
        rims[0].len()
    );
}
