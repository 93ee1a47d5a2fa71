use adyton_types::{ReportData, UnixTime};

use crate::{IntelTee, PckPlatform, QuoteBody, SgxReport, TcbVerdict};

/// What verified Evidence of SGX or TDX says. All that Intel's rules leave open is for the policy:
/// which statuses and advisories, which attributes, which measurements, which platforms.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntelClaims {
    /// Which TEE.
    pub tee: IntelTee,
    /// Version of the quote's format.
    pub quote_version: u16,
    /// The enclave or the trust domain.
    pub body: QuoteBody,
    /// What it asked to have signed.
    pub report_data: ReportData,
    /// What Intel says of the TCB.
    pub tcb: TcbVerdict,
    /// TCB evaluation of the TCB info: a policy may ask for a least one.
    pub tcb_evaluation_number: u32,
    /// TCB evaluation of the QE identity.
    pub qe_evaluation_number: u32,
    /// What Intel certifies of the platform.
    pub platform: PckPlatform,
    /// The quoting enclave's report.
    pub qe: SgxReport,
    /// Until when certificates, revocation lists and documents behind this verdict are in date.
    pub valid_until: UnixTime,
}

/// A property that makes Evidence worth less than it seems, though Intel's rules let it pass. A
/// policy names those that it accepts; there is no reason to accept any in production.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Weakness {
    /// The host may read everything (SGX ATTRIBUTES.DEBUG, TD ATTRIBUTES.DEBUG).
    Debug,
    /// The host may profile the TD.
    Profiling,
    /// Attribute bits are set whose meaning is not known here.
    ReservedAttributes,
    /// The host may take pages away without stopping the TD (SEPT_VE_DISABLE is off).
    SeptVe,
    /// The TD may be migrated.
    Migratable,
    /// Service TDs are bound to the TD, which have to be appraised, too.
    ServiceTd,
    /// The TD may be bound to extended service TDs.
    ServtdExt,
    /// The enclave may use the provisioning key, which names the platform.
    ProvisionKey,
}

impl Weakness {
    /// Its name in policies.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Profiling => "profiling",
            Self::ReservedAttributes => "reserved-attributes",
            Self::SeptVe => "sept-ve",
            Self::Migratable => "migratable",
            Self::ServiceTd => "service-td",
            Self::ServtdExt => "servtd-ext",
            Self::ProvisionKey => "provision-key",
        }
    }
}

impl IntelClaims {
    /// All weaknesses that the Evidence has.
    #[must_use]
    pub fn weaknesses(&self) -> Vec<Weakness> {
        let found: Vec<(bool, Weakness)> = match &self.body {
            QuoteBody::Sgx(report) => vec![
                (report.debug(), Weakness::Debug),
                (report.provision_key(), Weakness::ProvisionKey),
            ],
            QuoteBody::Td(report) => {
                let attributes = report.td_attributes;
                let service_td = report
                    .v15
                    .as_ref()
                    .is_some_and(|v15| v15.mr_service_td != [0; 48]);
                vec![
                    (attributes.debug(), Weakness::Debug),
                    (attributes.profiling(), Weakness::Profiling),
                    (attributes.reserved() != 0, Weakness::ReservedAttributes),
                    (!attributes.sept_ve_disable(), Weakness::SeptVe),
                    (attributes.migratable(), Weakness::Migratable),
                    (service_td, Weakness::ServiceTd),
                    (attributes.servtd_ext(), Weakness::ServtdExt),
                ]
            }
        };
        found
            .into_iter()
            .filter_map(|(has, weakness)| has.then_some(weakness))
            .collect()
    }
}
