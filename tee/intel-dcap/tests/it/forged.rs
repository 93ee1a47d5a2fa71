//! One deviation each, and the check that has to refuse it.

use adyton_pki::forge::{CertificateForge, CrlForge, ExtensionForge, ForgeKey, name, null};
use adyton_pki::{KeyKind, KeyUsage, Oid};
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{
    IntelError, IntelTee, PckCache, SignedDocument, TcbStatus, Weakness, checks, verify,
    verify_cached,
};
use adyton_types::{ErrorClass, UnixTime};
use serde_json::{Value, json};

type Deviation = (&'static str, fn(&mut IntelForge));

/// The name of the check that refuses it.
fn refused_by(forge: &IntelForge) -> &'static str {
    match forge.verify() {
        Ok(_) => "none",
        Err(error) => error.check(),
    }
}

fn all(make: fn() -> IntelForge, deviations: &[Deviation]) {
    for (at, (check, deviate)) in deviations.iter().enumerate() {
        let mut forge = make();
        deviate(&mut forge);
        assert_eq!(refused_by(&forge), *check, "deviation {at}");
    }
}

fn other_key() -> ForgeKey {
    ForgeKey::generate(KeyKind::P256)
}

#[test]
fn untouched_forgeries_verify() {
    for forge in [IntelForge::tdx(), IntelForge::tdx15(), IntelForge::sgx()] {
        let endorsements = forge.endorsements().unwrap();
        assert_eq!(endorsements.fmspc(), [0xb0, 0xc0, 0x6f, 0, 0, 0]);
        let verified = verify(&forge.quote(), &endorsements, forge.now).unwrap();
        let claims = verified.claims();
        assert_eq!(claims.tcb.status, TcbStatus::UpToDate);
        assert_eq!(claims.tcb.date.to_string(), "2025-05-14T00:00:00Z");
        assert_eq!(claims.report_data.as_bytes(), &[0xab; 64]);
        assert_eq!(claims.platform.ppid, [0x99; 16]);
        assert_eq!(claims.platform.platform_instance_id, Some([0x77; 16]));
        assert_eq!(claims.platform.dynamic_platform, Some(true));
        assert_eq!(claims.platform.cached_keys, Some(false));
        assert_eq!(claims.tcb_evaluation_number, 18);
        assert_eq!(claims.weaknesses(), []);
        assert_eq!(claims.valid_until, endorsements.not_after());
    }
}

#[test]
fn every_check_is_listed_where_it_holds() {
    let forge = IntelForge::tdx15();
    let endorsements = forge.endorsements().unwrap();
    let verified = verify(&forge.quote(), &endorsements, forge.now).unwrap();
    let made: Vec<_> = endorsements
        .checks()
        .iter()
        .chain(verified.checks())
        .collect();
    // The form of the documents has no line of its own: it is what the kind is read from.
    let unlisted = [checks::TCB_INFO_FORM, checks::QE_IDENTITY_FORM];
    for id in checks::ALL.iter().filter(|id| !unlisted.contains(id)) {
        let count = made.iter().filter(|check| check.name == id.name).count();
        assert_eq!(count, 1, "{}", id.name);
    }
}

#[test]
fn structure() {
    all(
        IntelForge::tdx,
        &[
            ("quote-version", |f| f.quote.put_header(0, &[6])),
            ("quote-version", |f| f.quote.put_header(0, &[2])),
            ("attestation-key-type", |f| f.quote.put_header(2, &[3])),
            ("tee-type", |f| f.quote.put_header(4, &[0])),
            ("tee-type", |f| f.quote.put_header(4, &[0x82])),
            ("reserved-zero", |f| f.quote.put_header(8, &[1])),
            ("reserved-zero", |f| f.quote.put_qe(20, &[1])),
            ("qe-vendor-id", |f| f.quote.put_header(12, &[0])),
            ("quote-length", |f| f.quote.body.push(0)),
            ("certification-data", |f| f.quote.outer_kind = 5),
            ("certification-data", |f| f.quote.certification_kind = 7),
            ("certification-data", |f| f.quote.certification_kind = 3),
            ("certification-data", |f| {
                f.quote.certification_kind = 3;
                f.quote.certification = Some(vec![0; 404]);
            }),
        ],
    );
    all(
        IntelForge::tdx15,
        &[
            ("body-type", |f| f.quote.descriptor = Some((9, 648))),
            ("body-type", |f| f.quote.descriptor = Some((3, 649))),
            ("body-type", |f| f.quote.descriptor = Some((2, 648))),
            ("body-type", |f| f.quote.put_header(4, &[0])),
            ("body-type", |f| {
                f.quote.descriptor = Some((1, 384));
                f.quote.body.truncate(384);
            }),
        ],
    );
    all(
        IntelForge::sgx,
        &[
            ("tee-type", |f| f.quote.put_header(4, &[0x81])),
            ("reserved-zero", |f| f.quote.put_body(20, &[1])),
            ("reserved-zero", |f| f.quote.put_body(262, &[1])),
        ],
    );
}

