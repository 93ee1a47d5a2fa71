use std::io;

use adyton_crypto::{SecretArray, ct_eq, hkdf_sha256};
use adyton_types::{Evidence, ReportData, TeeKind};

use super::GuestError;
use super::vmm_error::VmmError;
use crate::{Attester, AttesterError};

/// The version of messages to the firmware (SNP firmware ABI 56860, table 100).
pub(crate) const MESSAGE_VERSION: u8 = 1;
/// `struct snp_report_req`: user data 64, VMPL 4, reserved 28.
pub(crate) const REPORT_REQUEST_BYTES: usize = 96;
/// `struct snp_derived_key_req`: root key 4, reserved 4, fields 8, VMPL 4, guest SVN 4, TCB 8.
pub(crate) const KEY_REQUEST_BYTES: usize = 32;
/// `struct snp_report_resp`: what the firmware answers, with room.
pub(crate) const REPORT_RESPONSE_BYTES: usize = 4000;
/// `struct snp_derived_key_resp`.
pub(crate) const KEY_RESPONSE_BYTES: usize = 64;
const INTERFACE: &str = "/dev/sev-guest";
/// The report in an answer: status 4, length 4, reserved 24, then the report.
const REPORT_AT: usize = 32;
/// Length of a report (SNP firmware ABI, table 23).
const REPORT_BYTES: usize = 1184;
/// The most that a certificate table may take (the kernel's own `SEV_FW_BLOB_MAX_SIZE`).
const MAX_TABLE_BYTES: usize = 1 << 14;
/// How often a throttled request is made again. The hypervisor throttles to one in a while; the
/// kernel itself waits between its own attempts.
const ATTEMPTS: u32 = 8;
/// Fields that go into a derived key besides the root: guest policy (bit 0), image id (1), family id
/// (2), measurement (3). Not the versions, which grow and would strand what was sealed.
const KEY_FIELDS: u64 = 0b1001;

/// A call of `/dev/sev-guest` (linux/sev-guest.h).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SevCall {
    /// `SNP_GET_REPORT`.
    Report,
    /// `SNP_GET_DERIVED_KEY`.
    DerivedKey,
    /// `SNP_GET_EXT_REPORT`: with the host's certificate table.
    ExtendedReport,
}

impl SevCall {
    /// Its name in the header.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Report => "SNP_GET_REPORT",
            Self::DerivedKey => "SNP_GET_DERIVED_KEY",
            Self::ExtendedReport => "SNP_GET_EXT_REPORT",
        }
    }
}

/// How a call ended.
#[derive(Debug)]
pub struct SevOutcome {
    /// What the kernel returned.
    pub result: io::Result<()>,
    /// `exitinfo2`: the firmware's status in the low half, the hypervisor's in the high one.
    pub exitinfo2: u64,
    /// Length of the table, or the length that it needs where the room was too small.
    pub table_bytes: usize,
}

/// The kernel's side of `/dev/sev-guest`.
pub trait SevGuestKernel {
    /// Makes a call: `request` is the request's structure, `response` the room for the answer's,
    /// `table` the room for the certificate table of an extended report.
    fn call(
        &self,
        call: SevCall,
        request: &[u8],
        response: &mut [u8],
        table: &mut [u8],
    ) -> SevOutcome;
}

