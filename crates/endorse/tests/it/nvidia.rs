//! NVIDIA's manifests and OCSP responder.

use adyton_codec::base64_encode;
use adyton_endorse::Cache;
use adyton_pki::forge::{AnswerForge, ExtensionForge, OcspForge, octet_string};
use adyton_pki::{Certificate, Oid};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedWorld};
use adyton_types::{Evidence, TeeKind};
use adyton_verifier::authenticate;
use adyton_verifier::material::{Material, Trust};

use crate::amd::read;
use crate::server::{Reply, Server, ok, outcomes, status};

/// id-pkix-ocsp-nonce (RFC 8954 section 2.1).
const NONCE: Oid = Oid::new_unwrap("1.3.6.1.5.5.7.48.1.2");

fn manifest(xml: &str) -> Reply {
    let text = base64_encode(xml.as_bytes());
    ok(format!(
        "{{\"id\":\"x\",\"rim\":\"{text}\",\"rim_format\":\"TEXT\"}}"
    ))
}

/// One response with an answer for every certificate of both chains, as NVIDIA's responder would not
/// give it, but a cache might.
fn answers(world: &ForgedWorld) -> Vec<u8> {
    response(world, None)
}

/// The same, signed for the question with this nonce.
fn response(world: &ForgedWorld, nonce: Option<&[u8]>) -> Vec<u8> {
    let pairs = |chain: &[Certificate]| {
        let pairs = chain.iter().zip(chain.iter().skip(1));
        pairs
            .map(|(one, issuer)| AnswerForge::good(one, issuer.public_key()))
            .collect::<Vec<_>>()
    };
    let all = [pairs(&world.chain), pairs(&world.rim_chain)].concat();
    let mut forge = OcspForge::new(all);
    let nonce = nonce.map(|nonce| ExtensionForge::new(NONCE, false, &octet_string(nonce)));
    forge.extensions = nonce.into_iter().collect();
    forge.sign(&world.responder)
}

#[test]
fn manifests_are_fetched_and_each_certificate_is_asked_about() {
    let world = ForgedWorld::hopper();
    let now = ForgedWorld::NOW;
    let [vbios, driver] = world.gpu_rims().map(|rim| world.rim_xml(&rim));
    let answers = answers(&world);
    let server = Server::start(move |path, body| match path {
        "/v1/rim/NV_GPU_DRIVER_GH100_550.90.07" => manifest(&driver),
        path if path.starts_with("/v1/rim/NV_GPU_VBIOS_") => manifest(&vbios),
        // A sequence, of a sequence, of a sequence.
        "/" if body.first() == Some(&0x30) => ok(answers.clone()),
        _ => status(404),
    });
    let evidence = Evidence {
        kind: TeeKind::NvidiaGpu,
        bytes: world.evidence(&ForgedReport::gpu()),
    };
    let trust = Trust {
        nvidia: world.roots(),
        ..Trust::vendors()
    };
    let directory = tempfile::tempdir().unwrap();
    let cache = Cache::open(directory.path()).unwrap();
    let fetch = || {
        let fetcher = server.fetcher();
        let fetched = fetcher.fetch(&evidence, Material::new(), &cache, &trust, now);
        fetched.unwrap()
    };
    let fetched = fetch();
    let outcome = outcomes(fetched.items());
    assert!(fetched.failed().is_empty(), "{fetched:?}");
    assert_eq!(outcome[..3], ["fetched"; 3], "{fetched:?}");
    assert_eq!(
        outcome[3..],
        ["at hand"; 2],
        "one response answered for all"
    );
    let endorsements = read(cache.path()).endorse(&trust, now);
    authenticate(&evidence, &endorsements, now).unwrap();
    server.asked();
    assert!(fetch().failed().is_empty());
    assert_eq!(server.asked(), [""; 0]);
}

/// An answer to another's question may be an old one, from before the certificate was revoked. The
/// nonce of a question is its last 32 bytes.
#[test]
fn an_answer_is_to_the_question_that_was_asked() {
    let world = std::sync::Arc::new(ForgedWorld::hopper());
    let now = ForgedWorld::NOW;
    let evidence = Evidence {
        kind: TeeKind::NvidiaGpu,
        bytes: world.evidence(&ForgedReport::gpu()),
    };
    let trust = Trust {
        nvidia: world.roots(),
        ..Trust::vendors()
    };
    let answered = |nonce: fn(&[u8]) -> Vec<u8>| {
        let world = std::sync::Arc::clone(&world);
        let server = Server::start(move |path, body| match path {
            "/" => ok(response(&world, Some(&nonce(&body[body.len() - 32..])))),
            _ => status(404),
        });
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(directory.path()).unwrap();
        let fetcher = server.fetcher();
        let fetched = fetcher.fetch(&evidence, Material::new(), &cache, &trust, now);
        outcomes(fetched.unwrap().items()).pop().unwrap()
    };
    assert_eq!(answered(<[u8]>::to_vec), "fetched");
    assert_eq!(answered(|_| vec![7; 32]), "failed");
    assert_eq!(answered(|asked| asked[1..].to_vec()), "failed");
}
