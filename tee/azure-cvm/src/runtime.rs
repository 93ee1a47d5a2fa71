use adyton_codec::hex_decode;
use adyton_pki::{KeyKind, PublicKey};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Deserialize;

use crate::AzureError;

/// The name of the vTPM's Attestation Key among the keys.
const AK: &str = "HCLAkPub";
/// 65537 in base64url: the one exponent of TPM keys.
const EXPONENT: &str = "AQAB";

/// What the paravisor states about the machine, in the text that the hardware's report data is the
/// hash of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuntimeClaims {
    /// The vTPM's Attestation Key.
    pub ak: PublicKey,
    /// How the machine is set up.
    pub vm: VmConfiguration,
    /// What the guest wrote to NV index 0x01400002 before it read the report.
    pub user_data: Option<[u8; 64]>,
}

/// How the machine is set up; old paravisors leave some of it out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Deserialize)]
#[serde(rename_all = "kebab-case", default)]
pub struct VmConfiguration {
    /// The operator may use the serial console.
    pub console_enabled: Option<bool>,
    /// Firmware starts signed programs only.
    pub secure_boot: Option<bool>,
    /// The machine has a vTPM.
    pub tpm_enabled: Option<bool>,
    /// The vTPM's state outlives the machine's restarts.
    pub tpm_persisted: Option<bool>,
    /// Devices may be passed through, filtered.
    pub filtered_vpci_devices_allowed: Option<bool>,
    /// SHA-256 of the root of the image's certificate, in base64url.
    pub root_cert_thumbprint: Option<String>,
    /// The machine's id, which Azure gave it.
    #[serde(rename = "vmUniqueId")]
    pub vm_unique_id: Option<String>,
}

#[derive(Deserialize)]
struct Json {
    keys: Vec<Jwk>,
    #[serde(rename = "vm-configuration", default)]
    vm: VmConfiguration,
    #[serde(rename = "user-data", default)]
    user_data: Option<String>,
}

/// A key as of RFC 7517; its `key_ops` are not looked at, since old paravisors wrote `encrypt` for
/// the key that signs.
#[derive(Deserialize)]
struct Jwk {
    kid: String,
    kty: String,
    e: Option<String>,
    n: Option<String>,
}

impl RuntimeClaims {
    /// Reads the claims, from exactly the bytes that were hashed. Claims that are not known here are
    /// left alone: Azure adds some from time to time.
    ///
    /// # Errors
    /// [`AzureError::Runtime`].
    pub fn parse(bytes: &[u8]) -> Result<Self, AzureError> {
        let wrong = |what| AzureError::Runtime { what };
        let json: Json =
            serde_json::from_slice(bytes).map_err(|_| wrong("no such JSON document"))?;
        let mut named = json.keys.iter().filter(|key| key.kid == AK);
        let ak = match (named.next(), named.next()) {
            (Some(ak), None) => parse_key(ak)?,
            (None, _) => return Err(wrong("no key is called `HCLAkPub`")),
            (Some(_), Some(_)) => return Err(wrong("two keys are called `HCLAkPub`")),
        };
        let user_data = match json.user_data {
            None => None,
            Some(text) => Some(
                hex_decode(&text.to_ascii_lowercase())
                    .ok()
                    .and_then(|bytes| bytes.try_into().ok())
                    .ok_or_else(|| wrong("`user-data` is not 64 bytes in hexadecimal"))?,
            ),
        };
        Ok(Self {
            ak,
            vm: json.vm,
            user_data,
        })
    }
}

fn parse_key(key: &Jwk) -> Result<PublicKey, AzureError> {
    let wrong = |what| AzureError::Runtime { what };
    if key.kty != "RSA" || key.e.as_deref() != Some(EXPONENT) {
        return Err(wrong("`HCLAkPub` is no RSA key with exponent 65537"));
    }
    let modulus = key.n.as_deref().unwrap_or_default();
    let modulus = URL_SAFE_NO_PAD
        .decode(modulus)
        .map_err(|_| wrong("the modulus of `HCLAkPub` is not base64url"))?;
    // Refuses moduli of less than 2048 bits.
    let key = PublicKey::from_rsa(&modulus, &[1, 0, 1])
        .map_err(|_| wrong("`HCLAkPub` has less than 2048 bits, or is no key"))?;
    debug_assert_eq!(key.kind(), KeyKind::Rsa);
    Ok(key)
}
