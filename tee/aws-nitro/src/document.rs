use std::borrow::Cow;
use std::collections::BTreeMap;

use adyton_codec::Value;

use crate::NitroError;
use crate::payload::Payload;

/// The most that a document may measure. One with every optional field at its limit and eight
/// certificates takes 12 KiB.
pub const MAX_DOCUMENT_BYTES: usize = 16 << 10;

/// The most certificates that may stand between the root and the leaf, the root included. AWS
/// uses four.
pub const MAX_CABUNDLE: usize = 8;

/// The most that one certificate may measure (AWS, "Cryptographic attestation", CDDL `cert`).
pub const MAX_CERTIFICATE_BYTES: usize = 1024;

/// The most that `public_key` may measure.
pub const MAX_PUBLIC_KEY_BYTES: usize = 1024;

/// The most that `user_data` and `nonce` may measure each.
pub const MAX_USER_DATA_BYTES: usize = 512;

/// One past the highest index of a PCR.
pub const PCR_COUNT: u64 = 32;

/// Which device made a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Device {
    /// The Nitro Secure Module of an enclave: the document has `pcrs`.
    Enclave,
    /// The NitroTPM of an EC2 instance: the document has `nitrotpm_pcrs`.
    NitroTpm,
}

impl Device {
    /// Its name, as on screens.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enclave => "enclave",
            Self::NitroTpm => "nitrotpm",
        }
    }
}

/// An attestation document as received: a `COSE_Sign1` whose parts have been read, with every
/// field of the form that AWS fixes. Having one tells you nothing about who made it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NitroDocument<'a> {
    /// The protected header, as received: it is signed in this form.
    pub(crate) protected: Cow<'a, [u8]>,
    /// The payload, as received.
    pub(crate) payload: &'a [u8],
    /// `R` and `S` of the signature, 48 bytes each.
    pub(crate) signature: [u8; 96],
    /// Which device made it.
    pub device: Device,
    /// The module that made it: instance and enclave.
    pub module_id: String,
    /// When it was made, in milliseconds since 1970.
    pub timestamp_ms: u64,
    /// The locked PCRs, SHA-384.
    pub pcrs: BTreeMap<u8, [u8; 48]>,
    /// The leaf certificate.
    pub certificate: &'a [u8],
    /// The certificates above it, the root first.
    pub cabundle: Vec<&'a [u8]>,
    /// A key that the caller of the device handed in.
    pub public_key: Option<&'a [u8]>,
    /// Bytes that the caller of the device handed in.
    pub user_data: Option<&'a [u8]>,
    /// A nonce that the caller of the device handed in.
    pub nonce: Option<&'a [u8]>,
}

impl<'a> NitroDocument<'a> {
    /// Reads a document: tagged with 18 or not, one item and nothing after it, an algorithm of
    /// ES384 in a protected header that holds nothing else, an empty unprotected header, and a
    /// payload that holds exactly AWS's fields, each within AWS's limits.
    ///
    /// # Errors
    /// The [`NitroError`] that names the part.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NitroError> {
        if bytes.len() > MAX_DOCUMENT_BYTES {
            return Err(NitroError::Size { found: bytes.len() });
        }
        let (protected, payload, signature) = envelope(bytes)?;
        header(&protected)?;
        let mut fields = Payload::parse(payload)?;
        let module_id = fields.text("module_id")?;
        if module_id.is_empty() {
            return Err(NitroError::Field {
                field: "module_id",
                why: "is empty",
            });
        }
        if fields.text("digest")? != "SHA384" {
            return Err(NitroError::Field {
                field: "digest",
                why: "is not `SHA384`",
            });
        }
        let timestamp_ms = fields.uint("timestamp")?;
        if timestamp_ms == 0 {
            return Err(NitroError::Field {
                field: "timestamp",
                why: "is zero",
            });
        }
        let (device, pcrs) = registers(&mut fields)?;
        let document = Self {
            protected,
            payload,
            signature,
            device,
            module_id,
            timestamp_ms,
            pcrs,
            certificate: fields.sized("certificate", MAX_CERTIFICATE_BYTES)?,
            cabundle: cabundle(&mut fields)?,
            public_key: fields.optional("public_key", 1, MAX_PUBLIC_KEY_BYTES)?,
            user_data: fields.optional("user_data", 0, MAX_USER_DATA_BYTES)?,
            nonce: fields.optional("nonce", 0, MAX_USER_DATA_BYTES)?,
        };
        fields.finish()?;
        Ok(document)
    }

    /// The bytes that the signature covers: `Sig_structure` (RFC 9052 section 4.4) around the
    /// protected header and the payload as received.
    #[must_use]
    pub fn signed_bytes(&self) -> Vec<u8> {
        Value::Array(vec![
            Value::text("Signature1"),
            Value::bytes(&self.protected),
            Value::bytes(&[]),
            Value::bytes(self.payload),
        ])
        .encode()
    }
}

