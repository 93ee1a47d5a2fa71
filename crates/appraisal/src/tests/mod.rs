mod documents;
mod encoding;
mod hardware;
mod references;
mod results;
mod software;

use std::collections::{BTreeMap, BTreeSet};

use adyton_types::{PlatformId, PlatformMeasurement, Protections, TeeKind, UnixTime};
use adyton_verifier::{Attribute, Claims, TcbStanding};

use crate::appraise::judge;
use crate::{Context, FailedClaim, HardwareRules, Measurements, PlatformPolicy};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const DAY: u64 = 86_400;

fn measurement(byte: u8) -> PlatformMeasurement {
    PlatformMeasurement::new(&[byte; 48]).unwrap()
}

fn hardware_rules(kind: TeeKind) -> HardwareRules {
    HardwareRules::new(kind, Measurements::Listed(BTreeSet::from([measurement(8)])))
}

/// Claims of a platform that the strictest policy accepts.
fn claims(kind: TeeKind) -> Claims {
    let (generation, id_len) = match kind {
        TeeKind::Snp => ("Genoa", 64),
        TeeKind::Nitro => ("enclave", 10),
        _ => ("TDX 1.5", 16),
    };
    let standing = (kind == TeeKind::Tdx).then(|| TcbStanding {
        status: "UpToDate".to_owned(),
        advisories: BTreeSet::new(),
        date: UnixTime::from_secs(NOW.as_secs() - 100 * DAY),
        evaluation: 17,
    });
    let tcb = match kind {
        TeeKind::Snp => vec![("snp".to_owned(), 23), ("microcode".to_owned(), 84)],
        TeeKind::Tdx => vec![("sgx.1".to_owned(), 7), ("tdx.1".to_owned(), 5)],
        _ => Vec::new(),
    };
    let vmpl = ("vmpl".to_owned(), Attribute::Number(0));
    let signer = ("mr-signer".to_owned(), Attribute::Bytes(vec![0xab, 0xcd]));
    Claims {
        kind,
        generation: generation.to_owned(),
        measurement: measurement(8),
        platform_id: PlatformId::new(&vec![5; id_len]).unwrap(),
        tcb: tcb.into_iter().collect(),
        standing,
        protections: Protections::new(),
        debug: false,
        concerns: BTreeSet::new(),
        attributes: BTreeMap::from([vmpl, signer]),
        made_at: (kind == TeeKind::Nitro).then(|| UnixTime::from_secs(NOW.as_secs() - 60)),
        valid_until: UnixTime::from_secs(NOW.as_secs() + DAY),
    }
}

fn judged(claims: &Claims, rules: HardwareRules) -> Vec<FailedClaim> {
    let policy = PlatformPolicy::hardware(rules).unwrap();
    let judged = judge(claims, &[policy], &Context::at(NOW));
    judged.err().unwrap_or_default()
}

fn names(failed: &[FailedClaim]) -> Vec<&str> {
    failed.iter().map(|failed| failed.claim.as_str()).collect()
}
