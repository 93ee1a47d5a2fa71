use adyton_codec::Value;

use super::found::LeftOut;
use super::node::{Node, array, bytes};
use super::{CorimError, CorimSigner};

/// The most bytes of a CoRIM: as many values as a list takes, with what is around them.
pub const MAX_CORIM_BYTES: usize = 2 << 20;

/// Tags of CoRIM: a choice of the two below, which early documents have around; the unsigned map; the
/// signed one.
const CHOICE: u64 = 500;
pub(super) const UNSIGNED: u64 = 501;
const SIGNED: u64 = 502;
/// COSE_Sign1 (RFC 9052 section 2).
const SIGN1: u64 = 18;

/// Header parameters (RFC 9052 section 3.1; draft-ietf-rats-corim section 4.2.1; RFC 9597;
/// draft-ietf-cose-hash-envelope).
const ALG: u64 = 1;
const CRIT: u64 = 2;
const CONTENT_TYPE: u64 = 3;
const PAYLOAD_HASH: u64 = 258;

/// A CoRIM as received.
pub(super) enum Envelope<'a> {
    /// Not signed.
    Bare(Value<'a>),
    /// Signed, by whoever that is.
    Signed(Signed),
}

/// A COSE_Sign1 that is read, and not verified.
pub(super) struct Signed {
    protected: Vec<u8>,
    algorithm: i64,
    payload: Vec<u8>,
    signature: Vec<u8>,
    left: Vec<LeftOut>,
}

impl<'a> Envelope<'a> {
    pub(super) fn open(bytes: &'a [u8]) -> Result<Self, CorimError> {
        if bytes.len() > MAX_CORIM_BYTES {
            return Err(CorimError::TooLong { found: bytes.len() });
        }
        let mut value = Value::decode_unordered(bytes)?;
        loop {
            value = match value {
                Value::Tag(CHOICE | SIGNED, inner) => *inner,
                Value::Tag(SIGN1, inner) => return Ok(Self::Signed(Signed::of(*inner)?)),
                Value::Tag(UNSIGNED, inner) => return Ok(Self::Bare(*inner)),
                _ => {
                    return Err(CorimError::Form {
                        at: "the document",
                        rule: "begins with tag 501 (unsigned) or 18 (signed)",
                    });
                }
            };
        }
    }
}

impl Signed {
    fn of(value: Value<'_>) -> Result<Self, CorimError> {
        const AT: &str = "the signed document";
        let form = |rule| CorimError::Form { at: AT, rule };
        let parts = array(value, AT)?;
        let [protected, unprotected, payload, signature]: [Value<'_>; 4] =
            parts.try_into().map_err(|_| form("is an array of four"))?;
        let protected = bytes(protected, "the protected header")?;
        let mut left = Vec::new();
        let mut header = Node::of(Value::decode_unordered(&protected)?, "the protected header")?;
        let algorithm = match header.take(ALG) {
            Some(Value::Nint(n)) => i64::try_from(n).map(|n| -1 - n).ok(),
            _ => None,
        };
        let algorithm = algorithm.ok_or(form("names its algorithm in the protected header"))?;
        if header.take(CRIT).is_some() || header.take(PAYLOAD_HASH).is_some() {
            return Err(form("has no critical header, and its payload inside"));
        }
        header.take(CONTENT_TYPE);
        left.extend(header.rest().into_iter().map(|key| LeftOut {
            at: format!("protected header {key}"),
            why: "who signs, and until when, is not read: the pinned key is what counts".to_owned(),
        }));
        let unprotected = Node::of(unprotected, "the unprotected header")?;
        left.extend(unprotected.rest().into_iter().map(|key| LeftOut {
            at: format!("unprotected header {key}"),
            why: "nobody has signed it".to_owned(),
        }));
        Ok(Self {
            algorithm,
            payload: bytes(payload, "the payload")?,
            signature: bytes(signature, "the signature")?,
            protected,
            left,
        })
    }

    pub(super) fn verify(&self, signer: &CorimSigner) -> Result<(), CorimError> {
        let message = Value::Array(vec![
            Value::text("Signature1"),
            Value::bytes(&self.protected),
            Value::bytes(&[]),
            Value::bytes(&self.payload),
        ]);
        signer.verify(self.algorithm, &message.encode(), &self.signature)
    }

    pub(super) fn payload(&self) -> &[u8] {
        &self.payload
    }

    pub(super) fn left_out(&self) -> Vec<LeftOut> {
        self.left.clone()
    }
}
