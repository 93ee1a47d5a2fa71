use adyton_codec::hex_encode;
use adyton_verifier::{Event, Origin, VerifiedEventLog};
use serde_json::{Value, json};

/// The most of an event's text that a line shows.
const MAX_TEXT: usize = 120;

/// An event a line: register, type, and what of it the register vouches for.
pub(super) fn lines(log: &VerifiedEventLog) -> impl Iterator<Item = String> {
    log.events().iter().map(|event| {
        let register = register(event).unwrap_or_else(|| "MRTD".to_owned());
        format!("  {register}  {:#010x}  {}", event.kind, content(event))
    })
}

pub(super) fn document(log: &VerifiedEventLog) -> Vec<Value> {
    let events = log.events().iter();
    let documents = events.map(|event| {
        json!({
            "register": register(event),
            "type": event.kind,
            "name": name(event),
            "digest": hex_encode(&event.digest),
            "bytes": event.bound().map(hex_encode),
        })
    });
    documents.collect()
}

fn register(event: &Event) -> Option<String> {
    event.register.map(|index| format!("RTMR{index}"))
}

fn name(event: &Event) -> Option<&str> {
    match &event.origin {
        Origin::Runtime { name, .. } => Some(name),
        Origin::Boot | Origin::BootStripped => None,
    }
}

/// Of an event that nothing but a digest is known of, its bytes are left out: they are anybody's.
fn content(event: &Event) -> String {
    let Some(bytes) = event.bound() else {
        return format!("digest alone: {}", hex_encode(&event.digest));
    };
    let text = std::str::from_utf8(bytes).map(|text| text.trim_end_matches('\0'));
    let text = match text {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ => hex_encode(bytes),
    };
    let mut shown: String = text.chars().take(MAX_TEXT).collect();
    if shown.len() < text.len() {
        shown.push_str(" ...");
    }
    match name(event) {
        Some(name) => format!("{name}: {shown}"),
        None => shown,
    }
}
