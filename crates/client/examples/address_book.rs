//! Which people of an address book are registered with a service, without telling it whom the book
//! names. `docs/lookup.md` runs it on 5,000 contacts against 16 million users.
//!
//! `cargo run --release -p adyton-client --example address_book -- HOST:PORT#ID OWNER PLATFORM-ID
//! PLATFORM-MEASUREMENT BOOK`; the book has a phone number a line.

use std::collections::BTreeSet;
use std::error::Error;

use adyton_appraisal::{Judging, PlatformPolicy};
use adyton_client::{LookupClient, LookupPins};
use adyton_codec::hex_array;
use adyton_crypto::VerifyingKey;
use adyton_lookup::ValueForm;
use adyton_types::{Fingerprint, Protection, Sha256Digest};

#[expect(clippy::print_stdout, reason = "an example prints what it finds")]
fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [address, owner, platform, measurement, book] = arguments.as_slice() else {
        return Err("give HOST:PORT#ID OWNER PLATFORM-ID PLATFORM-MEASUREMENT BOOK".into());
    };
    // Everything that is trusted is said here: the table's owner, the machine, the program on it.
    let (platform, measurement): (Fingerprint, Sha256Digest) =
        (platform.parse()?, measurement.parse()?);
    let accepted = PlatformPolicy::software(
        BTreeSet::from([measurement.into()]),
        BTreeSet::from([platform.into()]),
        1,
        BTreeSet::from(Protection::ALL),
    )?;
    let pins = LookupPins {
        owner: VerifyingKey::from_bytes(&hex_array(owner)?)?.fingerprint(),
        platforms: vec![accepted],
        judging: Judging::default(),
    };
    let mut client = LookupClient::connect(&address.parse()?, &pins)?;

    let book = std::fs::read_to_string(book)?;
    let numbers: Vec<&str> = book.lines().collect();
    let kind = client.terms().keys;
    let keys = numbers
        .iter()
        .map(|number| kind.parse(number))
        .collect::<Result<Vec<_>, _>>()?;
    let found = client.look_up(&keys)?;
    for (number, value) in numbers.iter().zip(&found.values) {
        if let Some(value) = value {
            println!("{number} is {}", ValueForm::Text.show(value));
        }
    }
    let registered = found.values.iter().flatten().count();
    println!("{registered} of {} are registered", numbers.len());
    Ok(())
}
