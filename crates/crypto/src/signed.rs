use std::borrow::Cow;

use adyton_codec::{CodecError, Value};
use adyton_types::ErrorClass;
use thiserror::Error;

use crate::{CryptoError, SIGNATURE_BYTES, SigningKey, VerifyingKey};

/// COSE header parameter `alg` (RFC 9052 section 3.1) and its value EdDSA (RFC 9053 section 2.2).
const ALG: u64 = 1;
const EDDSA: Value<'static> = Value::Nint(7);
/// COSE header parameter `content type`, which holds the structure's label.
const CONTENT_TYPE: u64 = 3;

/// Why bytes are not what a key signed under a label.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum SignedError {
    /// The bytes are no COSE_Sign1 in deterministic encoding with an attached payload.
    #[error("not a signed structure")]
    Malformed(#[from] CodecError),
    /// The header is not the one that this structure has: another label, another algorithm, or
    /// more parameters.
    #[error("the signed structure is not a `{expected}` under EdDSA")]
    Header {
        /// The label wanted.
        expected: &'static str,
    },
    /// The signature does not verify under the key.
    #[error("the signature of the `{label}` does not verify")]
    Signature {
        /// The structure's label.
        label: &'static str,
    },
}

impl SignedError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::Malformed(_) => ErrorClass::Malformed,
            Self::Header { .. } | Self::Signature { .. } => ErrorClass::Rejected,
        }
    }
}

fn protected(label: &str) -> Vec<u8> {
    Value::Map(vec![
        (Value::Uint(ALG), EDDSA),
        (Value::Uint(CONTENT_TYPE), Value::text(label)),
    ])
    .encode()
}

/// `Sig_structure` (RFC 9052 section 4.4), with empty `external_aad`.
fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    Value::Array(vec![
        Value::text("Signature1"),
        Value::bytes(protected),
        Value::bytes(&[]),
        Value::bytes(payload),
    ])
    .encode()
}

/// `Signed(label, key, payload)` of `specs/README.md`: an untagged COSE_Sign1 (RFC 9052 section
/// 4.2) whose content type is a label that no other structure uses.
#[must_use]
pub fn sign_labelled(label: &'static str, key: &SigningKey, payload: &[u8]) -> Vec<u8> {
    let protected = protected(label);
    let signature = key.sign(&to_be_signed(&protected, payload));
    Value::Array(vec![
        Value::bytes(&protected),
        Value::Map(Vec::new()),
        Value::bytes(payload),
        Value::bytes(&signature),
    ])
    .encode()
}

/// Gives the payload of a `Signed(label, key, payload)`. Having it tells you that the holder of
/// `key` signed exactly these bytes as a `label`.
///
/// # Errors
/// [`SignedError`].
pub fn verify_labelled<'a>(
    label: &'static str,
    key: &VerifyingKey,
    bytes: &'a [u8],
) -> Result<Cow<'a, [u8]>, SignedError> {
    const WRONG: CodecError = CodecError::WrongKind {
        field: "sign1",
        expected: "a COSE_Sign1 with an attached payload",
    };
    let Value::Array(parts) = Value::decode(bytes)? else {
        return Err(WRONG.into());
    };
    let Ok(
        [
            Value::Bytes(found),
            Value::Map(unprotected),
            Value::Bytes(payload),
            Value::Bytes(signature),
        ],
    ) = <[Value<'a>; 4]>::try_from(parts)
    else {
        return Err(WRONG.into());
    };
    let signature = <[u8; SIGNATURE_BYTES]>::try_from(signature.as_ref()).map_err(|_| WRONG)?;
    if *found != protected(label) || !unprotected.is_empty() {
        return Err(SignedError::Header { expected: label });
    }
    key.verify(&to_be_signed(&found, &payload), &signature)
        .map_err(|_: CryptoError| SignedError::Signature { label })?;
    Ok(payload)
}

/// The payload of a COSE_Sign1, whoever signed it or did not: for showing, never for relying on.
///
/// # Errors
/// [`CodecError`] if the bytes have another form.
pub fn danger_unverified_payload(bytes: &[u8]) -> Result<Cow<'_, [u8]>, CodecError> {
    let wrong = CodecError::WrongKind {
        field: "sign1",
        expected: "a COSE_Sign1 with an attached payload",
    };
    match Value::decode(bytes)? {
        Value::Array(parts) => match <[Value<'_>; 4]>::try_from(parts) {
            Ok([_, _, Value::Bytes(payload), _]) => Ok(payload),
            _ => Err(wrong),
        },
        _ => Err(wrong),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::SecretArray;

    const LABEL: &str = "adyton/test/v1";

    fn key(n: u8) -> SigningKey {
        SigningKey::from_seed(&SecretArray::fill_with(|b| b.fill(n)))
    }

    #[test]
    fn layout_is_that_of_rfc_9052() {
        let bytes = sign_labelled(LABEL, &key(1), b"p");
        let hex = adyton_codec::hex_encode(&bytes);
        assert!(
            hex.starts_with("8453a20127036e616479746f6e2f746573742f7631a041705840"),
            "{hex}"
        );
        let payload = verify_labelled(LABEL, &key(1).verifying_key(), &bytes);
        assert_eq!(payload.unwrap().as_ref(), b"p");
    }

    #[test]
    fn another_label_key_or_header_is_refused() {
        let bytes = sign_labelled(LABEL, &key(1), b"p");
        let header = SignedError::Header { expected: "other" };
        let signature = SignedError::Signature { label: LABEL };
        let ours = key(1).verifying_key();
        assert_eq!(verify_labelled("other", &ours, &bytes), Err(header));
        assert_eq!(
            verify_labelled(LABEL, &key(2).verifying_key(), &bytes),
            Err(signature)
        );
        for i in 0..bytes.len() {
            let mut altered = bytes.clone();
            altered[i] ^= 1;
            assert!(verify_labelled(LABEL, &ours, &altered).is_err(), "byte {i}");
            assert!(
                verify_labelled(LABEL, &ours, &bytes[..i]).is_err(),
                "cut at {i}"
            );
        }
        let tagged = Value::Tag(18, Box::new(Value::decode(&bytes).unwrap())).encode();
        assert!(verify_labelled(LABEL, &ours, &tagged).is_err());
    }

    #[test]
    fn parameters_beside_the_two_are_refused_even_when_signed() {
        let ours = key(1);
        let protected = Value::Map(vec![
            (Value::Uint(ALG), EDDSA),
            (Value::Uint(CONTENT_TYPE), Value::text(LABEL)),
            (Value::Uint(4), Value::bytes(b"kid")),
        ])
        .encode();
        let signature = ours.sign(&to_be_signed(&protected, b"p"));
        let signed = |protected: &[u8], unprotected: Vec<_>, signature: &[u8]| {
            Value::Array(vec![
                Value::bytes(protected),
                Value::Map(unprotected),
                Value::bytes(b"p"),
                Value::bytes(signature),
            ])
            .encode()
        };
        let header = SignedError::Header { expected: LABEL };
        let bytes = signed(&protected, Vec::new(), &signature);
        let verify = |bytes: &[u8]| verify_labelled(LABEL, &ours.verifying_key(), bytes).err();
        assert_eq!(verify(&bytes), Some(header.clone()));
        let plain = super::protected(LABEL);
        let signature = ours.sign(&to_be_signed(&plain, b"p"));
        let unprotected = vec![(Value::Uint(4), Value::bytes(b"kid"))];
        assert_eq!(
            verify(&signed(&plain, unprotected, &signature)),
            Some(header)
        );
        assert_eq!(verify(&signed(&plain, Vec::new(), &signature)), None);
    }
}
