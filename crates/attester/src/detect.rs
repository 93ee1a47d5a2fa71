use std::fmt;
use std::path::{Path, PathBuf};

use adyton_types::TeeKind;
use rustix::fs::{Access, access};

use crate::guest::TSM_DIRECTORY;

/// Asset tag that Azure gives every virtual machine's chassis.
const AZURE_CHASSIS: &str = "7783-7084-3265-9085-8269-3286-77";

/// Whether Evidence of a kind can be had here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Availability {
    /// Evidence can be had.
    Ready,
    /// The machine has the device, but no driver for this kind is built in.
    NoDriver {
        /// The device.
        device: PathBuf,
    },
    /// The machine has the device, but this process may not open it.
    Denied {
        /// The device.
        device: PathBuf,
    },
    /// Something is missing.
    Missing {
        /// What.
        what: &'static str,
    },
}

impl fmt::Display for Availability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Ready => f.write_str("ready"),
            Self::NoDriver { device } => {
                write!(
                    f,
                    "`{}` is there, but no driver is built in",
                    device.display()
                )
            }
            Self::Denied { device } => {
                write!(f, "`{}` is there, but may not be opened", device.display())
            }
            Self::Missing { what } => f.write_str(what),
        }
    }
}

/// What a machine has of one kind of TEE.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Detected {
    /// The kind.
    pub kind: TeeKind,
    /// Whether Evidence can be had.
    pub availability: Availability,
}

/// Looks for the TEE of every kind under `root`, which is `/` except in tests, with the software
/// TEE's key at `platform_key`. Nothing is opened or changed.
#[must_use]
pub fn detect(root: &Path, platform_key: &Path) -> Vec<Detected> {
    TeeKind::ALL
        .into_iter()
        .map(|kind| Detected {
            kind,
            availability: availability(kind, root, platform_key),
        })
        .collect()
}

fn availability(kind: TeeKind, root: &Path, platform_key: &Path) -> Availability {
    let first = |devices: &[&str], what| device(root, devices, what);
    match kind {
        TeeKind::Software if platform_key.exists() => match access(platform_key, Access::READ_OK) {
            Ok(()) => Availability::Ready,
            Err(_) => Availability::Denied {
                device: platform_key.to_owned(),
            },
        },
        TeeKind::Software => Availability::Missing {
            what: "no platform key; make one with `adyton tee init`",
        },
        TeeKind::Tpm => first(&["dev/tpmrm0", "dev/tpm0"], "no `/dev/tpmrm0`: no TPM 2.0"),
        TeeKind::Snp => guest(
            root,
            "dev/sev-guest",
            "no `/dev/sev-guest`: no SEV-SNP guest",
        ),
        TeeKind::Tdx => guest(root, "dev/tdx_guest", "no `/dev/tdx_guest`: no TDX guest"),
        TeeKind::Sgx => sgx(root),
        TeeKind::Nitro => first(&["dev/nsm"], "no `/dev/nsm`: no Nitro enclave"),
        TeeKind::AzureSnp | TeeKind::AzureTdx => azure(root),
        TeeKind::Cca => guest(
            root,
            "sys/devices/platform/arm-cca-dev",
            "no `arm-cca-dev`: no CCA realm",
        ),
        TeeKind::NvidiaGpu => without_driver(
            first(&["dev/nvidia0"], "no `/dev/nvidia0`: no NVIDIA GPU"),
            root.join("dev/nvidia0"),
        ),
        _ => Availability::Missing {
            what: "not looked for",
        },
    }
}

fn device(root: &Path, devices: &[&str], what: &'static str) -> Availability {
    let mut found = devices.iter().map(|device| root.join(device));
    let Some(device) = found.find(|device| device.exists()) else {
        return Availability::Missing { what };
    };
    match access(&device, Access::READ_OK | Access::WRITE_OK) {
        Ok(()) => Availability::Ready,
        Err(_) => Availability::Denied { device },
    }
}

/// A device for which no driver is built in.
fn without_driver(found: Availability, device: PathBuf) -> Availability {
    match found {
        Availability::Ready => Availability::NoDriver { device },
        other => other,
    }
}

/// A guest of a confidential virtual machine: told by its device, asked through configfs-tsm where
/// the kernel has it.
fn guest(root: &Path, mark: &str, what: &'static str) -> Availability {
    if root.join(mark).exists() {
        device(root, &[TSM_DIRECTORY, mark], what)
    } else {
        Availability::Missing { what }
    }
}

fn sgx(root: &Path) -> Availability {
    if !root.join("dev/attestation/quote").exists() && root.join("dev/sgx_enclave").exists() {
        return Availability::Missing {
            what: "the machine has SGX, but this process is in no enclave (no `/dev/attestation`)",
        };
    }
    let what = "no `/dev/attestation` and no `/dev/sgx_enclave`: no SGX";
    device(root, &["dev/attestation/quote"], what)
}

fn azure(root: &Path) -> Availability {
    let tag = std::fs::read_to_string(root.join("sys/class/dmi/id/chassis_asset_tag"));
    if tag.is_ok_and(|tag| tag.trim() == AZURE_CHASSIS) {
        let found = device(root, &["dev/tpmrm0"], "an Azure machine without a vTPM");
        without_driver(found, root.join("dev/tpmrm0"))
    } else {
        Availability::Missing {
            what: "no Azure machine",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn found(root: &Path, kind: TeeKind) -> Availability {
        let detected = detect(root, &root.join("key"));
        let entry = detected.into_iter().find(|d| d.kind == kind).unwrap();
        entry.availability
    }

    #[test]
    fn an_empty_machine_has_nothing_and_says_what_is_missing() {
        let root = tempfile::tempdir().unwrap();
        let detected = detect(root.path(), &root.path().join("key"));
        assert_eq!(detected.len(), TeeKind::ALL.len());
        for entry in detected {
            let missing = matches!(entry.availability, Availability::Missing { .. });
            assert!(missing, "{entry:?}");
        }
    }

    #[test]
    fn devices_are_told_apart() {
        let directory = tempfile::tempdir().unwrap();
        let root = directory.path();
        let touch = |path: &str| {
            let path = root.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(&path, "").unwrap();
            path
        };
        fs::create_dir_all(root.join(TSM_DIRECTORY)).unwrap();
        let missing = |kind| matches!(found(root, kind), Availability::Missing { .. });
        assert!(missing(TeeKind::Snp) && missing(TeeKind::Tdx) && missing(TeeKind::Cca));
        touch("key");
        assert_eq!(found(root, TeeKind::Software), Availability::Ready);
        touch("dev/sev-guest");
        assert_eq!(found(root, TeeKind::Snp), Availability::Ready);
        assert!(missing(TeeKind::Tdx));
        let device = touch("dev/tpmrm0");
        assert_eq!(found(root, TeeKind::Tpm), Availability::Ready);
        assert!(missing(TeeKind::AzureSnp));
        fs::create_dir_all(root.join("sys/class/dmi/id")).unwrap();
        let tag = root.join("sys/class/dmi/id/chassis_asset_tag");
        fs::write(tag, format!("{AZURE_CHASSIS}\n")).unwrap();
        assert_eq!(
            found(root, TeeKind::AzureSnp),
            Availability::NoDriver { device }
        );
        touch("dev/sgx_enclave");
        assert!(
            found(root, TeeKind::Sgx)
                .to_string()
                .contains("in no enclave")
        );
        touch("dev/attestation/quote");
        assert_eq!(found(root, TeeKind::Sgx), Availability::Ready);
    }
}
