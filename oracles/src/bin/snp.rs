//! SEV-SNP reports: verdicts and speed beside the crate `sev`, in one run.
//!
//! `cargo run --release --bin snp -- FOLDER`, the folder of real Evidence

use std::collections::BTreeMap;
use std::hint::black_box;

use adyton_oracles::{Vectors, median_ns, peak_of, table};
use adyton_pki::Certificate as X509;
use adyton_tee_amd_snp::{CaChain, Roots, SigningCa, SnpEndorsements, verify};
use adyton_types::UnixTime;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, RSA_PSS_2048_8192_SHA384, UnparsedPublicKey};
use sev::certs::snp::{Certificate, Chain, Verifiable, builtin};
use sev::firmware::guest::AttestationReport;
use sev::parser::ByteParser;

/// One report with the certificates that it verifies under.
struct Case {
    file: String,
    report: Vec<u8>,
    vek: Vec<u8>,
    ark: Vec<u8>,
    ca: Vec<u8>,
    now: UnixTime,
}

fn main() {
    let cases = cases(&Vectors::open());
    differential(&cases);
    for part in ["v3_e75e8d4e", "v5_85da705e"] {
        let case = cases.iter().find(|case| case.file.contains(part));
        speed(case.expect("the report"));
    }
}

fn cases(vectors: &Vectors) -> Vec<Case> {
    let index = vectors.table("INDEX.tsv");
    let reports = index
        .iter()
        .filter(|cells| cells[1].starts_with("snp-report"));
    reports
        .filter_map(|cells| {
            let rest = cells[7].strip_prefix("signature valid under ")?;
            let (vek, rest) = rest.split_once(" (")?;
            let (name, _) = rest.split_once(')')?;
            let (ark, ask) = authority(name);
            let asvk = format!("amd-certs/{name}_");
            let asvk = index.iter().find(|cells| cells[0].starts_with(&asvk));
            let ca = match asvk {
                Some(cells) if name.contains("VLEK") => vectors.read(&cells[0]),
                _ => ask,
            };
            let (day, _) = cells[8].split_once("..")?;
            Some(Case {
                file: cells[0].clone(),
                report: vectors.read(&cells[0]),
                vek: vectors.read(vek),
                ark,
                ca,
                now: format!("{day}T23:59:59Z").parse().expect("a day"),
            })
        })
        .collect()
}

/// ARK and ASK, from the crate `sev`.
fn authority(name: &str) -> (Vec<u8>, Vec<u8>) {
    let (ark, ask) = match name.rsplit('-').next() {
        Some("Milan") => (builtin::milan::ark(), builtin::milan::ask()),
        Some("Genoa") => (builtin::genoa::ark(), builtin::genoa::ask()),
        _ => (builtin::turin::ark(), builtin::turin::ask()),
    };
    let der = |certificate: std::io::Result<Certificate>| {
        certificate.expect("built in").to_der().expect("it encodes")
    };
    (der(ark), der(ask))
}

fn ours(case: &Case, report: &[u8], vek: &[u8]) -> Result<(), String> {
    let chain = CaChain {
        ark: &case.ark,
        ca: &case.ca,
    };
    let ca = SigningCa::danger_without_revocation_list(&Roots::amd(), &chain, case.now)
        .map_err(|error| error.check().to_owned())?;
    let endorsements =
        SnpEndorsements::verify(&ca, vek, case.now).map_err(|error| error.check().to_owned())?;
    verify(report, &endorsements, case.now)
        .map(|_| ())
        .map_err(|error| error.check().to_owned())
}

fn theirs(case: &Case, report: &[u8], vek: &[u8]) -> Result<(), String> {
    let text = |error: std::io::Error| error.to_string();
    let ark = Certificate::from_der(&case.ark).map_err(text)?;
    let ca = Certificate::from_der(&case.ca).map_err(text)?;
    let vek = Certificate::from_der(vek).map_err(text)?;
    let report = AttestationReport::from_bytes(report).map_err(text)?;
    (&ark, &ca).verify().map_err(text)?;
    (&ca, &vek).verify().map_err(text)?;
    (&vek, &report).verify().map_err(text)
}

