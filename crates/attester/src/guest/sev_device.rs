use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use rustix::ioctl::{Opcode, Updater, ioctl, opcode};

use super::GuestError;
use super::sev_guest::{
    MESSAGE_VERSION, REPORT_REQUEST_BYTES, SevCall, SevGuestKernel, SevOutcome,
};

/// `struct snp_guest_request_ioctl` (linux/sev-guest.h).
#[repr(C)]
struct GuestRequest {
    message_version: u8,
    request: u64,
    response: u64,
    exitinfo2: u64,
}

/// `struct snp_ext_report_req`.
#[repr(C)]
struct ExtendedRequest {
    report: [u8; REPORT_REQUEST_BYTES],
    table: u64,
    table_bytes: u32,
}

// The kernel's layout: a wrong one would make it read and write elsewhere.
const _: () = {
    assert!(size_of::<GuestRequest>() == 32);
    assert!(std::mem::offset_of!(GuestRequest, request) == 8);
    assert!(std::mem::offset_of!(GuestRequest, response) == 16);
    assert!(std::mem::offset_of!(GuestRequest, exitinfo2) == 24);
    assert!(size_of::<ExtendedRequest>() == 112);
    assert!(std::mem::offset_of!(ExtendedRequest, table) == 96);
    assert!(std::mem::offset_of!(ExtendedRequest, table_bytes) == 104);
    assert!(GET_REPORT == 0xc020_5300);
    assert!(GET_DERIVED_KEY == 0xc020_5301);
    assert!(GET_EXT_REPORT == 0xc020_5302);
};

const GET_REPORT: Opcode = opcode::read_write::<GuestRequest>(b'S', 0);
const GET_DERIVED_KEY: Opcode = opcode::read_write::<GuestRequest>(b'S', 1);
const GET_EXT_REPORT: Opcode = opcode::read_write::<GuestRequest>(b'S', 2);

/// The device itself.
#[derive(Debug)]
pub struct SevGuestDevice {
    file: File,
}

impl SevGuestDevice {
    /// Opens `/dev/sev-guest` below `root`, which is `/` except in tests.
    ///
    /// # Errors
    /// [`GuestError::File`].
    pub fn open(root: &Path) -> Result<Self, GuestError> {
        let path = root.join("dev/sev-guest");
        let opened = OpenOptions::new().read(true).write(true).open(&path);
        opened
            .map(|file| Self { file })
            .map_err(|why| GuestError::File {
                what: "open",
                path,
                why,
            })
    }

    /// # Safety
    /// `request.request` and `request.response` have to be the addresses of the structures that
    /// `OPCODE` reads and writes, and of nothing else, for as long as the call takes.
    #[expect(unsafe_code, reason = "an ioctl whose structure holds addresses")]
    unsafe fn ioctl<const OPCODE: Opcode>(&self, request: &mut GuestRequest) -> io::Result<()> {
        // SAFETY: the opcode is one of `/dev/sev-guest`, each of which takes this structure.
        let call = unsafe { Updater::<OPCODE, GuestRequest>::new(request) };
        // SAFETY: the caller vouches for the addresses; the kernel writes to nothing else.
        Ok(unsafe { ioctl(&self.file, call) }?)
    }
}

impl SevGuestKernel for SevGuestDevice {
    #[expect(unsafe_code, reason = "an ioctl whose structure holds addresses")]
    fn call(
        &self,
        call: SevCall,
        request: &[u8],
        response: &mut [u8],
        table: &mut [u8],
    ) -> SevOutcome {
        let mut extended = ExtendedRequest {
            report: [0; REPORT_REQUEST_BYTES],
            table: table.as_mut_ptr().expose_provenance() as u64,
            // Pages, as the kernel asks; a table is far below 4 GiB.
            table_bytes: u32::try_from(table.len()).unwrap_or(0),
        };
        if let Some(report) = request.first_chunk() {
            extended.report = *report;
        }
        let address = match call {
            SevCall::ExtendedReport => (&raw mut extended).expose_provenance(),
            SevCall::Report | SevCall::DerivedKey => request.as_ptr().expose_provenance(),
        };
        let mut structure = GuestRequest {
            message_version: MESSAGE_VERSION,
            request: address as u64,
            response: response.as_mut_ptr().expose_provenance() as u64,
            exitinfo2: 0,
        };
        if request.len() < needed(call).0 || response.len() < needed(call).1 {
            return SevOutcome {
                result: Err(io::ErrorKind::InvalidInput.into()),
                exitinfo2: 0,
                table_bytes: 0,
            };
        }
        // Request, response and table live through the call, and are as long as the kernel reads and
        // writes for the opcode, which was checked just now.
        let result = match call {
            // SAFETY: as above.
            SevCall::Report => unsafe { self.ioctl::<GET_REPORT>(&mut structure) },
            // SAFETY: as above.
            SevCall::DerivedKey => unsafe { self.ioctl::<GET_DERIVED_KEY>(&mut structure) },
            // SAFETY: as above.
            SevCall::ExtendedReport => unsafe { self.ioctl::<GET_EXT_REPORT>(&mut structure) },
        };
        SevOutcome {
            result,
            exitinfo2: structure.exitinfo2,
            table_bytes: extended.table_bytes as usize,
        }
    }
}

/// How long request and response of a call have to be at least.
const fn needed(call: SevCall) -> (usize, usize) {
    use super::sev_guest::{KEY_REQUEST_BYTES, KEY_RESPONSE_BYTES, REPORT_RESPONSE_BYTES};
    match call {
        SevCall::Report | SevCall::ExtendedReport => (REPORT_REQUEST_BYTES, REPORT_RESPONSE_BYTES),
        SevCall::DerivedKey => (KEY_REQUEST_BYTES, KEY_RESPONSE_BYTES),
    }
}
