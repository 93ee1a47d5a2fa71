use adyton_codec::Value;
use adyton_tee_tcg_tpm::{HashAlg, PcrValues, Scheme};

use crate::{AzureError, HardwareKind};

/// Version mark of the container.
const VERSION: &str = "adyton/azure-evidence/v1";

/// Azure Evidence: an HCL report, a quote of the vTPM, and what goes with the hardware
/// (`specs/azure-evidence.md`). Whoever decodes another envelope, such as JSON, builds one. Having
/// one tells you nothing: [`verify`](crate::verify) it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AzureEvidence {
    /// The HCL report, of NV index 0x01400001.
    pub hcl: Vec<u8>,
    /// `TPMS_ATTEST` of the vTPM's quote, as signed.
    pub quote: Vec<u8>,
    /// `TPMT_SIGNATURE`; of a bare signature, [`rsassa_sha256`] makes one.
    pub signature: Vec<u8>,
    /// The values of the quoted PCRs.
    pub pcrs: PcrValues,
    /// What goes with the hardware.
    pub hardware: Hardware,
}

/// What goes with the hardware's report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hardware {
    /// SEV-SNP: the certificate of the key that signed the report (DER), as the machine got it from
    /// Azure's metadata service, if it did. The Verifier makes its Endorsements of it, or of its own
    /// copy.
    Snp {
        /// The certificate.
        vek: Option<Vec<u8>>,
    },
    /// TDX: the quote that Azure's metadata service made of the TDREPORT.
    Tdx {
        /// The quote.
        quote: Vec<u8>,
    },
}

impl Hardware {
    /// Which hardware.
    #[must_use]
    pub const fn kind(&self) -> HardwareKind {
        match self {
            Self::Snp { .. } => HardwareKind::Snp,
            Self::Tdx { .. } => HardwareKind::Tdx,
        }
    }
}

impl AzureEvidence {
    /// Reads Evidence.
    ///
    /// # Errors
    /// [`AzureError`] of the check `azure-container`; [`AzureError::Quote`] for PCR values that are
    /// none.
    pub fn parse(bytes: &[u8]) -> Result<Self, AzureError> {
        let mut fields = Value::decode(bytes)?.into_fields("Azure Evidence")?;
        fields.version("v", VERSION)?;
        let kind = fields.text("kind")?;
        let vek = match fields.nullable("vek")? {
            Some(vek) => Some(vek.into_bytes("vek")?.into_owned()),
            None => None,
        };
        let td_quote = match fields.nullable("td-quote")? {
            Some(quote) => Some(quote.into_bytes("td-quote")?.into_owned()),
            None => None,
        };
        let hardware = match (&*kind, vek, td_quote) {
            ("azure-snp", vek, None) => Hardware::Snp { vek },
            ("azure-tdx", None, Some(quote)) => Hardware::Tdx { quote },
            _ => {
                return Err(AzureError::Parts {
                    kind: kind.chars().take(40).collect(),
                });
            }
        };
        let bank = fields.text("bank")?;
        let evidence = Self {
            hcl: fields.bytes("hcl")?.into_owned(),
            quote: fields.bytes("quote")?.into_owned(),
            signature: fields.bytes("signature")?.into_owned(),
            pcrs: PcrValues::from_items(&bank, fields.items("pcrs")?)?,
            hardware,
        };
        fields.finish()?;
        Ok(evidence)
    }

    /// Its one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let (vek, td_quote) = match &self.hardware {
            Hardware::Snp { vek } => (vek.as_deref(), None),
            Hardware::Tdx { quote } => (None, Some(quote.as_slice())),
        };
        let optional = |bytes: Option<_>| bytes.map_or(Value::Null, Value::bytes);
        Value::map([
            ("v", Value::text(VERSION)),
            ("kind", Value::text(self.hardware.kind().as_str())),
            ("hcl", Value::bytes(&self.hcl)),
            ("quote", Value::bytes(&self.quote)),
            ("signature", Value::bytes(&self.signature)),
            ("bank", Value::text(self.pcrs.bank().as_str())),
            ("pcrs", self.pcrs.to_items()),
            ("vek", optional(vek)),
            ("td-quote", optional(td_quote)),
        ])
        .encode()
    }
}

/// A `TPMT_SIGNATURE` around a bare RSASSA-PKCS1-v1_5 signature with SHA-256, which is how tools
/// for Azure hand signatures on. Longer ones than 65535 bytes are cut, and so do not verify.
#[must_use]
pub fn rsassa_sha256(bare: &[u8]) -> Vec<u8> {
    let len = u16::try_from(bare.len()).unwrap_or(u16::MAX);
    let mut out = Scheme::RsaSsa.id().to_be_bytes().to_vec();
    out.extend(HashAlg::Sha256.id().to_be_bytes());
    out.extend(len.to_be_bytes());
    out.extend(bare.iter().take(usize::from(len)));
    out
}
