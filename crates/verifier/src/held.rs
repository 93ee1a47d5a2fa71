use std::fmt;

use adyton_codec::hex_encode;
use adyton_types::{TeeKind, UnixTime};

use crate::Endorsements;

/// An Endorsement that is held, and its time: for showing, so that somebody fetches the next one
/// before Evidence is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// For which kind of TEE.
    pub kind: TeeKind,
    /// What it is.
    pub what: String,
    /// From when on it is valid.
    pub not_before: UnixTime,
    /// Until when: the earliest of everything behind it.
    pub not_after: UnixTime,
}

impl Held {
    fn new(kind: TeeKind, what: impl fmt::Display, from: UnixTime, until: UnixTime) -> Self {
        Self {
            kind,
            what: what.to_string(),
            not_before: from,
            not_after: until,
        }
    }
}

impl Endorsements {
    /// Everything that is held and has a time, in the order in which it ends.
    #[must_use]
    pub fn held(&self) -> Vec<Held> {
        let mut held = Vec::new();
        for intel in &self.intel {
            let model = hex_encode(&intel.fmspc());
            let what = format!("Intel's TCB info, QE identity and revocation lists for {model}");
            let kind = intel.tee().kind();
            held.push(Held::new(kind, what, intel.not_before(), intel.not_after()));
        }
        for amd in &self.amd {
            let what = format!("AMD's {} authority for {}", amd.kind(), amd.generation());
            let kind = TeeKind::Snp;
            held.push(Held::new(kind, what, amd.not_before(), amd.not_after()));
        }
        for snp in &self.snp {
            let what = match snp.chip_id() {
                Some(id) => format!("{} of chip {} at {}", snp.kind(), hex_encode(id), snp.tcb()),
                None => format!("{} for {} at {}", snp.kind(), snp.generation(), snp.tcb()),
            };
            held.push(Held::new(
                TeeKind::Snp,
                what,
                snp.not_before(),
                snp.not_after(),
            ));
        }
        if let Some(cca) = &self.cca {
            let what = "keys and reference values of CCA platforms";
            held.push(Held::new(
                TeeKind::Cca,
                what,
                cca.not_before(),
                cca.not_after(),
            ));
        }
        if let Some(nvidia) = &self.nvidia {
            let (from, until) = (nvidia.not_before(), nvidia.not_after());
            let what = "NVIDIA's manifests and OCSP answers";
            held.push(Held::new(TeeKind::NvidiaGpu, what, from, until));
        }
        held.sort_by_key(|held| held.not_after);
        held
    }
}
