use adyton_codec::{Fields, Value};
use adyton_types::{Name, TeeKind, UnixTime};

use crate::HatchError;

/// What the runner says to the enclave.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ToEnclave {
    /// The first message.
    Start(Start),
    /// One challenge for each broker that the run needs.
    Challenges(Vec<Challenge>),
    /// One answer for each request, in the requests' order.
    Answers(Vec<Answer>),
    /// Evidence of the machine's TEE, of the kind that the first message names.
    Evidence(Vec<u8>),
}

/// What the enclave gets to work on. Descriptors are attached to the frame (`SCM_RIGHTS`) in this
/// order: bundle, platform key, inputs, outputs, then the code cache to read and the one to write,
/// where there are such.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The sealed inputs, in the order of their descriptors.
    pub inputs: Vec<InputFile>,
    /// The outputs, in the order of their descriptors.
    pub outputs: Vec<Name>,
    /// Whether a descriptor of compiled code to read is attached.
    pub cache_read: bool,
    /// Whether a descriptor to write compiled code to is attached.
    pub cache_write: bool,
    /// The TEE that vouches for the run. The software TEE is the enclave itself, which signs with the
    /// platform key; of any other, the runner brings the Evidence, which it can withhold and not
    /// forge.
    pub tee: TeeKind,
    /// The host's clock at the beginning; informative, the host's word.
    pub host_time: UnixTime,
}

/// A sealed input, and who holds its key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputFile {
    /// The input's name in the manifest.
    pub name: Name,
    /// The id of the broker that will be asked.
    pub broker: [u8; 32],
    /// The name under which that broker holds the key.
    pub secret: Name,
}

/// A broker's challenge, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Challenge {
    /// The broker's id.
    pub broker: [u8; 32],
    /// Its card and an epoch token.
    pub bytes: Vec<u8>,
}

/// A broker's answer, as it came.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The broker's id.
    pub broker: [u8; 32],
    /// The signed answer.
    pub bytes: Vec<u8>,
}

impl ToEnclave {
    /// The message's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Challenges(_) => "challenges",
            Self::Answers(_) => "answers",
            Self::Evidence(_) => "evidence",
        }
    }

    /// As dCBOR.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let pair = |broker, bytes| {
            Value::map([
                ("broker", Value::bytes(broker)),
                ("bytes", Value::bytes(bytes)),
            ])
        };
        let body = match self {
            Self::Start(start) => start.to_value(),
            Self::Challenges(all) => {
                Value::Array(all.iter().map(|c| pair(&c.broker, &c.bytes)).collect())
            }
            Self::Answers(all) => {
                Value::Array(all.iter().map(|a| pair(&a.broker, &a.bytes)).collect())
            }
            Self::Evidence(bytes) => Value::bytes(bytes),
        };
        Value::map([("msg", Value::text(self.name())), ("body", body)]).encode()
    }

    /// From dCBOR.
    ///
    /// # Errors
    /// [`HatchError::Codec`], [`HatchError::Name`], or [`HatchError::OutOfTurn`] for an unknown message.
    pub fn decode(bytes: &[u8]) -> Result<Self, HatchError> {
        let mut fields = Value::decode(bytes)?.into_fields("message")?;
        let name = fields.text("msg")?.into_owned();
        let message = match name.as_str() {
            "start" => Self::Start(Start::from_fields(
                fields.required("body")?.into_fields("start")?,
            )?),
            "challenges" => {
                let all = pairs(fields.items("body")?)?;
                Self::Challenges(
                    all.into_iter()
                        .map(|(broker, bytes)| Challenge { broker, bytes })
                        .collect(),
                )
            }
            "answers" => {
                let all = pairs(fields.items("body")?)?;
                Self::Answers(
                    all.into_iter()
                        .map(|(broker, bytes)| Answer { broker, bytes })
                        .collect(),
                )
            }
            "evidence" => Self::Evidence(fields.bytes("body")?.into_owned()),
            _ => {
                return Err(HatchError::OutOfTurn {
                    expected: "a message of the runner",
                    found: name,
                });
            }
        };
        fields.finish()?;
        Ok(message)
    }
}

