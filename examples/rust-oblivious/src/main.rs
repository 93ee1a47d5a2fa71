//! Looks up what one owner asks in what another owner has. `/in/data` has lines `NAME VALUE`,
//! `/in/questions` a name a line; `/out/result` gets 16 bytes and a line break for each question:
//! the value, or spaces. Names have at most 8 bytes, values at most 16.
//!
//! Whoever runs the machine sees memory addresses and times. From them it learns how many lines
//! there are and how long each is, and not which questions have the same name, nor which have an
//! answer: names and answers are looked up in an oblivious map, and touched here with arithmetic
//! only.

use std::fs;
use std::io::{Error, Result};

use bindings::adyton::enclave::oblivious_map::{Answer, KeySize, Map};

mod bindings {
    wit_bindgen::generate!({ path: "enclave.wit", world: "imports" });
}

const NAME: usize = 8;
const VALUE: usize = 16;

fn main() -> Result<()> {
    let data = fs::read_to_string("/in/data")?;
    let questions = fs::read_to_string("/in/questions")?;
    // The number of lines is what everybody sees anyway.
    let lines = data.lines().count() as u64;
    let map = Map::create(lines, KeySize::Exactly(NAME as u8), VALUE as u8);
    let map = map.map_err(|error| Error::other(format!("no map: {error:?}")))?;
    for line in data.lines() {
        let (name, value) = line.split_once(' ').unwrap_or((line, ""));
        let put = map.put(&padded::<NAME>(name)?, &padded::<VALUE>(value)?);
        put.map_err(|error| Error::other(format!("cannot keep a record: {error:?}")))?;
    }
    let mut result = Vec::new();
    for question in questions.lines() {
        let answer = map.get(&padded::<NAME>(question)?);
        let answer = answer.map_err(|error| Error::other(format!("cannot look up: {error:?}")))?;
        result.extend(shown(&answer));
        result.push(b'\n');
    }
    fs::write("/out/result", result)
}

/// The value where there is one, else spaces: no branch on which of the two it is.
fn shown(answer: &Answer) -> impl Iterator<Item = u8> {
    let is_found = answer.found.wrapping_neg();
    let value = answer.value.iter();
    value.map(move |byte| (byte & is_found) | (b' ' & !is_found))
}

/// Filled up with spaces. How long it is shows, so it should not tell anything.
fn padded<const N: usize>(text: &str) -> Result<[u8; N]> {
    let mut bytes = [b' '; N];
    let room = bytes.get_mut(..text.len());
    let room = room.ok_or_else(|| Error::other(format!("more than {N} bytes")))?;
    room.copy_from_slice(text.as_bytes());
    Ok(bytes)
}
