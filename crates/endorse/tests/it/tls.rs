//! HTTPS.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::sync::Arc;

use adyton_endorse::{Cache, FetchError, Fetcher, Outcome, Sources, TlsRoots};
use adyton_tee_amd_snp::forge::NOW;
use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::aws_lc_rs;
use rustls::pki_types::PrivateKeyDer;
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::amd::{amd, fetch, served};
use crate::server::{Reply, Server, bytes, impatient, outcomes, request};

/// A service under HTTPS: its address, and its certificate in PEM. `handle` answers a path.
fn serve(handle: impl Fn(&str) -> Reply + Send + 'static) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
    let certificate = params.self_signed(&key).unwrap();
    let der = certificate.der().clone();
    let pem = adyton_pki::forge::pem(&[&der]);
    let key = PrivateKeyDer::try_from(key.serialize_der()).unwrap();
    let config = ServerConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![der], key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let connection = ServerConnection::new(Arc::clone(&config)).unwrap();
            let mut tls = StreamOwned::new(connection, stream);
            let Some((path, _)) = request(&mut tls) else {
                continue;
            };
            let _ = tls.write_all(&bytes(&handle(&path)));
            tls.conn.send_close_notify();
            let _ = tls.flush();
            let _ = tls.sock.read(&mut [0; 64]);
        }
    });
    (format!("https://localhost:{port}"), pem)
}

fn fetcher(url: &str, roots: &TlsRoots) -> Fetcher {
    let sources = Sources {
        kds: url.parse().unwrap(),
        ..Sources::default()
    };
    Fetcher::new(sources, roots, impatient()).unwrap()
}

#[test]
fn a_service_of_ones_own_is_trusted_by_its_certificate() {
    let (url, pem) = serve(|path| served(&amd(), path));
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    std::fs::write(&file, &pem).unwrap();
    let cache = Cache::open(&directory.path().join("cache")).unwrap();
    let own = fetcher(&url, &TlsRoots::File(file.clone()));
    let fetched = fetch(&own, &amd(), &cache, NOW);
    assert_eq!(outcomes(fetched.items()), ["fetched"; 3], "{fetched:?}");

    let (other, _) = serve(|path| served(&amd(), path));
    let empty = Cache::open(&directory.path().join("empty")).unwrap();
    let fetched = fetch(&fetcher(&other, &TlsRoots::File(file)), &amd(), &empty, NOW);
    assert_eq!(outcomes(fetched.items()), ["failed"; 3], "{fetched:?}");
    // A file that is not there, and one without a certificate: not as if any would do.
    std::fs::write(directory.path().join("empty.pem"), "no certificate").unwrap();
    for name in ["none.pem", "empty.pem"] {
        let none = TlsRoots::File(directory.path().join(name));
        let error = Fetcher::new(Sources::default(), &none, impatient()).unwrap_err();
        assert!(matches!(error, FetchError::TlsRoots { .. }), "{error}");
    }
}

#[test]
fn what_began_under_https_does_not_end_without() {
    let plain = Server::start(|path, _| served(&amd(), path));
    let target = plain.url.clone();
    let (url, pem) = serve(move |path| {
        Reply::Http(
            302,
            vec![("Location", format!("{target}{path}"))],
            Vec::new(),
        )
    });
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("ca.pem");
    std::fs::write(&file, &pem).unwrap();
    let cache = Cache::open(&directory.path().join("cache")).unwrap();
    let fetched = fetch(&fetcher(&url, &TlsRoots::File(file)), &amd(), &cache, NOW);
    let first = &fetched.items()[0].outcome;
    let Outcome::Failed(FetchError::Redirects { .. }) = first else {
        panic!("{first:?}");
    };
    assert_eq!(plain.asked(), [""; 0]);
}
