use adyton_tee_nvidia_gpu::{NvidiaEndorsements, Rim};
use adyton_types::{TeeKind, UnixTime};

use super::parts::Parts;
use super::trust::Trust;
use crate::{Endorsements, Scope};

/// NVIDIA's manifests with the OCSP answers, if there is a manifest that verifies.
pub(super) fn endorse(
    material: &Parts,
    trust: &Trust,
    now: UnixTime,
    endorsements: &mut Endorsements,
) {
    let scope = Scope::Kind(TeeKind::NvidiaGpu);
    let mut nvidia = NvidiaEndorsements::danger_under(trust.nvidia.clone());
    let mut held = false;
    for xml in &material.rims {
        let rim = Rim::verify(xml, &material.ocsp, &trust.nvidia, now);
        match rim.and_then(|rim| nvidia.add_rim(rim)) {
            Ok(()) => held = true,
            Err(error) => endorsements.add_refused(scope, error.into()),
        }
    }
    if held {
        for answer in &material.ocsp {
            nvidia.add_ocsp(answer.clone());
        }
        endorsements.set_nvidia(nvidia);
    }
}
