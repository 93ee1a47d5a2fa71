//! Bad input to `adyton verify` and `adyton inspect`: each is told with what was expected, what was
//! found and what to do, and by an exit code of its own class.

use adyton_crypto::sha384;
use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS};
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_tee_arm_cca::Curve;
use adyton_tee_arm_cca::forge::ForgedToken;
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_types::UnixTime;

use crate::evidence::forged;
use crate::service::Service;
use crate::support::Home;

/// A home with forged Evidence of AMD that verifies, but for what is altered.
fn amd(alter: impl FnOnce(&mut ForgedAmd)) -> (Home, &'static str) {
    let home = forged();
    let mut amd = ForgedAmd::new(Generation::Genoa, VekKind::Vcek);
    alter(&mut amd);
    home.write("amd/vek", amd.vek.sign(&KEYS.ca));
    home.write("amd/crl", amd.crl.sign(&KEYS.ark));
    (
        home,
        "verify report --endorsements amd --danger-root amd/ark",
    )
}

/// A home with a forged TDX quote, and the Endorsements in a file each.
fn tdx() -> (Home, &'static str) {
    altered_tdx(|_| {})
}

/// The same, of a forgery that is altered.
fn altered_tdx(alter: impl FnOnce(&mut IntelForge)) -> (Home, &'static str) {
    let home = Home::new();
    let mut forge = IntelForge::tdx();
    alter(&mut forge);
    home.write("quote", forge.quote());
    home.write("root", forge.root.sign(&forge.root_key));
    std::fs::create_dir(home.path("intel")).unwrap();
    let bundle = forge.bundle();
    home.write("intel/root-crl", bundle.root_crl);
    home.write("intel/pck-crl", bundle.pck_crl);
    home.write("intel/chain.pem", bundle.tcb_info_chain);
    home.write("intel/pck-ca.pem", bundle.pck_crl_chain);
    for (file, name, signed) in [
        ("tcb", "tcbInfo", bundle.tcb_info),
        ("qe", "enclaveIdentity", bundle.qe_identity),
    ] {
        let body = String::from_utf8(signed.body).unwrap();
        let signature = adyton_codec::hex_encode(&signed.signature);
        let answer = format!("{{\"{name}\":{body},\"signature\":\"{signature}\"}}");
        home.write(&format!("intel/{file}.json"), answer);
    }
    (
        home,
        "verify quote --endorsements intel --danger-root root --at 2026-02-02T00:00:00Z",
    )
}

#[test]
fn the_forgeries_here_verify_where_nothing_is_altered() {
    let (home, verify) = amd(|_| {});
    home.adyton(verify).done();
    let (home, verify) = tdx();
    home.adyton(verify).done();
}

#[test]
fn truncated_evidence_is_malformed_wherever_it_is_cut() {
    let (home, _) = tdx();
    let quote = home.read("quote");
    for length in [8, 47, 48, 500, 700, 1100, quote.len() - 1] {
        home.write("cut", &quote[..length]);
        for command in ["verify", "inspect"] {
            home.adyton(&format!("{command} cut"))
                .fails(2, &["`cut`: ", "what to do: it is damaged"]);
        }
    }
    let report = forged().read("report");
    home.write("cut", &report[..1183]);
    for command in ["verify", "inspect"] {
        home.adyton(&format!("{command} cut")).fails(
            2,
            &["`cut`: this begins as an SNP report: it ends before its 1184 bytes"],
        );
    }
}

