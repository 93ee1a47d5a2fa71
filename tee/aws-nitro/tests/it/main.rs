//! Genuine Evidence, read from the directory that `ADYTON_VECTORS` names. Without it these tests
//! say so and return; what they show for recorded Evidence, the crate's own tests show for forged.

use std::collections::BTreeMap;

use adyton_tee_aws_nitro::{Device, NitroDocument, Roots, verify};
use adyton_types::UnixTime;
use adyton_vectors::Vectors;

/// No recorded document is fresh; this limit is one day.
const MAX_AGE_SECS: u64 = 86_400;

/// A line of the index that is a document.
struct Row {
    file: String,
    what: String,
    verdict: String,
    bytes: Vec<u8>,
}

fn rows(kind: &str) -> Option<Vec<Row>> {
    let vectors = Vectors::open()?;
    let index = vectors.table("INDEX.tsv").into_iter();
    let rows = index.filter(|cells| cells[1] == kind).map(|cells| Row {
        file: cells[0].clone(),
        what: cells[6].clone(),
        verdict: cells[7].clone(),
        bytes: vectors.read(&cells[0]),
    });
    Some(rows.collect())
}

/// A minute after the document was made.
fn soon(bytes: &[u8]) -> UnixTime {
    let made = NitroDocument::parse(bytes)
        .expect("well-formed")
        .timestamp_ms
        / 1000;
    UnixTime::from_secs(made).plus_secs(60)
}

#[test]
fn every_recorded_document_gives_the_listed_verdict() {
    let Some(rows) = rows("nitro-doc") else {
        return;
    };
    let mut table: BTreeMap<&str, (usize, usize)> = BTreeMap::new();
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for row in &rows {
        let kind = if row.what.contains("DEBUG") {
            "enclave, debug"
        } else {
            "enclave"
        };
        let counts = table.entry(kind).or_default();
        counts.0 += 1;
        let document = NitroDocument::parse(&row.bytes).expect(&row.file);
        // The index cuts the id after the instance.
        let (instance, _) = document.module_id.split_at(22);
        assert!(row.what.contains(instance), "{}", document.module_id);
        assert!(row.what.contains(&format!("{} PCRs", document.pcrs.len())));
        assert!(document.fields().len() > 20);
        match verify(&row.bytes, &Roots::aws(), MAX_AGE_SECS, soon(&row.bytes)) {
            Ok(verified) => {
                assert!(row.verdict.starts_with("valid"), "{}", row.file);
                counts.1 += 1;
                let claims = verified.claims();
                assert_eq!(claims.device, Device::Enclave);
                assert_eq!(claims.debug, row.what.contains("DEBUG"), "{}", row.file);
                assert_eq!(claims.nonce.is_some(), row.what.contains("nonce"));
                assert_eq!(claims.user_data.is_some(), row.what.contains("user_data"));
                assert_eq!(claims.public_key.is_some(), row.what.contains("public_key"));
                assert_eq!(claims.age_secs, 60);
            }
            Err(error) => {
                assert_eq!(row.verdict, "INVALID: COSE signature invalid", "{error}");
                assert_eq!(error.check(), "document-signature");
                *refused.entry(error.check()).or_default() += 1;
            }
        }
    }
    assert!(!table.is_empty());
    println!("documents        files  accepted");
    for (kind, (files, accepted)) in table {
        println!("{kind:<15} {files:>6} {accepted:>9}");
    }
    println!("refused by check: {refused:?}");
}

#[test]
fn a_tampered_document_is_refused_where_it_was_tampered_with() {
    let Some(rows) = rows("nitro-aux") else {
        return;
    };
    for row in rows.iter().filter(|row| row.file.ends_with(".bin")) {
        // Its own timestamp is as in the others, which were made from it.
        let now = soon(&row.bytes);
        let verdict = verify(&row.bytes, &Roots::aws(), MAX_AGE_SECS, now);
        let check = verdict
            .as_ref()
            .map_or_else(adyton_tee_aws_nitro::NitroError::check, |_| "");
        let expected = match () {
            () if row.file.contains("tampered_certificate") => "chain-form",
            () if row.file.contains("tampered_signature") => "document-signature",
            () => "",
        };
        assert_eq!(check, expected, "{}", row.file);
        println!(
            "{}: {}",
            row.file,
            if check.is_empty() { "accepted" } else { check }
        );
    }
}

#[test]
fn a_document_ends_with_its_chain_and_with_its_age() {
    let Some(rows) = rows("nitro-doc") else {
        return;
    };
    for row in rows.iter().filter(|row| row.verdict.starts_with("valid")) {
        let now = soon(&row.bytes);
        let checked = |max_age, now| {
            let error = verify(&row.bytes, &Roots::aws(), max_age, now).expect_err("refused");
            error.check()
        };
        assert_eq!(checked(59, now), "document-fresh");
        assert_eq!(checked(u64::MAX, now.plus_secs(4 * 3600)), "chain-dates");
        assert_eq!(
            checked(u64::MAX, UnixTime::from_secs(now.as_secs() - 86_400)),
            "chain-dates"
        );
    }
}

#[test]
fn a_bit_flipped_in_any_byte_is_refused() {
    let Some(rows) = rows("nitro-doc") else {
        return;
    };
    let valid: Vec<&Row> = rows
        .iter()
        .filter(|row| row.verdict.starts_with("valid"))
        .collect();
    // One payload of definite and one of indefinite length.
    let streamed = valid
        .iter()
        .find(|row| row.file.contains("dstack__nitro_attestation.bin"));
    let counted = valid.iter().find(|row| row.file.contains("b9db8022"));
    for row in [streamed, counted].into_iter().flatten() {
        let now = soon(&row.bytes);
        let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
        for at in 0..row.bytes.len() {
            let mut flipped = row.bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            let error = verify(&flipped, &Roots::aws(), MAX_AGE_SECS, now)
                .expect_err(&format!("byte {at} of {}", row.file));
            *refused.entry(error.check()).or_default() += 1;
        }
        println!(
            "{}: {} bytes flipped, refused by {refused:?}",
            row.file,
            row.bytes.len()
        );
    }
}
