//! HCL reports of the test's own, each deviating as the test asks: for tests of this crate and of
//! those above it. The hardware's reports come from the forges of the crates that judge them.

use adyton_codec::hex_encode;
use adyton_crypto::{sha256, sha384, sha512};
use adyton_tee_tcg_tpm::forge::{ForgedAk, QuoteForge};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::{AzureEvidence, HARDWARE_REPORT_BYTES, Hardware, HardwareKind};

/// An HCL report in the making.
#[derive(Debug, Clone)]
pub struct HclForge {
    /// `signature`.
    pub signature: [u8; 4],
    /// `version` of the header.
    pub version: u32,
    /// `requestType`.
    pub request: u32,
    /// `status`.
    pub status: u32,
    /// `reportType`.
    pub report_type: u32,
    /// `hashType`.
    pub hash_type: u32,
    /// The runtime claims.
    pub claims: Vec<u8>,
    /// Bytes after the report.
    pub padding: Vec<u8>,
}

impl HclForge {
    /// A right report that names this key and has this user data.
    #[must_use]
    pub fn new(kind: HardwareKind, ak: &ForgedAk, user_data: &[u8; 64]) -> Self {
        let modulus = URL_SAFE_NO_PAD.encode(ak.modulus());
        let user_data = hex_encode(user_data).to_ascii_uppercase();
        let claims = format!(
            r#"{{"keys":[{{"kid":"HCLAkPub","key_ops":["sign"],"kty":"RSA","e":"AQAB","n":"{modulus}"}}],"vm-configuration":{{"console-enabled":true,"secure-boot":true,"tpm-enabled":true,"vmUniqueId":"A"}},"user-data":"{user_data}"}}"#
        );
        Self {
            signature: *b"HCLA",
            version: 2,
            request: 2,
            status: 0,
            report_type: kind.report_type(),
            hash_type: 1,
            claims: claims.into_bytes(),
            padding: vec![0; 64],
        }
    }

    /// What the hardware's report data has to be.
    #[must_use]
    pub fn report_data(&self) -> [u8; 64] {
        let claims = [self.claims.as_slice()];
        let mut data = [0; 64];
        let hash = match self.hash_type {
            2 => sha384(&claims).to_vec(),
            3 => sha512(&claims).to_vec(),
            _ => sha256(&claims).to_vec(),
        };
        for (to, from) in data.iter_mut().zip(hash) {
            *to = from;
        }
        data
    }

    /// The report around the hardware's.
    #[must_use]
    pub fn build(&self, hardware: &[u8]) -> Vec<u8> {
        let size = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_le_bytes();
        let runtime = self.claims.len().saturating_add(20);
        let whole = runtime.saturating_add(32 + HARDWARE_REPORT_BYTES);
        let mut out = self.signature.to_vec();
        out.extend(self.version.to_le_bytes());
        out.extend(size(whole));
        out.extend(self.request.to_le_bytes());
        out.extend(self.status.to_le_bytes());
        out.extend([0; 12]);
        let mut report = hardware.to_vec();
        report.resize(HARDWARE_REPORT_BYTES, 0);
        out.extend(report);
        out.extend(size(runtime));
        out.extend(1u32.to_le_bytes());
        out.extend(self.report_type.to_le_bytes());
        out.extend(self.hash_type.to_le_bytes());
        out.extend(size(self.claims.len()));
        out.extend_from_slice(&self.claims);
        out.extend_from_slice(&self.padding);
        out
    }

    /// Evidence with a quote by that key.
    #[must_use]
    pub fn evidence(
        &self,
        report: &[u8],
        hardware: Hardware,
        quote: &QuoteForge,
        ak: &ForgedAk,
    ) -> AzureEvidence {
        let tpm = quote.evidence(ak);
        AzureEvidence {
            hcl: self.build(report),
            quote: tpm.quote,
            signature: tpm.signature,
            pcrs: tpm.pcrs,
            hardware,
        }
    }
}
