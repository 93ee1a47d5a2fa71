use std::collections::BTreeMap;

use adyton_tee_amd_snp::{CaChain, Roots, SigningCa, SnpEndorsements, verify};

use crate::vectors::Vectors;

/// One report of each version, by a part of its name.
const REPORTS: [&str; 4] = ["v2_120d77b2", "v3_227a641d", "v5_85da705e", "v3_decdab94"];

#[test]
fn a_bit_flipped_in_any_byte_of_a_report_is_refused() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    for part in REPORTS {
        let rows = vectors.rows("snp-report");
        let row = rows
            .iter()
            .find(|row| row.file.contains(part))
            .expect("the report");
        let endorsements = vectors.endorsements(row).expect("its certificate");
        let bytes = vectors.read(&row.file);
        let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
        for at in 0..bytes.len() {
            let mut flipped = bytes.clone();
            flipped[at] ^= 1 << (at % 8);
            let error = verify(&flipped, &endorsements, row.now()).expect_err("refused");
            *refused.entry(error.check()).or_default() += 1;
        }
        println!(
            "{part}: {} bytes flipped, refused by {refused:?}",
            bytes.len()
        );
    }
}

#[test]
fn a_bit_flipped_in_any_byte_of_a_vek_certificate_is_refused() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    for part in REPORTS {
        let rows = vectors.rows("snp-report");
        let row = rows
            .iter()
            .find(|row| row.file.contains(part))
            .expect("the report");
        let (vek, ca) = row.certificates().expect("its certificate");
        let ca = vectors
            .signing_ca(ca, row.now())
            .expect("a genuine authority");
        let report = vectors.read(&row.file);
        let accepts = |der: &[u8]| match SnpEndorsements::verify(&ca, der, row.now()) {
            Ok(endorsements) => verify(&report, &endorsements, row.now()).map(|_| ()),
            Err(error) => Err(error),
        };
        sweep(vek, &vectors.read(vek), accepts);
    }
}

#[test]
fn a_bit_flipped_in_any_byte_of_an_authority_is_refused() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let row = &vectors.rows("amd-ark")[0];
    let ark = vectors.read(&row.file);
    let now = row.now();
    for ca in vectors
        .rows("amd-ask")
        .iter()
        .filter(|ca| ca.file.contains("Milan"))
    {
        let ca_der = vectors.read(&ca.file);
        let now = if ca.now() > now { ca.now() } else { now };
        sweep(&ca.file, &ca_der, |der| {
            let chain = CaChain { ark: &ark, ca: der };
            SigningCa::danger_without_revocation_list(&Roots::amd(), &chain, now).map(|_| ())
        });
    }
    let ca = vectors
        .rows("amd-ask")
        .into_iter()
        .find(|ca| ca.file.contains("SEV-Milan"));
    let ca = vectors.read(&ca.expect("SEV-Milan").file);
    sweep(&row.file, &ark, |der| {
        let chain = CaChain { ark: der, ca: &ca };
        SigningCa::danger_without_revocation_list(&Roots::amd(), &chain, now).map(|_| ())
    });
}

/// Flips a bit in every byte: each has to be refused.
fn sweep(
    what: &str,
    der: &[u8],
    accepts: impl Fn(&[u8]) -> Result<(), adyton_tee_amd_snp::SnpError>,
) {
    accepts(der).expect("unaltered, it is accepted");
    let mut refused: BTreeMap<&str, usize> = BTreeMap::new();
    for at in 0..der.len() {
        let mut flipped = der.to_vec();
        flipped[at] ^= 1 << (at % 8);
        let error = accepts(&flipped).expect_err(&format!("byte {at} of {what}"));
        *refused.entry(error.check()).or_default() += 1;
    }
    println!(
        "{what}: {} bytes flipped, refused by {refused:?}",
        der.len()
    );
}
