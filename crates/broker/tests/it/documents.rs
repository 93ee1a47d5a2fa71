use adyton_broker::{DocumentError, ReleaseDocument};

fn good() -> String {
    format!(
        r#"version = 1
secret = "hospital-a"
purpose = "heart-disease-model"
programs = ["{program}"]
not-before = "2026-01-01T00:00:00Z"
not-after = "2027-01-01T00:00:00Z"
max-releases = 10

[[platform]]
kind = "software"
measurements = ["{digest}"]
platform-ids = ["{id}"]
min-svn = 1
require = ["landlock", "no-core", "seccomp", "secret-memory", "traced"]
"#,
        program = "ab".repeat(48),
        digest = "cd".repeat(32),
        id = "ef".repeat(32),
    )
}

fn hardware() -> String {
    let (head, _) = good()
        .split_once("[[platform]]")
        .map(|(a, b)| (a.to_owned(), b.len()))
        .expect("a platform");
    let measurement = "12".repeat(48);
    format!(
        "{head}[[platform]]\nkind = \"snp\"\nmeasurements = [\"{measurement}\"]\ntcb = {{ snp = 23, microcode = 209 }}\n"
    )
}

fn parse(text: &str) -> Result<ReleaseDocument, DocumentError> {
    text.parse()
}

#[test]
fn comments_layout_and_order_do_not_matter() {
    let document = parse(&good()).unwrap();
    let other = good()
        .replace("version = 1", "# what we agreed on\nversion   = 1")
        .replace(
            r#""landlock", "no-core", "seccomp""#,
            r#""seccomp", "no-core", "landlock""#,
        );
    assert_eq!(parse(&other).unwrap().id(), document.id());
    let more = good().replace("max-releases = 10", "max-releases = 11");
    assert_ne!(parse(&more).unwrap().id(), document.id());
}

#[test]
fn the_encoding_round_trips_and_is_the_only_one() {
    for text in [
        good(),
        hardware(),
        good() + &hardware()[hardware().find("[[").unwrap()..],
    ] {
        let document = parse(&text).unwrap();
        let bytes = document.encode();
        assert_eq!(ReleaseDocument::decode(&bytes).unwrap(), document);
        for i in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[i] ^= 1;
            if let Ok(other) = ReleaseDocument::decode(&altered) {
                assert_ne!(other.id(), document.id(), "byte {i}");
                assert_eq!(other.encode(), altered, "byte {i}");
            }
            assert!(ReleaseDocument::decode(&bytes[..i]).is_err());
        }
    }
}

#[test]
fn known_answer() {
    // From an encoder of a few lines of Python, written from specs/release-document.md.
    assert_eq!(
        parse(&good()).unwrap().id().to_string(),
        "e8cb20d2b9ff426c625e060b5e6b4d565e80fb5baea241b8c033d88cb52cff7f"
    );
}

#[test]
fn contradictions_and_mistakes_are_named() {
    let program = "ab".repeat(48);
    for (from, to, says) in [
        ("version = 1", "version = 2", "`version` is 2"),
        ("version = 1\n", "", "missing field `version`"),
        (
            "max-releases = 10",
            "max-releases = 0",
            "`max-releases` is 0",
        ),
        ("max-releases = 10", "max-releases = -1", "invalid value"),
        (
            "max-releases = 10",
            "max-relases = 10",
            "unknown field `max-relases`",
        ),
        ("2027-01-01", "2025-01-01", "is before `not-before`"),
        ("\"2027-01-01T00:00:00Z\"", "2027-01-01T00:00:00Z", "string"),
        ("2027-01-01T00:00:00Z", "2027-01-01", "write it in UTC as"),
        (
            "hospital-a",
            "Hospital A",
            "`secret`: `Hospital A` is no name",
        ),
        ("heart-disease-model", "", "`purpose`: `` is no name"),
        (&format!("[\"{program}\"]"), "[]", "`programs` is empty"),
        (&program, "abcd", "96 lower-case"),
        (
            &format!("[\"{program}\"]"),
            &format!("[\"{program}\", \"{program}\"]"),
            "twice",
        ),
        ("\"software\"", "\"softwear\"", "no kind of TEE"),
        (
            &"cd".repeat(32),
            &"cd".repeat(48),
            "is 32 bytes long, not 48",
        ),
        (
            &format!("[\"{}\"]", "cd".repeat(32)),
            "[]",
            "`measurements`",
        ),
        (
            &format!("platform-ids = [\"{}\"]\n", "ef".repeat(32)),
            "",
            "`platform-ids`",
        ),
        ("min-svn = 1\n", "", "needs `min-svn`"),
        (
            "min-svn = 1\n",
            "min-svn = 1\ntcb = { a = 1 }\n",
            "has no `tcb`",
        ),
        ("\"traced\"", "\"guarded\"", "no protection"),
        ("require = [", "requires = [", "unknown field `requires`"),
    ] {
        let text = good().replacen(from, to, 1);
        assert_ne!(text, good(), "{from}");
        let error = parse(&text).unwrap_err().to_string();
        assert!(error.contains(says), "{from} -> {to}: {error}");
    }
}

