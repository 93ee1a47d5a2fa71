//! What a report that verifies says.

use super::*;

#[test]
fn what_weakens_evidence_is_a_claim() {
    let concerns = |alter: fn(&mut ReportForge)| {
        let amd = milan();
        let mut report = amd.report();
        alter(&mut report);
        let endorsements = amd.endorsements(NOW).unwrap();
        let verified = verify(&report.sign(&KEYS.vek), &endorsements, NOW).unwrap();
        verified.claims().concerns()
    };
    assert_eq!(concerns(|_| ()), []);
    assert_eq!(concerns(|r| _ = r.set(0x0a, &[0x0b])), [Concern::Debug]);
    assert_eq!(
        concerns(|r| _ = r.set(0x0a, &[0x07])),
        [Concern::MigrationAgent]
    );
    assert_eq!(
        concerns(|r| _ = r.set(0x0b, &[0x04])),
        [Concern::UnknownPolicyBits]
    );
    assert_eq!(
        concerns(|r| _ = r.set(0x0f, &[0x80])),
        [Concern::UnknownPolicyBits]
    );
    // Bit 25, which earlier parsers refuse, is known: it forbids swapping pages.
    assert_eq!(concerns(|r| _ = r.set(0x0b, &[0x02])), []);
    assert_eq!(concerns(|r| _ = r.set(0x30, &[1])), [Concern::Requester]);
    assert_eq!(
        concerns(|r| _ = r.set(0x30, &[0xff; 4])),
        [Concern::Requester]
    );
    assert_eq!(
        concerns(|r| _ = r.set(0x1e7, &[200])),
        [Concern::ProvisionalFirmware]
    );
    assert_eq!(
        concerns(|r| _ = r.set(0x1ec, &[28])),
        [Concern::ProvisionalFirmware]
    );
    assert_eq!(
        concerns(|r| _ = r.set(0x40, &[0x05])),
        [Concern::AliasCheckMissing]
    );
    assert_eq!(
        concerns(|r| _ = r.set(0x1a0, &[0; 64])),
        [Concern::ChipIdMasked]
    );
}

#[test]
fn claims_are_the_fields_of_the_report() {
    let amd = ForgedAmd::new(Generation::Turin, VekKind::Vcek);
    let mut report = amd.report();
    report.set(0x04, &[9]).set(0x30, &[2]).set(0x48, &[0b11]);
    report
        .set(0xc0, &[0xc0; 32])
        .set(0xe0, &[0xe0; 48])
        .set(0x110, &[0x11; 48]);
    report
        .set(0x160, &[0x16; 32])
        .set(0x1f8, &[3])
        .set(0x200, &[7]);
    let bytes = report.sign(&KEYS.vek);
    let verified = verify(&bytes, &amd.endorsements(NOW).unwrap(), NOW).unwrap();
    let claims = verified.into_claims();
    assert_eq!(claims.guest_svn, 9);
    assert_eq!(claims.requester, Requester::Guest { vmpl: 2 });
    assert_eq!(claims.report_data.as_bytes(), &[0xda; 64]);
    assert_eq!(claims.measurement, [0x3e; 48]);
    assert_eq!(claims.host_data, [0xc0; 32]);
    assert_eq!(claims.id_key_digest, Some([0xe0; 48]));
    assert_eq!(claims.author_key_digest, Some([0x11; 48]));
    assert_eq!(claims.report_id_ma, Some([0x16; 32]));
    assert!(claims.mask_chip_key && claims.revocation_checked);
    let mut mitigations = claims.mitigations.unwrap();
    assert!(mitigations.cover(3) && mitigations.cover(1) && !mitigations.cover(4));
    // What was in effect at launch and is no longer, and what is now and was not.
    (mitigations.launch, mitigations.current) = (5, 3);
    assert!(mitigations.cover(1) && !mitigations.cover(2) && !mitigations.cover(4));
    let fields = SnpReport::parse(&bytes).unwrap().fields();
    let value = |name: &str| {
        let field = fields.iter().find(|field| field.name == name);
        field.unwrap().value.clone()
    };
    assert_eq!(
        value("reported_tcb"),
        "fmc 1 bootloader 4 tee 0 snp 24 microcode 219"
    );
    assert_eq!(value("current_version"), "1.55.29");
    assert_eq!(value("current_mit_vector"), "0x7");
}

#[test]
fn keys_of_the_id_block_are_claims_only_where_they_are_enabled() {
    for (bits, author, masked) in [(0, false, false), (1, true, false), (2, false, true)] {
        let amd = milan();
        let mut report = amd.report();
        report.set(0x48, &[bits]).set(0x110, &[0x11; 48]);
        let bytes = report.sign(&KEYS.vek);
        let verified = verify(&bytes, &amd.endorsements(NOW).unwrap(), NOW).unwrap();
        assert_eq!(verified.claims().author_key_digest.is_some(), author);
        assert_eq!(verified.claims().mask_chip_key, masked);
        assert_eq!(verified.claims().report_id_ma, None);
    }
}
