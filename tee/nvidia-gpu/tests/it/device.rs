use adyton_pki::forge::{AnswerForge, ExtensionForge, ForgeKey, OcspForge, null, sequence};
use adyton_pki::{KeyKind, KeyUsage, OcspResponse, Oid, oids};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedRim, ForgedWorld};
use adyton_tee_nvidia_gpu::{
    Architecture, DEVICE_CHECKS, Mode, NvidiaEndorsements, Report, verify,
};
use adyton_types::{ErrorClass, UnixTime};

pub(crate) fn failed(evidence: &[u8], endorsements: &NvidiaEndorsements) -> &'static str {
    match verify(evidence, endorsements, ForgedWorld::NOW) {
        Ok(_) => "nothing",
        Err(error) => error.check(),
    }
}

pub(crate) struct Setting {
    pub(crate) world: ForgedWorld,
    endorsements: NvidiaEndorsements,
}

impl Setting {
    pub(crate) fn new() -> Self {
        let world = ForgedWorld::hopper();
        let endorsements = world.endorsements(&world.gpu_rims());
        Self {
            world,
            endorsements,
        }
    }

    pub(crate) fn failed(&self, change: impl FnOnce(&mut ForgedReport)) -> &'static str {
        let mut report = ForgedReport::gpu();
        change(&mut report);
        failed(&self.world.evidence(&report), &self.endorsements)
    }

    pub(crate) fn with_rims(&self, rims: &[ForgedRim]) -> &'static str {
        let endorsements = self.world.endorsements(rims);
        failed(&self.world.evidence(&ForgedReport::gpu()), &endorsements)
    }
}

#[test]
fn an_unchanged_device_verifies_with_every_check() {
    let setting = Setting::new();
    let evidence = setting.world.evidence(&ForgedReport::gpu());
    let verified = verify(&evidence, &setting.endorsements, ForgedWorld::NOW).unwrap();
    let made: Vec<_> = verified.checks().iter().map(|check| check.name).collect();
    assert_eq!(made, DEVICE_CHECKS.map(|check| check.name));
    let claims = verified.into_claims();
    assert_eq!(claims.nonce, [0xab; 32]);
    let device = &claims.devices[0];
    assert_eq!(device.architecture, Architecture::Hopper);
    assert_eq!(device.driver_version.as_deref(), Some("550.90.07"));
    assert_eq!(device.vbios_version, "96.00.9F.00.01");
    assert_eq!(device.firmware, [0xf1; 48]);
    assert_eq!(device.mode, Mode::SinglePassthrough);
    // 40 golden values, of which NVDEC0's is not judged while that is off.
    assert_eq!(device.measured, 39);
}

#[test]
fn every_flipped_bit_and_every_cut_of_a_report_is_refused() {
    let setting = Setting::new();
    let good = ForgedReport::gpu().sign(&setting.world.leaf_key);
    let pem = ForgedWorld::pem(&setting.world.chain);
    let verdict = |report: &[u8]| {
        let entry = ForgedReport::entry(Architecture::Hopper, &[0xab; 32], report, &pem);
        failed(format!("[{entry}]").as_bytes(), &setting.endorsements)
    };
    assert_eq!(verdict(&good), "nothing");
    for at in (0..good.len()).step_by(13) {
        let mut altered = good.clone();
        altered[at] ^= 1 << (at % 8);
        assert_ne!(verdict(&altered), "nothing", "byte {at}");
        assert!(Report::parse(&good[..at]).is_err(), "cut at {at}");
    }
    assert_eq!(
        setting.failed(|report| report.tail = vec![0]),
        "report-form"
    );
}

#[test]
fn the_evidence_is_a_list_of_devices() {
    let setting = Setting::new();
    let good = String::from_utf8(setting.world.evidence(&ForgedReport::gpu())).unwrap();
    let changed =
        |from: &str, to: &str| failed(good.replacen(from, to, 1).as_bytes(), &setting.endorsements);
    assert_eq!(changed("HOPPER", "VOLTA"), "evidence-form");
    assert_eq!(changed("\"arch\"", "\"debug\":1,\"arch\""), "evidence-form");
    assert_eq!(changed("\"nonce\":\"ab", "\"nonce\":\""), "evidence-form");
    assert_eq!(changed("[{", "{"), "evidence-form");
    assert_eq!(failed(b"[]", &setting.endorsements), "evidence-form");
    let many = format!("[{}]", vec![&good[1..good.len() - 1]; 33].join(","));
    assert_eq!(
        failed(many.as_bytes(), &setting.endorsements),
        "evidence-form"
    );
    let long = vec![b' '; adyton_tee_nvidia_gpu::MAX_EVIDENCE_BYTES + 1];
    assert_eq!(failed(&long, &setting.endorsements), "evidence-form");
}

