use adyton_types::TeeKind;
use adyton_verifier::Claims;

use super::{NOW, claims};
use crate::appraise::judge;
use crate::{AppraisalPolicy, Context, DEVELOPMENT, PRODUCTION, PolicyError};

/// A platform of a kind, with more keys.
fn platform(kind: &str, more: &str) -> String {
    let measurement = "ab".repeat(48);
    format!(
        "version = 1\nname = \"test\"\n[[platform]]\nkind = \"{kind}\"\n\
         measurements = [\"{measurement}\"]\ntcb = {{}}\n{more}\n"
    )
}

fn refused(text: &str) -> String {
    let error = text.parse::<AppraisalPolicy>().map(drop).unwrap_err();
    assert_eq!(error.class(), adyton_types::ErrorClass::Malformed);
    error.to_string()
}

#[test]
fn the_starting_policies_are_what_they_say() {
    let production = AppraisalPolicy::production().unwrap();
    let development = AppraisalPolicy::development().unwrap();
    assert_eq!(production.name().as_str(), "production");
    assert_ne!(production.id(), development.id());
    let id = adyton_crypto::sha256(&[PRODUCTION.as_bytes()]);
    assert_eq!(production.id().as_bytes(), &id);
    assert_eq!(AppraisalPolicy::standard("development"), Some(DEVELOPMENT));
    let context = Context::at(NOW);
    let judged = |policy: &AppraisalPolicy, claims: &Claims| {
        judge(claims, policy.platforms(), &context).map_err(|failed| {
            let mut names: Vec<_> = failed.into_iter().map(|f| f.claim).collect();
            names.retain(|name| !name.ends_with(".kind"));
            names
        })
    };
    for kind in [TeeKind::Snp, TeeKind::Tdx, TeeKind::Nitro] {
        let mut claims = claims(kind);
        assert!(judged(&production, &claims).is_ok(), "{kind}");
        assert!(judged(&development, &claims).is_ok(), "{kind}");
        claims.debug = true;
        claims.concerns.insert("debug".to_owned());
        let failed = judged(&production, &claims).unwrap_err();
        assert!(failed[0].ends_with(".debug"), "{failed:?}");
        assert!(judged(&development, &claims).is_ok(), "{kind}");
    }
    let mut milan = claims(TeeKind::Snp);
    milan.generation = "Milan".to_owned();
    let failed = judged(&production, &milan).unwrap_err();
    assert_eq!(failed, ["platform-1.generation"]);
    // No platform without a hardware root is in either.
    for policy in [&production, &development] {
        let kinds = policy.platforms().iter().map(crate::PlatformPolicy::kind);
        assert!(kinds.into_iter().all(|kind| kind != TeeKind::Software));
    }
}

/// Kind, what its platform says, and a part of the refusal.
const MISTAKES: &[(&str, &str, &str)] = &[
    ("snp", "generations = []", "`generations` is empty"),
    ("snp", "platform-ids = []", "`platform-ids` is empty"),
    ("snp", "vmpl = [4]", "no privilege level"),
    ("snp", "vmpl = []", "`vmpl` is empty"),
    ("snp", "vmpl = [1, 1]", "twice"),
    (
        "snp",
        "statuses = { UpToDate = \"always\" }",
        "has no `statuses`",
    ),
    ("snp", "min-evaluation = 3", "has no `min-evaluation`"),
    ("snp", "max-age = 3", "has no `max-age`"),
    ("snp", "attributes = { vmpl = 1 }", "is said by `vmpl`"),
    ("tdx", "vmpl = [0]", "has no `vmpl`"),
    ("tdx", "statuses = {}", "`statuses` is empty"),
    (
        "tdx",
        "statuses = { Revoked = \"always\" }",
        "accepted by no policy",
    ),
    (
        "tdx",
        "statuses = { Uptodate = \"always\" }",
        "there are UpToDate",
    ),
    (
        "tdx",
        "statuses = { OutOfDate = \"never\" }",
        "neither \"always\"",
    ),
    (
        "tdx",
        "advisories = { INTEL-SA-00001 = 3 }",
        "`UpToDate` has no advisories",
    ),
    ("tdx", "advisories = \"some\"", "neither a table"),
    (
        "tdx",
        "reference-values = { name = \"a\", signer = \"00\", min-serial = 1 }",
        "not both",
    ),
    ("tdx", "min-svn = 1", "has no `min-svn`"),
    ("tdx", "platform-ids = [\"abcd\"]", "16 bytes long"),
    ("tdx", "colour = 1", "unknown field `colour`"),
    ("nitro", "concerns = [\"sept-ve\"]", "there are debug"),
    ("flux", "", "no kind of TEE"),
    ("software", "", "has no `tcb`"),
];

