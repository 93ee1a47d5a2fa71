use std::collections::BTreeMap;

use adyton_tee_azure_cvm::{AzureEvidence, Hardware};

use crate::reports::evidence;
use crate::world::{World, stated_nonce};

/// One bit of every byte of each part; which flips are accepted, by part.
fn sweep(evidence: &AzureEvidence) -> BTreeMap<&'static str, Vec<usize>> {
    let world = World::of(evidence);
    let nonce = stated_nonce(evidence);
    let mut accepted = BTreeMap::<_, Vec<usize>>::new();
    type Part = fn(&mut AzureEvidence) -> Option<&mut Vec<u8>>;
    let parts: [(&str, Part); 4] = [
        ("hcl", |e| Some(&mut e.hcl)),
        ("quote", |e| Some(&mut e.quote)),
        ("signature", |e| Some(&mut e.signature)),
        ("td-quote", |e| match &mut e.hardware {
            Hardware::Tdx { quote } => Some(quote),
            Hardware::Snp { .. } => None,
        }),
    ];
    for (name, part) in parts {
        let mut changed = evidence.clone();
        let len = part(&mut changed).map_or(0, |bytes| bytes.len());
        for at in 0..len {
            let flip = |e: &mut AzureEvidence| part(e).unwrap()[at] ^= 1 << (at % 8);
            flip(&mut changed);
            if world.judge(&changed, &nonce).is_ok() {
                accepted.entry(name).or_default().push(at);
            }
            flip(&mut changed);
        }
    }
    accepted
}

#[test]
fn every_flipped_byte_of_snp_evidence_is_refused() {
    let Some(evidence) = evidence() else { return };
    for (name, evidence) in &evidence[..2] {
        let accepted = sweep(evidence);
        assert!(accepted.is_empty(), "{name}: {accepted:?}");
    }
}

#[test]
fn every_flipped_byte_of_tdx_evidence_is_refused_or_unsigned() {
    let Some(evidence) = evidence() else { return };
    let (name, evidence) = evidence
        .iter()
        .find(|(name, _)| *name == "flashbots tdx")
        .unwrap();
    for (part, bytes) in sweep(evidence) {
        let ranges: Vec<(usize, usize)> =
            bytes
                .iter()
                .fold(Vec::new(), |mut ranges: Vec<(usize, usize)>, at| {
                    match ranges.last_mut() {
                        Some((_, end)) if *end + 1 == *at => *end = *at,
                        _ => ranges.push((*at, *at)),
                    }
                    ranges
                });
        println!(
            "{name}: unsigned in {part}: {} bytes, {ranges:?}",
            bytes.len()
        );
        match part {
            // The TDREPORT, which only its own machine can verify; the quote is made of it.
            "hcl" => assert!(bytes.iter().all(|at| (32..32 + 1024).contains(at))),
            // What the crate for quotes lists.
            "td-quote" => assert!(bytes.iter().all(|at| *at >= 48 + 584)),
            _ => panic!("{part}: {ranges:?}"),
        }
    }
}
