//! Services that answer what was asked for, and put more beside it: certificates, lists and documents
//! of their own making that claim to be newer. Nothing of it may be kept, for genuine Evidence would
//! be refused until it has ended.

use std::path::Path;

use adyton_endorse::Cache;
use adyton_pki::KeyKind;
use adyton_pki::forge::{AnswerForge, CertificateForge, CrlForge, ForgeKey, OcspForge, pem};
use adyton_tee_amd_snp::forge::NOW;
use adyton_tee_intel_dcap::forge::{IntelForge, NOW as INTEL_NOW};
use adyton_types::{Evidence, UnixTime};
use adyton_verifier::authenticate;
use adyton_verifier::material::{Material, Trust};

use crate::amd::{amd, evidence, read, served, trust};
use crate::intel;
use crate::server::{Reply, Server, outcomes};

/// Certificates and lists under a vendor's names and a stranger's key, newer than any.
pub(crate) fn rivals(names: &[&str], now: UnixTime) -> Vec<Vec<u8>> {
    let key = ForgeKey::generate(KeyKind::P256);
    let mut all = Vec::new();
    for name in names {
        let mut certificate = CertificateForge::ca(name, name, &key, None);
        certificate.not_before = now;
        certificate.not_after = now.plus_secs(1 << 30);
        let mut list = CrlForge::new(name);
        list.this_update = now;
        list.next_update = Some(now.plus_secs(1 << 30));
        all.extend([certificate.sign(&key), list.sign(&key)]);
    }
    all
}

/// An answer of DER or PEM, with all of that before and behind it.
fn among(genuine: Vec<u8>, rivals: &[Vec<u8>]) -> Vec<u8> {
    let rivals: Vec<&[u8]> = rivals.iter().map(Vec::as_slice).collect();
    let text = match genuine.first() {
        Some(0x30) => pem(&[&genuine]),
        _ => String::from_utf8(genuine).unwrap(),
    };
    let (rivals, text) = (pem(&rivals), text);
    format!("{rivals}{text}{rivals}").into_bytes()
}

/// What a directory holds, by kind.
fn kinds(directory: &Path) -> Vec<&'static str> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(directory).unwrap() {
        let bytes = std::fs::read(entry.unwrap().path()).unwrap();
        found.extend(Material::new().add(&bytes).unwrap());
    }
    found.sort_unstable();
    found
}

#[test]
fn what_a_mirror_of_amd_adds_is_not_kept_and_does_not_get_in_the_way() {
    let amd = amd();
    let names = ["ARK-Genoa", "SEV-Genoa", "SEV-VCEK"];
    let rivals = rivals(&names, NOW);
    let genuine = amd.clone();
    let server = Server::start(move |path, _| match served(&genuine, path) {
        Reply::Http(status, headers, body) => Reply::Http(status, headers, among(body, &rivals)),
        reply => reply,
    });
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let (evidence, trust) = (evidence(&amd), trust(amd.roots()));
    let fetch = || {
        let (fetcher, none) = (server.fetcher(), Material::new());
        fetcher.fetch(&evidence, none, &cache, &trust, NOW).unwrap()
    };
    let fetched = fetch();
    assert_eq!(outcomes(fetched.items()), ["fetched"; 3], "{fetched:?}");
    let genuine = [
        "certificate",
        "certificate",
        "certificate",
        "revocation list",
    ];
    assert_eq!(kinds(directory.path()), genuine);
    let endorsements = read(directory.path()).endorse(&trust, NOW);
    assert_eq!(endorsements.refused(), []);
    authenticate(&evidence, &endorsements, NOW).unwrap();
    assert_eq!(outcomes(fetch().items()), ["kept"; 3]);
}

