use std::collections::{BTreeMap, BTreeSet};

use adyton_codec::hex_encode;
use adyton_types::Field;

use crate::reader::Reader;
use crate::{Architecture, Mode, NvidiaError};

/// Address of a device on NVLink, as other devices report it.
pub type Pdi = [u8; 8];

/// A byte for yes in opaque fields.
const ENABLED: u8 = 0xaa;
/// A byte for no.
const DISABLED: u8 = 0x55;

const DRIVER_VERSION: u16 = 3;
const VBIOS_VERSION: u16 = 6;
const NVDEC0_STATUS: u16 = 11;
const CHIP_SKU: u16 = 15;
const PROJECT: u16 = 17;
const PROJECT_SKU: u16 = 18;
const FWID: u16 = 20;
const PROTECTED_PCIE_STATUS: u16 = 21;
const PDIS: u16 = 22;
const LOCK_SWITCH_STATUS: u16 = 25;
const GPU_PDIS: u16 = 26;
const FEATURE_FLAG: u16 = 36;

/// The vendor's fields of a report: type, length, value, each type once. Unknown types are kept:
/// firmware adds some, and all are signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpaqueData<'a>(BTreeMap<u16, &'a [u8]>);

impl<'a> OpaqueData<'a> {
    pub(crate) fn parse(bytes: &'a [u8]) -> Result<Self, NvidiaError> {
        let mut reader = Reader::new(bytes);
        let mut fields = BTreeMap::new();
        while !reader.is_empty() {
            let kind = reader.u16("an opaque field's type")?;
            let length = usize::from(reader.u16("an opaque field's length")?);
            let value = reader.take(length, "an opaque field")?;
            if fields.insert(kind, value).is_some() {
                return Err(NvidiaError::Report {
                    what: "an opaque field is there twice",
                });
            }
        }
        Ok(Self(fields))
    }

