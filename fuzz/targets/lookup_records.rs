#![no_main]
//! An owner's lines and people's keys. The first byte says of which kind and as what.

use adyton_lookup::{Key, KeyKind, Records, Update, ValueForm};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(rest) else {
        return;
    };
    let kind = [KeyKind::Phone, KeyKind::Email, KeyKind::Bytes][usize::from(mode & 3) % 3];
    let form = [ValueForm::Text, ValueForm::Hex][usize::from(mode >> 2 & 1)];
    let bytes = usize::from(mode >> 5) * 8;
    let records = Records::new(kind, form, bytes);
    let has_shape = |key: &Key, value: &[u8]| {
        assert_eq!(
            (key.as_bytes().len(), value.len()),
            (kind.key_bytes(), bytes)
        );
    };
    match mode >> 3 & 3 {
        0 => {
            if let Ok((key, value)) = records.record(text) {
                has_shape(&key, &value);
            }
        }
        1 => match records.change(text) {
            Ok(Update::Put(key, value)) => has_shape(&key, &value),
            Ok(Update::Remove(key)) => has_shape(&key, &vec![0; bytes]),
            Err(error) => drop(error.to_string()),
        },
        2 => match kind.parse(text) {
            Ok(key) => {
                has_shape(&key, &vec![0; bytes]);
                // What stands around a number is no part of it.
                if kind == KeyKind::Phone {
                    let digits: String = text.chars().filter(char::is_ascii_digit).collect();
                    assert_eq!(Ok(key), kind.parse(&format!("+{digits}")));
                }
            }
            Err(error) => drop(error.to_string()),
        },
        _ => {
            let _ = records.header(text, mode & 4 != 0);
            if let Ok(value) = form.parse(text, bytes)
                && form == ValueForm::Hex
            {
                assert!(form.show(&value).starts_with(text));
            }
        }
    }
});
