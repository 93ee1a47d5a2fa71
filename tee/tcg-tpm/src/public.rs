use adyton_codec::hex_encode;
use adyton_pki::PublicKey;
use adyton_types::Field;

use crate::key::{Curve, RSA_EXPONENT, describe, ecc_key, rsa_key};
use crate::wire::{FormError, Reader};
use crate::{HashAlg, Scheme, TpmError, alg_name};

const WHAT: &str = "TPM public area";
const ALG_RSA: u16 = 0x0001;
const ALG_AES: u16 = 0x0006;
const ALG_NULL: u16 = 0x0010;
const ALG_OAEP: u16 = 0x0017;
const ALG_RSAES: u16 = 0x0015;
const ALG_ECDAA: u16 = 0x001A;
const ALG_ECC: u16 = 0x0023;
const ALG_CFB: u16 = 0x0043;

/// `TPMA_OBJECT` (TPM 2.0 part 2, section 8.3): what a TPM lets a key do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Attributes(u32);

/// Bits of `TPMA_OBJECT` with their names in TPM 2.0 part 2, section 8.3.2.
const BITS: [(u32, &str); 11] = [
    (Attributes::FIXED_TPM, "fixedTPM"),
    (1 << 2, "stClear"),
    (Attributes::FIXED_PARENT, "fixedParent"),
    (Attributes::SENSITIVE_DATA_ORIGIN, "sensitiveDataOrigin"),
    (1 << 6, "userWithAuth"),
    (1 << 7, "adminWithPolicy"),
    (1 << 10, "noDA"),
    (Attributes::ENCRYPTED_DUPLICATION, "encryptedDuplication"),
    (Attributes::RESTRICTED, "restricted"),
    (Attributes::DECRYPT, "decrypt"),
    (Attributes::SIGN, "sign"),
];

impl Attributes {
    /// It cannot leave its TPM.
    pub const FIXED_TPM: u32 = 1 << 1;
    /// It cannot be moved to another parent.
    pub const FIXED_PARENT: u32 = 1 << 4;
    /// The TPM made it; nobody brought it in.
    pub const SENSITIVE_DATA_ORIGIN: u32 = 1 << 5;
    /// Duplicates are encrypted: it can be duplicated.
    pub const ENCRYPTED_DUPLICATION: u32 = 1 << 11;
    /// It signs only what the TPM made, or decrypts only what the TPM wants.
    pub const RESTRICTED: u32 = 1 << 16;
    /// It decrypts.
    pub const DECRYPT: u32 = 1 << 17;
    /// It signs.
    pub const SIGN: u32 = 1 << 18;

    /// The names of the bits that are set.
    #[must_use]
    pub fn names(self) -> Vec<&'static str> {
        let set = BITS.iter().filter(|(bit, _)| self.0 & bit != 0);
        set.map(|(_, name)| *name).collect()
    }

    /// Whether all of these bits are set.
    #[must_use]
    pub const fn has(self, bits: u32) -> bool {
        self.0 & bits == bits
    }

    /// Demands that every bit of `set` is set and every bit of `clear` is not.
    fn demand(self, set: u32, clear: u32) -> Result<(), TpmError> {
        let name = |wrong: u32| BITS.iter().find(|(bit, _)| wrong & bit != 0);
        if let Some((_, attribute)) = name(set & !self.0) {
            return Err(TpmError::AttributeMissing { attribute });
        }
        match name(clear & self.0) {
            Some((_, attribute)) => Err(TpmError::AttributeForbidden { attribute }),
            None => Ok(()),
        }
    }
}

/// The public area of a key, `TPMT_PUBLIC` (TPM 2.0 part 2, section 12.2.4), of an RSA key, or of
/// a key on P-256 or P-384.
///
/// Having one tells you nothing: its [`name`](Self::name) is what certificates and credential
/// activation vouch for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TpmPublic {
    bytes: Vec<u8>,
    name_alg: HashAlg,
    attributes: Attributes,
    symmetric: Symmetric,
    scheme: Option<(u16, u16)>,
    key: PublicKey,
}

