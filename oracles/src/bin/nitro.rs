//! Nitro attestation documents: verdicts and speed beside the crate `nitro_attest`, in one run.
//!
//! `cargo run --release --bin nitro -- FOLDER`, the folder of real Evidence

use std::collections::BTreeMap;
use std::hint::black_box;

use adyton_oracles::{Vectors, median_ns, peak_of, table};
use adyton_pki::Certificate;
use adyton_tee_aws_nitro::{NitroDocument, Roots, verify};
use adyton_types::UnixTime;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_ASN1, ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};
use nitro_attest::UnparsedAttestationDoc;
use time::OffsetDateTime;

/// A document's age never decides here: the other side has no such check.
const ANY_AGE_SECS: u64 = u64::MAX;

struct Case {
    file: String,
    document: Vec<u8>,
    valid: bool,
    now: UnixTime,
}

fn main() {
    let vectors = Vectors::open();
    let index = vectors.table("INDEX.tsv");
    let documents = index.iter().filter(|cells| cells[1] == "nitro-doc");
    let cases: Vec<Case> = documents
        .map(|cells| {
            let document = vectors.read(&cells[0]);
            let parsed = NitroDocument::parse(&document).expect("well-formed");
            let made = UnixTime::from_secs(parsed.timestamp_ms / 1000);
            Case {
                file: cells[0].clone(),
                valid: cells[7].starts_with("valid"),
                now: made.plus_secs(1),
                document,
            }
        })
        .collect();
    differential(&cases);
    speed(
        cases
            .iter()
            .find(|case| case.valid)
            .expect("a valid document"),
    );
}

fn ours(document: &[u8], now: UnixTime) -> Result<(), String> {
    let verified = verify(document, &Roots::aws(), ANY_AGE_SECS, now);
    verified
        .map(|_| ())
        .map_err(|error| error.check().to_owned())
}

fn theirs(document: &[u8], now: UnixTime) -> Result<(), String> {
    let now = OffsetDateTime::from_unix_timestamp(now.as_secs() as i64).expect("a time");
    let verified = UnparsedAttestationDoc::from(document).parse_and_verify(now);
    verified
        .map(|_| ())
        .map_err(|error| error.to_string().chars().take(60).collect())
}

/// Every recorded document as it is, at a time when its chain is not valid, with bits flipped, and
/// with a byte after its end.
fn differential(cases: &[Case]) {
    let mut agree = 0;
    let mut differ = BTreeMap::<String, usize>::new();
    let mut note = |what: &str, document: &[u8], now: UnixTime| {
        let (ours, theirs) = (ours(document, now), theirs(document, now));
        if ours.is_ok() == theirs.is_ok() {
            agree += 1;
            return;
        }
        let verdict = |result: &Result<(), String>| match result {
            Ok(()) => "accepts".to_owned(),
            Err(why) => format!("refuses ({why})"),
        };
        let line = format!(
            "{what}: adyton {}, nitro_attest {}",
            verdict(&ours),
            verdict(&theirs)
        );
        *differ.entry(line).or_default() += 1;
    };
    for case in cases {
        assert_eq!(
            ours(&case.document, case.now).is_ok(),
            case.valid,
            "{}",
            case.file
        );
        note("as recorded", &case.document, case.now);
        note("a day later", &case.document, case.now.plus_secs(86_400));
        note(
            "a byte more",
            &[&case.document[..], &[0]].concat(),
            case.now,
        );
        note("tagged", &[&[0xd2], &case.document[..]].concat(), case.now);
        for at in (0..case.document.len()).step_by(23) {
            let mut flipped = case.document.clone();
            flipped[at] ^= 1 << (at % 8);
            note("a bit flipped", &flipped, case.now);
        }
    }
    println!("{} documents; {agree} verdicts agree", cases.len());
    for (line, count) in differ {
        println!("  {count} x {line}");
    }
}

fn speed(case: &Case) {
    let floor = floor(case);
    let times = median_ns(
        30,
        10,
        [
            &mut || floor(),
            &mut || ours(black_box(&case.document), case.now).expect("verifies"),
            &mut || theirs(black_box(&case.document), case.now).expect("verifies"),
        ],
    );
    let names = ["five P-384 signatures alone", "adyton", "nitro_attest"];
    println!("{}", case.file);
    table(&std::array::from_fn::<_, 3, _>(|i| (names[i], times[i])));
    let (floor, faster) = (times[0] / times[1], times[2] / times[1]);
    println!("floor ratio {floor:.2}; {faster:.1} times as fast as nitro_attest");
    let (_, peak) = peak_of(|| ours(&case.document, case.now).expect("verifies"));
    println!("peak heap of one verification: {peak} bytes");
}

/// What the signatures alone cost with the same provider: one P-384 verification for each
/// certificate under the root, and one for the document.
fn floor(case: &Case) -> impl Fn() {
    let document = NitroDocument::parse(&case.document).expect("well-formed");
    let all = document.cabundle.iter().chain([&document.certificate]);
    let chain: Vec<Certificate> = all
        .map(|der| Certificate::parse(der).expect("parses"))
        .collect();
    let signed = document.signed_bytes();
    let signature = &case.document[case.document.len() - 96..];
    move || {
        for pair in chain.windows(2) {
            let key = pair[0].public_key().bytes();
            let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_ASN1, black_box(key));
            key.verify(pair[1].signed_part(), pair[1].signature())
                .expect("verifies");
        }
        let leaf = chain.last().expect("a leaf").public_key().bytes();
        let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, black_box(leaf));
        key.verify(&signed, signature).expect("verifies");
    }
}