#[test]
fn a_report_answers_one_request_for_everything() {
    let setting = Setting::new();
    for at in 0..4 {
        let refused = setting.failed(|report| report.request_head[at] ^= 1);
        assert_eq!(refused, "request", "byte {at}");
    }
    assert_eq!(setting.failed(|report| report.slot = 1), "request");
    // The response names the slot whose key signed it (DSP0274 1.1.3 table 54).
    assert_eq!(
        setting.failed(|report| report.response_head[3] = 1),
        "request"
    );
    assert_eq!(
        setting.failed(|report| report.response_head[1] = 0x7f),
        "report-form"
    );
    assert_eq!(
        setting.failed(|report| report.measurements.clear()),
        "report-form"
    );
    let twice = |report: &mut ForgedReport| report.opaque.push((6, vec![0; 8]));
    assert_eq!(setting.failed(twice), "report-form");
    for field in [3, 6, 15, 17, 18] {
        assert_eq!(
            setting.failed(|report| report.set(field, None)),
            "report-form"
        );
    }
    let long = |report: &mut ForgedReport| report.set(6, Some(&[0, 0x9f, 0, 0x96, 1, 0, 0, 1]));
    assert_eq!(setting.failed(long), "report-form");
}

#[test]
fn a_report_answers_the_nonce() {
    let setting = Setting::new();
    assert_eq!(setting.failed(|report| report.nonce = [0; 32]), "nonce");
    let report = ForgedReport::gpu().sign(&setting.world.leaf_key);
    let pem = ForgedWorld::pem(&setting.world.chain);
    let entry = ForgedReport::entry(Architecture::Hopper, &[1; 32], &report, &pem);
    let other = failed(format!("[{entry}]").as_bytes(), &setting.endorsements);
    assert_eq!(other, "nonce");
}

#[test]
fn the_chain_ends_at_the_root_by_every_rule() {
    let chain = |change: fn(&mut ForgedWorld)| {
        let mut setting = Setting::new();
        change(&mut setting.world);
        setting.failed(|_| {})
    };
    assert_eq!(
        chain(|world| drop(world.chain.remove(1))),
        "certificate-chain"
    );
    assert_eq!(
        chain(|world| drop(world.chain.remove(0))),
        "certificate-chain"
    );
    assert_eq!(chain(|world| world.chain.swap(0, 1)), "certificate-chain");
    assert_eq!(chain(|world| world.chain.clear()), "certificate-chain");
    let others = chain(|world| world.chain[2] = ForgedWorld::hopper().chain[2].clone());
    assert_eq!(others, "certificate-chain");
    let expired = chain(|world| {
        world.replace_leaf(|mut leaf| {
            leaf.not_after = UnixTime::from_secs(1_700_000_000);
            leaf
        });
    });
    assert_eq!(expired, "certificate-chain");
    let usage = ExtensionForge::key_usage(KeyUsage::KEY_ENCIPHERMENT);
    let mut setting = Setting::new();
    setting.world.replace_leaf(|leaf| leaf.with(usage));
    assert_eq!(setting.failed(|_| {}), "certificate-chain");
    let critical = ExtensionForge::new(Oid::new_unwrap("1.2.3"), true, &null());
    setting.world.replace_leaf(|leaf| leaf.with(critical));
    assert_eq!(setting.failed(|_| {}), "certificate-chain");
}

#[test]
fn the_leaf_is_of_the_architecture() {
    let named = |name: &str| {
        let world = ForgedWorld::new(Architecture::Hopper, name);
        failed(&world.evidence(&ForgedReport::gpu()), &world.no_rims())
    };
    assert_eq!(named("GH100 A01 GSP FMC LF"), "rim-version");
    assert_eq!(named("GB100 A01 GSP FMC LF"), "architecture");
    assert_eq!(named("NVIDIA GH100 Identity"), "architecture");
}