/// Every recorded report, as it is, with a flipped bit in each part, and under the certificate of
/// another chip of the same issuer.
fn differential(cases: &[Case]) {
    let mut agree = 0;
    let mut differ = BTreeMap::<String, usize>::new();
    let mut note = |what: &str, ours: Result<(), String>, theirs: Result<(), String>| {
        if ours.is_ok() == theirs.is_ok() {
            agree += 1;
        } else {
            let verdict = |result: &Result<(), String>| match result {
                Ok(()) => "accepts".to_owned(),
                Err(why) => format!("refuses ({why})"),
            };
            let line = format!(
                "{what}: adyton {}, sev {}",
                verdict(&ours),
                verdict(&theirs)
            );
            *differ.entry(line).or_default() += 1;
        }
    };
    for case in cases {
        note(
            "as recorded",
            ours(case, &case.report, &case.vek),
            theirs(case, &case.report, &case.vek),
        );
        for at in (0..case.report.len()).step_by(37) {
            let mut flipped = case.report.clone();
            flipped[at] ^= 1;
            note(
                "report, a bit flipped",
                ours(case, &flipped, &case.vek),
                theirs(case, &flipped, &case.vek),
            );
        }
        for at in (0..case.vek.len()).step_by(97) {
            let mut flipped = case.vek.clone();
            flipped[at] ^= 1;
            note(
                "certificate, a bit flipped",
                ours(case, &case.report, &flipped),
                theirs(case, &case.report, &flipped),
            );
        }
        for other in cases
            .iter()
            .filter(|other| other.ca == case.ca && other.vek != case.vek)
        {
            note(
                "another chip's certificate",
                ours(case, &case.report, &other.vek),
                theirs(case, &case.report, &other.vek),
            );
        }
    }
    println!("{} reports; {agree} verdicts agree", cases.len());
    for (line, count) in differ {
        println!("  {count} x {line}");
    }
}

fn speed(case: &Case) {
    let chain = CaChain {
        ark: &case.ark,
        ca: &case.ca,
    };
    let ca = SigningCa::danger_without_revocation_list(&Roots::amd(), &chain, case.now);
    let ca = ca.expect("verifies");
    let endorsements = SnpEndorsements::verify(&ca, &case.vek, case.now).expect("verifies");
    let their_ca = Certificate::from_der(&case.ca).expect("parses");
    let their_vek = Certificate::from_der(&case.vek).expect("parses");
    let their_chain = Chain::from_der(&case.ark, &case.ca, &case.vek).expect("parses");
    let their_report = || AttestationReport::from_bytes(black_box(&case.report)).expect("parses");
    let (floor_rsa, floor_p384) = floors(case);
    let times = median_ns(
        40,
        20,
        [
            &mut || {
                floor_rsa();
                floor_p384();
            },
            &mut || {
                let vek = black_box(&case.vek);
                let fresh = SnpEndorsements::verify(&ca, vek, case.now).expect("verifies");
                verify(black_box(&case.report), &fresh, case.now).expect("verifies");
            },
            &mut || {
                let vek = Certificate::from_der(black_box(&case.vek)).expect("parses");
                (&their_ca, &vek).verify().expect("verifies");
                (&vek, &their_report()).verify().expect("verifies");
            },
            &mut || floor_p384(),
            &mut || {
                verify(black_box(&case.report), &endorsements, case.now).expect("verifies");
            },
            &mut || (&their_vek, &their_report()).verify().expect("verifies"),
            &mut || (&their_chain, &their_report()).verify().expect("verifies"),
        ],
    );
    println!("{}", case.file);
    let names = [
        "RSA-4096 and P-384 alone",
        "adyton, ASK verified, VCEK certificate verified again",
        "sev, the same",
        "P-384 alone",
        "adyton, VCEK verified too",
        "sev, the same",
        "sev, its call for a chain and a report",
    ];
    table(&std::array::from_fn::<_, 7, _>(|i| (names[i], times[i])));
    let ratio = |a: usize, b: usize| times[a] / times[b];
    println!(
        "floor ratio {:.2} and {:.2}; {:.1} and {:.1} times as fast as sev, {:.1} and {:.1} as its chain call",
        ratio(0, 1),
        ratio(3, 4),
        ratio(2, 1),
        ratio(5, 4),
        ratio(6, 1),
        ratio(6, 4),
    );
    let (_, peak) = peak_of(|| {
        let fresh = SnpEndorsements::verify(&ca, &case.vek, case.now).expect("verifies");
        verify(&case.report, &fresh, case.now).expect("verifies")
    });
    println!("peak heap of one verification: {peak} bytes");
}

/// What the signatures alone cost with the same provider: RSA-4096, and P-384.
fn floors(case: &Case) -> (impl Fn(), impl Fn()) {
    let parse = |der: &[u8]| X509::parse(der).expect("parses");
    let (ca, vek) = (parse(&case.ca), parse(&case.vek));
    let p384 = vek.public_key().bytes().to_vec();
    let (r, s) = (&case.report[0x2a0..0x2d0], &case.report[0x2e8..0x318]);
    let fixed: Vec<u8> = r.iter().rev().chain(s.iter().rev()).copied().collect();
    let message = &case.report[..0x2a0];
    let verify_p384 = move || {
        let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, black_box(&p384));
        key.verify(black_box(message), &fixed).expect("verifies");
    };
    let verify_rsa = move || {
        let rsa = black_box(ca.public_key().bytes());
        let key = UnparsedPublicKey::new(&RSA_PSS_2048_8192_SHA384, rsa);
        let signed = black_box(vek.signed_part());
        key.verify(signed, vek.signature()).expect("verifies");
    };
    (verify_rsa, verify_p384)
}
