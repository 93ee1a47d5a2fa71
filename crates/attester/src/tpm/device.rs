use adyton_crypto::{SecretBytes, os_rng, random};
use adyton_tee_tcg_tpm::{Credential, HashAlg, Hierarchy, PcrSelection, TpmPublic};

use super::command::{Command, PASSWORD};
use super::selection::encode_selection;
use super::{EkKind, TpmDriverError, TpmTransport, template};

const NULL: u16 = 0x0010;
/// `TPM_SE_POLICY`.
const POLICY_SESSION: u8 = 0x01;

/// A TPM, behind a transport.
#[derive(Debug)]
pub struct Tpm {
    transport: Box<dyn TpmTransport>,
}

/// A key that is loaded in a TPM until it is [flushed](Tpm::flush).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LoadedKey {
    handle: u32,
    public: TpmPublic,
}

impl LoadedKey {
    /// Its public area.
    #[must_use]
    pub const fn public(&self) -> &TpmPublic {
        &self.public
    }
}

impl Tpm {
    /// A TPM that firmware, the kernel or the simulator has started.
    pub fn new(transport: impl TpmTransport + 'static) -> Self {
        Self {
            transport: Box::new(transport),
        }
    }

    /// Makes the Endorsement Key of a kind: the one that its certificate is for.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn endorsement_key(&mut self, kind: EkKind) -> Result<LoadedKey, TpmDriverError> {
        self.create_primary(Hierarchy::Endorsement, &kind.template())
    }

    /// Makes the Attestation Key: the same after every restart, until the endorsement seed is
    /// changed.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn attestation_key(&mut self) -> Result<LoadedKey, TpmDriverError> {
        self.create_primary(Hierarchy::Endorsement, &template::attestation_key())
    }

    /// The Endorsement Key's certificate, if its maker has put one in; DER, without what fills the
    /// rest of its place.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn ek_certificate(&mut self, kind: EkKind) -> Result<Option<Vec<u8>>, TpmDriverError> {
        let certificate = self.nv_read(kind.certificate_index())?;
        Ok(certificate.map(|mut bytes| {
            // A DER SEQUENCE of 256 to 65535 bytes says its length in its third and fourth byte.
            if let [0x30, 0x82, high, low, ..] = *bytes.as_slice() {
                bytes.truncate(usize::from(u16::from_be_bytes([high, low])) + 4);
            }
            bytes
        }))
    }

    /// Reads a key's public area and its qualified name from the TPM.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn read_public(&mut self, key: &LoadedKey) -> Result<(TpmPublic, Vec<u8>), TpmDriverError> {
        let mut answer = Command::new("TPM2_ReadPublic", 0x173)
            .handle(key.handle)
            .send(self.transport(), 0)?;
        let public = TpmPublic::parse(&answer.sized()?)?;
        answer.sized()?;
        Ok((public, answer.sized()?))
    }

    /// Removes a key from the TPM's memory.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn flush(&mut self, key: &LoadedKey) -> Result<(), TpmDriverError> {
        self.flush_handle(key.handle)
    }

    /// A quote over PCRs by an Attestation Key: `TPMS_ATTEST` and `TPMT_SIGNATURE`.
    ///
    /// # Errors
    /// [`TpmDriverError`].
    pub fn quote(
        &mut self,
        ak: &LoadedKey,
        nonce: &[u8],
        selection: PcrSelection,
    ) -> Result<(Vec<u8>, Vec<u8>), TpmDriverError> {
        let mut answer = Command::new("TPM2_Quote", 0x158)
            .handle(ak.handle)
            .session(PASSWORD)
            .sized(nonce, "qualifyingData")
            .u16(NULL)
            .raw(&encode_selection(selection))
            .send(self.transport(), 0)?;
        let quote = answer.sized()?;
        Ok((quote, answer.rest()))
    }

    /// Opens a credential that was made for `ek` and `ak`.
    ///
    /// # Errors
    /// [`TpmDriverError::Refused`] if it was made for another key.
    pub fn activate_credential(
        &mut self,
        ek: &LoadedKey,
        ak: &LoadedKey,
        credential: &Credential,
    ) -> Result<SecretBytes, TpmDriverError> {
        let session = self.start_policy_session()?;
        let activated = self.policy_secret(session).and_then(|()| {
            Command::new("TPM2_ActivateCredential", 0x147)
                .handle(ak.handle)
                .handle(ek.handle)
                .session(PASSWORD)
                .session(session)
                .sized(&credential.id_object, "credentialBlob")
                .sized(&credential.encrypted_seed, "secret")
                .send(self.transport(), 0)
        });
        self.flush_handle(session)?;
        Ok(SecretBytes::new(activated?.sized()?))
    }

    fn create_primary(
        &mut self,
        hierarchy: Hierarchy,
        template: &[u8],
    ) -> Result<LoadedKey, TpmDriverError> {
        let (handle, public) = self.create_primary_raw(hierarchy, template)?;
        match TpmPublic::parse(&public) {
            Ok(public) => Ok(LoadedKey { handle, public }),
            Err(error) => {
                self.flush_handle(handle)?;
                Err(error.into())
            }
        }
    }

    /// Makes a primary object: its handle and public area.
    pub(super) fn create_primary_raw(
        &mut self,
        hierarchy: Hierarchy,
        template: &[u8],
    ) -> Result<(u32, Vec<u8>), TpmDriverError> {
        let mut answer = Command::new("TPM2_CreatePrimary", 0x131)
            .handle(hierarchy.handle())
            .session(PASSWORD)
            // The empty password, and no data of the caller's.
            .sized(&[0, 0, 0, 0], "inSensitive")
            .sized(template, "inPublic")
            .sized(&[], "outsideInfo")
            // No PCRs in the creation data.
            .u32(0)
            .send(self.transport(), 1)?;
        Ok((answer.u32()?, answer.sized()?))
    }

    pub(super) fn flush_handle(&mut self, handle: u32) -> Result<(), TpmDriverError> {
        Command::new("TPM2_FlushContext", 0x165)
            .u32(handle)
            .send(self.transport(), 0)
            .map(drop)
    }

    /// A policy session, neither salted nor bound: nothing that it authorizes is secret on the way.
    pub(super) fn start_policy_session(&mut self) -> Result<u32, TpmDriverError> {
        let nonce = random::<16>(&mut os_rng());
        let mut answer = Command::new("TPM2_StartAuthSession", 0x176)
            .handle(Hierarchy::Null.handle())
            .handle(Hierarchy::Null.handle())
            .sized(nonce.expose(), "nonceCaller")
            .sized(&[], "encryptedSalt")
            .raw(&[POLICY_SESSION])
            .u16(NULL)
            .u16(HashAlg::Sha256.id())
            .send(self.transport(), 1)?;
        answer.u32()
    }

    /// Satisfies policy A of Endorsement Keys: the endorsement hierarchy's password, which is empty.
    fn policy_secret(&mut self, session: u32) -> Result<(), TpmDriverError> {
        Command::new("TPM2_PolicySecret", 0x151)
            .handle(Hierarchy::Endorsement.handle())
            .handle(session)
            .session(PASSWORD)
            .sized(&[], "nonceTPM")
            .sized(&[], "cpHashA")
            .sized(&[], "policyRef")
            .u32(0)
            .send(self.transport(), 0)
            .map(drop)
    }

    pub(super) fn transport(&mut self) -> &mut dyn TpmTransport {
        &mut *self.transport
    }
}
