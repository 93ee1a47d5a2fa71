//! `adyton verify`, and `adyton inspect` on Evidence.

use std::path::PathBuf;

use adyton_codec::{base64_encode, hex_encode};
use adyton_crypto::os_rng;
use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS};
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_tee_software::{PlatformKey, SoftwareReport};
use adyton_types::{Protection, Protections, ReportData, Sha256Digest};

use crate::support::{Home, text};

/// A home with software Evidence over 64 bytes of 7, `evidence`.
pub(crate) fn software() -> Home {
    let home = Home::new();
    let key = PlatformKey::generate(&mut os_rng());
    let report = SoftwareReport::new(
        ReportData::new([7; 64]),
        Sha256Digest::new([8; 32]),
        Protections::from([Protection::Traced]),
    );
    home.write("evidence", report.sign(&key));
    home
}

/// A home with an SNP report and its Endorsements of a vendor that is none.
pub(crate) fn forged() -> Home {
    let home = Home::new();
    let amd = ForgedAmd::new(Generation::Genoa, VekKind::Vcek);
    home.write("report", amd.report().sign(&KEYS.vek));
    std::fs::create_dir(home.path("amd")).unwrap();
    home.write("amd/ark", amd.ark.sign(&KEYS.ark));
    home.write("amd/ca", amd.ca.sign(&KEYS.ark));
    home.write("amd/vek", amd.vek.sign(&KEYS.ca));
    home
}

#[test]
fn a_verdict_says_no_more_than_was_asked() {
    let home = software();
    let said = home.adyton("verify evidence").done();
    for words in [
        "AUTHENTIC at ",
        "no hardware root",
        "platform-signature",
        "asked for by specs/software-evidence.md",
        "not asked, so not known:",
        "give --report-data",
        "give --policy",
    ] {
        assert!(said.out.contains(words), "no `{words}` in {said:#?}");
    }
    let bound = home
        .adyton(&format!(
            "verify evidence --json --report-data {}",
            hex_encode(&[7; 64])
        ))
        .done()
        .json();
    assert_eq!(text(&bound, "verdict"), "bound");
    assert_eq!(text(&bound, "measurement"), hex_encode(&[8; 32]));
    let checks = bound["checks"].as_array().unwrap();
    assert_eq!(checks.last().unwrap()["name"], "report-data");
    home.adyton(&format!(
        "verify evidence --report-data {}",
        hex_encode(&[9; 64])
    ))
    .fails(
        3,
        &[
            "not that of this binding",
            "check: report-data",
            &format!("expected: {}", hex_encode(&[9; 64])),
            &format!("found: {}", hex_encode(&[7; 64])),
            "what to do",
        ],
    );
}

#[test]
fn evidence_is_found_in_text_and_json() {
    let home = software();
    let raw = home.read("evidence");
    home.write("hex", hex_encode(&raw));
    home.write(
        "json",
        format!("{{\"evidence\": \"{}\"}}", base64_encode(&raw)),
    );
    for (file, layers) in [("hex", "hexadecimal"), ("json", "JSON envelope > base64")] {
        let said = home.adyton(&format!("verify {file}")).done();
        assert!(said.out.contains(layers), "{said:#?}");
    }
}

#[test]
fn a_vendor_that_is_none_is_refused_and_what_is_missing_is_named() {
    let home = forged();
    home.adyton("verify report").fails(
        5,
        &[
            "Endorsements for this Evidence of kind `snp` are missing",
            "from https://kdsintf.amd.com/vcek/v1/Genoa/c1c1",
            "from https://kdsintf.amd.com/vcek/v1/Genoa/crl",
            "--endorsements",
        ],
    );
    home.adyton("verify report --endorsements amd").fails(
        5,
        &["AMD's revocation list for Genoa", "check: endorsements"],
    );
    let without = "verify report --endorsements amd --danger-without-amd-revocation-list";
    home.adyton(without)
        .fails(3, &["no AMD root has the key", "check: ark-pinned"]);
}

#[test]
fn bad_input_says_what_is_wrong_with_it() {
    let home = forged();
    let report = home.read("report");
    home.write("cut", &report[..1000]);
    home.write("junk", [&report[..], &[1; 100]].concat());
    home.write("text", "no Evidence at all");
    home.write("huge", vec![b' '; (4 << 20) + 1]);
    home.write(
        "apart",
        "{\"attestation_report\": {\"measurement\": [1], \"chip_id\": [2]}}",
    );
    for (file, code, words) in [
        ("cut", 2, "it ends before its 1184 bytes"),
        ("junk", 2, "not a certificate table"),
        ("text", 2, "no Evidence that is known here"),
        ("apart", 2, "taken apart into fields"),
        ("huge", 2, "huge"),
        ("nowhere", 70, "nowhere"),
    ] {
        home.adyton(&format!("verify {file}")).fails(code, &[words]);
    }
    home.adyton("verify report --report-data 00")
        .fails(64, &["--report-data"]);
    home.adyton("verify report --at yesterday")
        .fails(64, &["write it in UTC"]);
}

#[test]
fn inspect_decodes_evidence_and_judges_nothing() {
    let home = forged();
    let said = home.adyton("inspect report").done();
    for words in [
        "NOT VERIFIED",
        "kind snp",
        "measurement",
        "3e3e3e3e",
        "Genoa",
    ] {
        assert!(said.out.contains(words), "no `{words}` in {said:#?}");
    }
    let all = home.adyton("inspect report --json").done().json();
    assert_eq!(all["verified"], false);
    assert!(all["fields"].as_array().unwrap().len() > 25);
}

fn vectors() -> Option<PathBuf> {
    let directory = std::env::var_os("ADYTON_VECTORS").map(PathBuf::from);
    if directory.is_none() {
        println!("skipped: ADYTON_VECTORS names no directory with recorded Evidence");
    }
    directory
}

#[test]
fn recorded_evidence_of_intel_verifies_at_its_time_only() {
    let Some(vectors) = vectors() else {
        return;
    };
    let verdicts = std::fs::read_to_string(vectors.join("INTEL_VERDICTS.tsv")).unwrap();
    let mut rows = verdicts
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let row = rows.find(|row| row[0].starts_with("tdx-v4") && row[6].starts_with("OK UpToDate"));
    let row = row.unwrap();
    let (quote, bundle, time) = (vectors.join(row[0]), vectors.join(row[1]), row[2]);
    let home = Home::new();
    std::fs::copy(quote, home.path("quote")).unwrap();
    std::fs::copy(bundle, home.path("bundle")).unwrap();
    let with = "verify quote --endorsements bundle";
    let said = home.adyton(&format!("{with} --at {time} --explain")).done();
    for words in [
        "AUTHENTIC",
        "tdx: Intel TDX",
        "UpToDate",
        "quote-signature",
        "mr-td",
    ] {
        assert!(said.out.contains(words), "no `{words}` in {said:#?}");
    }
    // Expired, and a clock far behind.
    for far in ["2049-01-01T00:00:00Z", "2001-01-01T00:00:00Z"] {
        home.adyton(&format!("{with} --at {far}"))
            .fails(4, &["check: ", "fetch it anew"]);
    }
    home.adyton(&format!("verify quote --at {time}")).fails(
        5,
        &[
            "Intel's TCB info of TDX for FMSPC",
            "certification/v4/tcb?fmspc=",
        ],
    );
    home.adyton(&format!("{with} --at {time} --min-evaluation 9999"))
        .fails(4, &["check: evaluation-number"]);
}
