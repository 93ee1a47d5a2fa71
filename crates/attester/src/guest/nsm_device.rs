use std::fs::{File, OpenOptions};
use std::io;
use std::path::Path;

use rustix::ioctl::{Opcode, Updater, ioctl, opcode};

use super::GuestError;
use super::nsm::{MAX_REQUEST_BYTES, MAX_RESPONSE_BYTES, NsmKernel};

/// `struct nsm_raw` (linux/nsm.h): two `struct nsm_iovec` of address and length.
#[repr(C)]
struct Raw {
    request: u64,
    request_bytes: u64,
    response: u64,
    response_bytes: u64,
}

const IOCTL_RAW: Opcode = opcode::read_write::<Raw>(0x0a, 0);

// The kernel's layout: a wrong one would make it read and write elsewhere.
const _: () = {
    assert!(size_of::<Raw>() == 32);
    assert!(std::mem::offset_of!(Raw, response) == 16);
    assert!(IOCTL_RAW == 0xc020_0a00);
};

/// The device itself.
#[derive(Debug)]
pub struct NsmDevice {
    file: File,
}

impl NsmDevice {
    /// Opens `/dev/nsm` below `root`, which is `/` except in tests.
    ///
    /// # Errors
    /// [`GuestError::File`].
    pub fn open(root: &Path) -> Result<Self, GuestError> {
        let path = root.join("dev/nsm");
        let opened = OpenOptions::new().read(true).write(true).open(&path);
        opened
            .map(|file| Self { file })
            .map_err(|why| GuestError::File {
                what: "open",
                path,
                why,
            })
    }
}

impl NsmKernel for NsmDevice {
    #[expect(unsafe_code, reason = "an ioctl whose structure holds addresses")]
    fn call(&self, request: &[u8]) -> io::Result<Vec<u8>> {
        if request.len() > MAX_REQUEST_BYTES {
            return Err(io::ErrorKind::InvalidInput.into());
        }
        let mut response = vec![0; MAX_RESPONSE_BYTES];
        let mut raw = Raw {
            request: request.as_ptr().expose_provenance() as u64,
            request_bytes: request.len() as u64,
            response: response.as_mut_ptr().expose_provenance() as u64,
            response_bytes: response.len() as u64,
        };
        // SAFETY: the opcode takes this structure (linux/nsm.h).
        let call = unsafe { Updater::<IOCTL_RAW, Raw>::new(&mut raw) };
        // SAFETY: both buffers live through the call and are as long as the structure says; the
        // kernel writes to nothing but the response and the structure.
        unsafe { ioctl(&self.file, call) }?;
        let written = usize::try_from(raw.response_bytes).unwrap_or(usize::MAX);
        if written > response.len() {
            return Err(io::ErrorKind::InvalidData.into());
        }
        response.truncate(written);
        Ok(response)
    }
}
