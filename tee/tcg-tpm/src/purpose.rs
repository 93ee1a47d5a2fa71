use adyton_pki::{Certificate, DerReader, Oid, PkiError, oids, tag};

use crate::TpmError;

/// tcg-kp-EKCertificate (TCG EK Credential Profile 2.5, section 3.2.16).
const EK: Oid = Oid::new_unwrap("2.23.133.8.1");
/// tcg-kp-AIKCertificate.
const AK: Oid = Oid::new_unwrap("2.23.133.8.3");
/// anyExtendedKeyUsage (RFC 5280 section 4.2.1.12).
const ANY: Oid = Oid::new_unwrap("2.5.29.37.0");

/// Which keys of a TPM a certificate is for, by its extKeyUsage. One without that extension is for
/// every purpose, as those of GCE's authority for both kinds of key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Purposes {
    pub(crate) ak: bool,
    pub(crate) ek: bool,
}

impl Purposes {
    const ALL: Self = Self { ak: true, ek: true };

    /// Those of a certificate, the one of number `index` in its chain.
    ///
    /// # Errors
    /// [`TpmError::Purpose`] if it is for no key of a TPM.
    pub(crate) fn of(certificate: &Certificate, index: usize) -> Result<Self, TpmError> {
        let Some(value) = certificate.extension(&oids::EXT_KEY_USAGE) else {
            return Ok(Self::ALL);
        };
        let named = named(value)?;
        if named.contains(&ANY) {
            return Ok(Self::ALL);
        }
        let [ak, ek] = [AK, EK].map(|purpose| named.contains(&purpose));
        if ak || ek {
            Ok(Self { ak, ek })
        } else {
            Err(TpmError::Purpose { index })
        }
    }
}

fn named(value: &[u8]) -> Result<Vec<Oid>, PkiError> {
    const WHAT: &str = "extended key usage";
    let mut purposes =
        DerReader::single(value, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    let mut named = Vec::new();
    while !purposes.is_empty() {
        named.push(purposes.any(WHAT)?.oid(WHAT)?);
    }
    Ok(named)
}
