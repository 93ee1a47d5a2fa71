use adyton_tee_tcg_tpm::Hierarchy;

use super::command::{Command, PASSWORD};
use super::{Tpm, TpmDriverError};

/// `TPM_RC_HANDLE` for the first handle: no such NV index.
const RC_NO_INDEX: u32 = 0x18B;
/// `TPMA_NV_OWNERREAD` (part 2, section 13.4): the owner, whose password is empty, may read.
const NV_OWNER_READ: u32 = 1 << 17;
/// The most that one `TPM2_NV_Read` is asked for; every TPM gives as much.
const NV_CHUNK: u16 = 512;

impl Tpm {
    /// The value of an NV index, if there is one.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn nv_read(&mut self, index: u32) -> Result<Option<Vec<u8>>, TpmDriverError> {
        let public = Command::new("TPM2_NV_ReadPublic", 0x169)
            .handle(index)
            .send(self.transport(), 0);
        let mut public = match public {
            Err(TpmDriverError::Refused {
                code: RC_NO_INDEX, ..
            }) => return Ok(None),
            other => other?,
        };
        // size, nvIndex, nameAlg, attributes, authPolicy, dataSize.
        public.take(8)?;
        let attributes = public.u32()?;
        public.sized()?;
        let size = public.u16()?;
        let auth = if attributes & NV_OWNER_READ == 0 {
            index
        } else {
            Hierarchy::Owner.handle()
        };
        let mut value = Vec::new();
        while let Some(left @ 1..) = usize::from(size).checked_sub(value.len()) {
            let mut answer = Command::new("TPM2_NV_Read", 0x14E)
                .handle(auth)
                .handle(index)
                .session(PASSWORD)
                .u16(u16::try_from(left).unwrap_or(NV_CHUNK).min(NV_CHUNK))
                .u16(u16::try_from(value.len()).unwrap_or(u16::MAX))
                .send(self.transport(), 0)?;
            let part = answer.sized()?;
            if part.is_empty() {
                return Err(TpmDriverError::Answer {
                    command: "TPM2_NV_Read",
                });
            }
            value.extend(part);
        }
        Ok(Some(value))
    }
}