#[test]
fn what_a_caching_service_of_intel_adds_is_not_kept_either() {
    let forge = IntelForge::tdx();
    let bundle = forge.bundle();
    let names = [
        "Intel SGX Root CA",
        "Intel SGX TCB Signing",
        "Intel SGX PCK Platform CA",
    ];
    let rivals = rivals(&names, INTEL_NOW);
    let beside = rivals.clone();
    let chains = among(bundle.tcb_info_chain.clone(), &rivals);
    let pck_chain = among(bundle.pck_crl_chain.clone(), &rivals);
    let lists = [
        among(bundle.pck_crl.clone(), &rivals),
        among(bundle.root_crl.clone(), &rivals),
    ];
    let server = Server::start(move |path, _| {
        let Reply::Http(status, mut headers, mut body) = intel::served(&bundle, path, true) else {
            panic!("{path}");
        };
        let [pck_crl, root_crl] = &lists;
        let chain = match path {
            path if path.contains("pckcrl") => {
                body.clone_from(pck_crl);
                &pck_chain
            }
            path if path.contains("rootcacrl") => {
                body.clone_from(root_crl);
                &chains
            }
            _ => &chains,
        };
        headers
            .iter_mut()
            .for_each(|(_, value)| *value = intel::encoded(chain));
        Reply::Http(status, headers, body)
    });
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let evidence = Evidence {
        kind: forge.tee.kind(),
        bytes: forge.quote(),
    };
    let trust = Trust {
        intel: forge.roots(),
        ..Trust::vendors()
    };
    let fetched = server.fetcher();
    let fetched = fetched.fetch(&evidence, Material::new(), &cache, &trust, INTEL_NOW);
    let fetched = fetched.unwrap();
    assert_eq!(outcomes(fetched.items()), ["fetched"; 4], "{fetched:?}");
    // Signer and root of two documents, CA and root of the PCK list.
    let mut expected = vec!["certificate"; 6];
    expected.extend(["Intel's QE identity", "Intel's TCB info"]);
    expected.extend(["revocation list"; 2]);
    expected.sort_unstable();
    assert_eq!(kinds(directory.path()), expected);
    let kept = read(directory.path());
    let endorsements = kept.endorse(&trust, INTEL_NOW);
    assert_eq!(endorsements.refused(), []);
    authenticate(&evidence, &endorsements, INTEL_NOW).unwrap();

    let mut poisoned = among_documents(&forge, &beside);
    poisoned.extend(kept);
    let endorsements = poisoned.endorse(&trust, INTEL_NOW);
    authenticate(&evidence, &endorsements, INTEL_NOW).unwrap();
}

/// What somebody put into the directory all the same: those certificates and lists, and documents that
/// claim to be issued later.
fn among_documents(forge: &IntelForge, rivals: &[Vec<u8>]) -> Material {
    let mut poisoned = Material::new();
    for rival in rivals {
        poisoned.add(rival).unwrap();
    }
    let genuine = forge.bundle();
    let tcb_info = unsigned("tcbInfo", &genuine.tcb_info.body);
    poisoned.add(&tcb_info).unwrap();
    let identity = unsigned("enclaveIdentity", &genuine.qe_identity.body);
    poisoned.add(&identity).unwrap();
    poisoned
}

/// The same document, issued later, which nobody signed.
fn unsigned(name: &str, body: &[u8]) -> Vec<u8> {
    let body = std::str::from_utf8(body).unwrap();
    let later = body.replace("2026-01-20T00:00:00Z", "2026-02-01T00:00:00Z");
    assert_ne!(later, body);
    let signature = "07".repeat(64);
    format!("{{\"{name}\":{later},\"signature\":\"{signature}\"}}").into_bytes()
}

/// A directory that somebody filled before, with a list that claims to be the newest.
#[test]
fn a_bad_list_at_hand_does_not_keep_a_good_one_out() {
    let amd = amd();
    let genuine = amd.clone();
    let server = Server::start(move |path, _| served(&genuine, path));
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let (evidence, trust) = (evidence(&amd), trust(amd.roots()));
    let mut at_hand = Material::new();
    for rival in rivals(&["ARK-Genoa", "SEV-Genoa"], NOW) {
        at_hand.add(&rival).unwrap();
    }
    let fetcher = server.fetcher();
    let fetched = fetcher.fetch(&evidence, at_hand.clone(), &cache, &trust, NOW);
    let fetched = fetched.unwrap();
    assert_eq!(outcomes(fetched.items()), ["fetched"; 3], "{fetched:?}");
    at_hand.extend(read(directory.path()));
    let endorsements = at_hand.endorse(&trust, NOW);
    authenticate(&evidence, &endorsements, NOW).unwrap();
}

/// An answer for the certificate, and beside it one of a stranger that says it is revoked.
#[test]
fn what_an_ocsp_responder_adds_is_not_kept() {
    use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedWorld};
    use adyton_verifier::material::ocsp_questions;
    let world = ForgedWorld::hopper();
    let now = ForgedWorld::NOW;
    let evidence = Evidence {
        kind: adyton_types::TeeKind::NvidiaGpu,
        bytes: world.evidence(&ForgedReport::gpu()),
    };
    let trust = Trust {
        nvidia: world.roots(),
        ..Trust::vendors()
    };
    let [question] = ocsp_questions(&evidence, &Material::new())
        .try_into()
        .unwrap();
    let issuer = &world.chain[2];
    let good = AnswerForge::good(question.certificate(), issuer.public_key());
    let stranger = ForgeKey::generate(KeyKind::P384);
    let mut answer = Material::new();
    let genuine = OcspForge::new(vec![good.clone()]).sign(&world.responder);
    for der in [
        OcspForge::new(vec![good.revoked(1)]).sign(&stranger),
        genuine.clone(),
    ] {
        answer.add(&der).unwrap();
    }
    let vetted = adyton_verifier::material::vet_ocsp(&question, &answer, &trust, now).unwrap();
    assert_eq!(vetted.answer, genuine);
}
