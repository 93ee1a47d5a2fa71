//! AMD's Key Distribution Service.

use std::collections::BTreeSet;
use std::path::Path;

use adyton_endorse::{Cache, Fetched, Fetcher, Outcome};
use adyton_pki::forge::pem;
use adyton_tee_amd_snp::forge::{CHIP_ID, ForgedAmd, KEYS, NOW};
use adyton_tee_amd_snp::{Generation, Roots, VekKind};
use adyton_types::{ErrorClass, Evidence, TeeKind, UnixTime};
use adyton_verifier::material::{Material, Trust};
use adyton_verifier::{VerifyError, authenticate};

use crate::server::{Reply, Server, ok, outcomes, status};

pub(crate) fn amd() -> ForgedAmd {
    ForgedAmd::new(Generation::Genoa, VekKind::Vcek)
}

pub(crate) fn trust(roots: Roots) -> Trust {
    Trust {
        amd: roots,
        ..Trust::vendors()
    }
}

pub(crate) fn evidence(amd: &ForgedAmd) -> Evidence {
    Evidence {
        kind: TeeKind::Snp,
        bytes: amd.report().sign(&KEYS.vek),
    }
}

/// What AMD's service has at a path.
pub(crate) fn served(amd: &ForgedAmd, path: &str) -> Reply {
    let product = format!("/vcek/v1/{}/", amd.generation);
    match path.strip_prefix(&product) {
        Some("cert_chain") => ok(pem(&[&amd.ca.sign(&KEYS.ark), &amd.ark.sign(&KEYS.ark)])),
        Some("crl") => ok(amd.crl.sign(&KEYS.ark)),
        Some(_) => ok(amd.vek.sign(&KEYS.ca)),
        None => status(404),
    }
}

pub(crate) fn serve(amd: &ForgedAmd) -> Server {
    let amd = amd.clone();
    Server::start(move |path, _| served(&amd, path))
}

pub(crate) fn fetch(fetcher: &Fetcher, amd: &ForgedAmd, cache: &Cache, now: UnixTime) -> Fetched {
    let (evidence, trust) = (evidence(amd), trust(amd.roots()));
    let fetched = fetcher.fetch(&evidence, Material::new(), cache, &trust, now);
    fetched.unwrap()
}

/// Every file of a directory, as `--endorsements DIR` reads it.
pub(crate) fn read(directory: &Path) -> Material {
    let mut material = Material::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        material.add(&bytes).unwrap();
    }
    material
}

fn verified(amd: &ForgedAmd, cache: &Cache) -> Result<(), VerifyError> {
    let endorsements = read(cache.path()).endorse(&trust(amd.roots()), NOW);
    authenticate(&evidence(amd), &endorsements, NOW).map(|_| ())
}

#[test]
fn what_a_report_needs_is_fetched_once_and_good_without_a_network() {
    let amd = amd();
    let server = serve(&amd);
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let fetched = fetch(&server.fetcher(), &amd, &cache, NOW);
    assert_eq!(outcomes(fetched.items()), ["fetched"; 3], "{fetched:?}");
    let asked: BTreeSet<String> = server.asked().into_iter().collect();
    let id = adyton_codec::hex_encode(&CHIP_ID);
    let expected = [
        "/vcek/v1/Genoa/cert_chain".to_owned(),
        "/vcek/v1/Genoa/crl".to_owned(),
        format!("/vcek/v1/Genoa/{id}?blSPL=04&teeSPL=00&snpSPL=24&ucodeSPL=219"),
    ];
    assert_eq!(asked, BTreeSet::from(expected));
    verified(&amd, &cache).unwrap();

    let again = fetch(&server.fetcher(), &amd, &cache, NOW);
    assert_eq!(outcomes(again.items()), ["kept"; 3]);
    assert_eq!(server.asked(), [""; 0], "a cache that is good asks nobody");
    assert_eq!(again.files().count(), 3);

    // Copied to a machine where nobody answers.
    let elsewhere = tempfile::tempdir().unwrap();
    for file in again.files() {
        let to = elsewhere.path().join(file.file_name().unwrap());
        std::fs::copy(file, to).unwrap();
    }
    let nobody = Server::start(|_, _| Reply::Raw(Vec::new()));
    let offline = Cache::open(elsewhere.path()).unwrap();
    let fetched = fetch(&nobody.fetcher(), &amd, &offline, NOW);
    assert_eq!(outcomes(fetched.items()), ["kept"; 3]);
    verified(&amd, &offline).unwrap();
}

