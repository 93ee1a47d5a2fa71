use adyton_codec::Value;
use adyton_crypto::{SigningKey, sign_labelled};
use adyton_types::ReportData;

use super::Cases;
use crate::support::{NOW, World};
use crate::vectors::file::Vector;

const LABEL: &str = "adyton/software-evidence/v1";

fn payload<'a>(data: &'a [u8], protections: &[&'a str], svn: u64) -> Vec<u8> {
    let protections = protections.iter().map(|p| Value::text(p));
    Value::map([
        ("v", Value::text(LABEL)),
        ("report-data", Value::bytes(data)),
        ("executable", Value::bytes(&[0xee; 32])),
        ("svn", Value::Uint(svn)),
        ("protections", Value::Array(protections.collect())),
    ])
    .encode()
}

fn envelope(key: &SigningKey, sign1: &[u8]) -> Vec<u8> {
    Value::map([
        ("key", Value::bytes(&key.verifying_key().to_bytes())),
        ("sign1", Value::bytes(sign1)),
    ])
    .encode()
}

fn signed(key: &SigningKey, data: [u8; 64], protections: &[&str], svn: u64) -> Vec<u8> {
    envelope(
        key,
        &sign_labelled(LABEL, key, &payload(&data, protections, svn)),
    )
}

const ALL: [&str; 5] = ["landlock", "no-core", "seccomp", "secret-memory", "traced"];
const DATA: [u8; 64] = [0x0d; 64];

fn vector(deviation: &str, evidence: &[u8], data: [u8; 64]) -> Vector {
    let world = World::new(1);
    Vector::new(deviation)
        .with("now", NOW.as_secs())
        .with("platform-id", world.platform.fingerprint())
        .with_bytes("measurement", &[0xee; 32])
        .with_bytes("report-data", ReportData::new(data).as_bytes())
        .with_bytes("evidence", evidence)
}

fn case(deviation: &str, evidence: &[u8]) -> Vector {
    vector(deviation, evidence, DATA)
}

pub(super) fn evidence() -> Cases {
    let key = &World::platform_signing_key(1);
    let mut cases = stated(key);
    cases.extend(enveloped(key, &World::platform_signing_key(2)));
    cases
}

/// What the report states.
fn stated(key: &SigningKey) -> Cases {
    let empty = signed(key, [0; 64], &ALL, 1);
    let other = signed(key, [0x0e; 64], &ALL, 1);
    let unknown = signed(key, DATA, &["magic"], 1);
    let unsorted = signed(key, DATA, &["traced", "seccomp"], 1);
    let missing = signed(key, DATA, &ALL[..3], 1);
    let old = signed(key, DATA, &ALL, 0);
    vec![
        ("good", case("none", &signed(key, DATA, &ALL, 1))),
        (
            "other-report-data",
            case("made for another binding", &other),
        ),
        (
            "empty-report-data",
            vector("the report data is all zero", &empty, [0; 64]),
        ),
        (
            "unknown-protection",
            case("a protection that nobody knows", &unknown),
        ),
        (
            "unsorted-protections",
            case("protections out of order", &unsorted),
        ),
        (
            "missing-protections",
            case("two protections did not hold", &missing),
        ),
        ("old-svn", case("security version 0", &old)),
    ]
}

/// Who signs it, and how.
fn enveloped(key: &SigningKey, other: &SigningKey) -> Cases {
    let good = signed(key, DATA, &ALL, 1);
    let body = payload(&DATA, &ALL, 1);
    let mut flipped = good.clone();
    if let Some(last) = flipped.last_mut() {
        *last ^= 1;
    }
    let stolen = envelope(key, &sign_labelled(LABEL, other, &body));
    let label = envelope(key, &sign_labelled("adyton/receipt/v1", key, &body));
    let unpinned = signed(other, DATA, &ALL, 1);
    let trailing = [good.as_slice(), &[0]].concat();
    vec![
        (
            "other-key",
            case("a platform key that is not pinned", &unpinned),
        ),
        (
            "stolen-key",
            case("signed by another key than the one named", &stolen),
        ),
        (
            "other-label",
            case("signed under a receipt's label", &label),
        ),
        ("flipped", case("a flipped bit in the signature", &flipped)),
        ("trailing", case("a byte follows", &trailing)),
    ]
}
