use adyton_codec::base64_encode;
use adyton_pki::Certificate;
use adyton_tee_intel_dcap::{IntelError, part};
use adyton_types::UnixTime;

use super::choice::best;
use super::parts::Parts;
use super::trust::Trust;

pub(super) const ROOT: &str = "Intel SGX Root CA";
pub(super) const TCB_SIGNER: &str = "Intel SGX TCB Signing";
pub(super) const PCK: &str = "Intel SGX PCK Certificate";
/// The CAs that issue PCK certificates, with their names at the PCS.
pub(super) const PCK_CAS: [(&str, &str); 2] = [
    ("Intel SGX PCK Platform CA", "platform"),
    ("Intel SGX PCK Processor CA", "processor"),
];

/// The chains, in PEM, of the authorities of one name: vendors renew certificates, so there may be
/// several. If none verifies the newest is kept, whose error then says why.
pub(super) struct Chains(Vec<Vec<u8>>);

impl Chains {
    pub(super) fn of(parts: &[&Parts], name: &str, trust: &Trust, now: UnixTime) -> Self {
        let roots = parts.iter().flat_map(|parts| parts.named(ROOT));
        let root = best(roots, Certificate::not_before, |root| {
            part::is_root(root, &trust.intel, now)
        });
        let mut all: Vec<&Certificate> = Vec::new();
        all.extend(parts.iter().flat_map(|parts| parts.named(name)));
        all.sort_by_key(|authority| {
            let (from, to) = (authority.not_before(), authority.not_after());
            std::cmp::Reverse((from <= now && now <= to, from))
        });
        let chain = |authority| to_pem(&std::iter::once(authority).chain(root).collect::<Vec<_>>());
        let mut all: Vec<Vec<u8>> = all.into_iter().map(chain).collect();
        if all.len() > 1 {
            let is_good =
                |chain: &Vec<u8>| part::verify_authority(chain, &trust.intel, now).is_ok();
            match all.iter().any(is_good) {
                true => all.retain(is_good),
                false => all.truncate(1),
            }
        }
        Self(all)
    }

    /// The first.
    pub(super) fn first(&self) -> Option<&[u8]> {
        self.0.first().map(Vec::as_slice)
    }

    /// Under which of them something verifies, and what that gives; or else why not under the first.
    /// The error is `None` if there is no chain.
    pub(super) fn find<T>(
        &self,
        verify: impl Fn(&[u8]) -> Result<T, IntelError>,
    ) -> Result<(T, &[u8]), Option<IntelError>> {
        let mut first = None;
        for chain in &self.0 {
            match verify(chain) {
                Ok(verified) => return Ok((verified, chain)),
                Err(error) => first = first.or(Some(error)),
            }
        }
        Err(first)
    }

    /// The chain under which something verifies, or else the first.
    pub(super) fn above<T>(&self, verify: impl Fn(&[u8]) -> Result<T, IntelError>) -> Vec<u8> {
        let found = match self.0.as_slice() {
            // There is nothing to choose.
            [] | [_] => None,
            _ => self.find(verify).ok().map(|(_, chain)| chain),
        };
        found.or(self.first()).unwrap_or_default().to_vec()
    }
}

/// Certificates in PEM.
pub(super) fn to_pem(certificates: &[&Certificate]) -> Vec<u8> {
    let mut text = String::new();
    for certificate in certificates {
        text.push_str("-----BEGIN CERTIFICATE-----\n");
        let base64 = base64_encode(certificate.der());
        for line in base64.as_bytes().chunks(64) {
            text.push_str(&String::from_utf8_lossy(line));
            text.push('\n');
        }
        text.push_str("-----END CERTIFICATE-----\n");
    }
    text.into_bytes()
}
