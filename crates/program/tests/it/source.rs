use adyton_program::{Clock, ManifestError, ManifestSource, SourceError, SourceProblem, Stream};
use adyton_sealing::{RecipientError, RecipientsError};
use adyton_types::{ErrorClass, Name, NameError};

use crate::support::{ALICE, BOB, COMPONENT, FULL, manifest};

const HEAD: &str = "name = \"p\"\ncomponent = \"p.wasm\"\n";

fn name(text: &str) -> Name {
    text.parse().unwrap()
}

/// The error of a file that goes on after the two required keys, with what it points at.
fn error(rest: &str) -> (SourceProblem, String) {
    let text = format!("{HEAD}{rest}");
    let error = ManifestSource::parse(&text).expect_err(rest);
    assert_eq!(error.class(), ErrorClass::Malformed);
    let at = error.span().map(|span| text[span].to_owned());
    (error.problem().clone(), at.unwrap_or_default())
}

fn rule(rest: &str) -> (ManifestError, String) {
    match error(rest) {
        (SourceProblem::Rule(rule), at) => (rule, at),
        (other, at) => panic!("{other} at {at}"),
    }
}

fn output(rest: &str) -> String {
    format!("[[output]]\nname = \"o\"\n{rest}")
}

#[test]
fn everything_is_read() {
    let source = ManifestSource::parse(FULL).unwrap();
    assert_eq!(source.component(), "target/heart.wasm");
    assert_eq!(source.name().as_str(), "heart-model");
    let manifest = source.into_manifest(COMPONENT).unwrap();
    assert_eq!(manifest.name().as_str(), "heart-model");
    assert_eq!(manifest.component_size(), COMPONENT.len() as u64);
    assert_eq!(manifest.args(), ["--rounds", "50"]);
    assert_eq!(manifest.env().len(), 2);
    let [a, b] = manifest.inputs() else { panic!() };
    assert_eq!(a.name().as_str(), "hospital-a");
    assert_eq!(a.broker().unwrap().as_bytes(), &[0xab; 32]);
    assert_eq!((b.name().as_str(), b.broker()), ("hospital-b", None));
    let [log, model] = manifest.outputs() else {
        panic!()
    };
    assert_eq!((log.name().as_str(), log.max_bytes()), ("log", 4096));
    assert_eq!(model.max_bytes(), 1 << 20);
    let recipients = model.recipients().as_slice();
    assert_eq!(
        [BOB, ALICE],
        [recipients[0].as_str(), recipients[1].as_str()]
    );
    assert_eq!(manifest.stdout(), Some(log.name()));
    assert_eq!(manifest.stderr(), Some(log.name()));
    assert_eq!(manifest.limits().memory_bytes(), 64 << 20);
    assert_eq!(manifest.limits().time_secs(), 300);
    assert_eq!(manifest.clock(), Clock::Host);
    assert!(manifest.debug());
    assert_eq!(manifest.input(&name("hospital-a")), Some(a));
    assert_eq!(manifest.output(&name("hospital-a")), None);
}

#[test]
fn defaults_are_the_documented_ones() {
    let manifest = manifest(&format!(
        "{HEAD}{}",
        output(&format!("recipients = ['{BOB}']"))
    ));
    assert_eq!(manifest.limits().memory_bytes(), 256 << 20);
    assert_eq!(manifest.limits().time_secs(), 600);
    assert_eq!(manifest.outputs()[0].max_bytes(), 64 << 20);
    assert_eq!(manifest.clock(), Clock::None);
    assert_eq!((manifest.stdout(), manifest.stderr()), (None, None));
    assert!(!manifest.debug());
    assert!(manifest.inputs().is_empty() && manifest.env().is_empty());
}

#[test]
fn the_order_and_layout_of_the_file_do_not_matter() {
    let first = manifest(
        "name = 'p'\ncomponent = 'x'\n[[input]]\nname = 'a'\n[[input]]\nname = 'b'\n[limits]\ntime = 60",
    );
    let second = manifest(
        "# twice the same\ninput = [{name = 'b'}, {name = 'a'}]\ncomponent = 'y'\nname = 'p'\nlimits = {time = '1m'}\nclock = 'none'",
    );
    assert_eq!(first.measurement(), second.measurement());
}

#[test]
fn an_input_and_an_output_may_share_a_name() {
    let rest = output(&format!("recipients = ['{BOB}']\n[[input]]\nname = 'o'"));
    assert_eq!(manifest(&format!("{HEAD}{rest}")).inputs().len(), 1);
}

