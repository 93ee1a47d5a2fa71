use adyton_codec::Value;
use adyton_types::{ErrorClass, UnixTime};

use super::{MAX_AGE_SECS, enclave, judge};
use crate::forge::{ForgedNitro, NOW, pcr};
use crate::{Device, MAX_AHEAD_SECS, NitroDocument, checks, verify};

#[test]
fn documents_of_both_devices_verify() {
    for device in [Device::Enclave, Device::NitroTpm] {
        for streamed in [false, true] {
            let mut forged = ForgedNitro::new(device);
            forged.streamed = streamed;
            let bytes = forged.sign();
            let verified = verify(&bytes, &ForgedNitro::roots(), MAX_AGE_SECS, NOW).unwrap();
            let claims = verified.claims();
            assert_eq!(claims.device, device);
            assert!(!claims.debug);
            assert_eq!(claims.user_data.as_deref(), Some(&[0xda; 32][..]));
            assert_eq!(claims.nonce.as_deref(), Some(&[0x9e; 32][..]));
            assert_eq!(claims.public_key, None);
            assert_eq!(claims.age_secs, 0);
            assert!(claims.pcrs_match([(0, &[1; 48]), (8, &[1; 48])]));
            assert!(!claims.pcrs_match([(0, &[2; 48])]) && !claims.pcrs_match([(5, &[0; 48])]));
            let names: Vec<&str> = verified.checks().iter().map(|check| check.name).collect();
            let all: Vec<&str> = checks::ALL.iter().map(|rule| rule.name).collect();
            assert_eq!(names, all);
            // The tag of COSE_Sign1 may be there.
            assert!(judge(&[&[0xd2], &bytes[..]].concat()).is_ok());
        }
    }
}

#[test]
fn fields_are_what_the_document_says() {
    for (device, name) in [(Device::Enclave, "enclave"), (Device::NitroTpm, "nitrotpm")] {
        let bytes = ForgedNitro::new(device).sign();
        let fields = NitroDocument::parse(&bytes).unwrap().fields();
        let value = |name: &str| {
            let field = fields.iter().find(|field| field.name == name);
            field.unwrap().value.clone()
        };
        assert_eq!(value("device"), name);
        let seconds = NOW.as_secs();
        assert_eq!(value("timestamp"), format!("{seconds}000 ms ({NOW})"));
        assert_eq!(value("pcrs.8"), "01".repeat(48));
        assert_eq!(
            (value("public_key"), value("nonce")),
            ("none".to_owned(), "9e".repeat(32))
        );
    }
}

#[test]
fn an_old_document_is_refused_while_its_chain_is_valid() {
    let bytes = enclave().sign();
    let at = |now| verify(&bytes, &ForgedNitro::roots(), MAX_AGE_SECS, now);
    assert_eq!(
        at(NOW.plus_secs(MAX_AGE_SECS)).unwrap().claims().age_secs,
        MAX_AGE_SECS
    );
    let error = at(NOW.plus_secs(MAX_AGE_SECS + 1)).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("document-fresh", ErrorClass::Stale)
    );
    let earlier = |secs| UnixTime::from_secs(NOW.as_secs() - secs);
    assert_eq!(at(earlier(MAX_AHEAD_SECS)).unwrap().claims().age_secs, 0);
    assert_eq!(
        at(earlier(MAX_AHEAD_SECS + 1)).unwrap_err().check(),
        "document-fresh"
    );
}

#[test]
fn a_debug_enclave_is_a_claim() {
    let debug = |device, index: u64, value: Option<u8>| {
        let mut forged = ForgedNitro::new(device);
        let field = if device == Device::Enclave {
            "pcrs"
        } else {
            "nitrotpm_pcrs"
        };
        let mut registers: Vec<_> = [0, 1, 2, 4].map(|i| (Value::Uint(i), pcr(1))).to_vec();
        registers.retain(|(i, _)| *i != Value::Uint(index));
        if let Some(byte) = value {
            registers.push((Value::Uint(index), pcr(byte)));
        }
        forged.set(field, Value::Map(registers));
        judge(&forged.sign()).unwrap().debug
    };
    for index in 0..3 {
        assert!(debug(Device::Enclave, index, Some(0)));
        assert!(debug(Device::Enclave, index, None));
        assert!(!debug(Device::Enclave, index, Some(2)));
        assert!(!debug(Device::NitroTpm, index, Some(0)));
    }
    assert!(!debug(Device::Enclave, 4, Some(0)));
}
