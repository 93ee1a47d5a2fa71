//! TCB info and QE identity: dates, kind, form, and whose they are.

use adyton_pki::SignatureAlgorithm;
use adyton_tee_intel_dcap::SignedDocument;
use adyton_tee_intel_dcap::forge::IntelForge;
use serde_json::{Value, json};

use super::{Deviations, all, refused_by};

pub(super) const DEVIATIONS: &[Deviations] = &[
    (
        IntelForge::tdx,
        &[
            ("tcb-info-dates", |f| {
                f.tcb_info["nextUpdate"] = json!("2026-02-01T00:00:00Z")
            }),
            ("tcb-info-dates", |f| {
                f.tcb_info["issueDate"] = json!("2026-02-03T00:00:00Z")
            }),
            ("tcb-info-kind", |f| f.tcb_info["id"] = json!("SGX")),
            ("tcb-info-kind", |f| f.tcb_info["version"] = json!(2)),
            ("tcb-info-form", |f| f.tcb_info["tcbType"] = json!(1)),
            ("tcb-info-form", |f| f.tcb_info["tcbLevels"] = json!([])),
            ("tcb-info-form", |f| f.tcb_info["fmspc"] = json!("B0C06F")),
            ("tcb-info-form", |f| {
                f.tcb_info["issueDate"] = json!("2026-01-20 00:00:00")
            }),
            ("tcb-info-form", |f| f.tcb_info["tdxModule"] = Value::Null),
            ("tcb-info-form", |f| {
                f.tcb_info["tcbLevels"][0]["tcbStatus"] = json!("Fine")
            }),
            ("tcb-info-form", |f| {
                f.tcb_info["tdxModuleIdentities"][0]["id"] = json!("TDX_1");
            }),
            ("tcb-info-form", |f| {
                let twice = f.tcb_info["tdxModuleIdentities"][0].clone();
                f.tcb_info["tdxModuleIdentities"] = json!([twice, twice]);
            }),
            ("tcb-info-form", |f| {
                f.tcb_info = (0..20).fold(json!(1), |v, _| json!([v]))
            }),
            ("tcb-info-form", |f| {
                let module = &mut f.tcb_info["tdxModuleIdentities"][0];
                module["tcbLevels"] = json!([]);
            }),
            ("tcb-info-form", |f| {
                let module = &mut f.tcb_info["tdxModuleIdentities"][0];
                module["tcbLevels"][0]["tcbStatus"] = json!("SWHardeningNeeded");
            }),
            ("tcb-info-form", |f| {
                let tcb = &mut f.tcb_info["tcbLevels"][1]["tcb"];
                let tcb = tcb.as_object_mut().expect("an object");
                tcb.remove("tdxtcbcomponents");
            }),
            ("tcb-info-form", |f| {
                let tcb = &mut f.tcb_info["tcbLevels"][1]["tcb"];
                let components = tcb["sgxtcbcomponents"].as_array_mut();
                components.expect("a list").pop();
            }),
            ("tcb-info-form", |f| {
                let tcb = &mut f.tcb_info["tcbLevels"][1]["tcb"];
                let components = tcb["tdxtcbcomponents"].as_array_mut();
                components.expect("a list").push(json!({ "svn": 0 }));
            }),
            ("qe-identity-dates", |f| {
                f.qe_identity["nextUpdate"] = json!("2026-02-01T00:00:00Z");
            }),
            ("qe-identity-kind", |f| f.qe_identity["id"] = json!("QE")),
            ("qe-identity-kind", |f| f.qe_identity["version"] = json!(1)),
            ("qe-identity-form", |f| {
                f.qe_identity["mrsigner"] = json!("DC")
            }),
            ("qe-identity-form", |f| {
                f.qe_identity["tcbLevels"] = json!([])
            }),
            ("qe-identity-form", |f| {
                // No quoting enclave has software to harden: whatever it meant would be lost.
                f.qe_identity["tcbLevels"][0]["tcbStatus"] = json!("SWHardeningNeeded");
            }),
            ("qe-identity-form", |f| {
                let both = json!("ConfigurationAndSWHardeningNeeded");
                f.qe_identity["tcbLevels"][0]["tcbStatus"] = both;
            }),
            ("evaluation-number", |f| f.min_evaluation_number = 19),
            ("evaluation-number", |f| {
                f.min_evaluation_number = 18;
                f.qe_identity["tcbEvaluationDataNumber"] = json!(17);
            }),
            ("fmspc", |f| f.platform.fmspc = vec![0; 6]),
            ("pceid", |f| f.platform.pce_id = vec![0, 1]),
        ],
    ),
    (
        IntelForge::sgx,
        &[
            ("tcb-info-kind", |f| f.tcb_info["id"] = json!("TDX")),
            ("qe-identity-kind", |f| f.qe_identity["id"] = json!("TD_QE")),
            ("tcb-info-form", |f| {
                f.tcb_info["tdxModule"] = json!({
                    "mrsigner": "00".repeat(48),
                    "attributes": "00".repeat(8),
                    "attributesMask": "FF".repeat(8),
                });
            }),
            ("tcb-info-form", |f| {
                let tcb = &mut f.tcb_info["tcbLevels"][0]["tcb"];
                tcb["tdxtcbcomponents"] = tcb["sgxtcbcomponents"].clone();
            }),
        ],
    ),
];

#[test]
fn documents() {
    all(DEVIATIONS);
}

