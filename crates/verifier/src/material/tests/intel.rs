//! Files of Intel's in a directory: what is missing, old, or of something else is told by name.

use adyton_codec::hex_encode;
use adyton_tee_intel_dcap::forge::{IntelForge, NOW};
use adyton_types::{ErrorClass, Evidence, ReportData, TeeKind, UnixTime};
use serde_json::{Value, json};

use crate::material::{Material, Trust};
use crate::{AuthenticEvidence, Endorsements, VerifyError, authenticate, verify};

/// TCB info, identity of the QE, list of the root, list of the PCK CA, and the signers of each.
fn files(forge: &IntelForge) -> [Vec<u8>; 6] {
    let bundle = forge.bundle();
    let answer = |name: &str, body: Vec<u8>, signature: &[u8]| {
        let body = String::from_utf8(body).unwrap();
        let signature = hex_encode(signature);
        format!(r#"{{"{name}":{body},"signature":"{signature}"}}"#).into_bytes()
    };
    let (tcb_info, identity) = (bundle.tcb_info, bundle.qe_identity);
    [
        answer("tcbInfo", tcb_info.body, &tcb_info.signature),
        answer("enclaveIdentity", identity.body, &identity.signature),
        bundle.root_crl,
        bundle.pck_crl,
        bundle.tcb_info_chain,
        bundle.pck_crl_chain,
    ]
}

fn endorsements(forge: &IntelForge, files: &[Vec<u8>], now: UnixTime) -> Endorsements {
    let mut material = Material::new();
    for file in files {
        material.add(file).unwrap();
    }
    let trust = Trust {
        intel: forge.roots(),
        intel_min_evaluation: forge.min_evaluation_number,
        ..Trust::vendors()
    };
    material.endorse(&trust, now)
}

fn judged(
    forge: &IntelForge,
    files: &[Vec<u8>],
    now: UnixTime,
) -> Result<AuthenticEvidence, VerifyError> {
    authenticate(&evidence(forge), &endorsements(forge, files, now), now)
}

fn evidence(forge: &IntelForge) -> Evidence {
    Evidence {
        kind: forge.tee.kind(),
        bytes: forge.quote(),
    }
}

/// Class, check, and all that a refusal says.
fn told(error: &VerifyError) -> (ErrorClass, &'static str, String) {
    let mut said = error.to_string();
    if let VerifyError::Missing { needed, .. } = error {
        for needed in needed {
            said.push_str(&format!("; {needed}"));
        }
    }
    (error.class(), error.check(), said)
}

#[test]
fn the_forgeries_here_verify() {
    for forge in [IntelForge::sgx(), IntelForge::tdx(), IntelForge::tdx15()] {
        let authentic = judged(&forge, &files(&forge), NOW).unwrap();
        assert_eq!(authentic.claims().kind, forge.tee.kind());
    }
}

#[test]
fn each_file_that_is_missing_is_named() {
    let forge = IntelForge::tdx();
    let all = files(&forge);
    for (at, name) in [
        "TCB info of TDX for FMSPC b0c06f000000",
        "QE identity for TDX",
        "revocation list of Intel's root",
        "revocation list of Intel's PCK",
    ]
    .into_iter()
    .enumerate()
    {
        let mut files = all.to_vec();
        files.remove(at);
        let (class, check, said) = told(&judged(&forge, &files, NOW).unwrap_err());
        assert_eq!((class, check), (ErrorClass::Unavailable, "endorsements"));
        assert!(said.contains(name), "`{name}` in `{said}`");
    }
}

#[test]
fn endorsements_of_other_platforms_and_of_the_other_tee_are_as_good_as_missing() {
    let mut forge = IntelForge::tdx();
    let all = files(&forge);
    forge.platform.fmspc = vec![0x10, 0, 0, 0, 0, 1];
    let (class, _, said) = told(&judged(&forge, &all, NOW).unwrap_err());
    assert_eq!(class, ErrorClass::Unavailable);
    assert!(said.contains("of TDX for FMSPC 100000000001"), "{said}");
    // Intel signs the same documents of SGX for the same machine.
    let mut forge = IntelForge::tdx();
    forge.tcb_info["id"] = json!("SGX");
    forge.tcb_info.as_object_mut().unwrap().remove("tdxModule");
    let (class, _, said) = told(&judged(&forge, &files(&forge), NOW).unwrap_err());
    assert_eq!(class, ErrorClass::Unavailable);
    assert!(said.contains("TCB info of TDX"), "{said}");
}

#[test]
fn a_clock_that_is_far_off_is_told_by_its_time_and_the_dates() {
    let forge = IntelForge::tdx();
    let all = files(&forge);
    for (far, date) in [
        ("2001-01-01T00:00:00Z", "2020-01-01T00:00:00Z"),
        ("2026-01-19T23:59:59Z", "2026-01-20T00:00:00Z"),
        ("2026-02-20T00:00:01Z", "2026-02-20T00:00:00Z"),
        ("2045-01-01T00:00:00Z", "2040-01-01T00:00:00Z"),
    ] {
        let now = far.parse().unwrap();
        let (class, _, said) = told(&judged(&forge, &all, now).unwrap_err());
        assert_eq!(class, ErrorClass::Stale, "{said}");
        assert!(said.contains(far) && said.contains(date), "{said}");
        // The same where they were in date when they were read, as in a broker that runs on.
        let read = endorsements(&forge, &all, NOW);
        let (class, check, said) = told(&authenticate(&evidence(&forge), &read, now).unwrap_err());
        assert_eq!((class, check), (ErrorClass::Stale, "endorsement-period"));
        assert!(said.contains(far), "{said}");
    }
}

#[test]
fn an_older_evaluation_than_is_asked_for_is_stale() {
    let mut forge = IntelForge::tdx();
    forge.min_evaluation_number = 19;
    let (class, check, said) = told(&judged(&forge, &files(&forge), NOW).unwrap_err());
    assert_eq!((class, check), (ErrorClass::Stale, "evaluation-number"));
    assert!(said.contains("18, at least 19 is needed"), "{said}");
}

#[test]
fn a_quote_that_is_said_to_be_of_the_other_tee_is_malformed() {
    for (forge, said_to_be) in [
        (IntelForge::tdx(), TeeKind::Sgx),
        (IntelForge::sgx(), TeeKind::Tdx),
    ] {
        let mut evidence = evidence(&forge);
        evidence.kind = said_to_be;
        let endorsements = endorsements(&forge, &files(&forge), NOW);
        let error = authenticate(&evidence, &endorsements, NOW).unwrap_err();
        assert_eq!(
            (error.class(), error.check()),
            (ErrorClass::Malformed, "kind")
        );
    }
}

#[test]
fn report_data_are_compared_to_the_last_byte_and_zeros_vouch_for_nobody() {
    let forge = IntelForge::tdx();
    let endorsements = endorsements(&forge, &files(&forge), NOW);
    let bound = |forge: &IntelForge, data: [u8; 64]| {
        verify(&evidence(forge), &endorsements, &ReportData::new(data), NOW)
    };
    assert!(bound(&forge, [0xab; 64]).is_ok());
    for at in [0, 31, 32, 63] {
        let mut other = [0xab; 64];
        other[at] ^= 1;
        let error = bound(&forge, other).unwrap_err();
        assert_eq!(error.check(), "report-data");
        let (expected, found) = (other.into(), [0xab; 64].into());
        assert_eq!(error, VerifyError::ReportData { expected, found });
    }
    let mut forge = forge;
    forge.quote.put_body(520, &[0; 64]);
    let error = bound(&forge, [0; 64]).unwrap_err();
    assert_eq!(error, VerifyError::EmptyReportData);
}

/// What a policy may ask for is among the claims, under its own name.
#[test]
fn flags_and_ids_of_the_platform_are_claims() {
    let forge = IntelForge::tdx();
    let authentic = judged(&forge, &files(&forge), NOW).unwrap();
    let claims = authentic.claims();
    assert_eq!(claims.platform_id.as_bytes(), [0x77; 16]);
    let attribute = |name: &str| claims.attributes[name].to_string();
    for (name, value) in [
        ("dynamic-platform", "true"),
        ("cached-keys", "false"),
        ("smt-enabled", "true"),
        ("ppid", &"99".repeat(16)),
        ("xfam", &"00".repeat(8)),
        ("mr-config-id", &"00".repeat(48)),
    ] {
        assert_eq!(attribute(name), value, "{name}");
    }
    let mut single = IntelForge::tdx();
    single.platform.platform_parts = false;
    let authentic = judged(&single, &files(&single), NOW).unwrap();
    assert_eq!(authentic.claims().platform_id.as_bytes(), [0x99; 16]);
    let evaluations = |tcb_info: Value, identity: Value| {
        let mut forge = IntelForge::tdx();
        forge.tcb_info["tcbEvaluationDataNumber"] = tcb_info;
        forge.qe_identity["tcbEvaluationDataNumber"] = identity;
        let authentic = judged(&forge, &files(&forge), NOW).unwrap();
        authentic.claims().standing.as_ref().unwrap().evaluation
    };
    assert_eq!(evaluations(json!(20), json!(17)), 17, "the older counts");
    assert_eq!(evaluations(json!(16), json!(17)), 16);
}

/// Intel gives out two evaluations beside each other, and issues both anew each day.
#[test]
fn of_two_evaluations_the_later_counts_whichever_was_issued_last() {
    let mut forge = IntelForge::tdx();
    let mut all = files(&forge).to_vec();
    forge.tcb_info["tcbEvaluationDataNumber"] = json!(19);
    forge.tcb_info["issueDate"] = json!("2026-01-15T00:00:00Z");
    forge.tcb_info["tcbLevels"][0]["tcbStatus"] = json!("OutOfDate");
    forge.qe_identity["tcbEvaluationDataNumber"] = json!(19);
    forge.qe_identity["issueDate"] = json!("2026-01-15T00:00:00Z");
    all.extend_from_slice(&files(&forge)[..2]);
    for min in [0, 19] {
        forge.min_evaluation_number = min;
        let authentic = judged(&forge, &all, NOW).unwrap();
        let standing = authentic.claims().standing.clone().unwrap();
        assert_eq!(standing.evaluation, 19, "{min}");
        assert_eq!(standing.status, "OutOfDate");
    }
    // One that has ended counts for nothing beside one that has not.
    let later = "2026-02-20T00:00:00Z".parse().unwrap();
    let mut ended = all.clone();
    forge.tcb_info["nextUpdate"] = json!("2026-02-19T00:00:00Z");
    forge.qe_identity["nextUpdate"] = json!("2026-02-19T00:00:00Z");
    ended.truncate(6);
    ended.extend_from_slice(&files(&forge)[..2]);
    forge.min_evaluation_number = 0;
    let authentic = judged(&forge, &ended, later).unwrap();
    let standing = authentic.claims().standing.as_ref().unwrap();
    assert_eq!(standing.evaluation, 18);
}
