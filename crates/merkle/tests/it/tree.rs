use adyton_codec::hex_decode;
use adyton_merkle::{
    Appender, Frontier, MerkleError, consistency_proof, empty_root, inclusion_proof, leaf_hash,
    node_hash, root_at, verify_consistency, verify_inclusion,
};
use adyton_types::Sha256Digest;

use crate::support::{Log, entry};

/// MTH of RFC 6962 section 2.1, as it is written there.
fn naive_root(leaves: &[Sha256Digest]) -> Sha256Digest {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let k = leaves.len().next_power_of_two() / 2;
            node_hash(&naive_root(&leaves[..k]), &naive_root(&leaves[k..]))
        }
    }
}

#[test]
fn certificate_transparency_known_answers() {
    let entries = [
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    ];
    let roots = [
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
        "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
        "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
        "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
        "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
        "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
    ];
    let mut log = Log::default();
    assert_eq!(log.frontier.root().to_string(), roots[0]);
    for (hex, root) in entries.iter().zip(&roots[1..]) {
        log.push(&hex_decode(hex).unwrap());
        assert_eq!(log.frontier.root().to_string(), *root);
    }
}

#[test]
fn every_root_and_inclusion_up_to_300() {
    let log = Log::of(300);
    let leaves: Vec<_> = (0..300).map(|i| leaf_hash(&entry(i))).collect();
    let mut grown = Frontier::new();
    for size in 0..=300u64 {
        let root = naive_root(&leaves[..usize::try_from(size).unwrap()]);
        assert_eq!(root_at(&log, size), Ok(root));
        assert_eq!(grown.root(), root);
        for (index, leaf) in (0..size).zip(&leaves) {
            let path = inclusion_proof(&log, index, size).unwrap();
            assert_eq!(verify_inclusion(leaf, index, size, &path, &root), Ok(()));
        }
        assert!(inclusion_proof(&log, size, size).is_err());
        if let Some(leaf) = leaves.get(usize::try_from(size).unwrap()) {
            grown.append(*leaf);
        }
    }
}

#[test]
fn every_consistency_up_to_300() {
    let log = Log::of(300);
    let roots: Vec<_> = (0..=300).map(|n| root_at(&log, n).unwrap()).collect();
    for (new, new_root) in (0..=300u64).zip(&roots) {
        for (old, old_root) in (0..=new).zip(&roots) {
            let path = consistency_proof(&log, old, new).unwrap();
            assert_eq!(
                verify_consistency(old, old_root, new, new_root, &path),
                Ok(()),
                "{old} -> {new}"
            );
        }
        assert!(consistency_proof(&log, new + 1, new).is_err());
    }
}

#[test]
fn altered_inclusion_proofs_are_refused() {
    let bad = Sha256Digest::new([7; 32]);
    for size in 1..=40u64 {
        let log = Log::of(size);
        let root = log.frontier.root();
        for index in 0..size {
            let leaf = leaf_hash(&entry(index));
            let path = inclusion_proof(&log, index, size).unwrap();
            let refused = |leaf: &_, index, size, path: &[_], root: &_| {
                assert_eq!(
                    verify_inclusion(leaf, index, size, path, root),
                    Err(MerkleError::Proof)
                );
            };
            refused(&bad, index, size, &path, &root);
            refused(&leaf, index, size, &path, &bad);
            refused(&leaf, size, size, &path, &root);
            for other in (0..size).filter(|other| *other != index) {
                refused(&leaf, other, size, &path, &root);
            }
            let mut longer = path.clone();
            longer.push(bad);
            refused(&leaf, index, size, &longer, &root);
            for i in 0..path.len() {
                refused(&leaf, index, size, &path[..i], &root);
                let mut altered = path.clone();
                altered[i] = bad;
                refused(&leaf, index, size, &altered, &root);
            }
        }
    }
}

#[test]
fn altered_consistency_proofs_are_refused() {
    let log = Log::of(40);
    let bad = Sha256Digest::new([7; 32]);
    for new in 1..=40u64 {
        let new_root = root_at(&log, new).unwrap();
        for old in 1..=new {
            let old_root = root_at(&log, old).unwrap();
            let path = consistency_proof(&log, old, new).unwrap();
            let refused = |old, old_root: &_, new_root: &_, path: &[_]| {
                assert_eq!(
                    verify_consistency(old, old_root, new, new_root, path),
                    Err(MerkleError::Proof),
                    "{old} -> {new}"
                );
            };
            refused(old, &bad, &new_root, &path);
            refused(old, &old_root, &bad, &path);
            refused(new + 1, &old_root, &new_root, &path);
            refused(0, &old_root, &new_root, &path);
            let mut longer = path.clone();
            longer.push(bad);
            refused(old, &old_root, &new_root, &longer);
            for i in 0..path.len() {
                refused(old, &old_root, &new_root, &path[..i]);
                let mut altered = path.clone();
                altered[i] = bad;
                refused(old, &old_root, &new_root, &altered);
            }
        }
    }
}

#[test]
fn an_appender_proves_its_own_entries_from_the_frontier_alone() {
    for start in [0, 1, 2, 3, 7, 8, 100, 255, 256, 257] {
        for count in 1..20 {
            let mut appender = Appender::new(Log::of(start).frontier);
            for index in start..start + count {
                let appended = appender.append(leaf_hash(&entry(index)));
                assert_eq!(appended.index, index);
            }
            let log = Log::of(start + count);
            assert_eq!(*appender.frontier(), log.frontier);
            for index in start..start + count {
                assert_eq!(
                    appender.inclusion_proof(index),
                    inclusion_proof(&log, index, start + count)
                );
            }
        }
    }
}

#[test]
fn a_frontier_has_a_peak_for_each_bit() {
    let log = Log::of(7);
    let peaks = log.frontier.peaks().to_vec();
    assert_eq!(
        Frontier::from_parts(7, peaks.clone()),
        Ok(log.frontier.clone())
    );
    assert!(Frontier::from_parts(8, peaks).is_err());
}