    /// The bytes of a field.
    #[must_use]
    pub fn get(&self, kind: u16) -> Option<&'a [u8]> {
        self.0.get(&kind).copied()
    }

    /// Text of printable ASCII, without the zeros that end it.
    fn text(&self, kind: u16, what: &'static str) -> Result<String, NvidiaError> {
        let bytes = self.get(kind).ok_or(NvidiaError::Opaque { what })?;
        let end = bytes.iter().rposition(|byte| *byte != 0);
        let text = end.and_then(|end| bytes.get(..=end)).unwrap_or_default();
        let printable = text.iter().all(u8::is_ascii_graphic) && !text.is_empty();
        match std::str::from_utf8(text) {
            Ok(text) if printable && text.len() <= 64 => Ok(text.to_owned()),
            _ => Err(NvidiaError::Opaque { what }),
        }
    }

    /// The version of the driver's part that runs on the device: two or three decimal numbers, such
    /// as `550.90.07`. A VBIOS has five; no driver may pass for one, and be judged by its manifest.
    pub(crate) fn driver_version(&self) -> Result<String, NvidiaError> {
        const WHAT: &str = "driver version";
        let version = self.text(DRIVER_VERSION, WHAT)?;
        let number = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
        let is_one =
            (2..=3).contains(&version.split('.').count()) && version.split('.').all(number);
        if is_one {
            Ok(version)
        } else {
            Err(NvidiaError::Opaque { what: WHAT })
        }
    }

    /// The version of VBIOS or switch BIOS, as manifests write it: `96.00.5E.00.01`.
    pub(crate) fn vbios_version(&self, architecture: Architecture) -> Result<String, NvidiaError> {
        const WHAT: &str = "VBIOS version";
        if architecture.is_switch() {
            return self.text(VBIOS_VERSION, WHAT);
        }
        match self.get(VBIOS_VERSION) {
            Some([d, c, b, a, e, 0, 0, 0]) => {
                Ok(format!("{a:02X}.{b:02X}.{c:02X}.{d:02X}.{e:02X}"))
            }
            _ => Err(NvidiaError::Opaque { what: WHAT }),
        }
    }

    /// Project, its SKU and the chip's, which name a VBIOS manifest.
    pub(crate) fn board(&self) -> Result<[String; 3], NvidiaError> {
        Ok([
            self.text(PROJECT, "project")?,
            self.text(PROJECT_SKU, "project SKU")?,
            self.text(CHIP_SKU, "chip SKU")?,
        ])
    }

    /// The firmware's digest, where the report has it.
    pub(crate) fn fwid(&self) -> Option<&'a [u8]> {
        self.get(FWID)
    }

    /// Whether the decoder whose measurement 35 manifests judge is switched off.
    pub(crate) fn nvdec0_disabled(&self) -> bool {
        self.get(NVDEC0_STATUS) == Some(&[DISABLED])
    }

    /// Whether a switch's ports are locked to the partition.
    pub(crate) fn switch_locked(&self) -> Option<bool> {
        let status = self.get(LOCK_SWITCH_STATUS)?;
        Some(status == [1, 0])
    }

    /// The mode, from the feature flag or, before there was one, from the protected PCIe status.
    pub(crate) fn mode(&self) -> Result<Mode, NvidiaError> {
        let flag = match self.get(FEATURE_FLAG) {
            None => None,
            Some([0, 0]) => Some(Mode::SinglePassthrough),
            Some([1, 0]) => Some(Mode::MultiPassthrough),
            Some([2, 0]) => Some(Mode::ProtectedPcie),
            Some(_) => {
                return Err(NvidiaError::Mode {
                    what: "its feature flag is unknown",
                });
            }
        };
        let protected = match self.get(PROTECTED_PCIE_STATUS) {
            None => None,
            Some([ENABLED]) => Some(true),
            Some([DISABLED]) => Some(false),
            Some(_) => {
                return Err(NvidiaError::Mode {
                    what: "its protected PCIe status is neither on nor off",
                });
            }
        };
        match (flag, protected) {
            (Some(flag), Some(on)) if on != (flag == Mode::ProtectedPcie) => {
                Err(NvidiaError::Mode {
                    what: "its feature flag and its protected PCIe status contradict each other",
                })
            }
            (Some(flag), _) => Ok(flag),
            (None, Some(true)) => Ok(Mode::ProtectedPcie),
            (None, _) => Ok(Mode::Unstated),
        }
    }

    /// The addresses in a field, those of unused links (all zero) left out.
    fn pdis(&self, kind: u16) -> Result<BTreeSet<Pdi>, NvidiaError> {
        let (pdis, rest) = self.get(kind).unwrap_or_default().as_chunks::<8>();
        if !rest.is_empty() {
            return Err(NvidiaError::Opaque { what: "PDIs" });
        }
        Ok(pdis.iter().copied().filter(|pdi| *pdi != [0; 8]).collect())
    }

    /// A GPU: the switches at its links. A switch: itself.
    pub(crate) fn switch_pdis(&self) -> Result<BTreeSet<Pdi>, NvidiaError> {
        self.pdis(PDIS)
    }

    /// A switch: the GPUs at its links.
    pub(crate) fn gpu_pdis(&self) -> Result<BTreeSet<Pdi>, NvidiaError> {
        self.pdis(GPU_PDIS)
    }

    pub(crate) fn fields(&self) -> Vec<Field> {
        let fields = self.0.iter().map(|(kind, value)| {
            let name = name(*kind);
            let text = std::str::from_utf8(value)
                .ok()
                .map(|t| t.trim_end_matches('\0'));
            match text.filter(|t| t.len() > 1 && t.bytes().all(|b| b.is_ascii_graphic())) {
                Some(text) => Field::new(format!("opaque.{name}"), text),
                None => Field::new(format!("opaque.{name}"), hex_encode(value)),
            }
        });
        fields.collect()
    }
}

/// NVIDIA's name for a field.
fn name(kind: u16) -> String {
    let name = match kind {
        1 => "cert_issuer_name",
        2 => "cert_authority_key_identifier",
        DRIVER_VERSION => "driver_version",
        4 => "gpu_info",
        5 => "sku",
        VBIOS_VERSION => "vbios_version",
        7 => "manufacturer_id",
        8 => "tamper_detection",
        9 => "smc",
        10 => "vpr",
        NVDEC0_STATUS => "nvdec0_status",
        12 => "msrscnt",
        13 => "cprinfo",
        14 => "board_id",
        CHIP_SKU => "chip_sku",
        16 => "chip_sku_mod",
        PROJECT => "project",
        PROJECT_SKU => "project_sku",
        19 => "project_sku_mod",
        FWID => "fwid",
        PROTECTED_PCIE_STATUS => "protected_pcie_status",
        PDIS => "switch_pdi",
        23 => "floorswept_ports",
        24 => "position_id",
        LOCK_SWITCH_STATUS => "lock_switch_status",
        GPU_PDIS => "switch_gpu_pdis",
        32 => "gpu_link_conn",
        33 => "sys_enable_status",
        34 => "opaque_data_version",
        35 => "chip_info",
        FEATURE_FLAG => "feature_flag",
        _ => return format!("type_{kind}"),
    };
    name.to_owned()
}
