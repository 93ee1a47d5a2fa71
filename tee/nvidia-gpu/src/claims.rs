use std::collections::BTreeSet;

use crate::{Architecture, Mode, Pdi};

/// What a verified device says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceClaims {
    /// Its architecture.
    pub architecture: Architecture,
    /// SHA-256 of its attestation key (SubjectPublicKeyInfo): the platform id.
    pub device_key: adyton_types::Fingerprint,
    /// Serial number of its certificate in hex, NVIDIA's UEID.
    pub ueid: String,
    /// The chip, from its certificate.
    pub hardware: String,
    /// The driver's version; a switch has none.
    pub driver_version: Option<String>,
    /// The version of VBIOS or switch BIOS.
    pub vbios_version: String,
    /// The firmware that its key was made for.
    pub firmware: [u8; 48],
    /// Its mode.
    pub mode: Mode,
    /// Whether a switch's ports are locked to the partition; a GPU does not say.
    pub locked: Option<bool>,
    /// How many measurements are golden values. Confidential computing that is off, or in developer
    /// mode, measures otherwise, and a device where it is off makes no report.
    pub measured: usize,
    /// A GPU: the switches at its links. A switch: itself.
    pub switch_pdis: BTreeSet<Pdi>,
    /// A switch: the GPUs at its links.
    pub gpu_pdis: BTreeSet<Pdi>,
}

/// How the devices of one machine say that they are linked. They sign it; whether it is the
/// topology that was asked for is for a policy to decide.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Topology {
    /// How many GPUs report.
    pub gpus: usize,
    /// How many switches report.
    pub switches: usize,
    /// Whether every GPU names the same switches, every switch the same GPUs, each switch is among
    /// those that the GPUs name, and their numbers are those of the devices that report: a machine
    /// in protected PCIe mode that is whole. False for a machine without switches.
    pub reciprocal: bool,
}

impl Topology {
    pub(crate) fn of(devices: &[DeviceClaims]) -> Self {
        let (switches, gpus): (Vec<_>, Vec<_>) = devices
            .iter()
            .partition(|device| device.architecture.is_switch());
        let named_switches = all_same(gpus.iter().map(|gpu| &gpu.switch_pdis));
        let named_gpus = all_same(switches.iter().map(|switch| &switch.gpu_pdis));
        let own: BTreeSet<Pdi> = switches
            .iter()
            .flat_map(|switch| switch.switch_pdis.iter().copied())
            .collect();
        let reciprocal = !switches.is_empty()
            && own.len() == switches.len()
            && named_switches.is_some_and(|named| named == own)
            && named_gpus.is_some_and(|named| named.len() == gpus.len());
        Self {
            gpus: gpus.len(),
            switches: switches.len(),
            reciprocal,
        }
    }
}

/// The set that all are equal to.
fn all_same<'a>(mut sets: impl Iterator<Item = &'a BTreeSet<Pdi>>) -> Option<BTreeSet<Pdi>> {
    let first = sets.next()?;
    sets.all(|set| set == first).then(|| first.clone())
}

/// What the verified Evidence of a machine's devices says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NvidiaClaims {
    /// The devices, in the order of the Evidence.
    pub devices: Vec<DeviceClaims>,
    /// How they are linked.
    pub topology: Topology,
    /// What every report answers: to be compared with the leftmost 32 bytes of the binding's
    /// report data.
    pub nonce: [u8; 32],
}
