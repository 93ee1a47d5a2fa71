use std::collections::BTreeSet;

use adyton_pki::forge::{CertificateForge, CrlForge, ExtensionForge, ForgeKey};
use adyton_pki::{KeyKind, KeyUsage, SignatureAlgorithm, oids};
use adyton_types::{ErrorClass, Fingerprint, UnixTime};

use crate::forge::{CHIP_ID, ForgedAmd, KEYS, NOW, ReportForge, extension, oid};
use crate::{
    CaChain, Concern, Generation, Requester, Roots, Signer, SigningCa, SnpEndorsements, SnpError,
    SnpReport, VekKind, checks, verify,
};

const KINDS: [VekKind; 2] = [VekKind::Vcek, VekKind::Vlek];

fn milan() -> ForgedAmd {
    ForgedAmd::new(Generation::Milan, VekKind::Vcek)
}

#[test]
fn every_generation_kind_and_version_verifies() {
    for generation in Generation::ALL {
        for kind in KINDS {
            let amd = ForgedAmd::new(generation, kind);
            let endorsements = amd.endorsements(NOW).unwrap();
            for version in 2..=5 {
                let mut report = amd.report();
                report.version(version);
                let report = report.sign(&KEYS.vek);
                let verified = verify(&report, &endorsements, NOW).unwrap();
                let claims = verified.claims();
                assert_eq!(claims.generation, generation);
                assert_eq!(claims.version, u32::from(version));
                assert_eq!(claims.cpuid.is_some(), version >= 3);
                assert_eq!(claims.mitigations.is_some(), version >= 5);
                assert_eq!(
                    claims.chip_id.as_ref().unwrap().len(),
                    generation.chip_id_bytes()
                );
                assert_eq!(claims.concerns(), []);
                assert_eq!(matches!(claims.signer, Signer::Chip), kind == VekKind::Vcek);
                let names: Vec<&str> = verified.checks().iter().map(|check| check.name).collect();
                let made = checks::ALL.iter().map(|rule| rule.name);
                let left_out = ["cert-table", "no-revocation-list"];
                let made: Vec<&str> = made.filter(|name| !left_out.contains(name)).collect();
                assert_eq!(names, made);
            }
        }
    }
}

/// The name of the check that a report fails, altered and then signed by the right key.
fn report_fails(amd: &ForgedAmd, alter: impl FnOnce(&mut ReportForge)) -> &'static str {
    let mut report = amd.report();
    alter(&mut report);
    let endorsements = amd.endorsements(NOW).unwrap();
    verify(&report.sign(&KEYS.vek), &endorsements, NOW)
        .unwrap_err()
        .check()
}

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
    let chain = include_str!("../tests/data/genoa-chain.pem");
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

