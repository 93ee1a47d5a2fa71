use adyton_pki::forge::{CertificateForge, ExtensionForge, octet_string, oid, sequence, tlv};
use adyton_pki::{Oid, oids};
use adyton_tee_nvidia_gpu::forge::{ForgedReport, ForgedWorld};
use adyton_tee_nvidia_gpu::{
    Architecture, DeviceEvidence, NvidiaEndorsements, NvidiaError, Report, verify,
};
use adyton_types::UnixTime;

fn at(evidence: &[u8], endorsements: &NvidiaEndorsements, now: UnixTime) -> &'static str {
    match verify(evidence, endorsements, now) {
        Ok(_) => "nothing",
        Err(error) => error.check(),
    }
}

#[test]
fn manifests_are_in_force_in_their_own_period() {
    let mut world = ForgedWorld::hopper();
    let (first, last) = (ForgedWorld::NOW, ForgedWorld::NOW.plus_secs(100));
    let mut signer = CertificateForge::end_entity("RIM Signer", "RIM CA", &world.rim_key);
    signer.not_before = first;
    signer.not_after = last;
    world.rim_chain[0] = signer.serial(&[3]).certificate(&world.rim_ca_key);
    let endorsements = world.endorsements(&world.gpu_rims());
    assert_eq!(endorsements.not_before(), first);
    assert_eq!(endorsements.not_after(), last);
    let evidence = world.evidence(&ForgedReport::gpu());
    let before = UnixTime::from_secs(first.as_secs() - 1);
    let found =
        [before, first, last, last.plus_secs(1)].map(|now| at(&evidence, &endorsements, now));
    assert_eq!(
        found,
        ["rim-validity", "nothing", "nothing", "rim-validity"]
    );
}

#[test]
fn evidence_has_its_limits() {
    let world = ForgedWorld::hopper();
    let mut evidence = world.evidence(&ForgedReport::gpu());
    let entry = String::from_utf8(evidence[1..evidence.len() - 1].to_vec()).unwrap();
    evidence.resize(1_048_576, b' ');
    assert_eq!(DeviceEvidence::parse_list(&evidence).unwrap().len(), 1);
    evidence.push(b' ');
    let error = DeviceEvidence::parse_list(&evidence).unwrap_err();
    assert!(matches!(error, NvidiaError::TooLong { .. }));
    // Short entries: the limit on devices, not on bytes.
    let short = r#"{"arch":"HOPPER","certificate":"","evidence":"","nonce":"NN"}"#;
    let short = short.replace("NN", &"00".repeat(32));
    let count = |n: usize| {
        let list = format!("[{}]", vec![short.as_str(); n].join(","));
        DeviceEvidence::parse_list(list.as_bytes()).map(|list| list.len())
    };
    assert_eq!(count(32), Ok(32));
    assert!(count(33).is_err() && count(0).is_err() && count(34).is_err());
    assert!(entry.starts_with('{'));
}

fn fwid(algorithm: &Oid, digest: &[u8]) -> Vec<u8> {
    sequence(&[&oid(algorithm), &octet_string(digest)])
}

/// The verdict on a device whose leaf has this DiceTcbInfo in place of the older extension.
fn with_tcb_info(value: &[u8]) -> &'static str {
    let mut world = ForgedWorld::hopper();
    world.replace_leaf(|leaf| {
        let old = Oid::new_unwrap("2.23.133.5.4.1");
        let new = Oid::new_unwrap("2.23.133.5.4.1.1");
        leaf.without(&old)
            .with(ExtensionForge::new(new, false, value))
    });
    let endorsements = world.endorsements(&world.gpu_rims());
    let evidence = world.evidence(&ForgedReport::gpu());
    at(&evidence, &endorsements, ForgedWorld::NOW)
}

#[test]
fn firmware_is_named_in_the_newer_form_too() {
    let vendor = tlv(0x80, b"NVIDIA");
    let good = fwid(&oids::SHA384, &[0xf1; 48]);
    let later = fwid(&oids::SHA384, &[2; 48]);
    let list = |parts: &[&[u8]]| tlv(0xa6, &parts.concat());
    let info = |list: &[u8]| with_tcb_info(&sequence(&[&vendor, list]));
    assert_eq!(info(&list(&[&good])), "nothing");
    // What follows the first is of later layers, and what follows the list of other things.
    assert_eq!(info(&list(&[&good, &later])), "nothing");
    let more = sequence(&[&vendor, &list(&[&good]), &tlv(0x87, &[0])]);
    assert_eq!(with_tcb_info(&more), "nothing");
    assert_eq!(info(&list(&[&later, &good])), "fwid");
    assert_eq!(info(&list(&[])), "fwid");
    assert_eq!(info(&[]), "fwid");
    assert_eq!(info(&list(&[&fwid(&oids::SHA256, &[0xf1; 48])])), "fwid");
    assert_eq!(info(&list(&[&fwid(&oids::SHA384, &[0xf1; 47])])), "fwid");
    let again = [sequence(&[&list(&[&good])]), vec![0]].concat();
    assert_eq!(with_tcb_info(&again), "fwid");
}

/// The verdict on a report with another value of one of the vendor's fields.
fn with_field(kind: u16, value: &[u8]) -> &'static str {
    let world = ForgedWorld::hopper();
    let endorsements = world.endorsements(&world.gpu_rims());
    let mut report = ForgedReport::gpu();
    report.set(kind, Some(value));
    at(&world.evidence(&report), &endorsements, ForgedWorld::NOW)
}