#[test]
fn endorsements_of_the_other_tee_are_refused() {
    let (sgx, tdx) = (IntelForge::sgx(), IntelForge::tdx());
    let error = verify(&tdx.quote(), &sgx.endorsements().unwrap(), tdx.now).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("tee-type", ErrorClass::Misuse)
    );
    let mut forge = IntelForge::tdx();
    forge.tee = IntelTee::Sgx;
    assert_eq!(refused_by(&forge), "tcb-info-kind");
}

#[test]
fn every_cut_and_every_trailing_byte_is_refused() {
    for forge in [IntelForge::tdx(), IntelForge::tdx15(), IntelForge::sgx()] {
        let (endorsements, quote) = (forge.endorsements().unwrap(), forge.quote());
        let refused = |bytes: &[u8]| verify(bytes, &endorsements, forge.now).unwrap_err();
        for cut in 0..quote.len() {
            assert_eq!(refused(&quote[..cut]).check(), "quote-length", "{cut}");
        }
        let longer = [&quote[..], &[0; 32]].concat();
        assert_eq!(refused(&longer).check(), "quote-length");
        assert_eq!(refused(&vec![0; 70_000]).check(), "quote-length");
    }
}

#[test]
fn a_body_of_the_other_tee_and_sgx_in_version_5() {
    let mut forge = IntelForge::sgx();
    forge.quote.put_header(0, &[5]);
    forge.quote.descriptor = Some((1, 384));
    assert_eq!(refused_by(&forge), "none", "version 5 holds enclaves, too");
    forge.quote.put_header(8, &[1]);
    assert_eq!(refused_by(&forge), "reserved-zero");
}

#[test]
fn pck_certificate() {
    all(
        IntelForge::tdx,
        &[
            ("pck-chain", |f| {
                f.quote.certification = Some(f.pck_chain().replace("BEGIN", "BEGUN").into_bytes());
            }),
            ("pck-chain", |f| {
                let chain = f.pck_chain();
                let after = chain.find("-----END").unwrap() + 26;
                f.quote.certification = Some(chain.as_bytes()[after..].to_vec());
            }),
            ("pck-chain", |f| {
                let (root, ca) = (&f.root, &f.ca);
                let key = other_key();
                let leaf = f.pck.clone().with(f.platform.extension()).sign(&key);
                let chain = [leaf, ca.sign(&f.root_key), root.sign(&f.root_key)];
                let chain = chain.each_ref().map(Vec::as_slice);
                f.quote.certification = Some(adyton_pki::forge::pem(&chain).into_bytes());
            }),
            ("pck-chain", |f| {
                let ca = ExtensionForge::basic_constraints(true, None);
                f.pck = f.pck.clone().with(ca);
            }),
            ("pck-chain", |f| {
                let usage = ExtensionForge::key_usage(KeyUsage::KEY_ENCIPHERMENT);
                f.pck = f.pck.clone().with(usage);
            }),
            ("pck-chain", |f| {
                let critical = ExtensionForge::new(Oid::new_unwrap("1.2.3.4"), true, &null());
                f.pck = f.pck.clone().with(critical);
            }),
            ("pck-validity", |f| {
                f.pck.not_after = UnixTime::from_secs(1_769_999_999)
            }),
            ("pck-validity", |f| {
                f.pck.not_before = UnixTime::from_secs(1_770_000_001)
            }),
            ("pck-revocation", |f| {
                f.pck_crl = f.pck_crl.clone().revoke(&[3])
            }),
            ("pck-subject", |f| {
                f.pck.subject = name("Intel SGX TCB Signing")
            }),
            ("pck-extension", |f| f.platform.ppid = vec![0; 15]),
            ("pck-extension", |f| f.platform.components.truncate(15)),
            ("pck-extension", |f| f.platform.sgx_type = 3),
            ("pck-extension", |f| {
                f.platform.sgx_type_tag = adyton_pki::tag::INTEGER
            }),
            ("pck-extension", |f| f.platform.fmspc = vec![0; 7]),
            ("pck-extension", |f| f.platform.extra = vec![1, 2, 3]),
        ],
    );
}

