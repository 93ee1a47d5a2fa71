use crate::support::{Home, text};
use crate::world::HELLO;

const RECIPIENT: &str = "age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj";

/// A home with the directory `p` and in it a program.
fn home() -> Home {
    let home = Home::new();
    std::fs::create_dir(home.path("p")).expect("the test's own step");
    home.write("p/p.wasm", HELLO);
    home.write(
        "p/adyton.toml",
        format!(
            "name = \"p\"\ncomponent = \"p.wasm\"\n[[input]]\nname = \"a\"\n\
             [[output]]\nname = \"result\"\nrecipients = [\"{RECIPIENT}\"]\n"
        ),
    );
    home
}

#[test]
fn every_template_starts_a_program() {
    for language in [
        "c",
        "rust",
        "rust-oblivious",
        "go",
        "python",
        "js",
        "assemblyscript",
        "wat",
    ] {
        let home = Home::new();
        let new = format!("new my-program --lang {language} --to {RECIPIENT}");
        let said = home.adyton(&new).done();
        assert!(
            said.out.contains("sh build.sh && adyton build"),
            "{said:#?}"
        );
        let toml = String::from_utf8(home.read("my-program/adyton.toml")).unwrap();
        assert!(
            toml.contains(RECIPIENT) && toml.contains("\"my-program\""),
            "{toml}"
        );
        assert!(home.names("my-program").contains("build.sh"));
        // Whoever forgets a step is told which.
        home.adyton("build my-program")
            .fails(70, &["compile it first", "sh build.sh"]);
        home.adyton(&new)
            .fails(70, &["`my-program` is there already"]);
    }
    let home = Home::new();
    home.adyton(&format!("new Nice_Name! --to {RECIPIENT}"))
        .fails(64, &["is no name"]);
    home.adyton(&format!("new no/where --to {RECIPIENT}"))
        .fails(70, &["its directory is not there"]);
    assert!(home.names(".").is_empty());
}

#[test]
fn the_same_program_has_the_same_measurement() {
    let home = home();
    let built = home.adyton("build p").done();
    assert!(built.out.contains("p/p.adyton"), "{built:#?}");
    let bundle = home.read("p/p.adyton");
    home.adyton("build p")
        .fails(70, &["`p/p.adyton` is there already", "--force"]);
    let again = home.adyton("build p --force --json").done().json();
    assert_eq!(home.read("p/p.adyton"), bundle);
    let measured = home.adyton("measure p/p.adyton --json").done().json();
    let measurement = text(&measured, "measurement");
    assert_eq!(text(&again, "measurement"), measurement);
    let plain = home.adyton("measure p/p.adyton").done();
    assert_eq!(plain.out.trim(), measurement);

    let shown = home.adyton("inspect p/p.adyton").done();
    for words in [
        "reads",
        "`a`",
        "writes",
        "`result`",
        RECIPIENT,
        "no network",
        &measurement,
    ] {
        assert!(shown.out.contains(words), "no `{words}` in {shown:#?}");
    }
    let shown = home.adyton("inspect p/p.adyton --json").done().json();
    assert_eq!(shown["inputs"][0]["name"], "a");
    assert_eq!(text(&shown, "measurement"), measurement);
}

#[test]
fn a_manifest_that_is_wrong_is_shown_where() {
    let home = home();
    let good = String::from_utf8(home.read("p/adyton.toml")).unwrap();
    let before = home.names("p");
    let cases = [
        (
            good.replace("[[output]]", "[[input]]\nname = \"a\"\n[[output]]"),
            "the input `a` is declared twice",
        ),
        (
            good.replace("recipients", "recipiants"),
            "`recipiants` is not known",
        ),
        (good.replace(RECIPIENT, "age1nobody"), "age1nobody"),
        (
            good.replace(&format!("\"{RECIPIENT}\""), ""),
            "name at least one",
        ),
        (good.replace("\"p\"", "p"), "this is no TOML"),
        (good.replace("name = \"p\"\n", ""), "name"),
        (format!("[limits]\nmemory = \"900GiB\"\n{good}"), ""),
    ];
    for (toml, message) in cases {
        home.write("p/adyton.toml", &toml);
        let said = home
            .adyton("build p")
            .fails(2, &["`p/adyton.toml`", message]);
        assert!(
            said.err.contains(" | ") && said.err.contains('^'),
            "{said:#?}"
        );
    }
    home.write("p/adyton.toml", b"\xff\xfe");
    home.adyton("build p").fails(2, &["is not UTF-8"]);
    home.write("p/adyton.toml", &good);
    home.write("p/p.wasm", "int main() {}");
    home.adyton("build p")
        .fails(2, &["`p/p.wasm`: this is not WebAssembly"]);
    home.adyton("build nowhere").fails(70, &["`nowhere`"]);
    assert_eq!(home.names("p"), before);
}

#[test]
fn a_bundle_that_is_damaged_is_none() {
    let home = home();
    home.adyton("build p").done();
    let good = home.read("p/p.adyton");
    let mut altered = good.clone();
    altered[good.len() / 2] ^= 1;
    let cases: [(&[u8], i32, &str); 6] = [
        (b"", 2, "this is no bundle"),
        (HELLO, 2, "this is no bundle"),
        (&good[..20], 2, "was cut off"),
        (&good[..good.len() - 1], 3, "cut off or altered"),
        (&[good.as_slice(), b"x"].concat(), 3, "altered"),
        (&altered, 3, "altered"),
    ];
    for (bytes, code, message) in cases {
        home.write("bad.adyton", bytes);
        for command in ["measure", "inspect", "run"] {
            home.adyton(&format!("{command} bad.adyton"))
                .fails(code, &["`bad.adyton`", message]);
        }
    }
}