/// The symmetric cipher of a storage key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Symmetric {
    None,
    /// AES in CFB mode with a key of that many bits.
    AesCfb(u16),
}

impl TpmPublic {
    /// Reads a `TPMT_PUBLIC`: every byte of it, and nothing after it.
    ///
    /// # Errors
    /// [`TpmError::Public`] for another form, [`TpmError::Key`] for a weak key.
    pub fn parse(bytes: &[u8]) -> Result<Self, TpmError> {
        let mut reader = Reader::new(bytes, WHAT);
        let kind = reader.u16("type")?;
        let name_alg = reader.u16("nameAlg")?;
        let name_alg =
            HashAlg::from_id(name_alg).ok_or_else(|| reader.wrong("nameAlg", name_alg))?;
        let attributes = reader.u32("objectAttributes")?;
        if attributes & !BITS.iter().fold(0, |all, (bit, _)| all | bit) != 0 {
            return Err(reader.wrong("objectAttributes", attributes).into());
        }
        reader.sized(64, "authPolicy")?;
        let symmetric = parse_symmetric(&mut reader)?;
        let scheme = parse_scheme(&mut reader)?;
        let key = match kind {
            ALG_RSA => parse_rsa(&mut reader)?,
            ALG_ECC => parse_ecc(&mut reader)?,
            other => return Err(reader.wrong("type", other).into()),
        };
        reader.finish()?;
        Ok(Self {
            bytes: bytes.to_vec(),
            name_alg,
            attributes: Attributes(attributes),
            symmetric,
            scheme,
            key,
        })
    }

    /// Reads a `TPM2B_PUBLIC`: the same behind its length.
    ///
    /// # Errors
    /// As [`parse`](Self::parse).
    pub fn parse_sized(bytes: &[u8]) -> Result<Self, TpmError> {
        let mut reader = Reader::new(bytes, WHAT);
        let inner = reader.sized(usize::from(u16::MAX), "size")?;
        reader.finish()?;
        Self::parse(inner)
    }

    /// The bytes as received.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Its name: the algorithm's id and the digest of the public area (TPM 2.0 part 1, section 16).
    #[must_use]
    pub fn name(&self) -> Vec<u8> {
        let mut name = self.name_alg.id().to_be_bytes().to_vec();
        name.extend(self.name_alg.digest(&[&self.bytes]));
        name
    }

    /// Hash of its name.
    #[must_use]
    pub const fn name_alg(&self) -> HashAlg {
        self.name_alg
    }

    /// What the TPM lets it do.
    #[must_use]
    pub const fn attributes(&self) -> Attributes {
        self.attributes
    }

    /// The key itself.
    #[must_use]
    pub const fn key(&self) -> &PublicKey {
        &self.key
    }

    pub(crate) const fn symmetric(&self) -> Symmetric {
        self.symmetric
    }

    /// Demands that it is an Attestation Key: a restricted signing key that the TPM made and that
    /// cannot leave it, so that what it signs is what the TPM says.
    ///
    /// # Errors
    /// The first attribute that is wrong.
    pub fn demand_ak(&self) -> Result<(), TpmError> {
        self.attributes.demand(
            Attributes::RESTRICTED
                | Attributes::SIGN
                | Attributes::FIXED_TPM
                | Attributes::FIXED_PARENT
                | Attributes::SENSITIVE_DATA_ORIGIN,
            Attributes::DECRYPT | Attributes::ENCRYPTED_DUPLICATION,
        )
    }

    /// Demands that it is an Endorsement Key: a restricted decryption key that the TPM made and
    /// that cannot leave it, so that it opens a credential only for the object named in it.
    ///
    /// # Errors
    /// The first attribute that is wrong.
    pub fn demand_ek(&self) -> Result<(), TpmError> {
        self.attributes.demand(
            Attributes::RESTRICTED
                | Attributes::DECRYPT
                | Attributes::FIXED_TPM
                | Attributes::FIXED_PARENT
                | Attributes::SENSITIVE_DATA_ORIGIN,
            Attributes::SIGN | Attributes::ENCRYPTED_DUPLICATION,
        )
    }

