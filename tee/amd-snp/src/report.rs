use adyton_types::ReportData;

use crate::{FirmwareVersion, Generation, GuestPolicy, PlatformInfo, RawTcb, SnpError};

/// Length of an attestation report.
pub const REPORT_BYTES: usize = 1184;

/// How many bytes at the report's beginning are signed: all before the signature.
pub const SIGNED_BYTES: usize = 0x2a0;

/// The value of `VMPL` in a report that the host asked for, not the guest.
pub const HOST_REQUESTED: u32 = 0xffff_ffff;

/// An `ATTESTATION_REPORT` as received (AMD 56860, "SNP_GUEST_REQUEST"), of version 2 to 5. Having
/// one tells you that the bytes have the right length and a known version, and nothing else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnpReport<'a> {
    signed: &'a [u8],
    /// Version of the structure, 2 to 5.
    pub version: u32,
    /// Security version of the guest, from its ID block.
    pub guest_svn: u32,
    /// Launch policy.
    pub policy: GuestPolicy,
    /// Family id, from the ID block.
    pub family_id: [u8; 16],
    /// Image id, from the ID block.
    pub image_id: [u8; 16],
    /// Privilege level that asked: 0 to 3, or [`HOST_REQUESTED`].
    pub vmpl: u32,
    /// Signature algorithm; 1 is ECDSA P-384 with SHA-384.
    pub signature_algorithm: u32,
    /// TCB of the running firmware.
    pub current_tcb: RawTcb,
    /// What the firmware says about the machine.
    pub platform_info: PlatformInfo,
    /// `AUTHOR_KEY_EN`, `MASK_CHIP_KEY` and `SIGNING_KEY`, with reserved bits.
    pub key_info: u32,
    /// What the guest asked to have signed.
    pub report_data: ReportData,
    /// Launch digest.
    pub measurement: [u8; 48],
    /// What the host gave at launch.
    pub host_data: [u8; 32],
    /// SHA-384 of the key that signed the ID block; zero without one.
    pub id_key_digest: [u8; 48],
    /// SHA-384 of the key that signed the ID key; zero without one.
    pub author_key_digest: [u8; 48],
    /// The guest's id.
    pub report_id: [u8; 32],
    /// Id of the guest's migration agent; all ones without one.
    pub report_id_ma: [u8; 32],
    /// TCB that the signing key was derived for.
    pub reported_tcb: RawTcb,
    /// Combined family, model and stepping of `CPUID` leaf 1; zero in version 2.
    pub cpuid: [u8; 3],
    /// The chip's id; zero where it is masked.
    pub chip_id: [u8; 64],
    /// TCB that can no longer be rolled back.
    pub committed_tcb: RawTcb,
    /// Version of the running firmware.
    pub current_firmware: FirmwareVersion,
    /// Version of the committed firmware.
    pub committed_firmware: FirmwareVersion,
    /// TCB when the guest was launched or imported.
    pub launch_tcb: RawTcb,
    /// Mitigations in effect at launch; zero before version 5.
    pub launch_mitigations: u64,
    /// Mitigations in effect now; zero before version 5.
    pub current_mitigations: u64,
    /// `R` of the signature, 72 bytes, least significant first.
    pub signature_r: [u8; 72],
    /// `S` of the signature, 72 bytes, least significant first.
    pub signature_s: [u8; 72],
    reserved: Option<usize>,
}

impl<'a> SnpReport<'a> {
    /// Reads a report. Reserved bytes are read and judged later ([`reserved`](Self::reserved)).
    ///
    /// # Errors
    /// [`SnpError::Length`] or [`SnpError::Version`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, SnpError> {
        let wrong_length = SnpError::Length { found: bytes.len() };
        if bytes.len() != REPORT_BYTES {
            return Err(wrong_length);
        }
        let mut reader = Reader {
            rest: bytes,
            at: 0,
            reserved: None,
        };
        let version = reader.u32().ok_or(wrong_length.clone())?;
        if !(2..=5).contains(&version) {
            return Err(SnpError::Version { found: version });
        }
        let signed = bytes.get(..SIGNED_BYTES).ok_or(wrong_length.clone())?;
        read(&mut reader, signed, version).ok_or(wrong_length)
    }

    /// The bytes that the signature covers, as received.
    #[must_use]
    pub const fn signed_bytes(&self) -> &'a [u8] {
        self.signed
    }

    /// Offset of the first reserved byte that is not zero in this version's layout, if there is
    /// one: reserved bytes within the signed part, reserved bits beside the signing key's kind,
    /// and what follows the signature.
    #[must_use]
    pub const fn reserved(&self) -> Option<usize> {
        self.reserved
    }

    /// The processor's generation where the report states it (version 3 and later) and it is
    /// known here.
    #[must_use]
    pub const fn generation(&self) -> Option<Generation> {
        let [family, model, _] = self.cpuid;
        Generation::from_cpuid(family, model)
    }

    /// Which kind of key signed: `SIGNING_KEY`, 0 for a VCEK, 1 for a VLEK, 7 for none.
    #[must_use]
    pub const fn signing_key(&self) -> u32 {
        self.key_info >> 2 & 7
    }

    /// The ID block's key was itself signed by an author key.
    #[must_use]
    pub const fn author_key_enabled(&self) -> bool {
        self.key_info & 1 == 1
    }

    /// The host has the firmware write zeros for signatures by the chip's key.
    #[must_use]
    pub const fn mask_chip_key(&self) -> bool {
        self.key_info & 2 == 2
    }

    /// The chip's id is not in the report.
    #[must_use]
    pub fn chip_id_masked(&self) -> bool {
        self.chip_id == [0; 64]
    }
}

