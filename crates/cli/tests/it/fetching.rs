//! `adyton verify --fetch` and `adyton endorsements`, against a service of a vendor that is none.

use adyton_pki::forge::pem;
use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS};

use crate::evidence::forged;
use crate::service::Service;
use crate::support::{Home, text};

/// AMD's service, for the vendor of [`forged`] Evidence.
fn kds(amd: ForgedAmd) -> Service {
    Service::start(move |path| match path.rsplit('/').next() {
        Some("cert_chain") => (
            200,
            pem(&[&amd.ca.sign(&KEYS.ark), &amd.ark.sign(&KEYS.ark)]).into(),
        ),
        Some("crl") => (200, amd.crl.sign(&KEYS.ark)),
        Some(chip) if chip.starts_with("c1c1") => (200, amd.vek.sign(&KEYS.ca)),
        _ => (404, Vec::new()),
    })
}

fn amd() -> ForgedAmd {
    use adyton_tee_amd_snp::{Generation, VekKind};
    ForgedAmd::new(Generation::Genoa, VekKind::Vcek)
}

/// A home with forged Evidence, and the words that make its root trusted.
fn home() -> (Home, &'static str) {
    (forged(), "--danger-root amd/ark")
}

#[test]
fn what_is_missing_is_fetched_kept_and_good_without_a_network() {
    let (home, root) = home();
    let kds = kds(amd());
    let url = &kds.url;
    let verify = format!("verify report --fetch --kds {url} {root} --tries 1");
    let said = home.adyton(&verify).done();
    for words in [
        "AUTHENTIC",
        "DANGER        `amd/ark` is trusted as root `ARK-Genoa`",
    ] {
        assert!(said.out.contains(words), "no `{words}` in {said:#?}");
    }
    assert!(
        said.err
            .contains("fetched   AMD's revocation list for Genoa, until 2040"),
        "{said:#?}"
    );
    assert_eq!(kds.asked().len(), 3);
    assert_eq!(home.names(".cache/adyton/endorsements").len(), 3);

    let again = home.adyton(&format!("{verify} --json")).done().json();
    assert_eq!(kds.asked(), [""; 0]);
    assert_eq!(text(&again["fetched"][0], "outcome"), "kept");
    assert!(text(&again, "verdict") == "authentic" && again["dangers"][0].is_string());

    // Nobody answers, and nobody has to.
    let nowhere = "http://127.0.0.1:1";
    let offline = format!("verify report --fetch --kds {nowhere} {root} --tries 1");
    home.adyton(&offline).done();
    std::fs::rename(home.path(".cache/adyton/endorsements"), home.path("copied")).unwrap();
    home.adyton(&format!("verify report --endorsements copied {root}"))
        .done();
}

#[test]
fn a_directory_is_filled_and_shown() {
    let (home, root) = home();
    let kds = kds(amd());
    let url = &kds.url;
    let fetch = format!("endorsements fetch report --to all --kds {url} {root} --tries 1");
    let said = home.adyton(&fetch).done();
    assert!(
        said.out.contains("fetched   the VCEK certificate"),
        "{said:#?}"
    );
    let json = home.adyton(&format!("{fetch} --json")).done().json();
    assert_eq!(json["endorsements"].as_array().unwrap().len(), 3);
    assert_eq!(text(&json["endorsements"][2], "outcome"), "kept");
    let shown = home.adyton(&format!("endorsements show all {root}")).done();
    assert!(
        shown.out.contains("good     snp: VCEK of chip c1c1"),
        "{shown:#?}"
    );
    let late = format!("endorsements show all {root} --at 2050-01-01T00:00:00Z");
    let late = home.adyton(&late).done();
    for words in [
        "nothing here is good for any Evidence at 2050",
        "refused  for",
    ] {
        assert!(late.out.contains(words), "{late:#?}");
    }
    let genuine = home.adyton("endorsements show all --json").done().json();
    assert_eq!(text(&genuine["refused"][0], "check"), "ark-pinned");
}

#[test]
fn what_is_not_to_be_had_is_said_with_where_and_why() {
    let (home, root) = home();
    let fetch = |url: &str, more: &str| {
        let words = format!("endorsements fetch report --to all --kds {url} --tries 1 {more}");
        home.adyton(&words)
    };
    fetch("http://127.0.0.1:1", root).fails(
        5,
        &[
            "3 of 3 Endorsements were not to be had",
            "no answer from http://127.0.0.1:1/vcek/v1/Genoa/cert_chain in 1 tries",
            "bring the directory here",
        ],
    );
    let unknown = Service::start(|_| (404, Vec::new()));
    fetch(&unknown.url, root).fails(5, &["has none (HTTP 404)", "does not know this platform"]);
    let portal = Service::start(|_| (200, b"<html>log in</html>".to_vec()));
    fetch(&portal.url, root).fails(
        2,
        &["was refused: it does not hold AMD's certificate chain"],
    );
    // Genuine in everything but its root: nothing of it is kept.
    let kds = kds(amd());
    fetch(&kds.url, "").fails(3, &["no AMD root has the key"]);
    assert!(home.names("all").is_empty());
    let verify = format!(
        "verify report --fetch --cache all --tries 1 --kds {}",
        kds.url
    );
    home.adyton(&verify).fails(
        5,
        &["check: endorsements", "failed    AMD's certificate chain"],
    );
}

#[test]
fn wrong_words_are_told_before_anything_is_asked() {
    let (home, _) = home();
    for (words, said) in [
        ("verify report --kds https://a", "not --fetch"),
        ("verify report --cache a", "--fetch"),
        (
            "verify report --fetch --pccs localhost:8081",
            "write https://HOST",
        ),
        ("endorsements fetch report", "--to <DIR>"),
        ("endorsements show", "ENDORSEMENTS"),
    ] {
        home.adyton(words).fails(64, &[said]);
    }
    home.adyton("verify report --danger-root amd/ca").fails(
        70,
        &[
            "`SEV-Genoa`, which is the name of no vendor's root",
            "expected one of ARK-Milan",
            "--tpm-root",
        ],
    );
    home.adyton("verify report --danger-root report")
        .fails(2, &["report"]);
    home.adyton("verify report --fetch --tls-ca report")
        .fails(70, &["holds no certificate in PEM"]);
}

#[test]
fn the_help_says_who_learns_what() {
    let home = Home::new();
    for command in ["verify", "endorsements fetch"] {
        let said = home.adyton(&format!("{command} --help")).done();
        assert!(said.out.contains("AMD is told the chip's id"), "{said:#?}");
    }
}