    /// Whether the key, by its own scheme, makes such signatures.
    pub(crate) fn demand_scheme(&self, scheme: Scheme, hash: HashAlg) -> Result<(), TpmError> {
        match self.scheme {
            Some(own) if own != (scheme.id(), hash.id()) => Err(TpmError::Scheme {
                found: format!("{} with {hash}", alg_name(scheme.id())),
                key: format!("{} with {}", alg_name(own.0), alg_name(own.1)),
            }),
            _ => Ok(()),
        }
    }

    /// Every field, decoded for a person to read and judged by nobody.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let scheme = self.scheme.map_or_else(
            || "null".to_owned(),
            |(scheme, hash)| format!("{} {}", alg_name(scheme), alg_name(hash)),
        );
        vec![
            Field::new("ak.type", describe(&self.key)),
            Field::new("ak.nameAlg", self.name_alg),
            Field::new("ak.objectAttributes", self.attributes.names().join(" ")),
            Field::new("ak.scheme", scheme),
            Field::new("ak.unique", hex_encode(self.key.bytes())),
            Field::new("ak.name", hex_encode(&self.name())),
        ]
    }
}

/// `TPMT_SYM_DEF_OBJECT` (TPM 2.0 part 2, section 11.1.7).
fn parse_symmetric(reader: &mut Reader<'_>) -> Result<Symmetric, FormError> {
    match reader.u16("symmetric.algorithm")? {
        ALG_NULL => Ok(Symmetric::None),
        ALG_AES => {
            let bits = reader.u16("symmetric.keyBits")?;
            if !matches!(bits, 128 | 192 | 256) {
                return Err(reader.wrong("symmetric.keyBits", bits));
            }
            match reader.u16("symmetric.mode")? {
                ALG_CFB => Ok(Symmetric::AesCfb(bits)),
                other => Err(reader.wrong("symmetric.mode", other)),
            }
        }
        other => Err(reader.wrong("symmetric.algorithm", other)),
    }
}

/// `TPMT_RSA_SCHEME` and `TPMT_ECC_SCHEME` (TPM 2.0 part 2, sections 11.2.4.2 and 11.2.5.6), which
/// have one form but for ECDAA's count; ECDAA is refused.
fn parse_scheme(reader: &mut Reader<'_>) -> Result<Option<(u16, u16)>, FormError> {
    match reader.u16("scheme")? {
        ALG_NULL => Ok(None),
        ALG_RSAES => Ok(Some((ALG_RSAES, ALG_NULL))),
        scheme if scheme == ALG_OAEP || Scheme::from_id(scheme).is_some() => {
            Ok(Some((scheme, reader.u16("scheme.hash")?)))
        }
        ALG_ECDAA => Err(reader.wrong("scheme", ALG_ECDAA)),
        other => Err(reader.wrong("scheme", other)),
    }
}

fn parse_rsa(reader: &mut Reader<'_>) -> Result<PublicKey, TpmError> {
    let bits = reader.u16("keyBits")?;
    let exponent = reader.u32("exponent")?;
    // Zero stands for the default (TPM 2.0 part 2, section 12.2.3.5).
    if exponent != 0 && exponent != RSA_EXPONENT {
        return Err(reader.wrong("exponent", exponent).into());
    }
    let n = reader.sized(512, "unique")?;
    if n.len().saturating_mul(8) != usize::from(bits) {
        return Err(reader.wrong("keyBits", bits).into());
    }
    rsa_key(n)
}

fn parse_ecc(reader: &mut Reader<'_>) -> Result<PublicKey, TpmError> {
    let id = reader.u16("curveID")?;
    let curve = Curve::from_id(id).ok_or_else(|| reader.wrong("curveID", id))?;
    let kdf = reader.u16("kdf")?;
    if kdf != ALG_NULL {
        return Err(reader.wrong("kdf", kdf).into());
    }
    let x = reader.sized(66, "unique.x")?;
    let y = reader.sized(66, "unique.y")?;
    ecc_key(curve, x, y)
}
