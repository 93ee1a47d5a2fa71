use std::collections::BTreeMap;

use adyton_tee_amd_snp::{Concern, Requester, Signer, SnpEndorsements, SnpReport, verify};
use adyton_types::UnixTime;

use crate::vectors::Vectors;

#[test]
fn every_recorded_report_gives_the_listed_verdict() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let mut table: BTreeMap<String, (usize, usize, usize)> = BTreeMap::new();
    for row in vectors.rows("snp-report") {
        let bytes = vectors.read(&row.file);
        let report = SnpReport::parse(&bytes).expect("a report");
        assert!(
            row.what
                .starts_with(&format!("SNP report v{}", report.version))
        );
        assert_eq!(report.reserved(), None, "{}", row.file);
        assert!(report.fields().len() >= 27);
        let generation = report.generation().map_or("v2", |g| g.as_str());
        let counts = table
            .entry(format!("v{} {generation}", report.version))
            .or_default();
        counts.0 += 1;
        let Some(endorsements) = vectors.endorsements(&row) else {
            assert!(row.verdict.starts_with("no VEK"), "{}", row.verdict);
            counts.2 += 1;
            continue;
        };
        let verified = verify(&bytes, &endorsements, row.now()).expect(&row.file);
        counts.1 += 1;
        let claims = verified.claims();
        assert!(
            row.what
                .contains(&format!("policy {:#x}", claims.policy.bits()))
        );
        assert!(
            row.what
                .contains(&format!("platform_info {:#x}", claims.platform_info.bits()))
        );
        assert_eq!(row.what.contains("DEBUG"), claims.policy.debug_allowed());
        assert_eq!(
            row.what.contains("CHIP_ID masked"),
            claims.chip_id.is_none()
        );
        assert_eq!(
            row.what.contains("VLEK"),
            matches!(claims.signer, Signer::Cloud { .. })
        );
        let vmpl_one = claims.requester == Requester::Guest { vmpl: 1 };
        assert_eq!(row.what.contains("VMPL 1"), vmpl_one);
        assert!(claims.concerns().contains(&Concern::NoRevocationList));
    }
    assert!(!table.is_empty());
    println!("reports           files  accepted  without a certificate");
    for (kind, (files, accepted, without)) in table {
        println!("{kind:<16} {files:>6} {accepted:>9} {without:>9}");
    }
}

#[test]
fn every_recorded_certificate_gives_the_listed_verdict() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    let mut accepted = 0;
    let rows = vectors
        .rows("amd-vcek")
        .into_iter()
        .chain(vectors.rows("amd-vlek"));
    for row in rows {
        let named = row.verdict.strip_prefix("signed by genuine ");
        let issuer = named.unwrap_or("SEV-Milan");
        let now = row.now();
        let ca = vectors
            .signing_ca(issuer, now)
            .expect("a genuine authority");
        match SnpEndorsements::verify(&ca, &vectors.read(&row.file), now) {
            Ok(endorsements) => {
                assert!(row.verdict.starts_with("signed by genuine"), "{}", row.file);
                assert_levels(&row.what, &endorsements);
                accepted += 1;
            }
            Err(error) => {
                let listed = ["issuer not a genuine", "must NOT verify"];
                let as_listed = listed.iter().any(|words| row.verdict.starts_with(words));
                assert!(as_listed, "{}: {error}", row.file);
                *refused.entry(error.check()).or_default() += 1;
            }
        }
    }
    println!("V*EK certificates: {accepted} accepted; refused by check: {refused:?}");
}

/// The words of an index line: `product Turin bl1 tee0 snp2 ucode71 fmc0 hwid 3b42092f69c656d3(8B)`.
fn assert_levels(what: &str, endorsements: &SnpEndorsements) {
    let tcb = endorsements.tcb();
    for (word, level) in [
        ("bl", Some(tcb.bootloader)),
        ("tee", Some(tcb.tee)),
        ("snp", Some(tcb.snp)),
        ("ucode", Some(tcb.microcode)),
        ("fmc", tcb.fmc),
    ] {
        let listed = what
            .split(' ')
            .find_map(|part| part.strip_prefix(word)?.parse::<u8>().ok());
        // The line of the VLEK leaves out what the others list.
        if listed.is_some() || !what.starts_with("VLEK") {
            assert_eq!(listed, level, "{word} of {what}");
        }
    }
    if let Some((_, id)) = what.split_once("hwid ") {
        let id = id.split('(').next().expect("an id");
        let certified = endorsements.chip_id().expect("a VCEK names a chip");
        assert!(adyton_codec::hex_encode(certified).starts_with(id));
        assert_eq!(what.contains("(8B)"), certified.len() == 8);
    }
}

#[test]
fn endorsements_end_with_the_first_of_their_certificates() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    for row in vectors.rows("snp-report") {
        let Some(endorsements) = vectors.endorsements(&row) else {
            continue;
        };
        let bytes = vectors.read(&row.file);
        let day_after = UnixTime::from_secs(endorsements.not_after().as_secs() + 1);
        for now in [
            day_after,
            UnixTime::from_secs(endorsements.not_before().as_secs() - 1),
        ] {
            let error = verify(&bytes, &endorsements, now).expect_err("outside the dates");
            assert_eq!(error.check(), "endorsements-dates");
        }
    }
}
