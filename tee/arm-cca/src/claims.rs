use adyton_types::ReportData;

use crate::{CcaToken, ImplementationId, InstanceId, SwComponent, Wrapping};

/// What a verified token says, and what a Relying Party has to decide on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CcaClaims {
    /// How the token was wrapped.
    pub wrapping: Wrapping,
    /// Which implementation of CCA.
    pub implementation: ImplementationId,
    /// Which machine: the platform id.
    pub instance: InstanceId,
    /// The lifecycle state, in the secured range; its low byte is the vendor's.
    pub lifecycle: u16,
    /// The configuration, which equals the Reference Value.
    pub config: Vec<u8>,
    /// The software of the platform, each a Reference Value.
    pub components: Vec<SwComponent>,
    /// Where the vendor says its Verifier is.
    pub service: Option<String>,
    /// What was loaded into the realm at its start.
    pub initial_measurement: Vec<u8>,
    /// What the realm measured itself.
    pub extensible_measurements: [Vec<u8>; 4],
    /// What the host gave the realm as its personalisation value.
    pub personalization: [u8; 64],
    /// What the realm asked to have signed: to be compared with the session's binding.
    pub report_data: ReportData,
}

impl CcaClaims {
    pub(crate) fn new(token: CcaToken<'_>, lifecycle: u16) -> Self {
        let CcaToken {
            wrapping,
            platform,
            realm,
            ..
        } = token;
        Self {
            wrapping,
            implementation: platform.implementation,
            instance: platform.instance,
            lifecycle,
            config: platform.config,
            components: platform.components,
            service: platform.service,
            initial_measurement: realm.initial_measurement,
            extensible_measurements: realm.extensible_measurements,
            personalization: realm.personalization,
            report_data: ReportData::new(realm.challenge),
        }
    }
}