fn read<'a>(reader: &mut Reader<'_>, signed: &'a [u8], version: u32) -> Option<SnpReport<'a>> {
    Some(SnpReport {
        signed,
        version,
        guest_svn: reader.u32()?,
        policy: GuestPolicy::new(reader.u64()?),
        family_id: reader.take()?,
        image_id: reader.take()?,
        vmpl: reader.u32()?,
        signature_algorithm: reader.u32()?,
        current_tcb: RawTcb(reader.take()?),
        platform_info: PlatformInfo::new(reader.u64()?),
        key_info: reader.key_info()?,
        report_data: {
            reader.zeros::<4>()?;
            ReportData::new(reader.take()?)
        },
        measurement: reader.take()?,
        host_data: reader.take()?,
        id_key_digest: reader.take()?,
        author_key_digest: reader.take()?,
        report_id: reader.take()?,
        report_id_ma: reader.take()?,
        reported_tcb: RawTcb(reader.take()?),
        cpuid: reader.since(version >= 3)?,
        chip_id: {
            reader.zeros::<21>()?;
            reader.take()?
        },
        committed_tcb: RawTcb(reader.take()?),
        current_firmware: reader.firmware()?,
        committed_firmware: reader.firmware()?,
        launch_tcb: RawTcb(reader.take()?),
        launch_mitigations: u64::from_le_bytes(reader.since(version >= 5)?),
        current_mitigations: u64::from_le_bytes(reader.since(version >= 5)?),
        signature_r: {
            reader.zeros::<152>()?;
            reader.take()?
        },
        signature_s: reader.take()?,
        reserved: {
            reader.zeros::<368>()?;
            reader.reserved
        },
    })
}

/// Takes fields in order and remembers the first reserved byte that is not zero.
struct Reader<'a> {
    rest: &'a [u8],
    at: usize,
    reserved: Option<usize>,
}

impl Reader<'_> {
    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        let (field, rest) = self.rest.split_first_chunk::<N>()?;
        self.rest = rest;
        self.at = self.at.checked_add(N)?;
        Some(*field)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take().map(u32::from_le_bytes)
    }

    fn u64(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn note(&mut self, at: usize, nonzero: Option<usize>) {
        let found = nonzero.and_then(|index| at.checked_add(index));
        self.reserved = self.reserved.or(found);
    }

    fn zeros<const N: usize>(&mut self) -> Option<()> {
        let at = self.at;
        let bytes = self.take::<N>()?;
        self.note(at, bytes.iter().position(|byte| *byte != 0));
        Some(())
    }

    /// A field that earlier versions reserve: zero in them.
    fn since<const N: usize>(&mut self, present: bool) -> Option<[u8; N]> {
        if present {
            return self.take();
        }
        self.zeros::<N>()?;
        Some([0; N])
    }

    fn key_info(&mut self) -> Option<u32> {
        let at = self.at;
        let bytes = self.take::<4>()?;
        let [low, rest @ ..] = bytes;
        let high = rest.iter().position(|byte| *byte != 0);
        let nonzero = if low >> 5 != 0 {
            Some(0)
        } else {
            high.and_then(|i| i.checked_add(1))
        };
        self.note(at, nonzero);
        Some(u32::from_le_bytes(bytes))
    }

    fn firmware(&mut self) -> Option<FirmwareVersion> {
        let [build, minor, major] = self.take()?;
        self.zeros::<1>()?;
        Some(FirmwareVersion {
            major,
            minor,
            build,
        })
    }
}
