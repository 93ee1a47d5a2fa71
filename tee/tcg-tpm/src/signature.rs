use adyton_codec::hex_encode;
use adyton_types::Field;

use crate::wire::{FormError, Reader};
use crate::{HashAlg, alg_name};

const WHAT: &str = "TPM signature";

/// The longest RSA signature: 4096 bits.
const MAX_RSA: usize = 512;
/// The longest number of an ECDSA signature: P-521.
const MAX_ECC: usize = 66;

/// How a quote is signed (TPM 2.0 part 2, section 11.2.1).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scheme {
    /// RSASSA-PKCS1-v1_5 (RFC 8017 section 8.2).
    RsaSsa,
    /// RSASSA-PSS with a salt as long as the hash (RFC 8017 section 8.1).
    RsaPss,
    /// ECDSA (FIPS 186-5).
    Ecdsa,
}

impl Scheme {
    /// Its `TPM_ALG_ID`.
    #[must_use]
    pub const fn id(self) -> u16 {
        match self {
            Self::RsaSsa => 0x0014,
            Self::RsaPss => 0x0016,
            Self::Ecdsa => 0x0018,
        }
    }

    /// The scheme of that id.
    #[must_use]
    pub fn from_id(id: u16) -> Option<Self> {
        [Self::RsaSsa, Self::RsaPss, Self::Ecdsa]
            .into_iter()
            .find(|scheme| scheme.id() == id)
    }
}

/// The numbers of a signature.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureValue<'a> {
    /// As long as the modulus.
    Rsa(&'a [u8]),
    /// Big-endian, without padding.
    Ecdsa {
        /// First number.
        r: &'a [u8],
        /// Second number.
        s: &'a [u8],
    },
}

/// A signature of a TPM, `TPMT_SIGNATURE` (TPM 2.0 part 2, section 11.3.4), of any scheme and
/// hash; whether they are accepted is decided in [`verify`](crate::verify).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Signature<'a> {
    /// `TPM_ALG_ID` of the hash.
    pub hash: u16,
    /// The scheme.
    pub scheme: Scheme,
    /// The numbers.
    pub value: SignatureValue<'a>,
}

impl<'a> Signature<'a> {
    /// Reads a signature: every byte of it, and nothing after it.
    ///
    /// # Errors
    /// [`FormError`], also for a scheme that is none of the three.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FormError> {
        let mut reader = Reader::new(bytes, WHAT);
        let id = reader.u16("sigAlg")?;
        let scheme = Scheme::from_id(id).ok_or_else(|| reader.wrong("sigAlg", id))?;
        let hash = reader.u16("hash")?;
        let value = match scheme {
            Scheme::RsaSsa | Scheme::RsaPss => {
                SignatureValue::Rsa(reader.sized(MAX_RSA, "signature")?)
            }
            Scheme::Ecdsa => SignatureValue::Ecdsa {
                r: reader.sized(MAX_ECC, "signatureR")?,
                s: reader.sized(MAX_ECC, "signatureS")?,
            },
        };
        reader.finish()?;
        Ok(Self {
            hash,
            scheme,
            value,
        })
    }

    /// A bare RSASSA-PKCS1-v1_5 signature with SHA-256, which is all that Azure's vTPM makes and
    /// all that its evidence carries.
    #[must_use]
    pub const fn rsassa_sha256(signature: &'a [u8]) -> Self {
        Self {
            hash: HashAlg::Sha256.id(),
            scheme: Scheme::RsaSsa,
            value: SignatureValue::Rsa(signature),
        }
    }

    /// Every field, decoded for a person to read and judged by nobody.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("signature.sigAlg", alg_name(self.scheme.id())),
            Field::new("signature.hash", alg_name(self.hash)),
        ];
        match self.value {
            SignatureValue::Rsa(value) => {
                fields.push(Field::new("signature.sig", hex_encode(value)));
            }
            SignatureValue::Ecdsa { r, s } => {
                fields.push(Field::new("signature.r", hex_encode(r)));
                fields.push(Field::new("signature.s", hex_encode(s)));
            }
        }
        fields
    }
}
