use std::sync::Arc;

use rustls::client::Resumption;
use rustls::crypto::{CryptoProvider, aws_lc_rs};
use rustls::server::NoServerSessionStorage;
use rustls::sign::SingleCertAndKey;
use rustls::version::TLS13;
use rustls::{ClientConfig, ServerConfig};

use crate::ServerIdentity;
use crate::pin::{Pin, PinVerifier};

const ALPN: &[u8] = b"http/1.1";

/// aws-lc with two groups only: X25519MLKEM768 (draft-ietf-tls-ecdhe-mlkem) first, so that
/// traffic recorded today stays closed to a quantum computer later; X25519 for other clients.
fn provider() -> Arc<CryptoProvider> {
    Arc::new(CryptoProvider {
        kx_groups: vec![
            aws_lc_rs::kx_group::X25519MLKEM768,
            aws_lc_rs::kx_group::X25519,
        ],
        ..aws_lc_rs::default_provider()
    })
}

/// TLS 1.3 only; no tickets, so no resumption and no early data: every connection proves the key.
pub(crate) fn server_config(identity: &ServerIdentity) -> Arc<ServerConfig> {
    let resolver = SingleCertAndKey::from(Arc::clone(&identity.0));
    let mut config = ServerConfig::builder_with_provider(provider())
        .with_protocol_versions(&[&TLS13])
        .expect("the provider has TLS 1.3 suites and groups")
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(resolver));
    config.send_tls13_tickets = 0;
    config.session_storage = Arc::new(NoServerSessionStorage {});
    config.max_early_data_size = 0;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Arc::new(config)
}

/// The same from the other side. No server name is sent: it would tell the network which owner's
/// broker is asked, and nothing looks at it.
pub(crate) fn client_config(pin: Pin) -> Arc<ClientConfig> {
    let provider = provider();
    let verifier = PinVerifier {
        pin,
        provider: Arc::clone(&provider),
    };
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&TLS13])
        .expect("the provider has TLS 1.3 suites and groups")
        .dangerous()
        .with_custom_certificate_verifier(Arc::new(verifier))
        .with_no_client_auth();
    config.resumption = Resumption::disabled();
    config.enable_early_data = false;
    config.enable_sni = false;
    config.alpn_protocols = vec![ALPN.to_vec()];
    Arc::new(config)
}
