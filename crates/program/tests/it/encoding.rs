use adyton_codec::{CodecError, Value};
use adyton_program::{Manifest, ManifestError};
use adyton_types::ErrorClass;
use proptest::prelude::*;

use crate::support::{BOB, FULL, manifest};

type Entries<'v> = Vec<(Value<'v>, Value<'v>)>;

/// The full manifest as a tree in which a test changes one thing.
fn tree(change: impl for<'v> FnOnce(&mut Entries<'v>)) -> Vec<u8> {
    let bytes = manifest(FULL).encode();
    let Value::Map(mut entries) = Value::decode(&bytes).unwrap() else {
        panic!()
    };
    change(&mut entries);
    Value::Map(entries).encode()
}

/// The error when the value at `path` is replaced. A path goes by keys of maps and, as digits,
/// indices of arrays.
fn with(path: &[&str], value: Value<'static>) -> ManifestError {
    let bytes = tree(|entries| {
        let mut root = Value::Map(std::mem::take(entries));
        *find(&mut root, path) = value;
        let Value::Map(changed) = root else { panic!() };
        *entries = changed;
    });
    let error = Manifest::decode(&bytes).expect_err("it was taken");
    assert_eq!(error.class(), ErrorClass::Malformed);
    error
}

fn find<'t, 'v>(mut at: &'t mut Value<'v>, path: &[&str]) -> &'t mut Value<'v> {
    for step in path {
        at = match at {
            Value::Array(items) => &mut items[step.parse::<usize>().unwrap()],
            Value::Map(entries) => {
                let (_, value) = entries
                    .iter_mut()
                    .find(|(key, _)| *key == Value::text(step))
                    .unwrap();
                value
            }
            _ => panic!("{step}"),
        };
    }
    at
}

#[test]
fn round_trips() {
    for text in [FULL, "name = 'p'\ncomponent = 'x'"] {
        let manifest = manifest(text);
        let again = Manifest::decode(&manifest.encode()).unwrap();
        assert_eq!(again, manifest);
        assert_eq!(again.measurement(), manifest.measurement());
    }
}

#[test]
fn every_part_is_measured() {
    let base = manifest(FULL).measurement();
    for (from, to) in [
        ("heart-model", "heart-modem"),
        ("\"50\"", "\"51\""),
        ("\"--rounds\", \"50\"", "\"--rounds 50\""),
        ("stdout = \"log\"", ""),
        ("stderr = \"log\"", "stderr = \"model\""),
        ("clock = \"host\"", ""),
        ("debug = true", ""),
        ("MODE", "MODES"),
        ("train", "trains"),
        ("A = \"\"", ""),
        ("64 MiB", "65 MiB"),
        ("5m", "6m"),
        ("hospital-b", "hospital-c"),
        (
            "name = \"hospital-a\"\nbroker = \"ab",
            "name = \"hospital-a\"\nbroker = \"ac",
        ),
        ("max-bytes = 4096", "max-bytes = 4097"),
        (
            "\"age1zvkyg2lqzraa2lnjvqej32nkuu0ues2s82hzrye869xeexvn73equnujwj\",",
            "",
        ),
    ] {
        let changed = FULL.replace(from, to);
        assert_ne!(changed, FULL, "{from}");
        assert_ne!(manifest(&changed).measurement(), base, "{from}");
    }
    let path = FULL.replace("target/heart.wasm", "elsewhere.wasm");
    assert_eq!(manifest(&path).measurement(), base);
}

#[test]
fn every_key_is_required_and_no_other_is_taken() {
    for index in 0..14 {
        let mut key = String::new();
        let bytes = tree(|entries| {
            let (removed, _) = entries.remove(index);
            key = format!("{removed:?}");
        });
        let error = Manifest::decode(&bytes).unwrap_err();
        assert!(
            matches!(error, ManifestError::Codec(CodecError::MissingField { .. })),
            "{key}: {error}"
        );
    }
    let bytes = tree(|entries| entries.push((Value::text("extra"), Value::Null)));
    assert!(matches!(
        Manifest::decode(&bytes),
        Err(ManifestError::Codec(CodecError::UnknownField { .. }))
    ));
}