#[test]
fn what_is_at_hand_or_came_along_is_not_asked_for() {
    let amd = amd();
    let server = serve(&amd);
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let mut at_hand = Material::new();
    at_hand.add(&amd.crl.sign(&KEYS.ark)).unwrap();
    let mut extended = evidence(&amd);
    let vek = amd.vek.sign(&KEYS.ca);
    let vcek: [u8; 16] = 0x63da_758d_e664_4564_adc5_f4b9_3be8_accd_u128.to_be_bytes();
    extended.bytes.extend(vcek);
    extended.bytes.extend(48_u32.to_le_bytes());
    let length = u32::try_from(vek.len()).unwrap();
    extended.bytes.extend(length.to_le_bytes());
    extended.bytes.extend([0; 24]);
    extended.bytes.extend(&vek);
    let fetcher = server.fetcher();
    let trust = trust(amd.roots());
    let fetched = fetcher.fetch(&extended, at_hand, &cache, &trust, NOW);
    let fetched = fetched.unwrap();
    assert_eq!(outcomes(fetched.items()), ["fetched", "at hand", "at hand"]);
    assert_eq!(server.asked(), ["/vcek/v1/Genoa/cert_chain"]);
}

#[test]
fn a_list_that_has_ended_is_fetched_anew_and_a_bad_answer_replaces_nothing() {
    let mut amd = amd();
    amd.crl.next_update = Some(NOW.plus_secs(100));
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    fetch(&serve(&amd).fetcher(), &amd, &cache, NOW);
    let list = directory.path().join("amd-vcek-genoa.crl");
    let first = std::fs::read(&list).unwrap();

    let later = NOW.plus_secs(200);
    let mut forged = amd.clone();
    forged.crl.next_update = Some(NOW.plus_secs(10_000));
    let (of_a_stranger, another) = (forged.crl.sign(&KEYS.ca), amd.ca.sign(&KEYS.ark));
    for (answer, class) in [
        (b"<html>log in first</html>".to_vec(), ErrorClass::Malformed),
        (Vec::new(), ErrorClass::Malformed),
        (first.clone(), ErrorClass::Stale),
        (of_a_stranger, ErrorClass::Rejected),
        (another, ErrorClass::Malformed),
    ] {
        let server = Server::start(move |_, _| ok(answer.clone()));
        let fetched = fetch(&server.fetcher(), &amd, &cache, later);
        assert_eq!(outcomes(fetched.items()), ["kept", "failed", "kept"]);
        let failed = fetched.failed();
        assert_eq!(failed.len(), 1);
        assert_eq!(failed[0].1.class(), class, "{fetched:?}");
        assert_eq!(std::fs::read(&list).unwrap(), first, "it was replaced");
    }
    let fetched = fetch(&serve(&forged).fetcher(), &amd, &cache, later);
    assert_eq!(outcomes(fetched.items()), ["kept", "fetched", "kept"]);
    assert_ne!(std::fs::read(&list).unwrap(), first);
}

#[test]
fn another_chips_certificate_is_refused() {
    let amd = amd();
    let mut other = amd.clone();
    let id = adyton_tee_amd_snp::forge::extension("4", &[7; 64]);
    *other.vek.extensions.last_mut().unwrap() = id;
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let fetched = fetch(&serve(&other).fetcher(), &amd, &cache, NOW);
    assert_eq!(outcomes(fetched.items()), ["fetched", "fetched", "failed"]);
    assert_eq!(fetched.failed()[0].1.class(), ErrorClass::Malformed);
}

#[test]
fn a_report_that_does_not_say_its_generation_gets_the_one_that_is_served() {
    let amd = amd();
    let server = serve(&amd);
    let old = Evidence {
        kind: TeeKind::Snp,
        bytes: amd.report().version(2).sign(&KEYS.vek),
    };
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let trust = trust(amd.roots());
    let fetcher = server.fetcher();
    let fetched = fetcher.fetch(&old, Material::new(), &cache, &trust, NOW);
    let fetched = fetched.unwrap();
    assert_eq!(fetched.items().len(), 6);
    assert!(fetched.failed().is_empty(), "{fetched:?}");
    assert_eq!(std::fs::read_dir(cache.path()).unwrap().count(), 3);
    let empty = tempfile::tempdir().unwrap();
    let cache = Cache::open(empty.path()).unwrap();
    let nothing = Server::start(|_, _| status(404)).fetcher();
    let fetched = nothing.fetch(&old, Material::new(), &cache, &trust, NOW);
    assert_eq!(fetched.unwrap().failed().len(), 6);
}

#[test]
fn a_chip_that_hides_and_a_clouds_key_are_served_by_nobody() {
    let amd = amd();
    let mut masked = amd.report();
    masked.set(0x1a0, &[0; 64]);
    let cloud = ForgedAmd::new(Generation::Genoa, VekKind::Vlek);
    let server = Server::start(|_, _| status(404));
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    for bytes in [masked.sign(&KEYS.vek), cloud.report().sign(&KEYS.vek)] {
        let evidence = Evidence {
            kind: TeeKind::Snp,
            bytes,
        };
        let (fetcher, trust) = (server.fetcher(), trust(amd.roots()));
        let fetched = fetcher.fetch(&evidence, Material::new(), &cache, &trust, NOW);
        let fetched = fetched.unwrap();
        let mut unserved = fetched.items().iter();
        assert!(unserved.any(|item| matches!(item.outcome, Outcome::Unserved)));
        let asked = server.asked();
        let not_for_chips = |path: &String| path.ends_with("crl") || path.ends_with("cert_chain");
        assert!(asked.iter().all(not_for_chips), "{asked:?}");
    }
}