#[test]
fn what_is_no_file_of_this_kind() {
    let parse = |text: &str| -> SourceError { ManifestSource::parse(text).unwrap_err() };
    let missing = |key| SourceProblem::MissingKey {
        key,
        section: "the file",
    };
    assert_eq!(*parse("").problem(), missing("name"));
    assert_eq!(*parse("name = 'p'").problem(), missing("component"));
    let syntax = parse("name = 'p'\nname = 'q'");
    assert!(matches!(syntax.problem(), SourceProblem::Syntax { .. }));
    assert!(syntax.span().is_some());
    let long = "#".repeat(300_000);
    let found = long.len();
    assert_eq!(*parse(&long).problem(), SourceProblem::TooLong { found });
    assert_eq!(parse(&long).span(), None);
    let path = parse("name = 'p'\ncomponent = ''");
    assert_eq!(*path.problem(), SourceProblem::EmptyPath);
}

#[test]
fn unknown_and_missing_keys_are_named_with_their_section() {
    for (rest, key, section) in [
        ("memory = 1", "memory", "the file"),
        ("[[input]]\nname = 'a'\npath = 'b'", "path", "[[input]]"),
        ("[limits]\ncpu = 1", "cpu", "[limits]"),
        // The key that is missing is the one that was misspelt.
        (
            "[[output]]\nname = 'a'\nrecipiants = []",
            "recipiants",
            "[[output]]",
        ),
    ] {
        let (problem, at) = error(rest);
        assert_eq!(at, key);
        assert!(
            matches!(&problem, SourceProblem::UnknownKey { key: k, section: s, .. } if k == key && *s == section),
            "{problem}"
        );
    }
    let (problem, _) = error(&output(&format!("recipients = ['{BOB}']\nmax = 1")));
    assert_eq!(
        problem.to_string(),
        "`max` is not known in [[output]]; the keys are: name, recipients, max-bytes"
    );
    for (rest, key, section) in [
        ("[[input]]\nbroker = 'a'", "name", "[[input]]"),
        ("[[output]]\nname = 'a'", "recipients", "[[output]]"),
    ] {
        assert_eq!(error(rest).0, SourceProblem::MissingKey { key, section });
    }
}

#[test]
fn values_of_another_kind_say_what_is_expected() {
    for (rest, at) in [
        ("debug = 'yes'", "'yes'"),
        ("clock = 1", "1"),
        ("args = 'a'", "'a'"),
        ("args = [1]", "1"),
        ("limits = 5", "5"),
        ("[limits]\nmemory = true", "true"),
        ("[limits]\ntime = 1.5", "1.5"),
        ("env = []", "[]"),
        ("[env]\nA = 1", "1"),
        ("stdout = false", "false"),
        ("input = ['a']", "'a'"),
    ] {
        let (problem, found) = error(rest);
        assert!(matches!(problem, SourceProblem::Kind { .. }), "{rest}");
        assert_eq!(found, at, "{rest}");
    }
    let (problem, _) = error("[input]\nname = 'a'");
    assert_eq!(
        problem.to_string(),
        "this should be a list, in double brackets such as [[input]], and is table"
    );
}

#[test]
fn sizes_and_times_have_units_that_mean_one_thing() {
    for text in [
        "64",
        "1MB",
        "-1MiB",
        "1.5GiB",
        "MiB",
        "1 mib",
        "",
        "18446744073709551615KiB",
    ] {
        let (problem, at) = error(&format!("[limits]\nmemory = '{text}'"));
        assert_eq!(problem, SourceProblem::Size { text: text.into() });
        assert_eq!(at, format!("'{text}'"));
    }
    for text in ["5", "5min", "1w", "1h30m"] {
        let (problem, _) = error(&format!("[limits]\ntime = '{text}'"));
        assert_eq!(problem, SourceProblem::Duration { text: text.into() });
    }
    let (problem, _) = error("[limits]\nmemory = -1");
    assert_eq!(problem, SourceProblem::Size { text: "-1".into() });
    let hex = manifest(&format!("{HEAD}[limits]\nmemory = 0x1_0000\ntime = '2h'"));
    assert_eq!(hex.limits().memory_bytes(), 65_536);
    assert_eq!(hex.limits().time_secs(), 7200);
}

#[test]
fn limits_are_kept() {
    let memory = |text: &str| rule(&format!("[limits]\nmemory = {text}")).0;
    for found in [0, 65_535, (1 << 32) + 65_536] {
        assert_eq!(memory(&found.to_string()), ManifestError::Memory { found });
    }
    assert_eq!(
        memory("65537"),
        ManifestError::MemoryPages { found: 65_537 }
    );
    for found in [0, 604_801] {
        let (problem, at) = rule(&format!("[limits]\ntime = {found}"));
        assert_eq!(problem, ManifestError::Time { found });
        assert_eq!(at, found.to_string());
    }
    for found in [0, (1 << 40) + 1] {
        let rest = output(&format!("recipients = ['{BOB}']\nmax-bytes = {found}"));
        let output = name("o");
        assert_eq!(
            rule(&rest),
            (
                ManifestError::OutputSize { output, found },
                found.to_string()
            )
        );
    }
}