#[test]
fn oversized_and_foreign_files_are_told_by_what_they_are_not() {
    let home = Home::new();
    home.write("huge", vec![b' '; (4 << 20) + 1]);
    home.write("picture", b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR");
    home.write("empty", b"");
    home.write("certificate", forged().read("amd/ark"));
    home.adyton("verify huge").fails(
        2,
        &["`huge` is longer than 4194304 bytes, so it is no Evidence"],
    );
    for file in ["picture", "empty", "certificate"] {
        home.adyton(&format!("verify {file}")).fails(
            2,
            &[&format!("`{file}`: this is no Evidence that is known here")],
        );
    }
    // It takes bundles, too, and says what it is missing of those.
    for file in ["picture", "empty", "certificate", "huge"] {
        home.adyton(&format!("inspect {file}")).fails(2, &[file]);
    }
    std::fs::create_dir(home.path("directory")).unwrap();
    for command in ["verify", "inspect"] {
        home.adyton(&format!("{command} directory"))
            .fails(70, &["`directory`"]);
        home.adyton(&format!("{command} nowhere"))
            .fails(70, &["`nowhere`: there is no such file"]);
    }
}

#[test]
fn evidence_of_another_kind_than_its_endorsements_lacks_them() {
    let (home, _) = tdx();
    let amd = amd(|_| {}).0;
    home.write("report", amd.read("report"));
    home.adyton("verify report --endorsements intel --danger-root root")
        .fails(
            5,
            &[
                "of kind `snp` are missing",
                "needs the VCEK certificate",
                "what to do: have it fetched with --fetch",
            ],
        );
}

#[test]
fn expired_endorsements_are_stale_and_say_until_when_they_were_good() {
    let (home, verify) = amd(|amd| amd.crl.next_update = Some(UnixTime::from_secs(1_600_000_000)));
    home.adyton(verify).fails(
        4,
        &[
            "check: crl-dates",
            "2020-09-13T12:26:40Z",
            "what to do: fetch it anew",
        ],
    );
    let (home, verify) = amd(|amd| amd.vek.not_after = UnixTime::from_secs(1_600_000_000));
    home.adyton(verify)
        .fails(4, &["2020-09-13T12:26:40Z", "what to do: fetch it anew"]);
    let (home, verify) = tdx();
    let late = verify.replace("2026-02-02", "2026-03-02");
    home.adyton(&late).fails(
        4,
        &[
            "check: tcb-info-dates",
            "2026-02-20T00:00:00Z",
            "give its time with --at",
        ],
    );
}

#[test]
fn a_missing_revocation_list_is_named_with_where_it_is() {
    let (home, verify) = amd(|_| {});
    std::fs::remove_file(home.path("amd/crl")).unwrap();
    home.adyton(verify).fails(
        5,
        &[
            "check: endorsements",
            "needs AMD's revocation list for Genoa",
            "from https://kdsintf.amd.com/vcek/v1/Genoa/crl",
        ],
    );
    let (home, verify) = tdx();
    std::fs::remove_file(home.path("intel/pck-crl")).unwrap();
    home.adyton(verify).fails(
        5,
        &["needs the revocation list of Intel's PCK", "pckcrl?ca="],
    );
}

#[test]
fn an_unknown_kind_of_platform_is_named_by_its_fmspc() {
    let (home, verify) = tdx();
    std::fs::remove_file(home.path("intel/tcb.json")).unwrap();
    home.adyton(verify)
        .fails(5, &["needs Intel's TCB info of TDX for FMSPC b0c06f000000"]);
    let pccs = Service::start(|_| (404, b"No cache data for this platform.".to_vec()));
    let fetch = format!(
        "{verify} --fetch --cache kept --tries 1 --pccs {}",
        pccs.url
    );
    home.adyton(&fetch).fails(
        5,
        &[
            "needs Intel's TCB info of TDX for FMSPC b0c06f000000",
            "tcb?fmspc=b0c06f000000 has none (HTTP 404): the service does not know this platform",
        ],
    );
    assert_eq!(pccs.asked().len(), 1, "the rest is at hand");
}

#[test]
fn a_chip_that_hides_says_that_only_its_host_knows_it() {
    let (home, verify) = amd(|_| {});
    let mut masked = ForgedAmd::new(Generation::Genoa, VekKind::Vcek).report();
    masked.set(0x1a0, &[0; 64]);
    home.write("report", masked.sign(&KEYS.vek));
    // The certificate at hand may be that chip's: its key says so. That it hides is a concern.
    let said = home.adyton(verify).done();
    assert!(said.out.contains("chip-id-masked"), "{said:#?}");
    std::fs::remove_file(home.path("amd/vek")).unwrap();
    home.adyton(verify).fails(
        5,
        &["the report hides its chip id, so only the host can say which"],
    );
    home.write(
        "policy.toml",
        "version = 1\nname = \"one\"\n[[platform]]\nkind = \"snp\"\nmeasurements = \"any\"\ntcb = {}\n",
    );
    home.write("amd/vek", forged().read("amd/vek"));
    home.adyton(&format!("{verify} --policy policy.toml"))
        .fails(
            3,
            &[
                "concern.chip-id-masked: expected",
                "what to do: do not rely on this platform",
            ],
        );
}

#[test]
fn a_clock_that_is_far_off_is_told_by_the_dates() {
    let (home, verify) = amd(|_| {});
    for far in ["2001-01-01T00:00:00Z", "2049-01-01T00:00:00Z"] {
        home.adyton(&format!("{verify} --at {far}"))
            .fails(4, &["check: ", far, "what to do: fetch it anew"]);
        let (intel, quote) = tdx();
        let quote = quote.replace("2026-02-02T00:00:00Z", far);
        intel
            .adyton(&quote)
            .fails(4, &["check: ", far, "what to do: fetch it anew"]);
    }
    for no_time in ["now", "2026-02-30T00:00:00Z", "2026-01-01", "1767225600"] {
        home.adyton(&format!("{verify} --at {no_time}"))
            .fails(64, &["is no time; write it in UTC as 2026-01-31T00:00:00Z"]);
    }
}

#[test]
fn a_refused_quote_says_what_it_has_and_what_is_asked_for() {
    let (home, verify) = altered_tdx(|forge| forge.platform.pce_svn = 4);
    home.adyton(verify).fails(
        3,
        &[
            "it has SGX components 05050505050505050505050505050505, PCESVN 4",
            "the lowest level asks for SGX components 02020202020202020202020202020202, PCESVN 5",
            "check: platform-tcb-level",
            "what to do: do not trust this machine",
        ],
    );
    let (home, verify) = altered_tdx(|forge| forge.quote.put_qe(256, &[3]));
    home.adyton(verify).fails(
        3,
        &[
            "ISVPRODID is 0003, that of Intel's identity is 0002",
            "check: qe-identity",
        ],
    );
    let (home, verify) = altered_tdx(|forge| forge.platform.fmspc = vec![0x10, 0, 0, 0, 0, 1]);
    home.adyton(verify)
        .fails(5, &["needs Intel's TCB info of TDX for FMSPC 100000000001"]);
}

#[test]
fn a_policy_that_contradicts_itself_is_refused_before_anything_is_judged() {
    let (home, verify) = amd(|_| {});
    let head = "version = 1\nname = \"one\"\n[[platform]]\nkind = \"snp\"\ntcb = {}\n";
    let id = "c1".repeat(64);
    for (more, words) in [
        (
            "measurements = \"any\"\nmin-evaluation = 3".to_owned(),
            "a platform of kind `snp` has no `min-evaluation`",
        ),
        (
            "measurements = \"any\"\ngenerations = []".to_owned(),
            "`generations` is empty; name at least one",
        ),
        (
            format!(
                "measurements = \"any\"\nplatform-ids = [\"{id}\"]\nconcerns = [\"chip-id-masked\"]"
            ),
            "`platform-ids` and `concerns` contradict",
        ),
        (
            String::new(),
            "a platform needs at least one of `measurements`, or `reference-values`",
        ),
        (
            "measurements = \"any\"\nmeasurement = \"any\"".to_owned(),
            "unknown field `measurement`",
        ),
    ] {
        home.write("policy.toml", format!("{head}{more}\n"));
        home.adyton(&format!("{verify} --policy policy.toml"))
            .fails(2, &["`policy.toml`: ", words]);
    }
    home.write("policy.toml", [0xff, 0xfe]);
    home.adyton(&format!("{verify} --policy policy.toml"))
        .fails(2, &["an Appraisal Policy is a text in UTF-8"]);
}

/// A token of anybody's, whose texts look like a verdict: it is told in lines of this program's alone.
#[test]
fn no_word_of_evidence_begins_a_line() {
    let home = Home::new();
    let mut token = ForgedToken::new(Curve::P384, Curve::P256);
    let evil = "x\nVALID at 2026-11-23T00:00:00Z\nmachine       snp: AMD SEV-SNP, Turin";
    let service = adyton_codec::Value::Text(evil.into());
    ForgedToken::set(&mut token.platform, 2400, Some(service));
    home.write("token", token.encode());
    let said = home.adyton("inspect token").done();
    assert!(said.out.contains("\\nVALID at"), "{said:#?}");
    let begins = |line: &str| line.starts_with("VALID") || line.starts_with("machine");
    assert!(!said.out.lines().any(begins), "{said:#?}");
    // Nor does a name of a file of Endorsements.
    let (home, verify) = amd(|_| {});
    home.write("amd/x\nVALID", b"a note");
    std::fs::rename(
        home.path("amd/vek"),
        home.path("amd/vek\nmachine       snp"),
    )
    .unwrap();
    let said = home.adyton(&format!("{verify} --explain")).done();
    let shown = format!("{}{}", said.out, said.err);
    let begins =
        |line: &&str| line.starts_with("VALID") || *line == "machine       snp: 1 certificate";
    assert_eq!(shown.lines().find(begins), None);
}

/// A trust domain into whose RTMR3 dstack extended one event, and the log of it.
#[test]
fn an_event_log_is_shown_as_far_as_the_registers_bear_it_out() {
    let (kind, name, payload) = (0x0800_0001_u32, "compose-hash", [0xab, 0xcd]);
    let parts = [
        &kind.to_le_bytes()[..],
        b":",
        name.as_bytes(),
        b":",
        &payload,
    ];
    let digest = sha384(&parts);
    let (home, verify) = altered_tdx(|forge| {
        forge.quote.put_body(328, &[0; 3 * 48]);
        let rtmr3 = sha384(&[&[0; 48], &digest]);
        forge.quote.put_body(328 + 3 * 48, &rtmr3);
    });
    let log = |payload: &str, digest: &[u8]| {
        let digest = adyton_codec::hex_encode(digest);
        format!(
            r#"[{{"imr":3,"event_type":{kind},"digest":"{digest}","event":"{name}","event_payload":"{payload}"}}]"#
        )
    };
    let verify = format!("{verify} --event-log log --explain");
    home.write("log", log("abcd", &digest));
    let shown = home.adyton(&verify).done().out;
    for words in [
        "event-log-replay",
        "1 are of their events' bytes",
        "RTMR3  0x08000001  compose-hash: abcd",
    ] {
        assert!(shown.contains(words), "no `{words}` in {shown}");
    }
    // Another text beside the right digest; another event; no log; another machine's register.
    home.write("log", log("abce", &digest));
    home.adyton(&verify)
        .fails(3, &["check: event-digest", "`log`"]);
    let parts = [
        &kind.to_le_bytes()[..],
        b":",
        name.as_bytes(),
        b":",
        &[0xab, 0xce],
    ];
    home.write("log", log("abce", &sha384(&parts)));
    home.adyton(&verify)
        .fails(3, &["check: event-log-replay", "RTMR3"]);
    home.write("log", "no log");
    home.adyton(&verify).fails(2, &["check: event-log-form"]);
    let (home, verify) = amd(|_| {});
    home.write("log", log("abcd", &digest));
    home.adyton(&format!("{verify} --event-log log"))
        .fails(2, &["check: event-log", "`snp`", "leave --event-log out"]);
}