#[test]
fn other_spellings_of_the_same_are_refused() {
    let bytes = tree(|entries| {
        let root = entries
            .iter_mut()
            .find(|(key, _)| *key == Value::text("inputs"));
        let Some((_, Value::Array(inputs))) = root else {
            panic!()
        };
        inputs.reverse();
    });
    assert_eq!(Manifest::decode(&bytes), Err(ManifestError::NotNormal));
    let twice = Value::Array(vec![Value::text(BOB), Value::text(BOB)]);
    assert_eq!(
        with(&["outputs", "0", "recipients"], twice),
        ManifestError::NotNormal
    );
}

#[test]
fn each_rule_holds_for_the_encoded_form_too() {
    let codec = |error: &ManifestError| matches!(error, ManifestError::Codec(_));
    assert!(codec(&with(&["v"], Value::text("adyton/program/v2"))));
    assert!(codec(&with(
        &["component", "sha384"],
        Value::bytes(&[0; 47])
    )));
    assert!(codec(&with(&["env"], Value::Array(vec![]))));
    assert!(codec(&with(&["args", "0"], Value::Uint(1))));
    assert!(codec(&with(
        &["inputs", "0", "broker"],
        Value::bytes(&[0; 31])
    )));
    assert!(codec(&with(&["inputs", "0", "broker"], Value::text("x"))));
    assert!(codec(&with(&["debug"], Value::Null)));
    assert!(codec(&with(&["stdout"], Value::Bool(false))));

    assert!(matches!(
        with(&["kind"], Value::text("image")),
        ManifestError::Kind { .. }
    ));
    assert!(matches!(
        with(&["name"], Value::text("A")),
        ManifestError::Name(_)
    ));
    assert!(matches!(
        with(&["component", "size"], Value::Uint((256 << 20) + 1)),
        ManifestError::ComponentSize { .. }
    ));
    assert!(matches!(
        with(&["inputs", "0", "name"], Value::text("hospital-b")),
        ManifestError::InputTwice { .. }
    ));
    assert!(matches!(
        with(&["outputs", "1", "name"], Value::text("log")),
        ManifestError::OutputTwice { .. }
    ));
    assert!(matches!(
        with(&["outputs", "1", "recipients"], Value::Array(vec![])),
        ManifestError::Recipients { .. }
    ));
    assert!(matches!(
        with(&["outputs", "1", "recipients", "0"], Value::text("age1")),
        ManifestError::Recipient { .. }
    ));
    assert!(matches!(
        with(&["outputs", "1", "max-bytes"], Value::Uint(0)),
        ManifestError::OutputSize { .. }
    ));
    assert!(matches!(
        with(&["stderr"], Value::text("x")),
        ManifestError::NoSuchOutput { .. }
    ));
    assert!(matches!(
        with(&["limits", "memory-bytes"], Value::Uint(1)),
        ManifestError::Memory { .. }
    ));
    assert!(matches!(
        with(&["limits", "time-secs"], Value::Uint(0)),
        ManifestError::Time { .. }
    ));
    for key in ["clock", "network"] {
        assert!(matches!(
            with(&[key], Value::text("x")),
            ManifestError::Choice { .. }
        ));
    }
    assert_eq!(
        Manifest::decode(&[0; 65_537]),
        Err(ManifestError::TooLong { found: 65_537 })
    );
}

proptest! {
    #[test]
    fn any_bytes_are_refused_or_are_the_encoding(
        at in 0..600_usize,
        byte in any::<u8>(),
        junk in proptest::collection::vec(any::<u8>(), 0..200),
    ) {
        prop_assert!(Manifest::decode(&junk).is_err());
        let mut bytes = manifest(FULL).encode();
        let index = at % bytes.len();
        bytes[index] = byte;
        if let Ok(read) = Manifest::decode(&bytes) {
            prop_assert_eq!(read.encode(), bytes);
        }
    }
}