#[test]
fn names_are_names_and_given_once() {
    let (problem, at) = rule("[[input]]\nname = '../a'");
    assert_eq!(
        problem,
        ManifestError::Name(NameError {
            text: "../a".into()
        })
    );
    assert_eq!(at, "'../a'");
    let (problem, at) = rule("[[input]]\nname = 'a'\n[[input]]\nname = \"a\"");
    assert_eq!(problem, ManifestError::InputTwice { name: name("a") });
    assert_eq!(at, "\"a\"");
    let one = output(&format!("recipients = ['{BOB}']\nmax-bytes = 7\n"));
    let (problem, at) = rule(&one.repeat(2));
    assert_eq!(problem, ManifestError::OutputTwice { name: name("o") });
    assert_eq!(at, "\"o\"");
    for (key, stream) in [("stdout", Stream::Stdout), ("stderr", Stream::Stderr)] {
        let (problem, at) = rule(&format!("{key} = 'log'"));
        let name = name("log");
        assert_eq!(problem, ManifestError::NoSuchOutput { stream, name });
        assert_eq!(at, "'log'");
    }
}

#[test]
fn recipients_and_brokers_are_checked() {
    let (problem, at) = rule(&output("recipients = []"));
    let error_none = RecipientsError::None;
    assert_eq!(
        problem,
        ManifestError::Recipients {
            output: name("o"),
            error: error_none
        }
    );
    assert_eq!(at, "[]");
    let (problem, at) = rule(&output("recipients = ['bob@example.org']"));
    let malformed = RecipientError::Malformed {
        text: "bob@example.org".into(),
    };
    assert_eq!(
        problem,
        ManifestError::Recipient {
            output: name("o"),
            error: malformed
        }
    );
    assert_eq!(at, "'bob@example.org'");
    let (problem, _) = error("[[input]]\nname = 'a'\nbroker = 'B'");
    assert_eq!(problem, SourceProblem::Broker { text: "B".into() });
}

#[test]
fn choices_are_closed() {
    for (rest, key, known) in [
        ("clock = 'utc'", "clock", "none, host"),
        ("network = 'all'", "network", "none"),
    ] {
        let (problem, _) = rule(rest);
        assert!(
            matches!(problem, ManifestError::Choice { key: k, known: n, .. } if (k, n) == (key, known))
        );
    }
}

#[test]
fn arguments_and_variables_are_bounded() {
    let args = |count| format!("args = [{}]", "'a',".repeat(count));
    assert!(ManifestSource::parse(&format!("{HEAD}{}", args(64))).is_ok());
    assert_eq!(rule(&args(65)).0, ManifestError::TooManyArgs);
    let long = "x".repeat(4097);
    assert_eq!(
        rule(&format!("args = ['a', '{long}']")).0,
        ManifestError::Arg { index: 2 }
    );
    assert_eq!(
        rule("args = [\"\\u0000\"]").0,
        ManifestError::Arg { index: 1 }
    );

    let env =
        |count: usize| (0..count).fold("[env]\n".to_owned(), |t, i| format!("{t}V{i} = ''\n"));
    assert!(ManifestSource::parse(&format!("{HEAD}{}", env(64))).is_ok());
    assert_eq!(rule(&env(65)).0, ManifestError::TooManyVariables);
    for variable in ["1A", "A-B", "''", "'A B'"] {
        let name = variable.trim_matches('\'').to_owned();
        let (problem, _) = rule(&format!("[env]\n{variable} = ''"));
        assert_eq!(problem, ManifestError::VariableName { name });
    }
    let name = "A".to_owned();
    assert_eq!(
        rule(&format!("[env]\nA = '{}'", &long[1..])).0,
        ManifestError::Variable { name: name.clone() }
    );
    assert_eq!(
        rule("[env]\nA = \"\\u0000\"").0,
        ManifestError::Variable { name }
    );
    let inputs = |count: usize| {
        (0..count).fold(String::new(), |t, i| {
            format!("{t}[[input]]\nname = 'i{i}'\n")
        })
    };
    assert!(ManifestSource::parse(&format!("{HEAD}{}", inputs(64))).is_ok());
    assert_eq!(rule(&inputs(65)).0, ManifestError::TooManyInputs);
    let outputs = (0..65).fold(String::new(), |t, i| {
        format!("{t}[[output]]\nname = 'o{i}'\nrecipients = ['{BOB}']\n")
    });
    assert_eq!(rule(&outputs).0, ManifestError::TooManyOutputs);
}

#[test]
fn components_and_manifests_have_a_size() {
    let source = || ManifestSource::parse(HEAD).unwrap();
    assert_eq!(
        source().into_manifest(b"").unwrap_err(),
        ManifestError::ComponentSize { found: 0 }
    );
    let args = format!("'{}',", "x".repeat(4096)).repeat(16);
    let long = ManifestSource::parse(&format!("{HEAD}args = [{args}]")).unwrap();
    assert!(matches!(
        long.into_manifest(COMPONENT),
        Err(ManifestError::TooLong { .. })
    ));
}