type Alteration = (&'static str, fn(&mut ForgedAmd));

/// What is wrong with the Endorsements, and the check that has to say so.
const ALTERATIONS: &[Alteration] = &[
    ("ark-signature", |amd| {
        amd.ark.algorithm = Some(SignatureAlgorithm::RsaPssSha256)
    }),
    ("ark-signature", |amd| {
        amd.ark.algorithm = Some(SignatureAlgorithm::RsaPkcs1Sha384)
    }),
    ("ark-profile", |amd| {
        amd.ark = amd.ark.clone().without(&oids::BASIC_CONSTRAINTS)
    }),
    ("ark-profile", |amd| {
        let usage = ExtensionForge::key_usage(KeyUsage::CERT_SIGN);
        amd.ark = amd.ark.clone().with(usage);
    }),
    ("ark-profile", |amd| {
        let (name, key) = ("ARK-Genoa", &KEYS.ark);
        amd.ark = CertificateForge::ca(name, name, key, None);
    }),
    ("ark-dates", |amd| {
        amd.ark.not_after = UnixTime::from_secs(NOW.as_secs() - 1)
    }),
    ("ark-dates", |amd| amd.ark.not_before = NOW.plus_secs(1)),
    ("ca-signature", |amd| {
        amd.ca.algorithm = Some(SignatureAlgorithm::RsaPkcs1Sha384)
    }),
    ("ca-signature", |amd| {
        amd.ca = CertificateForge::ca("SEV-Milan", "ARK-Turin", &KEYS.ca, Some(0));
    }),
    ("ca-profile", |amd| {
        amd.ca = amd.ca.clone().without(&oids::BASIC_CONSTRAINTS)
    }),
    ("ca-profile", |amd| {
        amd.ca = amd.ca.clone().without(&oids::KEY_USAGE)
    }),
    ("ca-profile", |amd| {
        amd.ca = amd
            .ca
            .clone()
            .with(ExtensionForge::basic_constraints(true, None));
    }),
    ("ca-profile", |amd| {
        amd.ca = amd
            .ca
            .clone()
            .with(ExtensionForge::basic_constraints(true, Some(1)));
    }),
    ("ca-profile", |amd| {
        amd.ca = CertificateForge::ca("SEV-Genoa", "ARK-Milan", &KEYS.ca, Some(0));
    }),
    ("ca-dates", |amd| {
        amd.ca.not_after = UnixTime::from_secs(NOW.as_secs() - 1)
    }),
    ("ca-dates", |amd| amd.ca.not_before = NOW.plus_secs(1)),
    ("crl-signature", |amd| amd.crl = CrlForge::new("SEV-Milan")),
    ("crl-signature", |amd| {
        amd.crl.algorithm = Some(SignatureAlgorithm::RsaPssSha256)
    }),
    ("crl-signature", |amd| amd.crl.version = None),
    ("crl-signature", |amd| {
        let delta = ExtensionForge::new(oids::DELTA_CRL, true, &[2, 1, 1]);
        amd.crl.extensions.push(delta);
    }),
    ("crl-dates", |amd| {
        amd.crl.next_update = Some(UnixTime::from_secs(NOW.as_secs() - 1))
    }),
    ("crl-dates", |amd| amd.crl.next_update = None),
    ("crl-dates", |amd| amd.crl.this_update = NOW.plus_secs(1)),
    ("ca-not-revoked", |amd| {
        amd.crl = amd.crl.clone().revoke(&[1, 0, 0])
    }),
    ("ca-not-revoked", |amd| {
        amd.crl = amd.crl.clone().revoke(&[9]).revoke(&[1, 0, 1])
    }),
    ("vek-signature", |amd| {
        amd.vek.algorithm = Some(SignatureAlgorithm::RsaPssSha512)
    }),
    ("vek-signature", |amd| {
        let other = CertificateForge::new("SEV-VCEK", "SEV-VLEK-Milan", &KEYS.vek);
        amd.vek.issuer = other.issuer;
    }),
    ("vek-profile", |amd| {
        let other = CertificateForge::new("SEV-VLEK", "SEV-Milan", &KEYS.vek);
        amd.vek.subject = other.subject;
    }),
    ("vek-profile", |amd| {
        amd.vek.spki = ForgeKey::generate(KeyKind::P256).spki().to_vec();
    }),
    ("vek-profile", |amd| {
        amd.vek = amd
            .vek
            .clone()
            .with(ExtensionForge::basic_constraints(true, None));
    }),
    ("vek-profile", |amd| {
        amd.vek = amd
            .vek
            .clone()
            .with(ExtensionForge::key_usage(KeyUsage::CRL_SIGN));
    }),
    ("vek-profile", |amd| {
        let unknown = ExtensionForge::new(oids::NAME_CONSTRAINTS, true, &[0x30, 0]);
        amd.vek = amd.vek.clone().with(unknown);
    }),
    ("vek-profile", |amd| amd.vek.version = 0),
    ("vek-dates", |amd| {
        amd.vek.not_after = UnixTime::from_secs(NOW.as_secs() - 1)
    }),
    ("vek-dates", |amd| amd.vek.not_before = NOW.plus_secs(1)),
    ("vek-not-revoked", |amd| {
        amd.crl = amd.crl.clone().revoke(&[0])
    }),
    ("vek-extensions", |amd| {
        amd.vek = amd.vek.clone().without(&oid("3.4"))
    }),
    ("vek-extensions", |amd| {
        amd.vek = amd.vek.clone().with(extension("3.8", &[2, 1, 219]))
    }),
    ("vek-extensions", |amd| {
        amd.vek = amd.vek.clone().with(extension("4", &[7; 63]))
    }),
    ("vek-extensions", |amd| {
        let cloud = extension("5", b"\x16\x02CN");
        amd.vek = amd.vek.clone().without(&oid("4")).with(cloud);
    }),
    ("vek-extensions", |amd| {
        amd.vek = amd.vek.clone().with(extension("1", &[2, 1, 1]));
    }),
    ("vek-product", |amd| {
        amd.vek = amd.vek.clone().with(extension("2", b"\x16\x05Genoa"));
    }),
    ("vek-product", |amd| {
        amd.vek = amd.vek.clone().with(extension("2", b"\x16\x04Rome"));
    }),
];

#[test]
fn endorsements_are_refused_by_exactly_the_check_that_they_fail() {
    for (index, (check, alter)) in ALTERATIONS.iter().enumerate() {
        let mut amd = milan();
        alter(&mut amd);
        let error = amd.endorsements(NOW).unwrap_err();
        assert_eq!(error.check(), *check, "alteration {index}: {error:?}");
    }
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
    assert_eq!(verified.claims().concerns(), [Concern::ChipIdMasked]);
    let csp_id = "CN=cc-test.example".to_owned();
    assert_eq!(verified.claims().signer, Signer::Cloud { csp_id });
}

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
