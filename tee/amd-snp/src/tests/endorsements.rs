//! Certificates and lists: until when they vouch, for whom, and under whose root.

use super::*;

#[test]
fn endorsements_end_with_their_first_part() {
    let mut amd = milan();
    amd.crl.next_update = Some(NOW.plus_secs(60));
    let endorsements = amd.endorsements(NOW).unwrap();
    assert_eq!(endorsements.not_after(), NOW.plus_secs(60));
    let report = amd.report().sign(&KEYS.vek);
    assert!(verify(&report, &endorsements, NOW.plus_secs(60)).is_ok());
    let error = verify(&report, &endorsements, NOW.plus_secs(61)).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("endorsements-dates", ErrorClass::Stale)
    );
    let ca = amd.signing_ca(NOW).unwrap();
    let vek = amd.vek.sign(&KEYS.ca);
    assert!(SnpEndorsements::verify(&ca, &vek, NOW.plus_secs(60)).is_ok());
    let error = SnpEndorsements::verify(&ca, &vek, NOW.plus_secs(61)).unwrap_err();
    assert_eq!(error.check(), "endorsements-dates");
}

#[test]
fn endorsements_begin_with_their_last_part() {
    let mut amd = milan();
    let before = UnixTime::from_secs(NOW.as_secs() - 1);
    amd.crl.this_update = NOW;
    let ca = amd.signing_ca(NOW).unwrap();
    let vek = amd.vek.sign(&KEYS.ca);
    let endorsements = SnpEndorsements::verify(&ca, &vek, NOW).unwrap();
    assert_eq!(endorsements.not_before(), NOW);
    let error = SnpEndorsements::verify(&ca, &vek, before).unwrap_err();
    assert_eq!(error.check(), "endorsements-dates");
    let report = amd.report().sign(&KEYS.vek);
    assert!(verify(&report, &endorsements, NOW).is_ok());
    let error = verify(&report, &endorsements, before).unwrap_err();
    assert_eq!(error.check(), "endorsements-dates");
}

/// The one chain of AMD's that is here: its root's key is the one that is pinned.
#[test]
fn amds_own_root_is_pinned() {
    let chain = include_str!("../../tests/data/genoa-chain.pem");
    let chain = adyton_pki::parse_pem_chain(chain.as_bytes()).unwrap();
    let chain = CaChain {
        ark: chain[1].der(),
        ca: chain[0].der(),
    };
    let ca = SigningCa::danger_without_revocation_list(&Roots::amd(), &chain, NOW).unwrap();
    assert_eq!(
        (ca.generation(), ca.kind()),
        (Generation::Genoa, VekKind::Vcek)
    );
}

#[test]
fn endorsements_of_another_key_are_refused() {
    let amd = milan();
    let (ark, ca) = (amd.ark.sign(&KEYS.ark), amd.ca.sign(&KEYS.ark));
    let crl = amd.crl.sign(&KEYS.ark);
    let check = |roots: &Roots, ark: &[u8], ca: &[u8], crl: &[u8]| {
        SigningCa::verify(roots, &CaChain { ark, ca }, crl, NOW)
            .unwrap_err()
            .check()
    };
    let roots = amd.roots();
    assert_eq!(check(&Roots::amd(), &ark, &ca, &crl), "ark-pinned");
    let other = Roots::danger_of(Generation::Milan, Fingerprint::new([7; 32]));
    assert_eq!(check(&other, &ark, &ca, &crl), "ark-pinned");
    // The right key, in a certificate that another signed.
    assert_eq!(
        check(&roots, &amd.ark.sign(&KEYS.ca), &ca, &crl),
        "ark-signature"
    );
    assert_eq!(
        check(&roots, &ark, &amd.ca.sign(&KEYS.ca), &crl),
        "ca-signature"
    );
    assert_eq!(
        check(&roots, &ark, &ca, &amd.crl.sign(&KEYS.ca)),
        "crl-signature"
    );
    assert_eq!(check(&roots, &ark, &ca, &[]), "crl-signature");
    assert_eq!(check(&roots, &[], &ca, &crl), "ark-profile");
    assert_eq!(
        check(&roots, &ark, &[&ca[..], &[0]].concat(), &crl),
        "ca-profile"
    );
    let authority = amd.signing_ca(NOW).unwrap();
    let error = SnpEndorsements::verify(&authority, &amd.vek.sign(&KEYS.ark), NOW).unwrap_err();
    assert_eq!(error.check(), "vek-signature");
    assert_eq!(error.class(), ErrorClass::Rejected);
    let error = SnpEndorsements::verify(&authority, &[0x30, 0], NOW).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("vek-profile", ErrorClass::Malformed)
    );
}

