use adyton_codec::{Fields, Value};
use adyton_types::{ErrorClass, Name, ReportData};

use crate::HatchError;

/// What the enclave says to the runner. The runner needs none of it to be true: whoever relies on
/// the run checks the receipt.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FromEnclave {
    /// The bundle is measured and the keys of this run are made.
    Ready(Ready),
    /// Evidence of the machine's TEE is needed over this report data.
    Attest(ReportData),
    /// One request for each broker, in the challenges' order.
    Requests(Vec<Request>),
    /// All inputs are open; the guest is about to run.
    Started,
    /// The run is over, its outputs are sealed, here is the receipt.
    Done(Done),
    /// The run is cancelled.
    Failed(Failed),
}

/// What was measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ready {
    /// The program measurement.
    pub program: [u8; 48],
    /// Id of this run.
    pub run: [u8; 32],
    /// Whether compiled code came from the cache.
    pub cached: bool,
    /// Process id of the enclave itself.
    pub pid: u32,
}

/// A release request, for the runner to carry.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The broker's id.
    pub broker: [u8; 32],
    /// The request.
    pub bytes: Vec<u8>,
}

/// A run that came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// The receipt.
    pub receipt: Vec<u8>,
    /// The outputs, sorted by name.
    pub outputs: Vec<OutputFile>,
    /// How long each step took.
    pub timings: Timings,
}

/// A sealed output that was written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputFile {
    /// The output's name.
    pub name: Name,
    /// Bytes of the sealed file.
    pub size: u64,
}

/// Microseconds of the enclave's own steps, in order, by name. For people and benchmarks only.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Timings(pub Vec<(String, u64)>);

/// Why a run was cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failed {
    /// Whose fault it is.
    pub class: ErrorClass,
    /// What happened and what to do. Holds nothing that the program said, unless its manifest has
    /// `debug = true`.
    pub message: String,
}

impl FromEnclave {
    /// The message's name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Ready(_) => "ready",
            Self::Attest(_) => "attest",
            Self::Requests(_) => "requests",
            Self::Started => "started",
            Self::Done(_) => "done",
            Self::Failed(_) => "failed",
        }
    }

    /// As dCBOR.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let body = match self {
            Self::Ready(ready) => Value::map([
                ("program", Value::bytes(&ready.program)),
                ("run", Value::bytes(&ready.run)),
                ("cached", Value::Bool(ready.cached)),
                ("pid", Value::Uint(ready.pid.into())),
            ]),
            Self::Attest(data) => Value::bytes(data.as_bytes()),
            Self::Requests(all) => Value::Array(
                all.iter()
                    .map(|r| {
                        Value::map([
                            ("broker", Value::bytes(&r.broker)),
                            ("bytes", Value::bytes(&r.bytes)),
                        ])
                    })
                    .collect(),
            ),
            Self::Started => Value::Null,
            Self::Done(done) => done.to_value(),
            Self::Failed(failed) => Value::map([
                ("class", Value::text(failed.class.as_str())),
                ("message", Value::text(&failed.message)),
            ]),
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
        let body = fields.required("body")?;
        fields.finish()?;
        match name.as_str() {
            "ready" => Ready::from_fields(body.into_fields("ready")?).map(Self::Ready),
            "attest" => Ok(Self::Attest(ReportData::new(body.into_array("attest")?))),
            "requests" => requests(body).map(Self::Requests),
            "started" if body == Value::Null => Ok(Self::Started),
            "done" => Done::from_fields(body.into_fields("done")?).map(Self::Done),
            "failed" => Failed::from_fields(body.into_fields("failed")?).map(Self::Failed),
            _ => Err(HatchError::OutOfTurn {
                expected: "a message of the enclave",
                found: name,
            }),
        }
    }
}

fn items<'a>(value: Value<'a>, field: &'static str) -> Result<Vec<Value<'a>>, HatchError> {
    match value {
        Value::Array(items) => Ok(items),
        _ => Err(HatchError::Codec(adyton_codec::CodecError::WrongKind {
            field,
            expected: "an array",
        })),
    }
}

