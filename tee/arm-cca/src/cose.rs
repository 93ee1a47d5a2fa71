use adyton_codec::Value;

use crate::{CcaError, Curve, Part};

/// CBOR tag of a COSE_Sign1 (RFC 9052 section 2).
const TAG_SIGN1: u64 = 18;

/// A COSE_Sign1 as received: the very bytes that were signed, and the signature.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Sign1<'a> {
    /// The protected header as it stands.
    protected: &'a [u8],
    /// The payload as it stands.
    pub(crate) payload: &'a [u8],
    /// R and S, each of the curve's length.
    pub(crate) signature: &'a [u8],
    /// The curve of the algorithm that the protected header names.
    pub(crate) curve: Curve,
}

impl<'a> Sign1<'a> {
    /// Reads one half. The protected header holds the algorithm and nothing else; the unprotected
    /// one, which nobody signs, is empty.
    pub(crate) fn parse(part: Part, bytes: &'a [u8]) -> Result<Self, CcaError> {
        let bad = |what| CcaError::Cose { part, what };
        let Value::Tag(TAG_SIGN1, item) = Value::decode_unordered(bytes)? else {
            return Err(bad("its tag is not 18"));
        };
        let Value::Array(items) = *item else {
            return Err(bad("it is no array"));
        };
        let [protected, unprotected, payload, signature] =
            <[Value<'a>; 4]>::try_from(items).map_err(|_| bad("it has not four parts"))?;
        let protected = borrowed(&protected).ok_or_else(|| bad("its protected header"))?;
        if unprotected != Value::Map(Vec::new()) {
            return Err(bad("its unprotected header is not empty"));
        }
        let payload = borrowed(&payload).ok_or_else(|| bad("its payload"))?;
        let signature = borrowed(&signature).ok_or_else(|| bad("its signature"))?;
        let curve = algorithm(part, protected)?;
        if signature.len() != curve.coordinate_bytes().saturating_mul(2) {
            return Err(bad("its signature's length is not the algorithm's"));
        }
        Ok(Self {
            protected,
            payload,
            signature,
            curve,
        })
    }

    /// The Sig_structure (RFC 9052 section 4.4): what the signature is over. Only lengths are
    /// written here; header and payload are the received bytes.
    pub(crate) fn signed_bytes(&self) -> Vec<u8> {
        Value::Array(vec![
            Value::text("Signature1"),
            Value::bytes(self.protected),
            Value::bytes(&[]),
            Value::bytes(self.payload),
        ])
        .encode()
    }
}

fn borrowed<'a>(value: &Value<'a>) -> Option<&'a [u8]> {
    match value {
        Value::Bytes(std::borrow::Cow::Borrowed(bytes)) => Some(bytes),
        _ => None,
    }
}

/// The algorithm of a protected header (RFC 9053 section 2.1).
fn algorithm(part: Part, protected: &[u8]) -> Result<Curve, CcaError> {
    let what = "its protected header is not the algorithm alone";
    let Value::Map(entries) = Value::decode_unordered(protected)? else {
        return Err(CcaError::Cose { part, what });
    };
    let [(Value::Uint(1), algorithm)] = entries.as_slice() else {
        return Err(CcaError::Cose { part, what });
    };
    let found = match algorithm {
        Value::Nint(6) => return Ok(Curve::P256),
        Value::Nint(34) => return Ok(Curve::P384),
        Value::Nint(35) => return Ok(Curve::P521),
        Value::Nint(n) => i128::from(*n).saturating_neg().saturating_sub(1),
        Value::Uint(n) => i128::from(*n),
        _ => return Err(CcaError::Cose { part, what }),
    };
    Err(CcaError::Algorithm { part, found })
}
