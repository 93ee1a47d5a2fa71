use std::collections::BTreeSet;

use adyton_crypto::ct_eq;
use adyton_types::{Check, UnixTime};

use crate::checks;
use crate::device::verify_device;
use crate::{DeviceEvidence, NvidiaClaims, NvidiaEndorsements, NvidiaError, Topology};

/// Evidence of devices that verified. Having one tells you that genuine devices of NVIDIA, with
/// driver and firmware as NVIDIA published them, answered one nonce; not which machine they are in.
/// To know that, the nonce has to come from the binding of that machine's own Evidence.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedDevices {
    claims: NvidiaClaims,
    checks: Vec<Check>,
}

impl VerifiedDevices {
    /// What the Evidence says.
    #[must_use]
    pub const fn claims(&self) -> &NvidiaClaims {
        &self.claims
    }

    /// The checks that were made, in order, device by device.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What the Evidence says, by value.
    #[must_use]
    pub fn into_claims(self) -> NvidiaClaims {
        self.claims
    }
}

/// Verifies the Evidence of a machine's NVIDIA devices at the time `now`.
///
/// # Errors
/// [`NvidiaError`]; its [`check`](NvidiaError::check) names the check that failed.
pub fn verify(
    evidence: &[u8],
    endorsements: &NvidiaEndorsements,
    now: UnixTime,
) -> Result<VerifiedDevices, NvidiaError> {
    let list = DeviceEvidence::parse_list(evidence)?;
    let nonce = one_nonce(&list)?;
    let form = checks::EVIDENCE_FORM;
    let mut made = vec![Check::new(
        form.name,
        form.source,
        format!("{} devices", list.len()),
    )];
    let mut devices = Vec::with_capacity(list.len());
    for device in &list {
        let (claims, checks) = verify_device(device, endorsements, now)?;
        made.extend(checks);
        devices.push(claims);
    }
    distinct(&devices)?;
    one_mode(&devices)?;
    Ok(VerifiedDevices {
        claims: NvidiaClaims {
            topology: Topology::of(&devices),
            devices,
            nonce,
        },
        checks: made,
    })
}

/// The nonce that the sender names for every device; each report is held against it later.
fn one_nonce(list: &[DeviceEvidence]) -> Result<[u8; 32], NvidiaError> {
    let first = list.first().map(|device| device.nonce).unwrap_or_default();
    if ct_eq(&first, &[0; 32]) {
        return Err(NvidiaError::Nonce {
            what: "the nonce is empty, so that it binds nothing",
        });
    }
    if list.iter().any(|device| !ct_eq(&device.nonce, &first)) {
        return Err(NvidiaError::Nonce {
            what: "the devices answer different nonces",
        });
    }
    Ok(first)
}

/// One device must not pass for several.
fn distinct(devices: &[crate::DeviceClaims]) -> Result<(), NvidiaError> {
    let keys: BTreeSet<_> = devices.iter().map(|device| device.device_key).collect();
    if keys.len() == devices.len() {
        Ok(())
    } else {
        Err(NvidiaError::Evidence {
            what: "a device is there twice",
        })
    }
}

/// All GPUs of a machine are in one mode.
fn one_mode(devices: &[crate::DeviceClaims]) -> Result<(), NvidiaError> {
    let gpus = devices.iter().filter(|d| !d.architecture.is_switch());
    let modes: BTreeSet<_> = gpus.map(|gpu| gpu.mode).collect();
    if modes.len() <= 1 {
        Ok(())
    } else {
        Err(NvidiaError::Mode {
            what: "the GPUs are in different modes",
        })
    }
}
