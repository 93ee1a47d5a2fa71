//! What a report is refused for.

use super::*;

#[test]
fn a_report_is_refused_by_exactly_the_check_that_it_fails() {
    let amd = milan();
    let at = |at: usize, bytes: &'static [u8]| {
        report_fails(&amd, |report| {
            report.set(at, bytes);
        })
    };
    for version in [0, 1, 6] {
        assert_eq!(
            report_fails(&amd, |r| _ = r.set(0, &[version])),
            "report-version"
        );
    }
    for reserved in [
        0x4c, 0x4f, 0x18b, 0x19f, 0x1eb, 0x1ef, 0x208, 0x29f, 0x330, 0x49f,
    ] {
        assert_eq!(at(reserved, &[1]), "reserved-zero", "{reserved:#x}");
    }
    assert_eq!(at(0x48, &[1 << 5]), "reserved-zero");
    assert_eq!(
        report_fails(&amd, |r| _ = r.version(2).set(0x188, &[1])),
        "reserved-zero"
    );
    assert_eq!(
        report_fails(&amd, |r| _ = r.version(4).set(0x1f8, &[1])),
        "reserved-zero"
    );
    assert_eq!(at(0x34, &[2]), "signature-algorithm");
    assert_eq!(at(0x0a, &[1]), "policy-form");
    assert_eq!(at(0x30, &[4]), "vmpl-form");
    for signing_key in [1_u8, 2, 7] {
        assert_eq!(
            report_fails(&amd, |r| _ = r.set(0x48, &[signing_key << 2])),
            "signing-key"
        );
    }
    assert_eq!(at(0x188, &[0x19, 0x11]), "generation");
    assert_eq!(at(0x188, &[0x1a, 0x50]), "generation");
    for version in 3..=5 {
        let other = report_fails(&amd, |r| _ = r.version(version).set(0x188, &[0x19, 0x11]));
        assert_eq!(other, "generation", "version {version}");
    }
    assert_eq!(at(0x1a0, &[0xc2]), "chip-id");
    assert_eq!(at(0x1df, &[0xc2]), "chip-id");
    for tcb in [0x38, 0x180, 0x1e0, 0x1f0] {
        assert_eq!(
            report_fails(&amd, |r| _ = r.set(tcb + 2, &[1])),
            "tcb-layout"
        );
    }
    for component in [0x180, 0x181, 0x186, 0x187] {
        assert_eq!(
            report_fails(&amd, |r| _ = r.set(component, &[1])),
            "tcb-certified"
        );
    }
    assert_eq!(at(0x38, &[3]), "tcb-order");
    assert_eq!(at(0x1e0, &[5]), "tcb-order");
    assert_eq!(at(0x1ec, &[30]), "tcb-order");
}

#[test]
fn a_turin_report_is_read_in_the_layout_of_turin() {
    let amd = ForgedAmd::new(Generation::Turin, VekKind::Vcek);
    // What follows the eight bytes of the chip's id, and the reserved bytes of its TCB versions.
    assert_eq!(report_fails(&amd, |r| _ = r.set(0x1a8, &[1])), "chip-id");
    assert_eq!(report_fails(&amd, |r| _ = r.set(0x184, &[1])), "tcb-layout");
    assert_eq!(
        report_fails(&amd, |r| _ = r.set(0x180, &[0])),
        "tcb-certified"
    );
    let mut report = amd.report();
    report.version(2);
    let verified = verify(
        &report.sign(&KEYS.vek),
        &amd.endorsements(NOW).unwrap(),
        NOW,
    );
    assert_eq!(verified.unwrap().claims().reported_tcb.fmc, Some(1));
}

#[test]
fn a_signature_is_of_the_right_key_over_the_bytes_received() {
    let amd = milan();
    let endorsements = amd.endorsements(NOW).unwrap();
    let check = |bytes: &[u8]| verify(bytes, &endorsements, NOW).unwrap_err().check();
    let report = amd.report();
    assert_eq!(check(&report.sign(&KEYS.stranger)), "report-signature");
    let good = report.sign(&KEYS.vek);
    let mut altered = good.clone();
    altered[0x50] ^= 1;
    assert_eq!(check(&altered), "report-signature");
    let mut longer = good.clone();
    longer[0x2a0 + 48] = 1;
    assert_eq!(check(&longer), "signature-encoding");
    let mut zero = good.clone();
    zero[0x2a0..0x2d0].fill(0);
    assert_eq!(check(&zero), "report-signature");
    // R as large as the group's order allows, and beyond.
    zero[0x2a0..0x2d0].fill(0xff);
    assert_eq!(check(&zero), "report-signature");
    assert_eq!(check(&good[..1183]), "report-length");
    assert_eq!(check(&[&good[..], &[0]].concat()), "report-length");
    assert_eq!(check(&[]), "report-length");
}

#[test]
fn fields_are_those_of_the_version() {
    for (version, count) in [(2, 27), (3, 28), (4, 28), (5, 30)] {
        let mut report = milan().report();
        report.version(version);
        let fields = SnpReport::parse(&report.0).unwrap().fields();
        let has = |name: &str| fields.iter().any(|field| field.name == name);
        assert_eq!(fields.len(), count, "version {version}");
        assert_eq!(
            (has("cpuid"), has("launch_mit_vector")),
            (version >= 3, version >= 5)
        );
    }
}
