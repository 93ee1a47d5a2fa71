mod alterations;
mod claims;
mod endorsements;
mod reports;

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
                let cloud = match kind {
                    VekKind::Vcek => &[][..],
                    VekKind::Vlek => &[Concern::CloudKey],
                };
                assert_eq!(claims.concerns(), cloud);
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