#[test]
fn doubled_keys_and_other_answers() {
    let form = |answer: &str| SignedDocument::tcb_info(answer.as_bytes()).unwrap_err();
    let signature = "00".repeat(64);
    let good = format!(r#"{{"tcbInfo": {{"a" : 1}}, "signature":"{signature}"}}"#);
    let document = SignedDocument::tcb_info(good.as_bytes()).unwrap();
    assert_eq!(document.body, br#"{"a" : 1}"#, "the bytes as they are");
    assert!(SignedDocument::qe_identity(good.as_bytes()).is_err());
    for wrong in [
        format!(r#"{{"tcbInfo":{{}},"tcbInfo":{{}},"signature":"{signature}"}}"#),
        r#"{"tcbInfo":{},"signature":"00"}"#.to_owned(),
        "[".repeat(1000),
        "{".to_owned(),
    ] {
        assert_eq!(form(&wrong).check(), "tcb-info-form");
    }
}

/// Numbers are of their width, and nothing else: none is cut.
#[test]
fn numbers_beyond_their_width_are_refused() {
    for wrong in [json!(256), json!(-1), json!(5.0), json!("5"), Value::Null] {
        let svns: [fn(&mut IntelForge) -> &mut Value; 3] = [
            |f| &mut f.tcb_info["tcbLevels"][0]["tcb"]["sgxtcbcomponents"][0]["svn"],
            |f| &mut f.tcb_info["tcbLevels"][0]["tcb"]["tdxtcbcomponents"][15]["svn"],
            |f| &mut f.tcb_info["tdxModuleIdentities"][0]["tcbLevels"][0]["tcb"]["isvsvn"],
        ];
        for (at, svn) in svns.into_iter().enumerate() {
            let mut forge = IntelForge::tdx();
            *svn(&mut forge) = wrong.clone();
            assert_eq!(refused_by(&forge), "tcb-info-form", "{at}: {wrong}");
        }
    }
    let mut forge = IntelForge::tdx();
    forge.tcb_info["tcbLevels"][0]["tcb"]["pcesvn"] = json!(65_536);
    assert_eq!(refused_by(&forge), "tcb-info-form");
    let mut forge = IntelForge::tdx();
    forge.tcb_info["tcbEvaluationDataNumber"] = json!(4_294_967_296_u64);
    assert_eq!(refused_by(&forge), "tcb-info-form");
    for (field, wide) in [("isvprodid", json!(65_536)), ("version", json!(-2))] {
        let mut forge = IntelForge::tdx();
        forge.qe_identity[field] = wide;
        assert_eq!(refused_by(&forge), "qe-identity-form", "{field}");
    }
    let mut forge = IntelForge::tdx();
    forge.qe_identity["tcbLevels"][2]["tcb"]["isvsvn"] = json!(65_536);
    assert_eq!(refused_by(&forge), "qe-identity-form");
}

/// A document as text, with this in place of that, signed as it should be.
fn signed(forge: &IntelForge, document: &Value, this: &str, that: &str) -> SignedDocument {
    let text = document.to_string();
    assert!(text.contains(this), "{this} in {text}");
    let body = text.replacen(this, that, 1).into_bytes();
    let algorithm = SignatureAlgorithm::EcdsaP256Sha256Fixed;
    let signature = forge.signer_key.sign(algorithm, &body);
    SignedDocument {
        body,
        signature: signature.try_into().expect("64 bytes"),
    }
}

/// Two readers that take one the first and one the last of two would read two documents.
#[test]
fn a_field_that_is_there_twice_is_refused_and_one_that_is_unknown_is_not() {
    let forge = IntelForge::tdx();
    let tcb_info = |this: &str, that: &str| {
        let mut bundle = forge.bundle();
        bundle.tcb_info = signed(&forge, &forge.tcb_info, this, that);
        forge.endorse(&bundle).err().map(|error| error.check())
    };
    for (this, that) in [
        (r#""pceId":"#, r#""pceId":"0000","pceId":"#),
        (r#""pcesvn":"#, r#""pcesvn":11,"pcesvn":"#),
        (r#""svn":"#, r#""svn":5,"svn":"#),
        (r#""tcbStatus":"#, r#""tcbStatus":"UpToDate","tcbStatus":"#),
        (r#""advisoryIDs":"#, r#""advisoryIDs":[],"advisoryIDs":"#),
        (r#""id":"TDX_01""#, r#""id":"TDX_01","id":"TDX_01""#),
        (r#""isvsvn":"#, r#""isvsvn":5,"isvsvn":"#),
    ] {
        assert_eq!(tcb_info(this, that), Some("tcb-info-form"), "{that}");
    }
    // Of the part of a module's identity that the rule for all modules has, too.
    let mask = r#""attributesMask":"FFFFFFFFFFFFFFFF","id""#;
    let twice = r#""attributesMask":"FFFFFFFFFFFFFFFF","attributesMask":"0000000000000000","id""#;
    assert_eq!(tcb_info(mask, twice), Some("tcb-info-form"));
    assert_eq!(tcb_info(r#""id":"TDX""#, r#""id":"TDX","more":[{}]"#), None);

    let mut bundle = forge.bundle();
    let (this, that) = (r#""isvprodid":"#, r#""isvprodid":2,"isvprodid":"#);
    bundle.qe_identity = signed(&forge, &forge.qe_identity, this, that);
    assert_eq!(
        forge.endorse(&bundle).unwrap_err().check(),
        "qe-identity-form"
    );
}