fn requests(body: Value<'_>) -> Result<Vec<Request>, HatchError> {
    items(body, "requests")?
        .into_iter()
        .map(|item| {
            let mut fields = item.into_fields("request")?;
            let request = Request {
                broker: fields.array("broker")?,
                bytes: fields.bytes("bytes")?.into_owned(),
            };
            fields.finish()?;
            Ok(request)
        })
        .collect()
}

impl Ready {
    fn from_fields(mut fields: Fields<'_>) -> Result<Self, HatchError> {
        let ready = Self {
            program: fields.array("program")?,
            run: fields.array("run")?,
            cached: fields.bool("cached")?,
            pid: u32::try_from(fields.uint("pid")?).unwrap_or(0),
        };
        fields.finish()?;
        Ok(ready)
    }
}

impl Done {
    fn to_value(&self) -> Value<'_> {
        let output = |file: &OutputFile| {
            Value::map([
                ("name", Value::Text(file.name.to_string().into())),
                ("size", Value::Uint(file.size)),
            ])
        };
        let step = |(name, micros): &(String, u64)| {
            Value::map([
                ("step", Value::Text(name.clone().into())),
                ("us", Value::Uint(*micros)),
            ])
        };
        Value::map([
            ("receipt", Value::bytes(&self.receipt)),
            (
                "outputs",
                Value::Array(self.outputs.iter().map(output).collect()),
            ),
            (
                "timings",
                Value::Array(self.timings.0.iter().map(step).collect()),
            ),
        ])
    }

    fn from_fields(mut fields: Fields<'_>) -> Result<Self, HatchError> {
        let output = |item: Value<'_>| {
            let mut fields = item.into_fields("output")?;
            let file = OutputFile {
                name: fields.text("name")?.parse()?,
                size: fields.uint("size")?,
            };
            fields.finish()?;
            Ok::<_, HatchError>(file)
        };
        let step = |item: Value<'_>| {
            let mut fields = item.into_fields("step")?;
            let step = (fields.text("step")?.into_owned(), fields.uint("us")?);
            fields.finish()?;
            Ok::<_, HatchError>(step)
        };
        let done = Self {
            receipt: fields.bytes("receipt")?.into_owned(),
            outputs: fields
                .items("outputs")?
                .into_iter()
                .map(output)
                .collect::<Result<_, _>>()?,
            timings: Timings(
                fields
                    .items("timings")?
                    .into_iter()
                    .map(step)
                    .collect::<Result<_, _>>()?,
            ),
        };
        fields.finish()?;
        Ok(done)
    }
}

impl Failed {
    fn from_fields(mut fields: Fields<'_>) -> Result<Self, HatchError> {
        let class = fields.text("class")?.into_owned();
        let class = ErrorClass::parse(&class).ok_or(HatchError::OutOfTurn {
            expected: "a class of error",
            found: class,
        })?;
        let failed = Self {
            class,
            message: fields.text("message")?.into_owned(),
        };
        fields.finish()?;
        Ok(failed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_round_trip() {
        for message in [
            FromEnclave::Ready(Ready {
                program: [1; 48],
                run: [2; 32],
                cached: true,
                pid: 7,
            }),
            FromEnclave::Attest(ReportData::new([5; 64])),
            FromEnclave::Requests(vec![Request {
                broker: [1; 32],
                bytes: vec![2],
            }]),
            FromEnclave::Started,
            FromEnclave::Done(Done {
                receipt: vec![1],
                outputs: vec![OutputFile {
                    name: "o".parse().unwrap(),
                    size: 5,
                }],
                timings: Timings(vec![("measure".into(), 12)]),
            }),
            FromEnclave::Failed(Failed {
                class: ErrorClass::Rejected,
                message: "no".into(),
            }),
        ] {
            assert_eq!(FromEnclave::decode(&message.encode()).unwrap(), message);
        }
    }
}
