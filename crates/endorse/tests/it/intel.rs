//! Intel's services: a PCCS in their place.

use adyton_codec::hex_encode;
use adyton_endorse::{Cache, Channel, Fetched, Fetcher, Sources};
use adyton_pki::KeyKind;
use adyton_pki::forge::{CertificateForge, ForgeKey, pem};
use adyton_tee_intel_dcap::IntelBundle;
use adyton_tee_intel_dcap::forge::{IntelForge, NOW};
use adyton_types::{ErrorClass, Evidence, TeeKind, UnixTime};
use adyton_verifier::authenticate;
use adyton_verifier::material::{Material, Trust};

use crate::amd::read;
use crate::hostile::rivals;
use crate::server::{Reply, Server, fetcher, outcomes, status};

pub(crate) fn encoded(pem: &[u8]) -> String {
    let escape = |byte: &u8| match byte {
        byte if byte.is_ascii_alphanumeric() => char::from(*byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    pem.iter().map(escape).collect()
}

fn document(name: &str, body: &[u8], signature: [u8; 64]) -> Vec<u8> {
    let body = std::str::from_utf8(body).unwrap();
    let signature = hex_encode(&signature);
    format!("{{\"{name}\":{body},\"signature\":\"{signature}\"}}").into_bytes()
}

/// A PCCS's answers; revocation lists are in hexadecimal there. `chains` is whether it sends the
/// certificates above its answers.
pub(crate) fn served(bundle: &IntelBundle, path: &str, chains: bool) -> Reply {
    let reply = |header: &'static str, chain: &[u8], body: Vec<u8>| {
        let headers = match chains {
            true => vec![(header, encoded(chain))],
            false => Vec::new(),
        };
        Reply::Http(200, headers, body)
    };
    let (path, _) = path.split_once('?').unwrap_or((path, ""));
    match path.rsplit('/').next().unwrap() {
        "tcb" => {
            let document = document("tcbInfo", &bundle.tcb_info.body, bundle.tcb_info.signature);
            reply("TCB-Info-Issuer-Chain", &bundle.tcb_info_chain, document)
        }
        "identity" => {
            let signed = &bundle.qe_identity;
            let document = document("enclaveIdentity", &signed.body, signed.signature);
            let header = "SGX-Enclave-Identity-Issuer-Chain";
            reply(header, &bundle.qe_identity_chain, document)
        }
        "pckcrl" => {
            let list = hex_encode(&bundle.pck_crl).into_bytes();
            reply("SGX-PCK-CRL-Issuer-Chain", &bundle.pck_crl_chain, list)
        }
        "rootcacrl" => reply("X-None", &[], hex_encode(&bundle.root_crl).into_bytes()),
        _ => status(404),
    }
}

fn serve(forge: &IntelForge) -> Server {
    let bundle = forge.bundle();
    Server::start(move |path, _| served(&bundle, path, true))
}

fn trust(forge: &IntelForge) -> Trust {
    Trust {
        intel: forge.roots(),
        ..Trust::vendors()
    }
}

fn evidence(forge: &IntelForge) -> Evidence {
    Evidence {
        kind: forge.tee.kind(),
        bytes: forge.quote(),
    }
}

fn fetch(fetcher: &Fetcher, forge: &IntelForge, cache: &Cache, now: UnixTime) -> Fetched {
    let (evidence, trust) = (evidence(forge), trust(forge));
    let fetched = fetcher.fetch(&evidence, Material::new(), cache, &trust, now);
    fetched.unwrap()
}

#[test]
fn what_a_quote_needs_is_fetched_from_a_caching_service() {
    for (forge, tee) in [(IntelForge::tdx(), "tdx"), (IntelForge::sgx(), "sgx")] {
        let server = serve(&forge);
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(directory.path()).unwrap();
        let fetched = fetch(&server.fetcher(), &forge, &cache, NOW);
        assert_eq!(outcomes(fetched.items()), ["fetched"; 4], "{fetched:?}");
        let asked = server.asked();
        for path in [
            &format!("/{tee}/certification/v4/tcb?fmspc=b0c06f000000"),
            &format!("/{tee}/certification/v4/qe/identity"),
            "/sgx/certification/v4/pckcrl?ca=platform&encoding=der",
            "/sgx/certification/v4/rootcacrl",
        ] {
            assert!(
                asked.iter().any(|asked| asked == path),
                "no {path} in {asked:?}"
            );
        }
        let endorsements = read(cache.path()).endorse(&trust(&forge), NOW);
        authenticate(&evidence(&forge), &endorsements, NOW).unwrap();
        let again = fetch(&server.fetcher(), &forge, &cache, NOW);
        assert_eq!(outcomes(again.items()), ["kept"; 4]);
        assert_eq!(server.asked(), [""; 0]);
        // When TCB info and QE identity have ended, they alone are asked for.
        let later: UnixTime = "2026-03-01T00:00:00Z".parse().unwrap();
        let stale = fetch(&server.fetcher(), &forge, &cache, later);
        assert_eq!(
            outcomes(stale.items()),
            ["failed", "failed", "kept", "kept"]
        );
        assert_eq!(stale.failed()[0].1.class(), ErrorClass::Stale);
    }
}

#[test]
fn the_early_channel_is_asked_for_and_kept_beside_the_other() {
    let forge = IntelForge::tdx();
    let server = serve(&forge);
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    fetch(&server.fetcher(), &forge, &cache, NOW);
    server.asked();
    let early = fetcher(Sources {
        channel: Channel::Early,
        ..server.sources()
    });
    let fetched = fetch(&early, &forge, &cache, NOW);
    assert_eq!(
        outcomes(fetched.items()),
        ["fetched", "fetched", "kept", "kept"]
    );
    let asked = server.asked();
    assert_eq!(asked.len(), 2);
    assert!(
        asked.iter().all(|path| path.ends_with("update=early")),
        "{asked:?}"
    );
}

#[test]
fn a_service_without_chains_is_of_use_to_who_has_them() {
    let forge = IntelForge::tdx();
    let bundle = forge.bundle();
    let chains = [bundle.tcb_info_chain.clone(), bundle.pck_crl_chain.clone()];
    let bare = Server::start(move |path, _| served(&bundle, path, false));
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let fetched = fetch(&bare.fetcher(), &forge, &cache, NOW);
    assert_eq!(outcomes(fetched.items()), ["failed"; 4]);
    let mut at_hand = Material::new();
    for chain in chains {
        at_hand.add(&chain).unwrap();
    }
    let (evidence, trust) = (evidence(&forge), trust(&forge));
    let fetched = bare
        .fetcher()
        .fetch(&evidence, at_hand, &cache, &trust, NOW);
    assert_eq!(outcomes(fetched.unwrap().items()), ["fetched"; 4]);
}

/// A quote that names its platform's PCE in place of its certificate.
fn without_certificate(pce_svn: [u8; 2], pce_id: [u8; 2]) -> IntelForge {
    let mut forge = IntelForge::sgx();
    forge.quote.certification_kind = 3;
    let svns = [[5_u8; 16].as_slice(), &pce_svn, &pce_id].concat();
    forge.quote.certification = Some([&[0xee; 384], svns.as_slice()].concat());
    forge
}

/// A PCCS that has the platform's certificate, too.
fn serve_pck(forge: &IntelForge) -> Server {
    let chain = forge.pck_chain();
    let (leaf, above) = chain.split_at(chain.find("-----END").unwrap() + 26);
    let (leaf, above) = (leaf.to_owned(), encoded(above.as_bytes()));
    let bundle = forge.bundle();
    Server::start(move |path, _| match path.contains("/pckcert?") {
        true => {
            let header = ("SGX-PCK-Certificate-Issuer-Chain", above.clone());
            Reply::Http(200, vec![header], leaf.clone().into_bytes())
        }
        false => served(&bundle, path, true),
    })
}

#[test]
fn what_is_about_another_platform_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let mut forge = IntelForge::tdx();
    forge.tcb_info["fmspc"] = "00906ed50000".into();
    let cache = Cache::open(&directory.path().join("fmspc")).unwrap();
    let fetched = fetch(&serve(&forge).fetcher(), &forge, &cache, NOW);
    assert_eq!(
        outcomes(fetched.items()),
        ["failed", "fetched", "fetched", "fetched"]
    );
    assert_eq!(fetched.failed()[0].1.class(), ErrorClass::Malformed);

    // The certificate that is served is for PCESVN 11 of PCE 0.
    for (pce_svn, pce_id, good) in [
        ([11, 0], [0, 0], true),
        ([12, 0], [0, 0], true),
        ([10, 0], [0, 0], false),
        ([11, 0], [1, 0], false),
    ] {
        let forge = without_certificate(pce_svn, pce_id);
        let name = format!("{pce_svn:?}{pce_id:?}");
        let cache = Cache::open(&directory.path().join(name)).unwrap();
        let fetched = fetch(&serve_pck(&forge).fetcher(), &forge, &cache, NOW);
        let failed = fetched.failed();
        assert_eq!(failed.is_empty(), good, "{fetched:?}");
        let refused = failed.iter().map(|(_, error)| error.class());
        assert!(
            refused
                .into_iter()
                .all(|class| class == ErrorClass::Malformed)
        );
    }
}