#[test]
fn lists_and_kinds_that_contradict_are_named() {
    let program = "ab".repeat(48);
    let none = good().split_once("[[platform]]").unwrap().0.to_owned();
    assert!(
        parse(&none)
            .unwrap_err()
            .to_string()
            .contains("missing field `platform`")
    );
    let empty = parse(&none.replace("version = 1", "version = 1\nplatform = []"));
    assert_eq!(empty, Err(DocumentError::Empty { key: "platform" }));
    let min_svn = hardware() + "min-svn = 1\n";
    assert!(
        parse(&min_svn)
            .unwrap_err()
            .to_string()
            .contains("has no `min-svn`")
    );
    let no_tcb = hardware().replace("tcb = { snp = 23, microcode = 209 }\n", "");
    assert!(
        parse(&no_tcb)
            .unwrap_err()
            .to_string()
            .contains("needs `tcb`")
    );
    let long = good() + &"#".repeat(65_536);
    assert!(matches!(parse(&long), Err(DocumentError::TooLong { .. })));
    let many: Vec<_> = (0..65).map(|i| format!("\"{i:096x}\"")).collect();
    let many = good().replace(&format!("\"{program}\""), &many.join(","));
    assert!(matches!(parse(&many), Err(DocumentError::TooMany { .. })));
}

#[test]
fn an_owner_reads_everything_that_is_allowed() {
    let text = good().replace(", \"traced\"", "");
    let lines = parse(&text).unwrap().explain().join("\n");
    for word in [
        "`hospital-a`",
        "`heart-disease-model`",
        &"ab".repeat(48),
        &"cd".repeat(32),
        &"ef".repeat(32),
        "2026-01-01T00:00:00Z",
        "2027-01-01T00:00:00Z",
        "fewer than 10 times",
        "WITHOUT special hardware",
        "hidden even from the administrator",
    ] {
        assert!(lines.contains(word), "{word} in\n{lines}");
    }
    assert!(!lines.contains("nobody can attach"));
    let weak = good().replace(
        r#"["landlock", "no-core", "seccomp", "secret-memory", "traced"]"#,
        "[]",
    );
    assert!(
        parse(&weak)
            .unwrap()
            .explain()
            .join("\n")
            .contains("NO protection")
    );
    let lines = parse(&hardware()).unwrap().explain().join("\n");
    for word in [
        "AMD SEV-SNP",
        "ANY machine",
        "`snp` has security version 23",
        "`microcode`",
    ] {
        assert!(lines.contains(word), "{word} in\n{lines}");
    }
    let tpm = hardware().replace("kind = \"snp\"", "kind = \"tpm\"");
    let tpm = tpm.replace(&"12".repeat(48), &"12".repeat(32));
    let tpm = tpm.replace("{ snp = 23, microcode = 209 }", "{}");
    let lines = parse(&tpm).unwrap().explain().join("\n");
    assert!(lines.contains("memory is NOT protected"), "{lines}");
}

#[test]
fn an_owner_reads_what_hardware_must_be() {
    let head = good().split_once("[[platform]]").unwrap().0.to_owned();
    let platform = format!(
        "[[platform]]\nkind = \"tdx\"\n\
         reference-values = {{ name = \"adyton\", signer = \"{}\", min-serial = 3 }}\n\
         deny-platform-ids = [\"{}\"]\ngenerations = [\"TDX 1.5\"]\ntcb = {{ pce = 13 }}\n\
         statuses = {{ UpToDate = \"always\", OutOfDate = 30 }}\n\
         advisories = {{ INTEL-SA-00837 = 90 }}\nmin-evaluation = 17\n\
         concerns = [\"sept-ve\"]\nattributes = {{ quote-version = 5 }}\n",
        "ab".repeat(32),
        "cd".repeat(16)
    );
    let lines = parse(&(head.clone() + &platform)).unwrap().explain();
    let lines = lines.join("\n");
    for word in [
        "Intel TDX",
        "in the signed list `adyton`, edition 3 or later",
        "You leave to the holder of this key",
        "NOT the machine with the id",
        "of the generation: TDX 1.5",
        "Its `pce` has security version 13 or later",
        "`UpToDate`",
        "`OutOfDate`, but for 30 days",
        "none applies but: `INTEL-SA-00837`, but for 90 days",
        "evaluation number 17 or a later one",
        "Its `quote-version` is exactly `5`",
        "ACCEPTED although it weakens the protection: the host may take memory away unnoticed",
    ] {
        assert!(lines.contains(word), "{word} in\n{lines}");
    }
    for (from, to, says) in [
        (
            "concerns = [\"sept-ve\"]",
            "concerns = [\"debug\"]",
            "the concern `debug`",
        ),
        (
            &*format!(
                "reference-values = {{ name = \"adyton\", signer = \"{}\", min-serial = 3 }}",
                "ab".repeat(32)
            ),
            "measurements = \"any\"",
            "measurements = \"any\"",
        ),
    ] {
        let weak = platform.replace(from, to);
        assert_ne!(weak, platform);
        let error = parse(&(head.clone() + &weak)).unwrap_err().to_string();
        assert!(
            error.contains("no release document accepts") && error.contains(says),
            "{error}"
        );
    }
}