#[test]
fn texts_are_short_and_printable() {
    const DRIVER: u16 = 3;
    assert_eq!(with_field(DRIVER, b"550.90.07"), "nothing");
    assert_eq!(with_field(DRIVER, b"550.90.07\0\0"), "nothing");
    // Read, and a version of no manifest.
    let longest = [&b"5."[..], &[b'5'; 62]].concat();
    assert_eq!(with_field(DRIVER, &longest), "rim-version");
    let longer = [&longest[..], b"5"].concat();
    for wrong in [&[][..], &[0, 0], b"550 90", b"550\x80", b"\n", &longer] {
        assert_eq!(with_field(DRIVER, wrong), "report-form", "{wrong:02x?}");
    }
}

#[test]
fn a_switch_says_whether_it_is_locked() {
    let world = ForgedWorld::new(Architecture::Ls10, "LS_10 A01 FSP FMC LF");
    let rim = adyton_tee_nvidia_gpu::forge::ForgedRim::new("LS10", "96.10.55.00.01", 0..20);
    let endorsements = world.endorsements(&[rim]);
    let locked = |status: Option<&[u8]>| {
        let mut report = ForgedReport::switch(1, &[7]);
        report.set(25, status);
        let evidence = world.evidence(&report);
        let verified = verify(&evidence, &endorsements, ForgedWorld::NOW).unwrap();
        verified.claims().devices[0].locked
    };
    assert_eq!(locked(Some(&[1, 0])), Some(true));
    assert_eq!(locked(Some(&[0, 0])), Some(false));
    assert_eq!(locked(Some(&[1])), Some(false));
    assert_eq!(locked(None), None);
}

/// NVIDIA's names for what a report holds, and a number for what has none.
#[test]
fn opaque_fields_have_their_names() {
    let names = [
        (1, "cert_issuer_name"),
        (2, "cert_authority_key_identifier"),
        (3, "driver_version"),
        (4, "gpu_info"),
        (5, "sku"),
        (6, "vbios_version"),
        (7, "manufacturer_id"),
        (8, "tamper_detection"),
        (9, "smc"),
        (10, "vpr"),
        (11, "nvdec0_status"),
        (12, "msrscnt"),
        (13, "cprinfo"),
        (14, "board_id"),
        (15, "chip_sku"),
        (16, "chip_sku_mod"),
        (17, "project"),
        (18, "project_sku"),
        (19, "project_sku_mod"),
        (20, "fwid"),
        (21, "protected_pcie_status"),
        (22, "switch_pdi"),
        (23, "floorswept_ports"),
        (24, "position_id"),
        (25, "lock_switch_status"),
        (26, "switch_gpu_pdis"),
        (32, "gpu_link_conn"),
        (33, "sys_enable_status"),
        (34, "opaque_data_version"),
        (35, "chip_info"),
        (36, "feature_flag"),
        (999, "type_999"),
    ];
    let world = ForgedWorld::hopper();
    let mut report = ForgedReport::gpu();
    report.opaque = names.iter().map(|(kind, _)| (*kind, vec![7, 7])).collect();
    report.set(17, Some(b"ab\0"));
    report.set(18, Some(b"a"));
    let bytes = report.sign(&world.leaf_key);
    let fields = Report::parse(&bytes).unwrap().fields();
    let value = |name: &str| {
        let name = format!("opaque.{name}");
        let field = fields.iter().find(|field| field.name == name);
        field.unwrap_or_else(|| panic!("{name}")).value.clone()
    };
    for (_, name) in names {
        let expected = match name {
            "project" => "ab",
            "project_sku" => "61",
            _ => "0707",
        };
        assert_eq!(value(name), expected, "{name}");
    }
}

#[test]
fn a_measurement_is_a_digest_of_dmtfs_form() {
    let world = ForgedWorld::hopper();
    let good = ForgedReport::gpu().sign(&world.leaf_key);
    // The first block: index, specification, size, then type and size of the value.
    let altered = |at: usize, value: u8| {
        let mut report = good.clone();
        report[45 + at] = value;
        Report::parse(&report)
            .map(|_| ())
            .map_err(|error| error.check())
    };
    assert_eq!(&good[45..52], &[1, 1, 51, 0, 1, 48, 0]);
    assert_eq!(altered(4, 2), Ok(()));
    for (at, value) in [
        (0, 0),
        (0, 2),
        (1, 0),
        (1, 2),
        (4, 0x81),
        (4, 0x80),
        (5, 47),
        (5, 49),
    ] {
        assert_eq!(altered(at, value), Err("report-form"), "{value} at {at}");
    }
    let too_long = |length: usize| {
        let error = Report::parse(&vec![0; length]).unwrap_err();
        matches!(error, NvidiaError::TooLong { .. })
    };
    let longest = adyton_tee_nvidia_gpu::MAX_REPORT_BYTES;
    assert!(!too_long(longest) && too_long(longest + 1));
}

/// What to fetch, by the report's own words.
#[test]
fn evidence_says_which_manifests_it_needs() {
    let world = ForgedWorld::hopper();
    let evidence = world.evidence(&ForgedReport::gpu());
    let devices = DeviceEvidence::parse_list(&evidence).unwrap();
    let ids = devices[0].rim_ids().unwrap();
    let expected = [
        "NV_GPU_VBIOS_1010_0200_882_96009F0001",
        "NV_GPU_DRIVER_GH100_550.90.07",
    ];
    assert_eq!(ids, expected);
}