#[test]
fn another_root_is_refused() {
    let (forge, other) = (IntelForge::tdx(), IntelForge::tdx());
    let endorsements = forge.endorsements().unwrap();
    let error = verify(&other.quote(), &endorsements, forge.now).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("pck-chain", ErrorClass::Rejected)
    );
    let error = forge.endorse(&other.bundle()).unwrap_err();
    assert_eq!(error.check(), "tcb-signer-chain");
}

#[test]
fn a_list_of_another_ca_says_nothing_of_this_pck() {
    let mut forge = IntelForge::tdx();
    let quote = forge.quote();
    // Endorsements for the same platform, whose list is of the Processor CA.
    let ca = "Intel SGX PCK Processor CA";
    forge.ca_key = other_key();
    forge.ca = CertificateForge::ca(ca, "Intel SGX Root CA", &forge.ca_key, Some(0)).serial(&[9]);
    forge.pck_crl = CrlForge::new(ca);
    let endorsements = forge.endorsements().unwrap();
    let error = verify(&quote, &endorsements, forge.now).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("pck-revocation", ErrorClass::Stale)
    );
}

#[test]
fn chains_and_lists_of_the_endorsements() {
    all(
        IntelForge::tdx,
        &[
            ("tcb-signer-chain", |f| {
                f.signer.subject = name("Intel SGX PCK Certificate")
            }),
            ("tcb-signer-chain", |f| {
                f.signer.issuer = name("Intel SGX PCK Platform CA")
            }),
            ("tcb-signer-chain", |f| {
                f.signer = f
                    .signer
                    .clone()
                    .with(ExtensionForge::basic_constraints(true, None));
            }),
            ("tcb-signer-validity", |f| {
                f.signer.not_after = UnixTime::from_secs(1_769_999_999)
            }),
            ("tcb-signer-validity", |f| {
                f.root.not_before = UnixTime::from_secs(1_770_000_001)
            }),
            ("tcb-signer-revocation", |f| {
                f.root_crl = f.root_crl.clone().revoke(&[4])
            }),
            ("root-crl", |f| {
                f.root_crl.next_update = Some(UnixTime::from_secs(1_769_999_999))
            }),
            ("root-crl", |f| {
                f.root_crl.this_update = UnixTime::from_secs(1_770_000_001)
            }),
            ("root-crl", |f| f.root_crl.next_update = None),
            ("root-crl", |f| {
                f.root_crl = CrlForge::new("Intel SGX PCK Platform CA")
            }),
            ("pck-crl-issuer", |f| {
                f.root_crl = f.root_crl.clone().revoke(&[2])
            }),
            ("pck-crl-issuer", |f| f.ca.subject = name("Somebody")),
            ("pck-crl-issuer", |f| {
                f.ca.not_after = UnixTime::from_secs(1_769_999_999)
            }),
            ("pck-crl-issuer", |f| {
                let usage = ExtensionForge::key_usage(KeyUsage::CERT_SIGN);
                f.ca = f.ca.clone().with(usage);
            }),
            ("pck-crl", |f| {
                f.pck_crl.next_update = Some(UnixTime::from_secs(1_769_999_999))
            }),
            ("pck-crl", |f| f.pck_crl = CrlForge::new("Somebody")),
            ("pck-crl", |f| f.pck_crl.version = None),
        ],
    );
}