type Envelope<'a> = (Cow<'a, [u8]>, &'a [u8], [u8; 96]);

fn envelope(bytes: &[u8]) -> Result<Envelope<'_>, NitroError> {
    let shape = |why| NitroError::Envelope { why };
    let value = match Value::decode_unordered(bytes).map_err(NitroError::Cbor)? {
        Value::Tag(18, inner) => *inner,
        value => value,
    };
    let Value::Array(parts) = value else {
        return Err(shape("is no array"));
    };
    let [protected, unprotected, payload, signature] =
        <[Value<'_>; 4]>::try_from(parts).map_err(|_| shape("has not four parts"))?;
    let Value::Bytes(protected) = protected else {
        return Err(shape("has a protected header that is no byte string"));
    };
    if unprotected != Value::Map(Vec::new()) {
        return Err(NitroError::Unprotected);
    }
    let Value::Bytes(Cow::Borrowed(payload)) = payload else {
        return Err(shape("has a payload that is no byte string"));
    };
    let signature = signature.into_array::<96>("signature");
    let signature = signature.map_err(|_| shape("has a signature that is not 96 bytes long"))?;
    Ok((protected, payload, signature))
}

/// ES384, and nothing else: a `crit` that we would have to obey, or a key that we would have to
/// ignore, is refused.
fn header(protected: &[u8]) -> Result<(), NitroError> {
    let es384 = Value::Map(vec![(Value::Uint(1), Value::Nint(34))]);
    match Value::decode_unordered(protected) {
        Ok(value) if value == es384 => Ok(()),
        _ => Err(NitroError::Algorithm),
    }
}

fn registers(fields: &mut Payload<'_>) -> Result<(Device, BTreeMap<u8, [u8; 48]>), NitroError> {
    let enclave = fields.take("pcrs");
    let tpm = fields.take("nitrotpm_pcrs");
    let (device, field, value) = match (enclave, tpm) {
        (Some(value), None) => (Device::Enclave, "pcrs", value),
        (None, Some(value)) => (Device::NitroTpm, "nitrotpm_pcrs", value),
        (Some(_), Some(_)) => {
            return Err(NitroError::Field {
                field: "nitrotpm_pcrs",
                why: "is there beside `pcrs`",
            });
        }
        (None, None) => {
            return Err(NitroError::Field {
                field: "pcrs",
                why: "is missing",
            });
        }
    };
    let wrong = |why| NitroError::Field { field, why };
    let Value::Map(entries) = value else {
        return Err(wrong("is no map"));
    };
    if entries.is_empty() {
        return Err(wrong("is empty"));
    }
    let mut pcrs = BTreeMap::new();
    for (index, value) in entries {
        let index = match index {
            Value::Uint(index) if index < PCR_COUNT => index,
            _ => return Err(wrong("has an index that is not 0 to 31")),
        };
        let index = u8::try_from(index).map_err(|_| wrong("has an index that is not 0 to 31"))?;
        let value = value.into_array::<48>(field);
        pcrs.insert(
            index,
            value.map_err(|_| wrong("has a value that is not 48 bytes long"))?,
        );
    }
    Ok((device, pcrs))
}

fn cabundle<'a>(fields: &mut Payload<'a>) -> Result<Vec<&'a [u8]>, NitroError> {
    let wrong = |why| NitroError::Field {
        field: "cabundle",
        why,
    };
    let Some(Value::Array(items)) = fields.take("cabundle") else {
        return Err(wrong("is missing or no array"));
    };
    if items.is_empty() || items.len() > MAX_CABUNDLE {
        return Err(wrong("does not hold 1 to 8 certificates"));
    }
    items
        .into_iter()
        .map(|item| match item {
            Value::Bytes(Cow::Borrowed(bytes))
                if (1..=MAX_CERTIFICATE_BYTES).contains(&bytes.len()) =>
            {
                Ok(bytes)
            }
            _ => Err(wrong(
                "holds something that is no byte string of 1 to 1024 bytes",
            )),
        })
        .collect()
}