#[test]
fn a_quote_without_its_certificate_gets_it_from_a_caching_service() {
    let forge = without_certificate([11, 0], [0, 0]);
    let server = serve_pck(&forge);
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let fetched = fetch(&server.fetcher(), &forge, &cache, NOW);
    assert_eq!(outcomes(fetched.items()), ["fetched"; 5], "{fetched:?}");
    let asked = server.asked();
    let pck = asked
        .iter()
        .find(|path| path.contains("/pckcert?"))
        .unwrap();
    for part in [
        format!("encrypted_ppid={}", "ee".repeat(384)),
        format!("cpusvn={}", "05".repeat(16)),
        "pcesvn=0b00".to_owned(),
        "pceid=0000".to_owned(),
        "qeid=".to_owned(),
    ] {
        assert!(pck.contains(&part), "no {part} in {pck}");
    }
    let endorsements = read(cache.path()).endorse(&trust(&forge), NOW);
    authenticate(&evidence(&forge), &endorsements, NOW).unwrap();

    // Another machine of the same kind, whose certificate is there, too, does not come in between.
    let stranger = {
        let key = ForgeKey::generate(KeyKind::P256);
        let (name, issuer) = ("Intel SGX PCK Certificate", "Intel SGX PCK Platform CA");
        let leaf = CertificateForge::end_entity(name, issuer, &key).serial(&[77]);
        let leaf = leaf.with(forge.platform.extension());
        pem(&[&leaf.sign(&forge.ca_key)])
    };
    let mut several = Material::new();
    several.add(stranger.as_bytes()).unwrap();
    for rival in rivals(&["Intel SGX PCK Platform CA"], NOW) {
        several.add(&rival).unwrap();
    }
    several.extend(read(cache.path()));
    let endorsements = several.endorse(&trust(&forge), NOW);
    authenticate(&evidence(&forge), &endorsements, NOW).unwrap();

    // Intel itself serves it to subscribers only.
    let intel = fetcher(Sources {
        pccs: None,
        ..server.sources()
    });
    let evidence = Evidence {
        kind: TeeKind::Sgx,
        bytes: forge.quote(),
    };
    let mut at_hand = read(cache.path());
    at_hand.extend(Material::new());
    let fetched = intel.fetch(&evidence, at_hand, &cache, &trust(&forge), NOW);
    assert_eq!(outcomes(fetched.unwrap().items()), ["at hand"; 5]);
}