#[test]
fn signatures_of_the_endorsements() {
    let forge = IntelForge::tdx();
    let good = forge.bundle();
    let refused = |bundle| forge.endorse(&bundle).unwrap_err().check();
    let mut bundle = good.clone();
    bundle.tcb_info.signature[5] ^= 1;
    assert_eq!(refused(bundle), "tcb-info-signature");
    let mut bundle = good.clone();
    bundle.qe_identity.body.push(b' ');
    assert_eq!(
        refused(bundle),
        "qe-identity-signature",
        "not the same bytes"
    );
    let mut bundle = good.clone();
    bundle.root_crl = forge.root_crl.sign(&other_key());
    assert_eq!(refused(bundle), "root-crl");
    let mut bundle = good.clone();
    bundle.pck_crl = forge.pck_crl.sign(&other_key());
    assert_eq!(refused(bundle), "pck-crl");
    let mut bundle = good.clone();
    bundle.qe_identity_chain = good.pck_crl_chain.clone();
    assert_eq!(
        refused(bundle),
        "tcb-signer-chain",
        "a PCK CA signs no documents"
    );
    let mut bundle = good;
    bundle.tcb_info_chain = Vec::new();
    assert_eq!(refused(bundle), "tcb-signer-chain");
}

#[test]
fn documents() {
    all(
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
            ("evaluation-number", |f| f.min_evaluation_number = 19),
            ("evaluation-number", |f| {
                f.min_evaluation_number = 18;
                f.qe_identity["tcbEvaluationDataNumber"] = json!(17);
            }),
            ("fmspc", |f| f.platform.fmspc = vec![0; 6]),
            ("pceid", |f| f.platform.pce_id = vec![0, 1]),
        ],
    );
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

#[test]
fn endorsements_have_their_time() {
    let forge = IntelForge::tdx();
    let endorsements = forge.endorsements().unwrap();
    assert_eq!(
        endorsements.not_before().to_string(),
        "2026-01-20T00:00:00Z"
    );
    assert_eq!(endorsements.not_after().to_string(), "2026-02-20T00:00:00Z");
    let at = |now| verify(&forge.quote(), &endorsements, now);
    assert!(at(endorsements.not_before()).is_ok());
    assert!(at(endorsements.not_after()).is_ok());
    let error = at(endorsements.not_after().plus_secs(1)).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("endorsement-period", ErrorClass::Stale)
    );
    assert!(at(UnixTime::from_secs(0)).is_err());
}

#[test]
fn quoting_enclave() {
    all(
        IntelForge::tdx,
        &[
            ("qe-report-signature", |f| {
                f.quote.qe_signer = Some(other_key())
            }),
            ("qe-report-data", |f| f.quote.qe_report_data = Some([0; 64])),
            ("qe-debug", |f| f.quote.put_qe(48, &[0x13])),
            ("qe-identity", |f| f.quote.put_qe(128, &[0])),
            ("qe-identity", |f| f.quote.put_qe(256, &[3])),
            ("qe-identity", |f| f.quote.put_qe(16, &[1])),
            ("qe-identity", |f| f.quote.put_qe(48, &[0x31])),
            ("qe-tcb-level", |f| f.quote.put_qe(258, &[0])),
            ("tcb-revoked", |f| f.quote.put_qe(258, &[1])),
            ("quote-signature", |f| {
                f.quote.quote_signer = Some(other_key())
            }),
        ],
    );
}

#[test]
fn report_data_of_the_qe_end_in_zeros() {
    let mut forge = IntelForge::tdx();
    let key = &forge.quote.attestation_key.public().bytes()[1..];
    let mut report_data = [0; 64];
    let digest = adyton_crypto::sha256(&[key, &forge.quote.qe_auth_data]);
    report_data[..32].copy_from_slice(&digest);
    forge.quote.qe_report_data = Some(report_data);
    assert_eq!(refused_by(&forge), "none");
    report_data[63] = 1;
    forge.quote.qe_report_data = Some(report_data);
    assert_eq!(refused_by(&forge), "qe-report-data");
}

