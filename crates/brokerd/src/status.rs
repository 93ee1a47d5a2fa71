use std::net::SocketAddr;

use adyton_codec::{CodecError, Value};
use adyton_types::{Fingerprint, UnixTime};

const VERSION: &str = "adyton/broker-status/v1";

/// Something that a broker judges Evidence of hardware by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Endorsed {
    /// What it is.
    pub what: String,
    /// Until when it counts; none if it does not.
    pub until: Option<UnixTime>,
    /// Why it does not count.
    pub refused: Option<String>,
}

/// How a broker is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// Its id, which people pin.
    pub id: Fingerprint,
    /// Its log's name.
    pub origin: String,
    /// Where it listens, if a daemon runs.
    pub listening: Option<SocketAddr>,
    /// Since when the daemon runs.
    pub since: Option<UnixTime>,
    /// How many commits its store has seen: never smaller than before, unless somebody has put an
    /// old copy in its place.
    pub generation: u64,
    /// What Evidence of hardware is judged by, what ends first before the others; none if no daemon
    /// runs, or it was given no Endorsements.
    pub endorsements: Option<Vec<Endorsed>>,
    /// The log's signed checkpoint.
    pub checkpoint: String,
}

impl Status {
    pub(crate) fn encode(&self) -> Vec<u8> {
        let listening = self.listening.map(|at| at.to_string());
        Value::map([
            ("v", Value::text(VERSION)),
            ("id", Value::bytes(self.id.as_bytes())),
            ("origin", Value::text(&self.origin)),
            (
                "listening",
                listening.as_deref().map_or(Value::Null, Value::text),
            ),
            (
                "since",
                self.since
                    .map_or(Value::Null, |at| Value::Uint(at.as_secs())),
            ),
            ("generation", Value::Uint(self.generation)),
            (
                "endorsements",
                match &self.endorsements {
                    None => Value::Null,
                    Some(all) => Value::Array(all.iter().map(endorsed_value).collect()),
                },
            ),
            ("checkpoint", Value::text(&self.checkpoint)),
        ])
        .encode()
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, CodecError> {
        let wrong = |field, expected| CodecError::WrongKind { field, expected };
        let mut fields = Value::decode(bytes)?.into_fields("status")?;
        fields.version("v", VERSION)?;
        let status = Self {
            id: Fingerprint::new(fields.array("id")?),
            origin: fields.text("origin")?.into_owned(),
            listening: match fields.required("listening")? {
                Value::Null => None,
                Value::Text(at) => Some(at.parse().map_err(|_| wrong("listening", "an address"))?),
                _ => return Err(wrong("listening", "an address or null")),
            },
            since: match fields.required("since")? {
                Value::Null => None,
                Value::Uint(secs) => Some(UnixTime::from_secs(secs)),
                _ => return Err(wrong("since", "a time or null")),
            },
            generation: fields.uint("generation")?,
            endorsements: match fields.required("endorsements")? {
                Value::Null => None,
                Value::Array(all) => Some(all.into_iter().map(endorsed).collect::<Result<_, _>>()?),
                _ => return Err(wrong("endorsements", "an array or null")),
            },
            checkpoint: fields.text("checkpoint")?.into_owned(),
        };
        fields.finish()?;
        Ok(status)
    }
}

fn endorsed_value(one: &Endorsed) -> Value<'_> {
    let until = one.until.map(UnixTime::as_secs);
    Value::map([
        ("what", Value::text(&one.what)),
        ("until", until.map_or(Value::Null, Value::Uint)),
        (
            "refused",
            one.refused.as_deref().map_or(Value::Null, Value::text),
        ),
    ])
}

fn endorsed(value: Value<'_>) -> Result<Endorsed, CodecError> {
    let mut fields = value.into_fields("endorsements")?;
    let until = fields.nullable("until")?;
    let refused = fields.nullable("refused")?;
    let one = Endorsed {
        what: fields.text("what")?.into_owned(),
        until: match until {
            None => None,
            Some(until) => Some(UnixTime::from_secs(until.into_uint("until")?)),
        },
        refused: match refused {
            None => None,
            Some(why) => Some(why.into_text("refused")?.into_owned()),
        },
    };
    fields.finish()?;
    Ok(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn goes_there_and_back() {
        let mut status = Status {
            id: Fingerprint::new([7; 32]),
            origin: "a.example/log".to_owned(),
            listening: Some("[::1]:8443".parse().unwrap()),
            since: Some(UnixTime::from_secs(5)),
            generation: 9,
            endorsements: Some(vec![
                Endorsed {
                    what: "a".to_owned(),
                    until: Some(UnixTime::from_secs(6)),
                    refused: None,
                },
                Endorsed {
                    what: "b".to_owned(),
                    until: None,
                    refused: Some("why".to_owned()),
                },
            ]),
            checkpoint: "text\n".to_owned(),
        };
        assert_eq!(Status::parse(&status.encode()), Ok(status.clone()));
        (status.listening, status.since) = (None, None);
        status.endorsements = None;
        assert_eq!(Status::parse(&status.encode()), Ok(status));
    }
}
