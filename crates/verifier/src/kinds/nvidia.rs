use std::collections::{BTreeMap, BTreeSet};

use adyton_crypto::{sha256, sha384};
use adyton_tee_nvidia_gpu::{DeviceEvidence, Mode, NvidiaClaims};
use adyton_types::{PlatformId, PlatformMeasurement, TeeKind, UnixTime};

use crate::attribute::Attributes;
use crate::{AuthenticEvidence, Claims, EndorsementNeeded, Endorsements, VerifyError};

pub(crate) fn authenticate(
    bytes: &[u8],
    endorsements: &Endorsements,
    now: UnixTime,
) -> Result<AuthenticEvidence, VerifyError> {
    let Some(known) = endorsements.nvidia() else {
        let devices = DeviceEvidence::parse_list(bytes)?;
        return Err(endorsements.missing(TeeKind::NvidiaGpu, needs(&devices)));
    };
    let verified = adyton_tee_nvidia_gpu::verify(bytes, known, now)?;
    let checks = verified.checks().to_vec();
    let nvidia = verified.into_claims();
    Ok(AuthenticEvidence {
        report_data: nvidia.nonce.to_vec(),
        claims: one_form(&nvidia, known.not_after())?,
        checks,
    })
}

/// What the devices need: a manifest for each version of driver and VBIOS that they report, and an
/// OCSP answer for each of their certificates.
pub(crate) fn needs(devices: &[DeviceEvidence]) -> Vec<EndorsementNeeded> {
    let mut needed = BTreeSet::new();
    for device in devices {
        for id in device.rim_ids().unwrap_or_default() {
            let segment = escaped(&id);
            let url = format!("https://rim.attestation.nvidia.com/v1/rim/{segment}");
            needed.insert((id, url));
        }
    }
    let manifests = needed
        .into_iter()
        .map(|(id, url)| EndorsementNeeded::NvidiaRim { id, url });
    manifests
        .chain([EndorsementNeeded::NvidiaOcsp {
            url: "https://ocsp.ndis.nvidia.com".to_owned(),
        }])
        .collect()
}

/// As one segment of a URL's path (RFC 3986 section 2.3): the id is words of unverified Evidence.
fn escaped(id: &str) -> String {
    let escape = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        byte if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        byte => format!("%{byte:02X}"),
    };
    id.bytes().map(escape).collect()
}

fn one_form(nvidia: &NvidiaClaims, valid_until: UnixTime) -> Result<Claims, VerifyError> {
    let devices = &nvidia.devices;
    let firmware: Vec<&[u8]> = devices.iter().map(|d| d.firmware.as_slice()).collect();
    let id = match devices.as_slice() {
        [only] => PlatformId::from(only.device_key),
        several => {
            let mut keys: Vec<&[u8]> = several
                .iter()
                .map(|d| d.device_key.as_bytes().as_slice())
                .collect();
            keys.sort_unstable();
            PlatformId::new(&sha256(&keys))?
        }
    };
    let generations: BTreeSet<&str> = devices.iter().map(|d| d.architecture.as_str()).collect();
    Ok(Claims {
        kind: TeeKind::NvidiaGpu,
        generation: Vec::from_iter(generations).join("+"),
        measurement: PlatformMeasurement::new(&sha384(&firmware))?,
        platform_id: id,
        tcb: BTreeMap::new(),
        standing: None,
        protections: adyton_types::Protections::default(),
        debug: false,
        concerns: concerns(nvidia),
        attributes: attributes(nvidia).0,
        made_at: None,
        valid_until,
    })
}

/// What between protected devices is open to the host: in protected PCIe mode nothing on NVLink is
/// encrypted, so that all switches have to be NVIDIA's, known, and locked to these GPUs.
fn concerns(nvidia: &NvidiaClaims) -> BTreeSet<String> {
    let devices = &nvidia.devices;
    let protected = devices.iter().any(|d| d.mode == Mode::ProtectedPcie);
    let mut switches = devices.iter().filter(|d| d.architecture.is_switch());
    [
        (
            "topology-incomplete",
            protected && !nvidia.topology.reciprocal,
        ),
        (
            "switch-unlocked",
            switches.any(|switch| switch.locked != Some(true)),
        ),
    ]
    .into_iter()
    .filter(|(_, there)| *there)
    .map(|(name, _)| name.to_owned())
    .collect()
}

fn attributes(nvidia: &NvidiaClaims) -> Attributes {
    let mut all = Attributes::default();
    let count = |n: usize| u64::try_from(n).unwrap_or(u64::MAX);
    all.number("gpus", count(nvidia.topology.gpus));
    all.number("switches", count(nvidia.topology.switches));
    all.flag("topology-reciprocal", nvidia.topology.reciprocal);
    // All GPUs are in one.
    let mut gpus = nvidia.devices.iter();
    if let Some(gpu) = gpus.find(|device| !device.architecture.is_switch()) {
        all.text("mode", &format!("{:?}", gpu.mode));
    }
    for (number, device) in nvidia.devices.iter().enumerate() {
        let at = |name: &str| format!("device{number}.{name}");
        all.text(&at("architecture"), device.architecture.as_str());
        all.bytes(&at("key"), device.device_key.as_bytes());
        all.text(&at("ueid"), &device.ueid);
        all.text(&at("hardware"), &device.hardware);
        if let Some(driver) = &device.driver_version {
            all.text(&at("driver"), driver);
        }
        all.text(&at("vbios"), &device.vbios_version);
        all.bytes(&at("firmware"), &device.firmware);
        all.text(&at("mode"), &format!("{:?}", device.mode));
        if let Some(locked) = device.locked {
            all.flag(&at("locked"), locked);
        }
        all.number(&at("measured"), count(device.measured));
    }
    all
}
