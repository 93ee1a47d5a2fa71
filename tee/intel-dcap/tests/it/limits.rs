//! The last that passes, and the first that does not.

use adyton_codec::hex_encode;
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{
    Document, IntelBundle, IntelError, MAX_QUOTE_BYTES, PckCache, Quote, SignedDocument, TcbStatus,
    Weakness, verify, verify_cached,
};
use adyton_types::ErrorClass;
use serde_json::{Value, json};

fn form(error: &IntelError) -> &'static str {
    match error {
        IntelError::Form { what, .. } => what,
        other => panic!("{other}"),
    }
}

/// The answer of the PCS with this document in it.
fn answer(document: &str) -> Result<SignedDocument, IntelError> {
    let zeros = "00".repeat(64);
    SignedDocument::tcb_info(
        format!(r#"{{"tcbInfo":{document},"signature":"{zeros}"}}"#).as_bytes(),
    )
}

#[test]
fn documents_have_a_size_and_a_depth() {
    // The answer itself is the first level.
    let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
    let deep = "it is nested deeper than 16";
    assert!(answer(&nested(15)).is_ok());
    for depth in [16, 17, 10_000] {
        assert_eq!(form(&answer(&nested(depth)).unwrap_err()), deep);
    }
    let objects = format!("{}1{}", r#"{"a":"#.repeat(16), "}".repeat(16));
    assert_eq!(form(&answer(&objects).unwrap_err()), deep);
    // Beside each other, and in texts, they do not count; behind a text they do.
    assert!(answer(&format!("[{}]", ["[]"; 40].join(","))).is_ok());
    let many = "[".repeat(40);
    for text in [many.clone(), format!(r#"\"{many}"#), format!(r"\\\\{many}")] {
        assert!(answer(&format!("\"{text}\"")).is_ok(), "{text}");
    }
    let behind = format!(r#"["\\",{}]"#, nested(15));
    assert_eq!(form(&answer(&behind).unwrap_err()), deep);

    let padded = |len: usize| {
        let mut bytes = format!(r#"{{"tcbInfo":{{}},"signature":"{}"}}"#, "00".repeat(64));
        bytes.push_str(&" ".repeat(len - bytes.len()));
        SignedDocument::tcb_info(bytes.as_bytes())
    };
    assert!(padded(524_288).is_ok());
    for len in [524_289, 524_290] {
        assert_eq!(form(&padded(len).unwrap_err()), "it is larger than 512 KiB");
    }
    let error = answer("{").unwrap_err();
    assert_eq!(
        (form(&error), error.class()),
        ("it is no JSON", ErrorClass::Malformed)
    );
    let error = SignedDocument::qe_identity(b"{}").unwrap_err();
    assert_eq!(form(&error), "a field is missing, twice there, or wrong");
}

#[test]
fn a_bundle_has_a_size() {
    let forge = IntelForge::tdx();
    let bundle = forge.bundle();
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let json = json!({
        "pck_crl_issuer_chain": text(&bundle.pck_crl_chain),
        "root_ca_crl": hex_encode(&bundle.root_crl),
        "pck_crl": hex_encode(&bundle.pck_crl),
        "tcb_info_issuer_chain": text(&bundle.tcb_info_chain),
        "tcb_info": text(&bundle.tcb_info.body),
        "tcb_info_signature": hex_encode(&bundle.tcb_info.signature),
        "qe_identity_issuer_chain": text(&bundle.qe_identity_chain),
        "qe_identity": text(&bundle.qe_identity.body),
        "qe_identity_signature": hex_encode(&bundle.qe_identity.signature),
    });
    let padded = |len: usize| {
        let mut text = json.to_string().into_bytes();
        text.resize(len, b' ');
        IntelBundle::from_json(&text)
    };
    assert_eq!(padded(2_097_152), Ok(bundle));
    for len in [2_097_153, 2_097_154] {
        let error = padded(len).unwrap_err();
        assert_eq!(form(&error), "the collateral is larger than 2 MiB");
    }
}

#[test]
fn quotes_and_certification_data_have_a_size() {
    let too_large = |len: usize| {
        let error = Quote::parse(&vec![0; len]).unwrap_err();
        matches!(error, IntelError::TooLarge { what: "quote", .. })
    };
    assert!(!too_large(MAX_QUOTE_BYTES) && too_large(MAX_QUOTE_BYTES + 1));
    let mut forge = IntelForge::sgx();
    let mut certified = |kind: u16, len: usize| {
        forge.quote.certification_kind = kind;
        forge.quote.certification = Some(vec![0; len]);
        let quote = forge.quote();
        match Quote::parse(&quote) {
            Ok(quote) => quote.certification.pck_chain().map(<[u8]>::len),
            Err(error) => Err(error),
        }
    };
    assert_eq!(certified(5, 40_960), Ok(40_959));
    for len in [40_961, 40_962] {
        let error = certified(5, len).unwrap_err();
        assert!(matches!(
            error,
            IntelError::TooLarge {
                what: "certification data",
                ..
            }
        ));
        assert_eq!(error.class(), ErrorClass::Malformed);
    }
    for (kind, right) in [(1, 36), (2, 276), (3, 404)] {
        assert_eq!(
            certified(kind, right),
            Err(IntelError::PckNeeded { found: kind })
        );
        for wrong in [right - 1, right + 1] {
            let error = certified(kind, wrong).unwrap_err();
            assert_eq!(error, IntelError::Certification { found: kind });
        }
    }
    for kind in [0, 4, 6, 7] {
        let error = certified(kind, 36).unwrap_err();
        assert_eq!(error, IntelError::Certification { found: kind });
    }
}

#[test]
fn an_evaluation_may_be_the_least_that_is_asked_for() {
    let mut forge = IntelForge::tdx();
    for (min, expected) in [(17, None), (18, None), (19, Some("evaluation-number"))] {
        forge.min_evaluation_number = min;
        assert_eq!(
            forge.endorsements().err().map(|error| error.check()),
            expected
        );
    }
}

#[test]
fn a_quoting_enclave_has_up_to_64_levels() {
    let mut forge = IntelForge::sgx();
    let level = forge.qe_identity["tcbLevels"][0].clone();
    let mut check = |count: usize| {
        forge.qe_identity["tcbLevels"] = Value::Array(vec![level.clone(); count]);
        forge.endorsements().err().map(|error| error.check())
    };
    assert_eq!(check(64), None);
    for count in [0, 65, 66] {
        assert_eq!(check(count), Some("qe-identity-form"), "{count}");
    }
}

#[test]
fn the_cache_knows_whom_it_has_seen() {
    let (first, second) = (IntelForge::tdx(), IntelForge::tdx());
    let cache = PckCache::new(2);
    assert!(cache.is_empty());
    let known = |forge: &IntelForge, quote: &[u8]| {
        let endorsements = forge.endorsements().unwrap();
        let verified = verify_cached(quote, &endorsements, &cache, forge.now).unwrap();
        let mut checks = verified.checks().iter();
        let chain = checks.find(|check| check.name == "pck-chain").unwrap();
        chain.compared.ends_with(", known")
    };
    let quotes = [first.quote(), second.quote()];
    assert!(!known(&first, &quotes[0]) && !cache.is_empty());
    assert!(known(&first, &quotes[0]));
    assert!(!known(&second, &quotes[1]));
    assert_eq!(cache.len(), 2);
    assert!(known(&first, &quotes[0]) && known(&second, &quotes[1]));
    let none = PckCache::new(0);
    let endorsements = first.endorsements().unwrap();
    verify_cached(&quotes[0], &endorsements, &none, first.now).unwrap();
    assert!(none.is_empty());
}

#[test]
fn what_was_compared_is_written_down() {
    let forge = IntelForge::tdx();
    let endorsements = forge.endorsements().unwrap();
    let compared = |name: &str| {
        let mut checks = endorsements.checks().iter();
        checks
            .find(|check| check.name == name)
            .unwrap()
            .compared
            .clone()
    };
    assert_eq!(
        compared("tcb-signer-chain"),
        "Intel SGX TCB Signing < Intel SGX Root CA"
    );
    let now = forge.now.to_string();
    for name in ["tcb-signer-validity", "root-crl", "pck-crl"] {
        assert!(compared(name).contains(&format!("<= {now} <=")), "{name}");
    }
}

#[test]
fn names_are_those_of_intel_and_of_policies() {
    let names = [
        TcbStatus::UpToDate,
        TcbStatus::SwHardeningNeeded,
        TcbStatus::Revoked,
    ];
    let names = names.map(TcbStatus::as_str);
    assert_eq!(names, ["UpToDate", "SWHardeningNeeded", "Revoked"]);
    assert_eq!(Weakness::SeptVe.as_str(), "sept-ve");
    let documents = [Document::TcbInfo, Document::QeIdentity].map(Document::as_str);
    assert_eq!(documents, ["TCB info", "QE identity"]);
    let mut forge = IntelForge::tdx();
    forge.pck_key = adyton_pki::forge::ForgeKey::generate(adyton_pki::KeyKind::P256);
    forge.pck.not_after = adyton_types::UnixTime::from_secs(forge.now.as_secs() - 1);
    let error = forge.verify().unwrap_err();
    assert!(
        error.to_string().contains("PCK certificate chain"),
        "{error}"
    );
}

#[test]
fn flags_of_an_enclave_are_its_own() {
    let mut forge = IntelForge::sgx();
    let mut flags = |attributes: u8| {
        forge.quote.put_body(48, &[attributes]);
        let quote = forge.quote();
        let verified = verify(&quote, &forge.endorsements().unwrap(), forge.now).unwrap();
        let adyton_tee_intel_dcap::QuoteBody::Sgx(report) = &verified.claims().body else {
            panic!("no enclave");
        };
        (report.mode_64(), report.kss())
    };
    assert_eq!(flags(0x05), (true, false));
    assert_eq!(flags(0x81), (false, true));
}

#[test]
fn tcb_info_has_up_to_256_levels_and_modules_from_version_1_on() {
    let mut forge = IntelForge::tdx();
    let level = forge.tcb_info["tcbLevels"][0].clone();
    let mut check = |count: usize| {
        forge.tcb_info["tcbLevels"] = Value::Array(vec![level.clone(); count]);
        forge.endorsements().err().map(|error| error.check())
    };
    assert_eq!(check(256), None);
    for count in [0, 257, 258] {
        assert_eq!(check(count), Some("tcb-info-form"), "{count}");
    }
    for (id, expected) in [
        ("TDX_01", None),
        ("TDX_00", Some("tcb-info-form")),
        ("TDX_+1", Some("tcb-info-form")),
        ("TDX_1", Some("tcb-info-form")),
        ("TDX_001", Some("tcb-info-form")),
    ] {
        let mut forge = IntelForge::tdx();
        forge.tcb_info["tdxModuleIdentities"][0]["id"] = id.into();
        let found = forge.endorsements().err().map(|error| error.check());
        assert_eq!(found, expected, "{id}");
    }
}

#[test]
fn a_platform_says_how_it_is_configured() {
    let forge = IntelForge::tdx();
    let verified = forge.verify().unwrap();
    let platform = &verified.claims().platform;
    assert_eq!(platform.smt_enabled, Some(true));
    assert_eq!(platform.cached_keys, Some(false));
}

#[test]
fn the_longest_body_of_tdx_is_read_to_its_end() {
    use adyton_tee_intel_dcap::{QuoteBody, TD_REPORT_15EX_BYTES};
    let mut forge = IntelForge::tdx15();
    forge.quote.descriptor = Some((4, 885));
    forge.quote.body.resize(TD_REPORT_15EX_BYTES, 0);
    forge.quote.put_body(648, &[7]);
    forge.quote.put_body(884, &[9]);
    // Performance counters, bit 63.
    forge.quote.put_body(127, &[0x80]);
    let verified = forge.verify().unwrap();
    let QuoteBody::Td(report) = &verified.claims().body else {
        panic!("no TD");
    };
    let longest = report.v15_ex.as_ref().unwrap();
    assert_eq!(longest.vm_id, 7);
    assert_eq!(longest.cur_service_td_attributes.last(), Some(&9));
    assert!(report.v15.is_some() && report.td_attributes.perfmon());
    let short = IntelForge::tdx().verify().unwrap();
    let QuoteBody::Td(report) = &short.claims().body else {
        panic!("no TD");
    };
    assert!(report.v15.is_none() && report.v15_ex.is_none());
    assert!(!report.td_attributes.perfmon());
}

/// A byte more at the end, counted in by every length around it: nobody reads it, and nobody signs
/// it.
#[test]
fn nothing_hides_inside_the_signature_data() {
    let longer = |quote: &[u8], lengths: &[usize]| {
        let mut quote = quote.to_vec();
        quote.push(0);
        for at in lengths {
            let field: [u8; 4] = quote[*at..at + 4].try_into().unwrap();
            let length = u32::from_le_bytes(field) + 1;
            quote[*at..at + 4].copy_from_slice(&length.to_le_bytes());
        }
        Quote::parse(&quote)
            .map(|_| ())
            .map_err(|error| error.check())
    };
    let refused = Err("quote-length");
    // Signature data behind header and body, then the block of type 6 behind signature and key.
    let sgx = IntelForge::sgx().quote();
    assert_eq!(longer(&sgx, &[48 + 384]), refused);
    for (quote, at) in [
        (IntelForge::tdx().quote(), 48 + 584),
        (IntelForge::tdx15().quote(), 48 + 6 + 648),
    ] {
        assert_eq!(longer(&quote, &[at]), refused);
        assert_eq!(longer(&quote, &[at, at + 4 + 128 + 2]), refused);
    }
}

#[test]
fn an_event_log_has_a_size() {
    use adyton_tee_intel_dcap::eventlog::{EventLog, EventLogError};
    let too_large = |len: usize| {
        let log = vec![0; len];
        let large = |error: EventLogError| matches!(error, EventLogError::TooLarge { .. });
        let binary = EventLog::parse(&log).err().is_some_and(large);
        let json = EventLog::parse_json(&log).err().is_some_and(large);
        (binary, json)
    };
    assert_eq!(too_large(4_194_304), (false, false));
    assert_eq!(too_large(4_194_305), (true, true));
}

#[test]
fn identities_are_of_the_tees_own_quoting_enclaves() {
    for (forge, id) in [(IntelForge::sgx(), "QE"), (IntelForge::tdx(), "TD_QE")] {
        assert_eq!(forge.qe_identity["id"], id);
        assert!(forge.endorsements().is_ok());
    }
}