/// The name of a firmware status (SNP firmware ABI 56860, section 5.1).
const fn status_name(status: u32) -> &'static str {
    match status {
        0x00 => "SUCCESS",
        0x01 => "INVALID_PLATFORM_STATE",
        0x02 => "INVALID_GUEST_STATE",
        0x03 => "INVALID_CONFIG",
        0x04 => "INVALID_LENGTH",
        0x07 => "POLICY_FAILURE",
        0x08 => "INACTIVE",
        0x09 => "INVALID_ADDRESS",
        0x0a => "BAD_SIGNATURE",
        0x0b => "BAD_MEASUREMENT",
        0x10 => "INVALID_GUEST",
        0x11 => "INVALID_COMMAND",
        0x12 => "ACTIVE",
        0x13 => "HWERROR_PLATFORM",
        0x14 => "HWERROR_UNSAFE",
        0x15 => "UNSUPPORTED",
        0x16 => "INVALID_PARAM",
        0x17 => "RESOURCE_LIMIT",
        0x18 => "SECURE_DATA_INVALID",
        0x1d => "AEAD_OFLOW",
        0x27 => "INVALID_KEY",
        0xff | 0xffff_ffff => "the firmware was not called",
        _ => "a status without a name here",
    }
}

/// A report, and the certificate table that the host gave with it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SnpEvidence {
    /// The report.
    pub evidence: Evidence,
    /// The table (GHCB specification), which proves itself; empty if the host has none.
    pub table: Vec<u8>,
}

/// SEV-SNP through `/dev/sev-guest`, for kernels older than configfs-tsm.
#[derive(Debug)]
pub struct SevGuestAttester<K> {
    kernel: K,
}

impl<K: SevGuestKernel> SevGuestAttester<K> {
    /// Asks through `kernel`.
    #[must_use]
    pub const fn new(kernel: K) -> Self {
        Self { kernel }
    }

    /// A report over `report_data` from VMPL 0, with the host's certificate table.
    ///
    /// # Errors
    /// [`GuestError`].
    pub fn extended_report(&self, report_data: &ReportData) -> Result<SnpEvidence, GuestError> {
        let request = report_request(report_data);
        let mut response = vec![0; REPORT_RESPONSE_BYTES];
        let mut table = Vec::new();
        for _ in 0..ATTEMPTS {
            let outcome =
                self.kernel
                    .call(SevCall::ExtendedReport, &request, &mut response, &mut table);
            match judge(SevCall::ExtendedReport, outcome) {
                Ok(bytes) => {
                    table.truncate(bytes);
                    return Ok(SnpEvidence {
                        evidence: report(&response)?,
                        table,
                    });
                }
                Err(Refusal::NeedsRoom(bytes)) if bytes > table.len() => {
                    if bytes > MAX_TABLE_BYTES {
                        return Err(GuestError::Answer {
                            interface: INTERFACE,
                            what: "the certificate table is too long",
                        });
                    }
                    table = vec![0; bytes];
                }
                Err(Refusal::NeedsRoom(_)) => {
                    return Err(GuestError::Hypervisor(VmmError::InvalidLength));
                }
                Err(Refusal::Throttled) => {}
                Err(Refusal::Final(error)) => return Err(error),
            }
        }
        Err(GuestError::Busy {
            interface: INTERFACE,
            attempts: ATTEMPTS,
        })
    }

    fn call(&self, call: SevCall, request: &[u8], response: &mut [u8]) -> Result<(), GuestError> {
        for _ in 0..ATTEMPTS {
            match judge(call, self.kernel.call(call, request, response, &mut [])) {
                Ok(_) => return Ok(()),
                Err(Refusal::Throttled) => {}
                Err(Refusal::NeedsRoom(_)) => {
                    return Err(GuestError::Hypervisor(VmmError::InvalidLength));
                }
                Err(Refusal::Final(error)) => return Err(error),
            }
        }
        Err(GuestError::Busy {
            interface: INTERFACE,
            attempts: ATTEMPTS,
        })
    }
}

enum Refusal {
    Throttled,
    NeedsRoom(usize),
    Final(GuestError),
}

