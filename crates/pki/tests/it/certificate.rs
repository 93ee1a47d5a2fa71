use adyton_pki::forge::{CertificateForge, ExtensionForge, ForgeKey, octet_string, pem};
use adyton_pki::{
    Certificate, DerReader, KeyKind, KeyUsage, Oid, PkiError, oids, parse_pem_chain,
    split_first_pem, tag,
};
use adyton_types::{ErrorClass, UnixTime};

fn forge() -> (CertificateForge, ForgeKey) {
    let key = ForgeKey::generate(KeyKind::P256);
    let oid = Oid::new_unwrap("1.2.840.113741.1.13.1");
    let forge = CertificateForge::end_entity("Leaf", "Root", &key).with(ExtensionForge::new(
        oid,
        false,
        &octet_string(b"vendor"),
    ));
    (forge, key)
}

#[test]
fn fields_are_read() {
    let (forge, key) = forge();
    let certificate = forge.clone().serial(&[0, 0x91, 2]).certificate(&key);
    assert_eq!(certificate.subject_common_name(), Some("Leaf"));
    assert_eq!(certificate.issuer_common_name(), Some("Root"));
    assert_eq!(certificate.serial_hex(), "009102");
    assert_eq!(certificate.not_before().to_string(), "2020-01-01T00:00:00Z");
    assert_eq!(certificate.not_after().to_string(), "2040-01-01T00:00:00Z");
    assert_eq!(certificate.public_key(), key.public());
    assert!(!certificate.is_ca());
    let usage = certificate.key_usage().unwrap();
    assert!(usage.allows(KeyUsage::DIGITAL_SIGNATURE) && !usage.allows(KeyUsage::CERT_SIGN));
    let vendor = Oid::new_unwrap("1.2.840.113741.1.13.1");
    assert_eq!(
        certificate.extension(&vendor),
        Some(&octet_string(b"vendor")[..])
    );
    assert_eq!(certificate.extensions().count(), 3);
    let debug = format!("{certificate:?}");
    assert_eq!(debug, "Certificate(Leaf, serial 009102)");
}

#[test]
fn times_before_and_after_2050() {
    let (mut forge, key) = forge();
    forge.not_before = UnixTime::from_secs(0);
    forge.not_after = UnixTime::MAX;
    let certificate = forge.certificate(&key);
    assert_eq!(certificate.not_before(), UnixTime::from_secs(0));
    assert_eq!(certificate.not_after(), UnixTime::MAX);
}

#[test]
fn every_cut_and_every_trailing_byte_is_refused() {
    let (forge, key) = forge();
    let der = forge.sign(&key);
    for cut in 0..der.len() {
        let error = Certificate::parse(&der[..cut]).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Malformed, "{cut}");
    }
    assert!(Certificate::parse(&[&der[..], &[0]].concat()).is_err());
    let error = Certificate::parse(&[0x30; 20_000]).unwrap_err();
    assert_eq!(error.check(), "size");
}

#[test]
fn other_versions_and_doubled_extensions_are_refused() {
    let (good, key) = forge();
    let mut forge = good.clone();
    forge.version = 1;
    let error = Certificate::parse(&forge.sign(&key)).unwrap_err();
    assert_eq!(error.check(), "version");
    let mut forge = good.clone();
    forge.extensions.push(good.extensions[0].clone());
    let error = Certificate::parse(&forge.sign(&key)).unwrap_err();
    let oid = oids::BASIC_CONSTRAINTS.to_string();
    assert_eq!(error, PkiError::DuplicateExtension { oid });
    let mut forge = good;
    forge.serial = vec![1; 22];
    assert!(Certificate::parse(&forge.sign(&key)).is_err());
}

#[test]
fn integers_have_one_encoding() {
    let read = |value: &[u8]| {
        let der = [&[2, u8::try_from(value.len()).unwrap()], value].concat();
        DerReader::single(&der, tag::INTEGER, "it")
            .and_then(|element| element.u64("it"))
            .ok()
    };
    assert_eq!(read(&[0]), Some(0));
    assert_eq!(read(&[0x7f]), Some(127));
    assert_eq!(read(&[0, 0xdb]), Some(0xdb));
    assert_eq!(
        read(&[0, 0xff, 1, 2, 3, 4, 5, 6, 7]),
        Some(0xff01_0203_0405_0607)
    );
    for wrong in [&[][..], &[0xdb], &[0, 0x7f], &[0, 0], &[1; 9]] {
        assert_eq!(read(wrong), None, "{wrong:?}");
    }
}

#[test]
fn strict_pem() {
    let (forge, key) = forge();
    let (one, two) = (forge.sign(&key), forge.serial(&[2]).sign(&key));
    let text = pem(&[&one, &two]);
    let chain = parse_pem_chain(text.as_bytes()).unwrap();
    assert_eq!([chain[0].der(), chain[1].der()], [&one[..], &two[..]]);
    let crlf = text.replace('\n', "\r\n");
    assert_eq!(parse_pem_chain(crlf.as_bytes()).unwrap(), chain);
    assert_eq!(parse_pem_chain(b"").unwrap(), []);
    for wrong in [
        format!("text\n{text}"),
        format!("{text}\0"),
        format!(" {text}"),
        text.replace("-----END", "----END"),
        text.replacen("\n-----END CERTIFICATE-----", "", 1),
        text.replacen("MII", "MI I", 1),
        text.replacen("MII", "MII\n\n", 1),
        text.replacen('\n', "\nname: value\n\n", 1),
        text.trim_end()
            .trim_end_matches("-----END CERTIFICATE-----")
            .to_owned(),
    ] {
        let error = parse_pem_chain(wrong.as_bytes()).unwrap_err();
        assert_eq!(error.check(), "pem", "{wrong}");
    }
    for text in [&text, &crlf] {
        let (first, rest) = split_first_pem(text.as_bytes()).unwrap();
        assert_eq!(first, one);
        assert_eq!(parse_pem_chain(rest).unwrap(), chain[1..]);
        let (last, rest) = split_first_pem(rest).unwrap();
        assert_eq!((last, rest), (two.clone(), &[][..]));
    }
    let open = text.split("-----END").next().unwrap();
    for wrong in ["", "text", open, &format!("x{text}")] {
        let error = split_first_pem(wrong.as_bytes()).unwrap_err();
        assert_eq!(error.check(), "pem", "{wrong}");
    }
    let many = text.repeat(5);
    assert_eq!(
        parse_pem_chain(many.as_bytes()).unwrap_err().check(),
        "path-size"
    );
}
