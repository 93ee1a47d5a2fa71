use adyton_codec::hex_array;
use adyton_tee_tcg_tpm::{Attributes, HashAlg};

/// `TPMA_OBJECT` bits that only templates use (part 2, section 8.3.2).
const USER_WITH_AUTH: u32 = 1 << 6;
const ADMIN_WITH_POLICY: u32 = 1 << 7;
const NO_DA: u32 = 1 << 10;

/// What every key here is: made by this TPM, and never to leave it.
const FIXED: u32 =
    Attributes::FIXED_TPM | Attributes::FIXED_PARENT | Attributes::SENSITIVE_DATA_ORIGIN;

const RSA: u16 = 0x0001;
const HMAC: u16 = 0x0005;
const AES: u16 = 0x0006;
const KEYED_HASH: u16 = 0x0008;
const NULL: u16 = 0x0010;
const ECDSA: u16 = 0x0018;
const ECC: u16 = 0x0023;
const CFB: u16 = 0x0043;
const P256: u16 = 0x0003;

/// The kinds of Endorsement Key whose template and certificate every TPM of the last years has
/// (TCG EK Credential Profile 2.5, annex B.3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EkKind {
    /// Template L-1.
    Rsa2048,
    /// Template L-2.
    EccP256,
}

impl EkKind {
    /// The NV index of its certificate (section 2.2.1.4).
    pub(super) const fn certificate_index(self) -> u32 {
        match self {
            Self::Rsa2048 => 0x01C0_0002,
            Self::EccP256 => 0x01C0_000A,
        }
    }

    /// Its template, a `TPMT_PUBLIC`.
    pub(super) fn template(self) -> Vec<u8> {
        let attributes = FIXED | ADMIN_WITH_POLICY | Attributes::RESTRICTED | Attributes::DECRYPT;
        let kind = match self {
            Self::Rsa2048 => RSA,
            Self::EccP256 => ECC,
        };
        let mut out = head(kind, attributes, &ek_policy());
        for number in [AES, 128, CFB, NULL] {
            out.extend(number.to_be_bytes());
        }
        match self {
            Self::Rsa2048 => {
                out.extend(2048u16.to_be_bytes());
                out.extend(0u32.to_be_bytes());
                out.extend(sized(&[0; 256]));
            }
            Self::EccP256 => {
                out.extend(P256.to_be_bytes());
                out.extend(NULL.to_be_bytes());
                out.extend(sized(&[0; 32]));
                out.extend(sized(&[0; 32]));
            }
        }
        out
    }
}

/// Policy A of the profile (annex B.6.2): the endorsement hierarchy's password, by
/// `TPM2_PolicySecret`.
fn ek_policy() -> [u8; 32] {
    hex_array("837197674484b3f81a90cc8d46a5d724fd52d76e06520b64f2a1da1b331469aa")
        .expect("64 digits")
}

/// The Attestation Key: restricted, ECDSA on P-256 with SHA-256, under the empty password. Its
/// primary seed makes it the same key after every restart.
pub(super) fn attestation_key() -> Vec<u8> {
    let attributes = FIXED | USER_WITH_AUTH | NO_DA | Attributes::RESTRICTED | Attributes::SIGN;
    let mut out = head(ECC, attributes, &[]);
    for number in [NULL, ECDSA, HashAlg::Sha256.id(), P256, NULL] {
        out.extend(number.to_be_bytes());
    }
    out.extend(sized(&[0; 32]));
    out.extend(sized(&[0; 32]));
    out
}

/// An HMAC key that works only while `policy` holds, another for each `unique`.
pub(super) fn sealing_key(policy: &[u8; 32], unique: &[u8; 32]) -> Vec<u8> {
    let mut out = head(KEYED_HASH, FIXED | NO_DA | Attributes::SIGN, policy);
    out.extend(HMAC.to_be_bytes());
    out.extend(HashAlg::Sha256.id().to_be_bytes());
    out.extend(sized(unique));
    out
}

fn head(kind: u16, attributes: u32, policy: &[u8]) -> Vec<u8> {
    let mut out = kind.to_be_bytes().to_vec();
    out.extend(HashAlg::Sha256.id().to_be_bytes());
    out.extend(attributes.to_be_bytes());
    out.extend(sized(policy));
    out
}

/// A `TPM2B`.
fn sized(bytes: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bytes.len()).unwrap_or(u16::MAX);
    let mut out = len.to_be_bytes().to_vec();
    out.extend_from_slice(bytes);
    out
}
