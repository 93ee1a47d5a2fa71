#![no_main]
//! SEV-SNP reports. The first byte says under which Endorsements, and whether the rest is judged as
//! received (even) or signed first (odd).

use std::sync::LazyLock;

use adyton_fuzz::bound_heap;
use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS, NOW, ReportForge};
use adyton_tee_amd_snp::{Generation, SnpEndorsements, SnpReport, VekKind, verify};
use libfuzzer_sys::fuzz_target;

static ENDORSEMENTS: LazyLock<Vec<SnpEndorsements>> = LazyLock::new(|| {
    let forged = |(generation, kind)| ForgedAmd::new(generation, kind).endorsements(NOW);
    [
        (Generation::Milan, VekKind::Vcek),
        (Generation::Turin, VekKind::Vcek),
        (Generation::Genoa, VekKind::Vlek),
    ]
    .map(|vendor| forged(vendor).expect("forged to verify"))
    .to_vec()
});

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&ENDORSEMENTS);
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let endorsements = &ENDORSEMENTS[usize::from(mode >> 1) % ENDORSEMENTS.len()];
    if let Ok(report) = SnpReport::parse(rest) {
        assert!(report.fields().len() >= 27);
    }
    if mode % 2 == 0 {
        let _ = verify(rest, endorsements, NOW);
        return;
    }
    let Ok(report) = rest.try_into() else { return };
    if let Ok(verified) = verify(&ReportForge(report).sign(&KEYS.vek), endorsements, NOW) {
        let claims = verified.claims();
        assert_eq!(claims.reported_tcb, endorsements.tcb());
        assert!(claims.current_tcb.covers(&claims.reported_tcb));
        assert!(claims.policy.reserved_one());
    }
});
