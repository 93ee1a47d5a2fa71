//! Answers that Intel gave, replayed.

use std::path::PathBuf;

use adyton_endorse::Cache;
use adyton_tee_intel_dcap::IntelBundle;
use adyton_types::{Evidence, TeeKind, UnixTime};
use adyton_verifier::authenticate;
use adyton_verifier::material::{Material, Trust};

use crate::amd::read;
use crate::intel::served;
use crate::server::{Server, outcomes};

#[test]
fn intels_own_answers_are_accepted_at_their_time() {
    let Some(vectors) = std::env::var_os("ADYTON_VECTORS").map(PathBuf::from) else {
        println!("skipped: ADYTON_VECTORS names no directory with recorded Evidence");
        return;
    };
    let verdicts = std::fs::read_to_string(vectors.join("INTEL_VERDICTS.tsv")).unwrap();
    let rows = verdicts
        .lines()
        .map(|line| line.split('\t').collect::<Vec<_>>());
    let rows = rows.filter(|row| row[0].starts_with("tdx-v4") && row[6].starts_with("OK UpToDate"));
    for row in rows.step_by(40) {
        let bundle = std::fs::read(vectors.join(row[1])).unwrap();
        let bundle = IntelBundle::from_json(&bundle).unwrap();
        let now: UnixTime = row[2].parse().unwrap();
        let evidence = Evidence {
            kind: TeeKind::Tdx,
            bytes: std::fs::read(vectors.join(row[0])).unwrap(),
        };
        let server = Server::start(move |path, _| served(&bundle, path, true));
        let directory = tempfile::tempdir().unwrap();
        let cache = Cache::open(directory.path()).unwrap();
        let (fetcher, trust) = (server.fetcher(), Trust::vendors());
        let fetched = fetcher.fetch(&evidence, Material::new(), &cache, &trust, now);
        let fetched = fetched.unwrap();
        assert_eq!(
            outcomes(fetched.items()),
            ["fetched"; 4],
            "{row:?} {fetched:?}"
        );
        let endorsements = read(cache.path()).endorse(&trust, now);
        authenticate(&evidence, &endorsements, now).unwrap();
    }
}
