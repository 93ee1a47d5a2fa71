use adyton_crypto::{SecretArray, SecretBytes, sha256};
use adyton_tee_tcg_tpm::{HashAlg, Hierarchy, PcrSelection};

use super::command::Command;
use super::selection::encode_selection;
use super::{Tpm, TpmDriverError, template};

/// Before the label of a sealing key.
const SEAL: &[u8] = b"adyton/tpm-seal/v1\0";
/// `TPM_CC_PolicyPCR`.
const POLICY_PCR: u32 = 0x0000_017F;
const NULL: u16 = 0x0010;

impl Tpm {
    /// A key for `label` that this TPM derives only while the PCRs have the values that they have
    /// now: an HMAC by a primary key whose policy is the PCRs' digest (part 3, section 23.7). The
    /// same after a restart; another for other values, labels and TPMs.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn sealing_key(
        &mut self,
        selection: PcrSelection,
        label: &str,
    ) -> Result<SecretArray<32>, TpmDriverError> {
        let values = self.read_pcrs(selection)?.digest(HashAlg::Sha256);
        self.sealing_key_under(selection, &values, label)
    }

    /// The same for values with that digest, whether or not they are the PCRs' now.
    pub(super) fn sealing_key_under(
        &mut self,
        selection: PcrSelection,
        values: &[u8],
        label: &str,
    ) -> Result<SecretArray<32>, TpmDriverError> {
        let selected = encode_selection(selection);
        let policy = sha256(&[&[0; 32], &POLICY_PCR.to_be_bytes(), &selected, values]);
        let unique = sha256(&[SEAL, label.as_bytes()]);
        let template = template::sealing_key(&policy, &unique);
        let (key, _) = self.create_primary_raw(Hierarchy::Owner, &template)?;
        let derived = self.hmac_under_policy(key, &selected, label);
        self.flush_handle(key)?;
        derived
    }

    fn hmac_under_policy(
        &mut self,
        key: u32,
        selected: &[u8],
        label: &str,
    ) -> Result<SecretArray<32>, TpmDriverError> {
        let session = self.start_policy_session()?;
        let derived = self.policy_pcr(session, selected).and_then(|()| {
            let mut answer = Command::new("TPM2_HMAC", 0x155)
                .handle(key)
                .session(session)
                .sized(&[SEAL, label.as_bytes()].concat(), "buffer")
                .u16(NULL)
                .send(self.transport(), 0)?;
            Ok(SecretBytes::new(answer.sized()?))
        });
        self.flush_handle(session)?;
        let derived = derived?;
        let bytes =
            <&[u8; 32]>::try_from(derived.expose()).map_err(|_| TpmDriverError::Answer {
                command: "TPM2_HMAC",
            })?;
        Ok(SecretArray::fill_with(|out| out.copy_from_slice(bytes)))
    }

    /// Puts the values that the PCRs have now into the session's policy.
    fn policy_pcr(&mut self, session: u32, selected: &[u8]) -> Result<(), TpmDriverError> {
        Command::new("TPM2_PolicyPCR", POLICY_PCR)
            .handle(session)
            .sized(&[], "pcrDigest")
            .raw(selected)
            .send(self.transport(), 0)
            .map(drop)
    }
}