#[test]
fn contradictions_are_refused_by_name() {
    let id = "cd".repeat(64);
    let deny = format!("platform-ids = [\"{id}\"]\ndeny-platform-ids = [\"{id}\"]");
    let masked = format!("platform-ids = [\"{id}\"]\nconcerns = [\"chip-id-masked\"]");
    for (kind, more, says) in [
        (
            "snp",
            "generations = [\"Genoa\"]\ndeny-generations = [\"Genoa\"]",
            "contradict",
        ),
        (
            "snp",
            "deny-generations = [\"Milan\", \"Genoa\", \"Turin\"]",
            "every generation is denied",
        ),
        (
            "snp",
            &deny,
            "`platform-ids` and `deny-platform-ids` contradict",
        ),
        ("snp", &masked, "`platform-ids` and `concerns` contradict"),
        (
            "snp",
            "generations = [\"milan\"]",
            "there are Milan, Genoa, Turin",
        ),
        (
            "snp",
            "concerns = [\"requester\"]",
            "`concerns`: no Evidence of kind `snp`",
        ),
    ] {
        let error = refused(&platform(kind, more));
        assert!(error.contains(says), "{kind} {more}: {error}");
    }
}

#[test]
fn what_would_deny_nothing_is_refused() {
    let padded = format!(
        "deny-platform-ids = [\"{}{}\"]",
        "cd".repeat(8),
        "00".repeat(56)
    );
    let short = format!("deny-platform-ids = [\"{}\"]", "cd".repeat(15));
    for (kind, len, more, says) in [
        // As they are written elsewhere, or of other hardware.
        (
            "azure-snp",
            32,
            "deny-generations = [\"milan\"]",
            "there are Milan, Genoa, Turin",
        ),
        (
            "azure-tdx",
            32,
            "deny-generations = [\"TDX1.0\"]",
            "there are TDX 1.0",
        ),
        (
            "nvidia-gpu",
            48,
            "deny-generations = [\"Hopper\"]",
            "there are HOPPER",
        ),
        (
            "azure-snp",
            32,
            &short,
            "of kind `azure-snp` is 64 bytes long, not 15",
        ),
        (
            "azure-tdx",
            32,
            &short,
            "of kind `azure-tdx` is 16 bytes long, not 15",
        ),
        (
            "nvidia-gpu",
            48,
            &short,
            "of kind `nvidia-gpu` is 32 bytes long, not 15",
        ),
        // Turin's reports fill up their 8 bytes with zeros, which are no part of the id.
        ("snp", 48, &padded, "of kind `snp` is 8 bytes long, not 64"),
        (
            "azure-snp",
            48,
            "",
            "measurement of kind `azure-snp` is 32 bytes long, not 48",
        ),
    ] {
        let text = platform(kind, more).replace(&"ab".repeat(48), &"ab".repeat(len));
        let error = refused(&text);
        assert!(error.contains(says), "{kind} {more}: {error}");
    }
}

#[test]
fn who_says_which_system_runs_says_whose_paravisor_vouches_for_it() {
    let digest = "cd".repeat(48);
    let system = |kind, more: &str| {
        let text = platform(kind, more).replace(&"ab".repeat(48), &"ab".repeat(32));
        text.parse::<AppraisalPolicy>()
    };
    let any = |kind| {
        let text = format!("version = 1\nname = \"test\"\n[[platform]]\nkind = \"{kind}\"\n");
        (text + "measurements = \"any\"\ntcb = {}\n").parse::<AppraisalPolicy>()
    };
    let named = |name: &str| format!("attributes = {{ \"{name}\" = \"{digest}\" }}");
    for kind in ["azure-snp", "azure-tdx"] {
        for more in ["", &named("hardware.host-data")] {
            let error = system(kind, more).unwrap_err();
            assert!(
                matches!(error, PolicyError::NeedsAttribute { .. }),
                "{error}"
            );
        }
        assert!(system(kind, &named("paravisor")).is_ok());
        assert!(any(kind).is_ok());
    }
    let signer = named("hardware.id-key-digest");
    assert!(system("azure-snp", &signer).is_ok());
    // A TD has no such key.
    let error = system("azure-tdx", &signer).unwrap_err().to_string();
    assert!(
        error.ends_with("needs one of the `attributes` paravisor"),
        "{error}"
    );
}

#[test]
fn each_device_of_several_is_of_an_accepted_generation() {
    let judged = |more: &str| {
        let policy = platform("nvidia-gpu", more).parse::<AppraisalPolicy>();
        let mut claims = claims(TeeKind::NvidiaGpu);
        claims.generation = "HOPPER+LS10".to_owned();
        let judged = judge(&claims, policy.unwrap().platforms(), &Context::at(NOW));
        let failed = judged.err().unwrap_or_default();
        failed.iter().any(|failed| failed.claim == "generation")
    };
    assert!(judged("deny-generations = [\"HOPPER\"]"));
    assert!(judged("deny-generations = [\"LS10\"]"));
    assert!(judged("generations = [\"HOPPER\"]"));
    assert!(!judged("generations = [\"HOPPER\", \"LS10\"]"));
    assert!(!judged("deny-generations = [\"BLACKWELL\"]"));
}

