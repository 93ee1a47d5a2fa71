use std::collections::BTreeMap;

use adyton_types::UnixTime;

use crate::{Device, NitroDocument};

/// What a verified document says, and AWS's rules do not decide: for a policy to judge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NitroClaims {
    /// Which device made it.
    pub device: Device,
    /// The module that made it: instance and enclave.
    pub module_id: String,
    /// When it was made, in milliseconds since 1970, by the device's clock.
    pub timestamp_ms: u64,
    /// How long before `now` it was made; 0 where the device's clock is ahead.
    pub age_secs: u64,
    /// The locked PCRs, SHA-384. For an enclave: 0 the image, 1 the kernel and boot, 2 the
    /// application, 3 the instance's role, 4 the instance, 8 the image's signer.
    pub pcrs: BTreeMap<u8, [u8; 48]>,
    /// The enclave runs in debug mode, which its owner can look into and which measures nothing:
    /// one of PCR 0, 1 and 2 is zero or missing. No policy accepts it. Never so for a NitroTPM.
    pub debug: bool,
    /// A key that the caller of the device handed in.
    pub public_key: Option<Vec<u8>>,
    /// Bytes that the caller of the device handed in: where Adyton puts its binding.
    pub user_data: Option<Vec<u8>>,
    /// A nonce that the caller of the device handed in.
    pub nonce: Option<Vec<u8>>,
    /// When the first certificate of the chain expires.
    pub not_after: UnixTime,
}

impl NitroClaims {
    pub(crate) fn new(document: &NitroDocument<'_>, age_secs: u64, not_after: UnixTime) -> Self {
        let measured = |index| document.pcrs.get(&index).is_some_and(|pcr| *pcr != [0; 48]);
        Self {
            device: document.device,
            module_id: document.module_id.clone(),
            timestamp_ms: document.timestamp_ms,
            age_secs,
            pcrs: document.pcrs.clone(),
            debug: document.device == Device::Enclave && ![0, 1, 2].into_iter().all(measured),
            public_key: document.public_key.map(<[u8]>::to_vec),
            user_data: document.user_data.map(<[u8]>::to_vec),
            nonce: document.nonce.map(<[u8]>::to_vec),
            not_after,
        }
    }

    /// Whether every register named has that value. One that the document lacks has none.
    #[must_use]
    pub fn pcrs_match<'a>(&self, expected: impl IntoIterator<Item = (u8, &'a [u8; 48])>) -> bool {
        expected
            .into_iter()
            .all(|(index, value)| self.pcrs.get(&index) == Some(value))
    }
}
