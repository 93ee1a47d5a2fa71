use adyton_codec::{Fields, Value};
use adyton_crypto::{KEM_PUBLIC_KEY_BYTES, KemPublicKey};
use adyton_types::{Evidence, MAX_EVIDENCE_BYTES};

use crate::binding::{FRESH_BYTES, SESSION_BYTES};
use crate::fault::WireFault;
use crate::terms::Terms;

const HELLO: &str = "adyton/lookup-hello/v1";
const WELCOME: &str = "adyton/lookup-welcome/v1";
const REQUEST: &str = "adyton/lookup-request/v1";

/// A client's first word.
pub(crate) fn encode_hello(fresh: &[u8; FRESH_BYTES]) -> Vec<u8> {
    let fields = [("v", Value::text(HELLO)), ("fresh", Value::bytes(fresh))];
    Value::map(fields).encode()
}

pub(crate) fn parse_hello(bytes: &[u8]) -> Result<[u8; FRESH_BYTES], WireFault> {
    let mut fields = Value::decode(bytes)?.into_fields("hello")?;
    fields.version("v", HELLO)?;
    let fresh = fields.array("fresh")?;
    fields.finish()?;
    Ok(fresh)
}

/// What a service answers to a hello. Having one tells you nothing; see
/// [`Greeting::verify`](crate::Greeting::verify).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Welcome {
    /// The session's name.
    pub session: [u8; SESSION_BYTES],
    /// The key that requests are sealed to.
    pub kem: KemPublicKey,
    /// What the service does.
    pub terms: Terms,
    /// Evidence over the binding.
    pub evidence: Evidence,
}

impl Welcome {
    /// Reads a welcome.
    ///
    /// # Errors
    /// [`WireFault`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WireFault> {
        let mut fields = Value::decode(bytes)?.into_fields("welcome")?;
        fields.version("v", WELCOME)?;
        let kem: [u8; KEM_PUBLIC_KEY_BYTES] = fields.array("kem")?;
        let welcome = Self {
            session: fields.array("session")?,
            kem: KemPublicKey::from_bytes(&kem).map_err(|_| WireFault::Field { field: "kem" })?,
            terms: Terms::parse(&fields.bytes("terms")?)?,
            evidence: evidence(&mut fields)?,
        };
        fields.finish()?;
        Ok(welcome)
    }

    /// Its one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let evidence = Value::map([
            ("kind", Value::text(self.evidence.kind.as_str())),
            ("bytes", Value::bytes(&self.evidence.bytes)),
        ]);
        Value::map([
            ("v", Value::text(WELCOME)),
            ("session", Value::bytes(&self.session)),
            ("kem", Value::bytes(&self.kem.to_bytes())),
            ("terms", Value::bytes(&self.terms.encode())),
            ("evidence", evidence),
        ])
        .encode()
    }
}

fn evidence(fields: &mut Fields<'_>) -> Result<Evidence, WireFault> {
    let mut fields = fields.required("evidence")?.into_fields("evidence")?;
    let kind = fields.text("kind")?.parse();
    let evidence = Evidence {
        kind: kind.map_err(|_| WireFault::Field { field: "kind" })?,
        bytes: fields.bytes("bytes")?.into_owned(),
    };
    fields.finish()?;
    if evidence.bytes.len() > MAX_EVIDENCE_BYTES {
        let (field, found) = ("bytes", evidence.bytes.len() as u64);
        return Err(WireFault::Number { field, found });
    }
    Ok(evidence)
}

/// A sealed message of a session.
pub(crate) struct Request<'a> {
    pub(crate) session: [u8; SESSION_BYTES],
    /// The encapsulated key, with a session's first message only.
    pub(crate) enc: Option<std::borrow::Cow<'a, [u8]>>,
    pub(crate) sealed: std::borrow::Cow<'a, [u8]>,
}

impl<'a> Request<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, WireFault> {
        let mut fields = Value::decode(bytes)?.into_fields("request")?;
        fields.version("v", REQUEST)?;
        let enc = fields.nullable("enc")?;
        let request = Self {
            session: fields.array("session")?,
            enc: enc.map(|enc| enc.into_bytes("enc")).transpose()?,
            sealed: fields.bytes("ct")?,
        };
        fields.finish()?;
        Ok(request)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        let enc = self.enc.as_deref();
        Value::map([
            ("v", Value::text(REQUEST)),
            ("session", Value::bytes(&self.session)),
            ("enc", enc.map_or(Value::Null, Value::bytes)),
            ("ct", Value::bytes(&self.sealed)),
        ])
        .encode()
    }
}
