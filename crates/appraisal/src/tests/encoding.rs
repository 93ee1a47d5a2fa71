use adyton_codec::Value;

use crate::{AppraisalPolicy, PlatformPolicy};

const FULL: &str = r#"
version = 1
name = "full"
[[platform]]
kind = "tdx"
reference-values = { name = "adyton", signer = "SIGNER", min-serial = 3 }
platform-ids = ["0102030405060708090a0b0c0d0e0f10"]
deny-platform-ids = ["0102030405060708090a0b0c0d0e0f11"]
generations = ["TDX 1.5"]
deny-generations = ["TDX 1.0"]
tcb = { "sgx.1" = 5, pce = 11 }
statuses = { UpToDate = "always", OutOfDate = 30 }
advisories = { INTEL-SA-00001 = "always", INTEL-SA-00002 = 90 }
min-evaluation = 17
concerns = ["sept-ve"]
attributes = { sept-ve-disable = false, quote-version = 5, fmspc = "50806f000000" }
[[platform]]
kind = "snp"
measurements = "any"
tcb = {}
vmpl = [0, 1]
[[platform]]
kind = "nitro"
measurements = ["MEASUREMENT"]
tcb = {}
max-age = 60
[[platform]]
kind = "software"
measurements = ["SIGNER"]
platform-ids = ["SIGNER"]
min-svn = 2
require = ["traced"]
[[platform]]
kind = "sgx"
measurements = ["SIGNER"]
tcb = {}
advisories = "any"
statuses = { OutOfDate = "always" }
"#;

fn full() -> AppraisalPolicy {
    let text = FULL.replace("SIGNER", &"ab".repeat(32));
    text.replace("MEASUREMENT", &"cd".repeat(48))
        .parse()
        .unwrap()
}

#[test]
fn every_rule_goes_there_and_back() {
    for platform in full().platforms() {
        let bytes = platform.to_value().encode();
        let read = PlatformPolicy::from_value(Value::decode(&bytes).unwrap()).unwrap();
        assert_eq!(&read, platform);
        assert_eq!(read.to_value().encode(), bytes);
    }
}

#[test]
fn what_goes_without_saying_is_not_said() {
    let text = "version = 1\nname = \"a\"\n[[platform]]\nkind = \"tdx\"\nmeasurements = \"any\"\n\
                tcb = {}\nstatuses = { UpToDate = \"always\" }\nadvisories = {}\n";
    let policy: AppraisalPolicy = text.parse().unwrap();
    let Value::Map(entries) = policy.platforms()[0].to_value() else {
        panic!()
    };
    let keys: Vec<_> = entries
        .into_iter()
        .map(|(key, _)| key.into_text("key").unwrap().into_owned())
        .collect();
    assert_eq!(keys, ["kind", "platform-ids", "measurements", "tcb"]);
}

#[test]
fn an_unknown_or_missing_key_is_refused() {
    let policy = full();
    for platform in policy.platforms() {
        let Value::Map(entries) = platform.to_value() else {
            panic!()
        };
        let mut more = entries.clone();
        more.push((Value::text("extra"), Value::Null));
        assert!(PlatformPolicy::from_value(Value::Map(more)).is_err());
        for key in ["kind", "platform-ids"] {
            let mut less = entries.clone();
            less.retain(|(name, _)| *name != Value::text(key));
            assert!(PlatformPolicy::from_value(Value::Map(less)).is_err());
        }
    }
}
