use adyton_codec::{hex_array, hex_decode};
use serde::Deserialize;

use super::event::{Event, EventLog, Origin, RUNTIME, RuntimeForm};
use super::{EventLogError, MAX_EVENTS, MAX_LOG_BYTES};

/// One event of the JSON that dstack's guest agent gives out.
#[derive(Deserialize)]
struct JsonEvent {
    imr: usize,
    event_type: u32,
    #[serde(default)]
    digest: String,
    event: String,
    event_payload: String,
    #[serde(default = "first")]
    version: u32,
}

/// Events of version 1 do not say so.
const fn first() -> u32 {
    1
}

const fn wrong(what: &'static str) -> EventLogError {
    EventLogError::Json { what }
}

impl EventLog {
    /// Reads the JSON form of dstack's guest agent: a list of `imr` (0 to 3 for RTMR0 to RTMR3),
    /// `event_type`, `digest`, `event` and `event_payload`, bytes in lower-case hex. Events of its
    /// own type have digests over type, name and payload, in the form of their `version`, 1 or 2,
    /// and may leave them out, to be computed. Of others that have no payload only the digest counts:
    /// dstack strips them.
    ///
    /// # Errors
    /// [`EventLogError::Json`], [`EventLogError::TooLarge`].
    pub fn parse_json(bytes: &[u8]) -> Result<Self, EventLogError> {
        if bytes.len() > MAX_LOG_BYTES {
            return Err(EventLogError::TooLarge {
                what: "more than 4 MiB",
            });
        }
        let list: Vec<JsonEvent> =
            serde_json::from_slice(bytes).map_err(|_| wrong("it has another form"))?;
        if list.len() > MAX_EVENTS {
            return Err(EventLogError::TooLarge {
                what: "more than 16384 events",
            });
        }
        let events = list.into_iter().map(JsonEvent::read);
        Ok(Self {
            events: events.collect::<Result<_, _>>()?,
        })
    }
}

impl JsonEvent {
    fn read(self) -> Result<Event, EventLogError> {
        if self.imr > 3 {
            return Err(wrong("a register beyond RTMR3"));
        }
        let form = match self.version {
            1 => RuntimeForm::Joined,
            2 => RuntimeForm::Canonical,
            _ => return Err(wrong("an event of another version than 1 and 2")),
        };
        let data = hex_decode(&self.event_payload).map_err(|_| wrong("a payload not in hex"))?;
        let runtime = self.event_type == RUNTIME;
        let digest = if runtime && self.digest.is_empty() {
            form.digest(self.event_type, &self.event, &data)
        } else {
            hex_array(&self.digest).map_err(|_| wrong("a digest of other length"))?
        };
        let origin = match (runtime, data.is_empty()) {
            (true, _) => Origin::Runtime {
                name: self.event,
                form,
            },
            (false, true) => Origin::BootStripped,
            (false, false) => Origin::Boot,
        };
        Ok(Event {
            register: Some(self.imr),
            kind: self.event_type,
            digest,
            data,
            origin,
        })
    }
}