#[test]
fn the_leaf_was_made_for_the_firmware_that_reports() {
    let setting = Setting::new();
    assert_eq!(
        setting.failed(|report| report.set(20, Some(&[0xf2; 48]))),
        "fwid"
    );
    assert_eq!(
        setting.failed(|report| report.set(20, Some(&[0xf1; 32]))),
        "fwid"
    );
    // Firmware that does not repeat it: the leaf alone says it.
    assert_eq!(setting.failed(|report| report.set(20, None)), "nothing");
    let extension = |value: Option<Vec<u8>>| {
        let mut setting = Setting::new();
        let oid = Oid::new_unwrap("2.23.133.5.4.1");
        setting.world.replace_leaf(|leaf| match value {
            None => leaf.without(&oid),
            Some(value) => leaf.with(ExtensionForge::new(oid, false, &value)),
        });
        setting.failed(|_| {})
    };
    assert_eq!(extension(None), "fwid");
    assert_eq!(extension(Some(null())), "fwid");
    assert_eq!(extension(Some(sequence(&[&null()]))), "fwid");
    let mut both = Setting::new();
    let tcb_info = ExtensionForge::new(Oid::new_unwrap("2.23.133.5.4.1.1"), false, &null());
    both.world.replace_leaf(|leaf| leaf.with(tcb_info));
    assert_eq!(both.failed(|_| {}), "fwid");
}

#[test]
fn every_issuer_has_to_be_known_as_good() {
    let setting = Setting::new();
    let world = &setting.world;
    let evidence = world.evidence(&ForgedReport::gpu());
    let answered = |answer: Option<AnswerForge>, key: &ForgeKey| {
        let mut endorsements = NvidiaEndorsements::danger_under(world.roots());
        if let Some(answer) = answer {
            let response = OcspForge::new(vec![answer]).sign(key);
            endorsements.add_ocsp(OcspResponse::parse(&response).unwrap());
        }
        let error = verify(&evidence, &endorsements, ForgedWorld::NOW).unwrap_err();
        (error.check(), error.class())
    };
    let good = AnswerForge::good(&world.chain[1], world.chain[2].public_key());
    let with = |answer| answered(Some(answer), &world.responder);
    let rejected = ("revocation", ErrorClass::Rejected);
    assert_eq!(with(good.clone()), ("rim-version", ErrorClass::Unavailable));
    assert_eq!(with(good.clone().revoked(1)), rejected);
    assert_eq!(with(good.clone().revoked(6)), rejected);
    assert_eq!(with(good.clone().unknown()), rejected);
    let stranger = ForgeKey::generate(KeyKind::P384);
    assert_eq!(answered(Some(good.clone()), &stranger), rejected);
    let none = answered(None, &stranger);
    assert_eq!(none, ("revocation", ErrorClass::Unavailable));
    let mut old = good;
    old.next_update = Some(UnixTime::from_secs(1_700_000_000));
    assert_eq!(with(old), ("revocation", ErrorClass::Stale));
}

#[test]
fn only_the_leaf_signs() {
    let setting = Setting::new();
    let report = ForgedReport::gpu().sign(&setting.world.brom_key);
    let pem = ForgedWorld::pem(&setting.world.chain);
    let entry = ForgedReport::entry(Architecture::Hopper, &[0xab; 32], &report, &pem);
    let other = failed(format!("[{entry}]").as_bytes(), &setting.endorsements);
    assert_eq!(other, "report-signature");
}

#[test]
fn the_mode_is_known_and_not_contradicted() {
    let setting = Setting::new();
    let mode = |flag: Option<&[u8]>, status: Option<&[u8]>| {
        setting.failed(|report| {
            report.set(36, flag);
            report.set(21, status);
        })
    };
    assert_eq!(mode(Some(&[1, 0]), Some(&[0x55])), "nothing");
    assert_eq!(mode(Some(&[2, 0]), Some(&[0xaa])), "nothing");
    assert_eq!(mode(None, Some(&[0xaa])), "nothing");
    assert_eq!(mode(None, None), "nothing");
    assert_eq!(mode(Some(&[3, 0]), None), "mode");
    assert_eq!(mode(Some(&[0, 1]), None), "mode");
    assert_eq!(mode(None, Some(&[0])), "mode");
    assert_eq!(mode(Some(&[0, 0]), Some(&[0xaa])), "mode");
    assert_eq!(mode(Some(&[2, 0]), Some(&[0x55])), "mode");
}

#[test]
fn fields_name_what_is_in_a_report() {
    let signed = ForgedReport::gpu().sign(&ForgeKey::generate(KeyKind::P384));
    let fields = Report::parse(&signed).unwrap().fields();
    let value = |name: &str| {
        let mut found = fields.iter().filter(|field| field.name == name);
        found
            .next()
            .map(|field| field.value.clone())
            .unwrap_or_default()
    };
    assert_eq!(value("opaque.driver_version"), "550.90.07");
    assert_eq!(value("opaque.feature_flag"), "0000");
    assert_eq!(value("measurements.63"), "3f".repeat(48));
    assert_eq!(value("request.nonce"), "ab".repeat(32));
    assert_eq!(oids::SHA384.to_string(), "2.16.840.1.101.3.4.2.2");
}