#[test]
fn tcb_of_the_platform() {
    all(
        IntelForge::tdx,
        &[
            ("platform-tcb-level", |f| f.platform.components[15] = 1),
            ("platform-tcb-level", |f| f.platform.pce_svn = 4),
            ("platform-tcb-level", |f| f.quote.put_body(2, &[1])),
            ("tcb-revoked", |f| f.platform.components[15] = 3),
            ("tcb-revoked", |f| f.platform.pce_svn = 10),
            ("tdx-module", |f| f.quote.put_body(64, &[1])),
            ("tdx-module", |f| f.quote.put_body(112, &[1])),
            ("tdx-module", |f| f.quote.put_body(1, &[9])),
            ("tdx-module", |f| {
                let identity = &mut f.tcb_info["tdxModuleIdentities"][0];
                identity["attributesMask"] = json!("FFFFFFFFFFFFFF00");
                f.quote.put_body(119, &[1]);
            }),
            ("tdx-module-tcb-level", |f| f.quote.put_body(0, &[1])),
            ("tcb-revoked", |f| f.quote.put_body(0, &[2])),
        ],
    );
    all(
        IntelForge::tdx15,
        &[
            ("tdx-current-tcb", |f| f.quote.put_body(584, &[1])),
            ("tdx-current-tcb", |f| f.quote.put_body(585, &[9])),
            ("tdx-current-tcb", |f| f.quote.put_body(586, &[1])),
            ("tcb-revoked", |f| f.quote.put_body(584, &[2])),
        ],
    );
}

fn status(forge: &IntelForge) -> (TcbStatus, Vec<String>) {
    let tcb = forge.verify().expect("a good quote").into_claims().tcb;
    (tcb.status, tcb.advisories)
}

#[test]
fn statuses_converge() {
    let mut forge = IntelForge::tdx();
    forge.quote.put_qe(258, &[3]);
    let qe = (TcbStatus::OutOfDate, vec!["INTEL-SA-00615".to_owned()]);
    assert_eq!(status(&forge), qe, "the QE alone");
    forge.quote.put_body(0, &[4]);
    let all = ["INTEL-SA-01036", "INTEL-SA-00615"]
        .map(str::to_owned)
        .to_vec();
    assert_eq!(status(&forge), (TcbStatus::OutOfDate, all), "module and QE");
    forge.tcb_info["tcbLevels"][0]["tcbStatus"] = json!("ConfigurationNeeded");
    assert_eq!(status(&forge).0, TcbStatus::OutOfDateConfigurationNeeded);
    let mut forge = IntelForge::sgx();
    forge.platform.components[3] = 4;
    let claims = forge.verify().unwrap().into_claims();
    assert_eq!(claims.tcb.status, TcbStatus::OutOfDate);
    assert_eq!(
        claims.tcb.date.to_string(),
        "2024-03-13T00:00:00Z",
        "the oldest"
    );
}

#[test]
fn a_td_on_a_tcb_that_was_updated_is_to_be_launched_anew() {
    let mut forge = IntelForge::tdx15();
    forge.quote.put_body(0, &[3]);
    let claims = forge.verify().unwrap().into_claims();
    assert_eq!(claims.tcb.status, TcbStatus::TdRelaunchAdvised);
    assert_eq!(claims.tcb.current.unwrap().status, TcbStatus::UpToDate);
    forge.quote.put_body(584, &[3]);
    assert_eq!(status(&forge).0, TcbStatus::OutOfDate, "not updated");
}

#[test]
fn levels_are_sorted_here() {
    let mut forge = IntelForge::tdx();
    let levels = forge.tcb_info["tcbLevels"].as_array_mut().unwrap();
    levels.reverse();
    let modules = forge.tcb_info["tdxModuleIdentities"][0]["tcbLevels"].as_array_mut();
    modules.unwrap().reverse();
    forge.qe_identity["tcbLevels"]
        .as_array_mut()
        .unwrap()
        .reverse();
    assert_eq!(status(&forge).0, TcbStatus::UpToDate);
}

#[test]
fn a_module_without_identity_is_judged_by_components() {
    let mut forge = IntelForge::tdx();
    forge.quote.put_body(1, &[0]);
    assert_eq!(
        refused_by(&forge),
        "platform-tcb-level",
        "component 1 counts"
    );
    for level in forge.tcb_info["tcbLevels"].as_array_mut().unwrap() {
        level["tcb"]["tdxtcbcomponents"][1]["svn"] = json!(0);
    }
    assert_eq!(status(&forge).0, TcbStatus::UpToDate);
}

