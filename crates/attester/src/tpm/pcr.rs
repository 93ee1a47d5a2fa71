use adyton_tee_tcg_tpm::{HashAlg, PcrSelection, PcrSet, PcrValues, TpmError};

use super::command::{Command, PASSWORD};
use super::selection::encode_selection;
use super::{Tpm, TpmDriverError};

impl Tpm {
    /// The values of PCRs.
    ///
    /// # Errors
    /// [`TpmDriverError`]; a bank that the TPM has not switched on gives no values.
    pub fn read_pcrs(&mut self, selection: PcrSelection) -> Result<PcrValues, TpmDriverError> {
        let mut values: Vec<(u8, Vec<u8>)> = Vec::new();
        let mut left = selection.pcrs;
        while !left.is_empty() {
            let part = PcrSelection::new(selection.bank, left);
            let (read, digests) = self.read_some_pcrs(part)?;
            let read = read.iter().filter(|index| left.contains(*index));
            let before = values.len();
            values.extend(read.zip(digests));
            if values.len() == before {
                return Err(TpmDriverError::Answer {
                    command: "TPM2_PCR_Read",
                });
            }
            let rest = left
                .iter()
                .filter(|index| values.iter().all(|(known, _)| known != index));
            left = PcrSet::new(rest).map_err(TpmError::from)?;
        }
        Ok(PcrValues::new(selection.bank, values).map_err(TpmError::from)?)
    }

    /// As many of the PCRs as one answer holds.
    fn read_some_pcrs(
        &mut self,
        selection: PcrSelection,
    ) -> Result<(PcrSet, Vec<Vec<u8>>), TpmDriverError> {
        let command = "TPM2_PCR_Read";
        let mut answer = Command::new(command, 0x17E)
            .raw(&encode_selection(selection))
            .send(self.transport(), 0)?;
        answer.u32()?;
        let (1, bank) = (answer.u32()?, answer.u16()?) else {
            return Err(TpmDriverError::Answer { command });
        };
        let size = answer.u8()?;
        let select = answer.take(usize::from(size))?;
        let indices = (0u8..24).filter(|index| {
            let byte = select.get(usize::from(index / 8)).copied();
            byte.is_some_and(|byte| byte & (1 << (index % 8)) != 0)
        });
        let set = PcrSet::new(indices).map_err(TpmError::from)?;
        let count = answer.u32()?;
        if bank != selection.bank.id() || count > 8 {
            return Err(TpmDriverError::Answer { command });
        }
        let digests = (0..count)
            .map(|_| answer.sized())
            .collect::<Result<_, _>>()?;
        Ok((set, digests))
    }

    /// Extends a PCR of the SHA-256 bank.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn extend_pcr(&mut self, index: u8, digest: &[u8; 32]) -> Result<(), TpmDriverError> {
        Command::new("TPM2_PCR_Extend", 0x182)
            .handle(index.into())
            .session(PASSWORD)
            .u32(1)
            .u16(HashAlg::Sha256.id())
            .raw(digest)
            .send(self.transport(), 0)
            .map(drop)
    }
}