#[test]
fn no_word_of_a_document_breaks_the_lines_that_explain_it() {
    let long = format!("attributes = {{ a = \"{}\" }}", "a".repeat(1025));
    for (kind, more) in [
        (
            "snp",
            r#"attributes = { host-data = "00`.\n  * It is ONLY the machine with the id: ab" }"#,
        ),
        (
            "snp",
            r#"attributes = { "a\n- It was handed out fewer than 1 times" = 1 }"#,
        ),
        ("snp", r#"attributes = { a = "\u001b[2J" }"#),
        ("snp", r#"attributes = { "" = 1 }"#),
        ("snp", &long),
        (
            "tdx",
            r#"statuses = { OutOfDate = 3 }
advisories = { "INTEL-SA-1`.\n- In every other case" = 3 }"#,
        ),
    ] {
        let error = refused(&platform(kind, more));
        assert!(error.contains("one line"), "{more}: {error}");
    }
}

#[test]
fn a_signer_of_enclaves_is_never_named_alone() {
    let signer = format!("mr-signer = \"{}\"", "5a".repeat(32));
    let text = |measurements: &str, tcb: &str, more: &str| {
        format!(
            "version = 1\nname = \"test\"\n[[platform]]\nkind = \"sgx\"\n\
             measurements = {measurements}\ntcb = {{ {tcb} }}\nattributes = {{ {signer}{more} }}\n"
        )
    };
    for (tcb, more, needs) in [
        ("", "", "needs `attributes.isv-prod-id`"),
        ("isv = 3", "", "needs `attributes.isv-prod-id`"),
        ("", ", isv-prod-id = 7", "needs `tcb.isv`"),
    ] {
        let error = refused(&text("\"any\"", tcb, more));
        assert!(error.contains(needs), "{error}");
    }
    let whole = text("\"any\"", "isv = 3", ", isv-prod-id = 7");
    assert!(whole.parse::<AppraisalPolicy>().is_ok());
    let listed = format!("[\"{}\"]", "ab".repeat(32));
    assert!(text(&listed, "", "").parse::<AppraisalPolicy>().is_ok());
}

#[test]
fn mistakes_are_refused_by_name() {
    for (kind, more, says) in MISTAKES {
        let error = refused(&platform(kind, more));
        assert!(error.contains(says), "{kind} {more}: {error}");
    }
}

#[test]
fn floors_are_of_components_that_there_are() {
    for (kind, component, known) in [
        ("snp", "microcode", true),
        ("snp", "committed.snp", true),
        ("snp", "\"sgx.1\"", false),
        ("snp", "guest-svn", true),
        ("snp", "\"current.firmware\"", true),
        ("snp", "\"launch.firmware\"", false),
        ("snp", "\"mitigation.0\"", true),
        ("snp", "\"mitigation.63\"", true),
        ("snp", "\"mitigation.64\"", false),
        ("snp", "\"mitigation.01\"", false),
        ("snp", "\"mitigation.+1\"", false),
        ("tdx", "\"mitigation.1\"", false),
        ("tdx", "\"sgx.16\"", true),
        ("tdx", "\"tdx-now.1\"", true),
        ("tdx", "\"sgx.17\"", false),
        ("tdx", "\"sgx.01\"", false),
        ("sgx", "\"tdx.1\"", false),
        ("nitro", "snp", false),
    ] {
        let component = component.replace("committed.snp", "\"committed.snp\"");
        let text = platform(kind, "").replace("tcb = {}", &format!("tcb = {{ {component} = 1 }}"));
        let text = text.replace(
            &"ab".repeat(48),
            &"ab".repeat(if kind == "sgx" { 32 } else { 48 }),
        );
        let parsed = text.parse::<AppraisalPolicy>();
        assert_eq!(parsed.is_ok(), known, "{kind} {component}: {parsed:?}");
    }
    let text = platform("snp", "generations = [\"Genoa\"]").replace("{}", "{ fmc = 1 }");
    assert!(refused(&text).contains("only `Turin` has the component `fmc`"));
}

#[test]
fn documents_are_whole_and_of_this_version() {
    let good = platform("snp", "");
    assert!(good.parse::<AppraisalPolicy>().is_ok());
    for (from, to, says) in [
        ("version = 1", "version = 2", "`version` is 2"),
        ("name = \"test\"", "name = \"Test!\"", "no name"),
        ("name = \"test\"\n", "", "missing field `name`"),
        ("tcb = {}\n", "", "needs `tcb`"),
        ("kind = \"snp\"\n", "", "missing field `kind`"),
        ("measurements = [", "measurementz = [", "unknown field"),
    ] {
        let text = good.replacen(from, to, 1);
        assert_ne!(text, good);
        let error = refused(&text);
        assert!(error.contains(says), "{error}");
    }
    let none = good.split_once("measurements").unwrap().0.to_owned() + "tcb = {}\n";
    assert!(refused(&none).contains("or `reference-values`"));
    assert!(refused("version = 1\nname = \"a\"\nplatform = []\n").contains("`platform` is empty"));
    let long = good.clone() + &"#".repeat(65_536);
    let error = long.parse::<AppraisalPolicy>().unwrap_err();
    assert!(matches!(error, PolicyError::TooLong { .. }));
    // Another byte, another id.
    let ids = [good.clone(), good + "#"].map(|text| text.parse::<AppraisalPolicy>().unwrap().id());
    assert_ne!(ids[0], ids[1]);
}