/// A broker's id, and bytes from it.
type FromBroker = ([u8; 32], Vec<u8>);

fn pairs(items: Vec<Value<'_>>) -> Result<Vec<FromBroker>, HatchError> {
    items
        .into_iter()
        .map(|item| {
            let mut fields = item.into_fields("broker and bytes")?;
            let pair = (fields.array("broker")?, fields.bytes("bytes")?.into_owned());
            fields.finish()?;
            Ok(pair)
        })
        .collect()
}

impl Start {
    fn to_value(&self) -> Value<'_> {
        let input = |input: &InputFile| {
            Value::map([
                ("name", Value::Text(input.name.to_string().into())),
                ("broker", Value::Bytes(input.broker.to_vec().into())),
                ("secret", Value::Text(input.secret.to_string().into())),
            ])
        };
        Value::map([
            (
                "inputs",
                Value::Array(self.inputs.iter().map(input).collect()),
            ),
            (
                "outputs",
                Value::Array(
                    self.outputs
                        .iter()
                        .map(|name| Value::text(name.as_str()))
                        .collect(),
                ),
            ),
            ("cache-read", Value::Bool(self.cache_read)),
            ("cache-write", Value::Bool(self.cache_write)),
            ("tee", Value::text(self.tee.as_str())),
            ("host-time", Value::Uint(self.host_time.as_secs())),
        ])
    }

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, HatchError> {
        let input = |item: Value<'_>| {
            let mut fields = item.into_fields("input")?;
            let input = InputFile {
                name: fields.text("name")?.parse()?,
                broker: fields.array("broker")?,
                secret: fields.text("secret")?.parse()?,
            };
            fields.finish()?;
            Ok::<_, HatchError>(input)
        };
        let output = |item: Value<'_>| match item {
            Value::Text(name) => Ok(name.parse::<Name>()?),
            _ => Err(wrong("outputs")),
        };
        let start = Self {
            inputs: fields
                .items("inputs")?
                .into_iter()
                .map(input)
                .collect::<Result<_, _>>()?,
            outputs: fields
                .items("outputs")?
                .into_iter()
                .map(output)
                .collect::<Result<_, _>>()?,
            cache_read: fields.bool("cache-read")?,
            cache_write: fields.bool("cache-write")?,
            tee: fields.text("tee")?.parse().map_err(|_| wrong("tee"))?,
            host_time: UnixTime::from_secs(fields.uint("host-time")?),
        };
        fields.finish()?;
        Ok(start)
    }
}

fn wrong(field: &'static str) -> HatchError {
    HatchError::Codec(adyton_codec::CodecError::WrongKind {
        field,
        expected: "a text",
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_round_trip() {
        let start = Start {
            inputs: vec![InputFile {
                name: "a".parse().unwrap(),
                broker: [1; 32],
                secret: "b".parse().unwrap(),
            }],
            outputs: vec!["o".parse().unwrap()],
            cache_read: true,
            cache_write: false,
            tee: TeeKind::Snp,
            host_time: UnixTime::from_secs(7),
        };
        for message in [
            ToEnclave::Start(start),
            ToEnclave::Challenges(vec![Challenge {
                broker: [1; 32],
                bytes: vec![2; 57],
            }]),
            ToEnclave::Answers(vec![Answer {
                broker: [1; 32],
                bytes: vec![3],
            }]),
            ToEnclave::Evidence(vec![4; 1184]),
        ] {
            assert_eq!(ToEnclave::decode(&message.encode()).unwrap(), message);
        }
        let unknown = Value::map([("msg", Value::text("stop")), ("body", Value::Null)]).encode();
        assert!(matches!(
            ToEnclave::decode(&unknown),
            Err(HatchError::OutOfTurn { .. })
        ));
    }
}
