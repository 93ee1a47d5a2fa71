use std::borrow::Cow;

use adyton_codec::Value;
use adyton_types::Field;

use crate::cose::Sign1;
use crate::{CcaError, Part, PlatformClaims, RealmClaims};

/// The longest token: RMM hands one out in granules, and the known ones take 1 to 3 KiB.
pub const MAX_TOKEN_BYTES: usize = 1 << 16;

/// CBOR tag of a token of DEN0137: a map from label to bytes.
const TAG_EAT_COLLECTION: u64 = 399;
/// CBOR tag of a token that is a CMW collection: a map from label to a record.
const TAG_CMW_COLLECTION: u64 = 907;
const LABEL_PLATFORM: u64 = 44234;
const LABEL_REALM: u64 = 44241;
/// CoAP content format of `application/eat+cwt` (RFC 9782 section 6.5): the type of each record.
const CONTENT_FORMAT_EAT_CWT: u64 = 263;

/// How the two halves are put together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Wrapping {
    /// Tag 399, bytes (DEN0137 section A7.2.1).
    Legacy,
    /// Tag 907, CMW records (draft-ffm-rats-cca-token section 3).
    Cmw,
}

/// A token that was read and that nobody has judged.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CcaToken<'a> {
    /// How it was wrapped.
    pub wrapping: Wrapping,
    /// The claims of the platform token.
    pub platform: PlatformClaims,
    /// The claims of the realm token.
    pub realm: RealmClaims,
    pub(crate) platform_envelope: Sign1<'a>,
    pub(crate) realm_envelope: Sign1<'a>,
}

impl<'a> CcaToken<'a> {
    /// Reads a token. Everything that is not exactly one is refused.
    ///
    /// # Errors
    /// [`CcaError`] of the checks `form` and `claim-set`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, CcaError> {
        if bytes.len() > MAX_TOKEN_BYTES {
            return Err(CcaError::TooLong {
                found: bytes.len(),
                max: MAX_TOKEN_BYTES,
            });
        }
        let (wrapping, platform, realm) = unwrap(bytes)?;
        let platform_envelope = Sign1::parse(Part::Platform, platform)?;
        let realm_envelope = Sign1::parse(Part::Realm, realm)?;
        Ok(Self {
            wrapping,
            platform: PlatformClaims::parse(platform_envelope.payload)?,
            realm: RealmClaims::parse(realm_envelope.payload)?,
            platform_envelope,
            realm_envelope,
        })
    }

    /// Every field, decoded and judged by nobody.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let wrapping = match self.wrapping {
            Wrapping::Legacy => "tag 399",
            Wrapping::Cmw => "CMW collection (tag 907)",
        };
        let mut fields = vec![Field::new("wrapping", wrapping)];
        for (name, envelope) in [
            ("platform", &self.platform_envelope),
            ("realm", &self.realm_envelope),
        ] {
            fields.push(Field::new(format!("{name}.curve"), envelope.curve.as_str()));
            fields.push(Field::new(
                format!("{name}.signature"),
                adyton_codec::hex_encode(envelope.signature),
            ));
        }
        fields.extend(self.platform.fields());
        fields.extend(self.realm.fields());
        fields
    }
}

/// The bytes of both halves.
fn unwrap(bytes: &[u8]) -> Result<(Wrapping, &[u8], &[u8]), CcaError> {
    let bad = |what| CcaError::Collection { what };
    let Value::Tag(tag, item) = Value::decode_unordered(bytes)? else {
        return Err(bad("it has no tag"));
    };
    let wrapping = match tag {
        TAG_EAT_COLLECTION => Wrapping::Legacy,
        TAG_CMW_COLLECTION => Wrapping::Cmw,
        _ => return Err(bad("its tag is neither 399 nor 907")),
    };
    let Value::Map(entries) = *item else {
        return Err(bad("it is no map"));
    };
    let (mut platform, mut realm) = (None, None);
    for (label, value) in entries {
        let half = record(wrapping, value).ok_or_else(|| bad("a record is not of its form"))?;
        match label {
            Value::Uint(LABEL_PLATFORM) => platform = Some(half),
            Value::Uint(LABEL_REALM) => realm = Some(half),
            _ => return Err(bad("it has an unknown label")),
        }
    }
    match (platform, realm) {
        (Some(platform), Some(realm)) => Ok((wrapping, platform, realm)),
        (None, _) => Err(bad("the platform token is missing")),
        (_, None) => Err(bad("the realm token is missing")),
    }
}

fn record<'a>(wrapping: Wrapping, value: Value<'a>) -> Option<&'a [u8]> {
    let bytes = match (wrapping, value) {
        (Wrapping::Legacy, bytes) => bytes,
        (Wrapping::Cmw, Value::Array(items)) => {
            let [kind, bytes] = <[Value<'a>; 2]>::try_from(items).ok()?;
            (kind == Value::Uint(CONTENT_FORMAT_EAT_CWT)).then_some(bytes)?
        }
        (Wrapping::Cmw, _) => return None,
    };
    match bytes {
        Value::Bytes(Cow::Borrowed(bytes)) => Some(bytes),
        _ => None,
    }
}
