use adyton_crypto::SecretArray;
use adyton_types::{Evidence, ReportData, TeeKind};

use crate::AttesterError;

/// What a run needs of its TEE.
pub trait Attester {
    /// The TEE's kind.
    fn kind(&self) -> TeeKind;

    /// Evidence over `report_data`, which is the digest of a binding.
    ///
    /// # Errors
    /// [`AttesterError`].
    fn evidence(&self, report_data: &ReportData) -> Result<Evidence, AttesterError>;

    /// The key under which this TEE and this measurement seal data for `label`; the same after a
    /// restart, another on every other platform, measurement and label.
    ///
    /// # Errors
    /// [`AttesterError`].
    fn sealing_key(&self, label: &str) -> Result<SecretArray<32>, AttesterError>;
}
