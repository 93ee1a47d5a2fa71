use std::fs::OpenOptions;

use crate::support::{Home, Said, names};

/// Every command that does something.
const COMMANDS: [&str; 41] = [
    "demo",
    "new",
    "build",
    "measure",
    "inspect",
    "keygen",
    "seal",
    "open",
    "run",
    "receipt verify",
    "receipt show",
    "verify",
    "endorsements fetch",
    "endorsements show",
    "reference sign",
    "reference import",
    "reference show",
    "tee init",
    "tee show",
    "tee doctor",
    "broker init",
    "broker serve",
    "broker status",
    "secret put",
    "secret list",
    "secret show",
    "secret delete",
    "policy check",
    "policy explain",
    "log show",
    "log verify",
    "lookup owner-key",
    "lookup serve",
    "lookup load",
    "lookup query",
    "lookup status",
    "lookup tokens issuer-key",
    "lookup tokens request",
    "lookup tokens issue",
    "lookup tokens finish",
    "lookup bench",
];

#[test]
fn every_command_explains_itself_by_an_example() {
    let home = Home::new();
    for command in COMMANDS {
        let said = home.adyton(&format!("{command} --help")).done();
        let example = format!("  adyton {command}");
        assert!(said.out.contains(&example), "no example in {said:#?}");
        assert_eq!(said.err, "");
    }
    let all = home.adyton("--help").done();
    assert!(all.out.contains("Exit codes: 0 done"), "{all:#?}");
    assert!(home.adyton("--version").done().out.starts_with("adyton "));
    // It is no command for people.
    assert!(!all.out.contains("\n  enclave"), "{all:#?}");
}

#[test]
fn wrong_words_are_wrong_usage() {
    let home = Home::new();
    let cases = [
        ("", "Usage: adyton"),
        ("nonsense", "unrecognized subcommand 'nonsense'"),
        ("run --nonsense", "unexpected argument '--nonsense'"),
        ("run", "<BUNDLE>"),
        ("run x.adyton --input data", "`data` is not NAME=VALUE"),
        (
            "run x.adyton --input Data=x",
            "`Data` is no name: use 1 to 64 of a-z",
        ),
        (
            "run x.adyton --broker 127.0.0.1:7443",
            "write host:port#<id>",
        ),
        (
            "run x.adyton --broker 127.0.0.1:7443#12",
            "`12` is no broker id",
        ),
        (
            "run x.adyton --input a=x --input a=y",
            "--input a=... is given twice",
        ),
        ("run x.adyton --secret a=b", "no --input a=FILE"),
        ("seal x", "--to <RECIPIENT>"),
        (
            "seal x --to age1nonsense",
            "`age1nonsense` is no age recipient",
        ),
        (
            "seal - --to age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj",
            "say --out FILE",
        ),
        ("open x --identity y", "--out FILE"),
        ("new p --lang cobol --to x", "possible values: c, rust"),
        (
            "receipt verify x --platform-id 12",
            "64 lower-case hexadecimal digits",
        ),
        (
            "secret put x --dir broker",
            "--identity <FILE>|--policy <FILE>",
        ),
        ("secret list", "--dir <DIR>"),
        ("broker init b", "--origin <NAME>"),
        ("broker init b --origin a+b", "an origin is 1 to 255 bytes"),
        ("completions tcsh", "possible values: bash"),
    ];
    for (words, message) in cases {
        home.adyton(words).fails(64, &[message]);
    }
    assert!(home.names(".").is_empty());
}

#[test]
fn errors_are_json_where_json_was_asked_for() {
    let home = Home::new();
    for (words, code, class) in [
        ("--json run --nonsense", 64, "usage"),
        ("run x.adyton --json", 70, "misuse"),
        ("broker status nowhere --json", 70, "misuse"),
    ] {
        let said = home.adyton(words).fails(code, &[]);
        let error = &said.json()["error"];
        assert_eq!(error["class"], class, "{error:#}");
        assert_eq!(error["exit"], code, "{error:#}");
        assert!(
            error["message"]
                .as_str()
                .is_some_and(|text| !text.is_empty())
        );
    }
}

#[test]
fn scripts_and_manual_pages_can_be_made() {
    let home = Home::new();
    for shell in ["bash", "elvish", "fish", "powershell", "zsh"] {
        let script = home.adyton(&format!("completions {shell}")).done().out;
        assert!(script.contains("receipt"), "{shell}");
    }
    let written = home.adyton("man pages/man1 --json").done().json();
    let pages = names(&home.path("pages/man1"));
    assert_eq!(
        written["written"].as_array().map(Vec::len),
        Some(pages.len())
    );
    for command in COMMANDS {
        let page = format!("adyton-{}.1", command.replace(' ', "-"));
        assert!(pages.contains(&page), "no {page}");
    }
    let page = String::from_utf8(home.read("pages/man1/adyton-run.1")).unwrap();
    assert!(page.contains("Three owners"), "{page}");
}

#[test]
fn an_output_that_takes_nothing_is_told() {
    let home = Home::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home
        .command("completions bash")
        .stdout(full)
        .output()
        .unwrap();
    Said::of("completions bash", &output).fails(5, &["cannot write to standard output"]);
}

#[test]
fn help_that_cannot_be_written_is_told() {
    let home = Home::new();
    let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
    let output = home.command("--help").stdout(full).output().unwrap();
    Said::of("--help", &output).fails(5, &["cannot write to standard output"]);
}