#[test]
fn a_vlek_names_a_cloud_and_no_chip() {
    let amd = ForgedAmd::new(Generation::Genoa, VekKind::Vlek);
    let mut with_chip = amd.clone();
    let chip = extension("4", &[7; 64]);
    with_chip.vek = with_chip.vek.without(&oid("5")).with(chip);
    assert_eq!(
        with_chip.endorsements(NOW).unwrap_err().check(),
        "vek-extensions"
    );
    assert_eq!(report_fails(&amd, |r| _ = r.set(0x48, &[0])), "signing-key");
    let mut masked = amd.report();
    masked.set(0x1a0, &[0; 64]);
    let endorsements = amd.endorsements(NOW).unwrap();
    assert_eq!(endorsements.chip_id(), None);
    let verified = verify(&masked.sign(&KEYS.vek), &endorsements, NOW).unwrap();
    assert_eq!(verified.claims().chip_id, None);
    let concerns = [Concern::ChipIdMasked, Concern::CloudKey];
    assert_eq!(verified.claims().concerns(), concerns);
    let csp_id = "CN=cc-test.example".to_owned();
    assert_eq!(verified.claims().signer, Signer::Cloud { csp_id });
}

#[test]
fn endorsements_say_whose_they_are() {
    for (generation, length) in [(Generation::Milan, 64), (Generation::Turin, 8)] {
        let amd = ForgedAmd::new(generation, VekKind::Vcek);
        let endorsements = amd.endorsements(NOW).unwrap();
        assert_eq!(endorsements.chip_id(), CHIP_ID.get(..length));
    }
    let names = Concern::NoRevocationList.as_str();
    assert_eq!(names, "no-revocation-list");
}

#[test]
fn a_missing_revocation_list_is_said() {
    let amd = milan();
    let (ark, ca) = (amd.ark.sign(&KEYS.ark), amd.ca.sign(&KEYS.ark));
    let chain = CaChain { ark: &ark, ca: &ca };
    let ca = SigningCa::danger_without_revocation_list(&amd.roots(), &chain, NOW).unwrap();
    let endorsements = SnpEndorsements::verify(&ca, &amd.vek.sign(&KEYS.ca), NOW).unwrap();
    let verified = verify(&amd.report().sign(&KEYS.vek), &endorsements, NOW).unwrap();
    assert_eq!(verified.claims().concerns(), [Concern::NoRevocationList]);
    let names: BTreeSet<&str> = verified.checks().iter().map(|check| check.name).collect();
    assert!(names.contains("no-revocation-list"));
    for left_out in [
        "crl-signature",
        "crl-dates",
        "ca-not-revoked",
        "vek-not-revoked",
    ] {
        assert!(!names.contains(left_out));
    }
}

#[test]
fn a_table_that_is_none_is_refused_by_its_check() {
    let error = crate::CertTable::parse(&[1; 30]).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("cert-table", ErrorClass::Malformed)
    );
    assert!(matches!(error, SnpError::CertTable { .. }));
}

#[test]
fn a_root_is_pinned_whole_and_in_date() {
    let amd = milan();
    let is_root = |roots: &Roots, der: &[u8]| SigningCa::is_root(roots, der, NOW);
    let (roots, ark) = (amd.roots(), amd.ark.sign(&KEYS.ark));
    assert!(is_root(&roots, &ark));
    assert!(!is_root(&Roots::amd(), &ark));
    assert!(!is_root(&roots, &amd.ark.sign(&KEYS.ca)));
    assert!(!is_root(&roots, &amd.ca.sign(&KEYS.ark)));
    assert!(!is_root(&roots, &[]));
    let mut ended = amd.ark.clone();
    ended.not_after = UnixTime::from_secs(NOW.as_secs() - 1);
    assert!(!is_root(&roots, &ended.sign(&KEYS.ark)));
    let other = amd.ark.without(&oids::BASIC_CONSTRAINTS);
    assert!(!is_root(&roots, &other.sign(&KEYS.ark)));
}
