use adyton_codec::Value;
use adyton_crypto::SigningKey;

/// Sets the field at `path` of a dCBOR map, or takes it out.
pub(crate) fn edited(bytes: &[u8], path: &[&str], to: Option<&Value<'_>>) -> Vec<u8> {
    edit(Value::decode(bytes).unwrap(), path, to).encode()
}

fn edit<'a>(value: Value<'a>, path: &[&str], to: Option<&Value<'a>>) -> Value<'a> {
    let Value::Map(entries) = value else {
        panic!("{path:?} leads into no map");
    };
    let (field, rest) = path.split_first().unwrap();
    let mut out = Vec::new();
    let mut found = false;
    for (key, value) in entries {
        if !matches!(&key, Value::Text(text) if text == field) {
            out.push((key, value));
            continue;
        }
        found = true;
        if !rest.is_empty() {
            out.push((key, edit(value, rest, to)));
        } else if let Some(to) = to {
            out.push((key, to.clone()));
        }
    }
    if let (false, Some(to)) = (found, to) {
        out.push((Value::Text((*field).to_owned().into()), to.clone()));
    }
    Value::Map(out)
}

/// Signs a request anew after it was edited.
pub(crate) fn resigned_request(bytes: &[u8], key: &SigningKey) -> Vec<u8> {
    let unsigned = edited(bytes, &["sig"], None);
    let signature = key.sign(&[b"adyton/release-request/v1\0", unsigned.as_slice()].concat());
    edited(&unsigned, &["sig"], Some(&Value::bytes(&signature)))
}