#[test]
fn weaknesses_are_claims() {
    let of = |forge: &IntelForge| forge.verify().unwrap().claims().weaknesses();
    let with = |at: usize, byte: u8| {
        let mut forge = IntelForge::tdx15();
        forge.quote.put_body(at, &[byte]);
        of(&forge)
    };
    assert_eq!(with(120, 1), [Weakness::Debug]);
    assert_eq!(with(120, 0x20), [Weakness::Profiling]);
    assert_eq!(with(121, 1), [Weakness::ReservedAttributes]);
    assert_eq!(with(123, 0), [Weakness::SeptVe]);
    assert_eq!(with(123, 0x30), [Weakness::Migratable]);
    assert_eq!(with(123, 0x12), [Weakness::ServtdExt]);
    assert_eq!(with(600, 1), [Weakness::ServiceTd]);
    let mut forge = IntelForge::sgx();
    forge.quote.put_body(48, &[0x17]);
    assert_eq!(of(&forge), [Weakness::Debug, Weakness::ProvisionKey]);
}

#[test]
fn the_cache_saves_signatures_and_nothing_else() {
    let forge = IntelForge::tdx();
    let (quote, endorsements) = (forge.quote(), forge.endorsements().unwrap());
    let cache = PckCache::new(1);
    for _ in 0..2 {
        assert!(verify_cached(&quote, &endorsements, &cache, forge.now).is_ok());
        assert_eq!(cache.len(), 1);
    }
    // The same chain, now revoked: the bytes of the certificates are those of the quote above.
    let mut bundle = forge.bundle();
    bundle.pck_crl = forge.pck_crl.clone().revoke(&[3]).sign(&forge.ca_key);
    let revoking = forge.endorse(&bundle).unwrap();
    let error = verify_cached(&quote, &revoking, &cache, forge.now).unwrap_err();
    assert_eq!(error.check(), "pck-revocation");
    let mut broken = quote.clone();
    broken[100] ^= 1;
    let error = verify_cached(&broken, &endorsements, &cache, forge.now).unwrap_err();
    assert_eq!(error.check(), "quote-signature");
    let other = IntelForge::tdx();
    let error = verify_cached(&quote, &other.endorsements().unwrap(), &cache, forge.now);
    assert_eq!(error.unwrap_err().check(), "pck-chain", "another root");
    let second = other.endorsements().unwrap();
    let one_more = verify_cached(&other.quote(), &second, &cache, forge.now);
    assert!(one_more.is_ok() && cache.len() == 1, "it stays small");
}

/// The CA's text need not be the one that came with the Endorsements.
#[test]
fn the_chain_of_a_quote_may_be_written_otherwise() {
    let mut forge = IntelForge::tdx();
    let endorsements = forge.endorsements().unwrap();
    let chain = forge.pck_chain();
    let mut judge = |text: String| {
        forge.quote.certification = Some(text.into_bytes());
        match verify(&forge.quote(), &endorsements, forge.now) {
            Ok(_) => "none",
            Err(error) => error.check(),
        }
    };
    assert_eq!(judge(chain.clone()), "none");
    assert_eq!(judge(chain.replace('\n', "\r\n")), "none");
    assert_eq!(judge(chain.replace("-----BEGIN", "\n-----BEGIN")), "none");
    assert_eq!(judge(format!("{chain}\n\n")), "none");
    let (leaf, above) = chain.split_at(chain.find("-----END").unwrap() + 26);
    assert_eq!(judge(format!("{leaf}\n\n{above}")), "none");
    for other in [
        leaf.to_owned(),
        String::new(),
        format!("{leaf}x{above}"),
        format!("{leaf}{above} "),
        format!("{leaf} {above}"),
        format!("{leaf}{above}{above}"),
        above.to_owned(),
    ] {
        assert_ne!(judge(other.clone()), "none", "{other}");
    }
}

#[test]
fn a_quote_without_certificate_says_what_to_fetch() {
    let mut forge = IntelForge::tdx();
    let chain = forge.pck_chain();
    forge.quote.certification_kind = 3;
    forge.quote.certification = Some(vec![0; 404]);
    let quote = forge.quote();
    let error = verify(&quote, &forge.endorsements().unwrap(), forge.now).unwrap_err();
    assert_eq!(error, IntelError::PckNeeded { found: 3 });
    assert_eq!(error.class(), ErrorClass::Unavailable);
    let mut bundle = forge.bundle();
    bundle.pck_chain = Some(chain.into_bytes());
    let endorsements = forge.endorse(&bundle).unwrap();
    assert!(verify(&quote, &endorsements, forge.now).is_ok());
}
