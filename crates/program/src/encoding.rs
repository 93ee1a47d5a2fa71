//! The manifest's one encoding, and the digest of it.

use std::borrow::Cow;

use adyton_codec::{CodecError, Fields, Value};
use adyton_crypto::sha384;
use adyton_sealing::{Recipient, Recipients};
use adyton_types::{Fingerprint, Name, ProgramMeasurement};

use crate::declaration::Declaration;
use crate::error::{ManifestError, Stream};
use crate::limits::MAX_MANIFEST_BYTES;
use crate::manifest::{Input, Manifest, Output};

/// The version mark, and with it what nothing else that Adyton hashes begins with.
const VERSION: &str = "adyton/program/v1";
const KIND: &str = "component";

impl Manifest {
    /// The manifest as it is measured.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let name = |name: &'_ Option<Name>| match name {
            Some(name) => Value::Text(Cow::Owned(name.as_str().to_owned())),
            None => Value::Null,
        };
        let env = self.env.iter();
        Value::map([
            ("v", Value::text(VERSION)),
            ("name", Value::text(self.name.as_str())),
            ("kind", Value::text(KIND)),
            (
                "component",
                Value::map([
                    ("sha384", Value::bytes(&self.component_sha384)),
                    ("size", Value::Uint(self.component_size)),
                ]),
            ),
            ("args", texts(self.args.iter().map(String::as_str))),
            (
                "env",
                Value::Map(
                    env.map(|(name, value)| (Value::text(name), Value::text(value)))
                        .collect(),
                ),
            ),
            (
                "inputs",
                Value::Array(self.inputs().iter().map(encode_input).collect()),
            ),
            (
                "outputs",
                Value::Array(self.outputs().iter().map(encode_output).collect()),
            ),
            ("stdout", name(&self.stdout)),
            ("stderr", name(&self.stderr)),
            (
                "limits",
                Value::map([
                    ("memory-bytes", Value::Uint(self.limits.memory_bytes())),
                    ("time-secs", Value::Uint(self.limits.time_secs())),
                ]),
            ),
            ("clock", Value::text(self.clock().as_str())),
            ("network", Value::text(self.network().as_str())),
            ("debug", Value::Bool(self.debug)),
        ])
        .encode()
    }

    /// Reads a manifest.
    ///
    /// # Errors
    /// If it breaks any rule, or is not exactly what [`encode`](Self::encode) writes.
    pub fn decode(bytes: &[u8]) -> Result<Self, ManifestError> {
        if bytes.len() > MAX_MANIFEST_BYTES {
            return Err(ManifestError::TooLong { found: bytes.len() });
        }
        let mut fields = Value::decode(bytes)?.into_fields("manifest")?;
        fields.version("v", VERSION)?;
        let kind = fields.text("kind")?;
        if kind != KIND {
            let found = kind.chars().take(80).collect();
            return Err(ManifestError::Kind { found });
        }
        let mut component = fields.required("component")?.into_fields("component")?;
        let sha384 = component.array("sha384")?;
        let size = component.uint("size")?;
        component.finish()?;
        let declaration = decode_declaration(&mut fields)?;
        fields.finish()?;

        let manifest = Self::new(declaration, sha384, size)?;
        // The codec refuses other encodings of a value; this refuses other values, such as an
        // unsorted list, that mean the same.
        if manifest.encode() == bytes {
            Ok(manifest)
        } else {
            Err(ManifestError::NotNormal)
        }
    }

    /// The program measurement: SHA-384 over [`encode`](Self::encode).
    #[must_use]
    pub fn measurement(&self) -> ProgramMeasurement {
        ProgramMeasurement::new(sha384(&[&self.encode()]))
    }
}

fn texts<'a>(texts: impl Iterator<Item = &'a str>) -> Value<'a> {
    Value::Array(texts.map(Value::text).collect())
}

fn encode_input(input: &Input) -> Value<'_> {
    let broker = input
        .broker()
        .map_or(Value::Null, |broker| Value::bytes(broker.as_bytes()));
    Value::map([
        ("name", Value::text(input.name().as_str())),
        ("broker", broker),
    ])
}

fn encode_output(output: &Output) -> Value<'_> {
    let recipients = output.recipients().as_slice();
    Value::map([
        ("name", Value::text(output.name().as_str())),
        (
            "recipients",
            texts(recipients.iter().map(Recipient::as_str)),
        ),
        ("max-bytes", Value::Uint(output.max_bytes())),
    ])
}

fn decode_declaration(fields: &mut Fields<'_>) -> Result<Declaration, ManifestError> {
    let mut declaration = Declaration::new(fields.text("name")?.parse()?);
    for arg in fields.items("args")? {
        declaration.arg(&text(arg, "args")?)?;
    }
    let Value::Map(env) = fields.required("env")? else {
        return Err(wrong("env", "a map"));
    };
    for (name, value) in env {
        declaration.variable(&text(name, "env")?, &text(value, "env")?)?;
    }
    for input in fields.items("inputs")? {
        decode_input(input, &mut declaration)?;
    }
    for output in fields.items("outputs")? {
        decode_output(output, &mut declaration)?;
    }
    for (key, stream) in [("stdout", Stream::Stdout), ("stderr", Stream::Stderr)] {
        match fields.required(key)? {
            Value::Null => {}
            name => declaration.stream(stream, text(name, key)?.parse()?)?,
        }
    }
    let mut limits = fields.required("limits")?.into_fields("limits")?;
    declaration.memory(limits.uint("memory-bytes")?)?;
    declaration.time(limits.uint("time-secs")?)?;
    limits.finish()?;
    declaration.clock(&fields.text("clock")?)?;
    declaration.network(&fields.text("network")?)?;
    declaration.debug = fields.bool("debug")?;
    Ok(declaration)
}

fn decode_input(input: Value<'_>, into: &mut Declaration) -> Result<(), ManifestError> {
    let mut fields = input.into_fields("inputs")?;
    let name = fields.text("name")?.parse()?;
    let broker = match fields.required("broker")? {
        Value::Null => None,
        Value::Bytes(bytes) => Some(Fingerprint::new(bytes.as_ref().try_into().map_err(
            |_| CodecError::WrongLength {
                field: "broker",
                expected: Fingerprint::LEN,
                found: bytes.len(),
            },
        )?)),
        _ => return Err(wrong("broker", "a byte string or null")),
    };
    fields.finish()?;
    into.input(name, broker)
}

fn decode_output(output: Value<'_>, into: &mut Declaration) -> Result<(), ManifestError> {
    let mut fields = output.into_fields("outputs")?;
    let name: Name = fields.text("name")?.parse()?;
    let mut recipients = Vec::new();
    for recipient in fields.items("recipients")? {
        let parsed = text(recipient, "recipients")?.parse();
        recipients.push(parsed.map_err(|error| ManifestError::Recipient {
            output: name.clone(),
            error,
        })?);
    }
    let recipients = Recipients::new(recipients).map_err(|error| ManifestError::Recipients {
        output: name.clone(),
        error,
    })?;
    let max_bytes = fields.uint("max-bytes")?;
    fields.finish()?;
    into.output(name, recipients, max_bytes)
}

fn text<'a>(value: Value<'a>, field: &'static str) -> Result<Cow<'a, str>, ManifestError> {
    match value {
        Value::Text(text) => Ok(text),
        _ => Err(wrong(field, "text")),
    }
}

const fn wrong(field: &'static str, expected: &'static str) -> ManifestError {
    ManifestError::Codec(CodecError::WrongKind { field, expected })
}
