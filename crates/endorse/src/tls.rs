use std::path::{Path, PathBuf};

use ureq::tls::{Certificate, PemItem, RootCerts, parse_pem};

use crate::FetchError;

/// Where Linux systems keep the authorities that HTTPS ends at: Debian and most others, Fedora, older
/// Red Hat, openSUSE, Alpine.
const PLATFORM: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

/// Whom HTTPS is verified by. Nothing of an Endorsement's authenticity hangs on it: it keeps the
/// network from seeing which machine is asked about, and from wasting anybody's time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TlsRoots {
    /// The authorities that this machine trusts, as its system's files have them: what its operator
    /// adds or removes there counts here, too.
    Platform,
    /// Those of a file in PEM alone, for services with a certificate of their own making.
    File(PathBuf),
}

impl TlsRoots {
    pub(crate) fn load(&self) -> Result<RootCerts, FetchError> {
        let certificates = match self {
            Self::File(path) => match read(path) {
                Some(found) if !found.is_empty() => found,
                _ => return Err(FetchError::TlsRoots { path: path.clone() }),
            },
            Self::Platform => {
                let mut files = PLATFORM.iter().filter_map(|path| read(Path::new(path)));
                files
                    .find(|found| !found.is_empty())
                    .ok_or(FetchError::NoTlsRoots)?
            }
        };
        Ok(RootCerts::new_with_certs(&certificates))
    }
}

fn read(path: &Path) -> Option<Vec<Certificate<'static>>> {
    let pem = std::fs::read(path).ok()?;
    let items = parse_pem(&pem).filter_map(Result::ok);
    let certificates = items.filter_map(|item| match item {
        PemItem::Certificate(certificate) => Some(certificate),
        _ => None,
    });
    Some(certificates.collect())
}
