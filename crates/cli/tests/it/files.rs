use std::io::Write as _;
use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use crate::support::{Home, Said, text};

/// A home with a key file `me.key`; gives the recipient.
fn home() -> (Home, String) {
    let home = Home::new();
    let made = home.adyton("keygen --out me.key --json").done().json();
    home.write("plain", "some data\n");
    (home, text(&made, "recipient"))
}

#[test]
fn what_was_sealed_opens_again() {
    for kind in ["", "--post-quantum"] {
        let home = Home::new();
        let made = home.adyton(&format!("keygen --out me.key {kind}")).done();
        let mode = home.path("me.key").metadata().unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        let data = vec![7; 200_000];
        home.write("plain", &data);
        home.adyton(&format!("seal plain --to {}", made.out)).done();
        std::fs::remove_file(home.path("plain")).unwrap();
        let opened = home
            .adyton("open plain.age --identity me.key --json")
            .done()
            .json();
        assert_eq!(opened["plaintext-bytes"], 200_000);
        assert_eq!(home.read("plain"), data);
    }
}

/// Linux's file names are bytes.
#[test]
fn names_that_are_no_text_serve_too() {
    use std::os::unix::ffi::OsStrExt as _;
    let (home, to) = home();
    let name = |bytes: &'static [u8]| std::ffi::OsStr::from_bytes(bytes);
    std::fs::write(home.path("").join(name(b"a\xff.csv")), "a,b\n").unwrap();
    for (words, more) in [
        (format!("seal --json --to {to}"), vec![name(b"a\xff.csv")]),
        (
            "open --json --identity me.key --out".to_owned(),
            vec![name(b"b\xff"), name(b"a\xff.csv.age")],
        ),
        ("keygen --json --out".to_owned(), vec![name(b"c\xff.key")]),
    ] {
        let output = home.command(&words).args(more).output().unwrap();
        Said::of(&words, &output).done().json();
    }
}

#[test]
fn standard_input_and_output_serve_too() {
    let (home, recipient) = home();
    let mut sealing = home
        .command(&format!("seal - --to {recipient} --out -"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    sealing.stdin.take().unwrap().write_all(b"piped").unwrap();
    home.write("sealed", sealing.wait_with_output().unwrap().stdout);
    let opened = home.adyton("open sealed --identity me.key --out -").done();
    assert_eq!(opened.out, "piped");
}

#[test]
fn a_reader_who_has_seen_enough_is_no_error() {
    let (home, recipient) = home();
    home.adyton(&format!("seal plain --to {recipient} --out sealed"))
        .done();
    let mut opening = home
        .command("open sealed --identity me.key --out -")
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(opening.stdout.take());
    let said = opening.wait_with_output().unwrap();
    Said::of("open", &said).done();
    assert!(said.stderr.is_empty());
}

#[test]
fn nothing_is_replaced_unless_that_is_said() {
    let (home, recipient) = home();
    let seal = format!("seal plain --to {recipient}");
    home.adyton(&seal).done();
    let before = home.read("plain.age");
    home.adyton(&seal)
        .fails(70, &["`plain.age` is there already", "--force"]);
    assert_eq!(home.read("plain.age"), before);
    home.adyton(&format!("{seal} --force")).done();
    assert_ne!(home.read("plain.age"), before);
    home.adyton("open plain.age --identity me.key")
        .fails(70, &["`plain` is there already"]);
    // There is no way to lose a key.
    home.adyton("keygen --out me.key")
        .fails(70, &["no key is ever replaced"]);
    home.adyton("tee init").done();
    home.adyton("tee init")
        .fails(70, &["a platform key is never replaced"]);
}

#[test]
fn what_does_not_open_says_why_and_leaves_nothing() {
    let (home, recipient) = home();
    home.adyton("keygen --out other.key").done();
    home.adyton(&format!("seal plain --to {recipient} --out sealed"))
        .done();
    let sealed = home.read("sealed");
    let last = sealed.len() - 1;
    let mut altered = sealed.clone();
    altered[last] ^= 1;
    home.write("altered", altered);
    home.write("cut", &sealed[..last]);
    home.write("cut-early", &sealed[..100]);
    home.write("two.key", home.read("me.key").repeat(2));
    home.write("public.key", &recipient);
    let before = home.names(".");
    let cases = [
        (
            "open sealed --identity other.key",
            3,
            "is not meant for this identity",
        ),
        ("open altered --identity me.key", 3, "was altered"),
        ("open cut --identity me.key", 3, "altered"),
        ("open cut-early --identity me.key", 2, "was cut off"),
        ("open plain --identity me.key", 2, "this is no sealed file"),
        (
            "open nothing --identity me.key",
            70,
            "`nothing`: there is no such file",
        ),
        (
            "open sealed --identity nothing",
            70,
            "`nothing`: there is no such file",
        ),
        ("open sealed --identity plain", 2, "this is no age identity"),
        ("open sealed --identity two.key", 2, "several identities"),
        ("open sealed --identity public.key", 2, "public"),
        ("open . --identity me.key", 70, "directory"),
    ];
    for (words, code, message) in cases {
        let said = home.adyton(&format!("{words} --out opened"));
        assert!(!said.err.contains("because"), "{said:#?}");
        said.fails(code, &[message]);
    }
    let nowhere = format!("seal plain --to {recipient} --out nowhere/sealed");
    home.adyton(&nowhere)
        .fails(70, &["`nowhere/sealed`: its directory is not there"]);
    assert_eq!(home.names("."), before);
}

#[test]
fn age_itself_reads_and_writes_the_same_files() {
    let (home, recipient) = home();
    let age = |arguments: &[&str]| {
        let output = Command::new("age")
            .args(arguments)
            .current_dir(home.path("."))
            .output()
            .ok()?;
        Some(Said::of("age", &output))
    };
    let Some(sealed) = age(&[
        "--encrypt",
        "--recipient",
        &recipient,
        "--output",
        "theirs",
        "plain",
    ]) else {
        assert!(std::env::var_os("CI").is_none(), "`age` is not installed");
        eprintln!("skipped: there is no `age` here");
        return;
    };
    sealed.done();
    let opened = home.adyton("open theirs --identity me.key --out -").done();
    assert_eq!(opened.out, "some data\n");
    home.adyton(&format!("seal plain --to {recipient} --out ours"))
        .done();
    let opened = age(&["--decrypt", "--identity", "me.key", "ours"])
        .unwrap()
        .done();
    assert_eq!(opened.out, "some data\n");
    age(&[
        "--encrypt",
        "--armor",
        "--recipient",
        &recipient,
        "--output",
        "text",
        "plain",
    ])
    .unwrap()
    .done();
    home.adyton("open text --identity me.key --out -")
        .fails(2, &["in text form"]);
}