/// What an outcome means: the length of the table, or what to do.
fn judge(call: SevCall, outcome: SevOutcome) -> Result<usize, Refusal> {
    #[expect(clippy::cast_possible_truncation, reason = "the lower half of 64 bits")]
    let status = outcome.exitinfo2 as u32;
    match (outcome.result, VmmError::of(outcome.exitinfo2)) {
        (_, Some(VmmError::Busy)) => Err(Refusal::Throttled),
        (_, Some(VmmError::InvalidLength)) => Err(Refusal::NeedsRoom(outcome.table_bytes)),
        (_, Some(error)) => Err(Refusal::Final(GuestError::Hypervisor(error))),
        (Err(why), None) if status == 0 => match why.kind() {
            io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted => Err(Refusal::Throttled),
            _ => Err(Refusal::Final(GuestError::Call {
                call: call.name(),
                why,
            })),
        },
        (Ok(()), None) if status == 0 => Ok(outcome.table_bytes),
        (_, None) => Err(Refusal::Final(refused(status))),
    }
}

const fn refused(status: u32) -> GuestError {
    GuestError::Firmware {
        status,
        name: status_name(status),
    }
}

/// VMPL 0: an Adyton guest runs without a paravisor above it.
fn report_request(report_data: &ReportData) -> [u8; REPORT_REQUEST_BYTES] {
    let mut request = [0; REPORT_REQUEST_BYTES];
    let (user_data, _) = request.split_at_mut(64);
    user_data.copy_from_slice(report_data.as_bytes());
    request
}

fn word(bytes: &[u8], at: usize) -> Option<u32> {
    let word = bytes.get(at..at.checked_add(4)?)?;
    Some(u32::from_le_bytes(word.try_into().ok()?))
}

/// The report in an answer (SNP firmware ABI, table 25).
fn report(response: &[u8]) -> Result<Evidence, GuestError> {
    match word(response, 0) {
        Some(0) => {}
        Some(status) => return Err(refused(status)),
        None => return Err(bad_report()),
    }
    let length = word(response, 4).and_then(|length| usize::try_from(length).ok());
    if length != Some(REPORT_BYTES) {
        return Err(bad_report());
    }
    let report = response.get(REPORT_AT..REPORT_AT + REPORT_BYTES);
    Ok(Evidence {
        kind: TeeKind::Snp,
        bytes: report.ok_or_else(bad_report)?.to_vec(),
    })
}

const fn bad_report() -> GuestError {
    GuestError::Answer {
        interface: INTERFACE,
        what: "no report of 1184 bytes is in it",
    }
}

impl<K: SevGuestKernel> Attester for SevGuestAttester<K> {
    fn kind(&self) -> TeeKind {
        TeeKind::Snp
    }

    fn evidence(&self, report_data: &ReportData) -> Result<Evidence, AttesterError> {
        if ct_eq(report_data.as_bytes(), &[0; 64]) {
            return Err(AttesterError::EmptyReportData(*report_data));
        }
        let mut response = vec![0; REPORT_RESPONSE_BYTES];
        let request = report_request(report_data);
        self.call(SevCall::Report, &request, &mut response)?;
        Ok(report(&response)?)
    }

    /// From the chip's key, the guest's policy and its measurement (SNP firmware ABI, section 7.2).
    fn sealing_key(&self, label: &str) -> Result<SecretArray<32>, AttesterError> {
        let mut request = [0; KEY_REQUEST_BYTES];
        let (_, fields) = request.split_at_mut(8);
        let (fields, _) = fields.split_at_mut(8);
        fields.copy_from_slice(&KEY_FIELDS.to_le_bytes());
        let mut derived = Err(GuestError::Answer {
            interface: INTERFACE,
            what: "no derived key is in it",
        });
        // The answer holds the key: it is read into memory that is wiped.
        let response = SecretArray::<KEY_RESPONSE_BYTES>::fill_with(|response| {
            derived = self.call(SevCall::DerivedKey, &request, response);
        });
        derived?;
        let (head, key) = response.expose().split_at(32);
        match word(head, 0) {
            Some(0) => Ok(hkdf_sha256(
                key,
                b"adyton/snp-derived-key/v1",
                &[label.as_bytes()],
            )),
            status => Err(refused(status.unwrap_or(u32::MAX)).into()),
        }
    }
}
