use crate::bytes::Bytes;
use crate::certification::{Certification, MAX_CERTIFICATION_BYTES};
use crate::sgx_report::{SGX_REPORT_BYTES, SgxReport};
use crate::td_report::{TD_REPORT_10_BYTES, TD_REPORT_15_BYTES, TD_REPORT_15EX_BYTES, TdReport};
use crate::{IntelError, IntelTee};

/// The largest quote that is read. Real ones take 4.6 to 5.3 KiB, certificates included.
pub const MAX_QUOTE_BYTES: usize = 64 * 1024;

/// Id of Intel's quoting enclaves: 939A7233-F79C-4CA9-940A-0DB3957F0607.
const INTEL_QE_VENDOR: [u8; 16] = [
    0x93, 0x9a, 0x72, 0x33, 0xf7, 0x9c, 0x4c, 0xa9, 0x94, 0x0a, 0x0d, 0xb3, 0x95, 0x7f, 0x06, 0x07,
];

const HEADER_BYTES: usize = 48;
const KEY_TYPE_ECDSA_P256: u16 = 2;
const TEE_TYPE_SGX: u32 = 0;
const TEE_TYPE_TDX: u32 = 0x81;

/// What a quote is about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QuoteBody {
    /// An enclave.
    Sgx(Box<SgxReport>),
    /// A trust domain.
    Td(Box<TdReport>),
}

impl QuoteBody {
    /// What the TEE asked to have signed.
    #[must_use]
    pub const fn report_data(&self) -> &[u8; 64] {
        match self {
            Self::Sgx(report) => &report.report_data,
            Self::Td(report) => &report.report_data,
        }
    }
}

/// A quote as received, read in full and judged by nobody: SGX of version 3 and 5, TDX of version 4
/// and 5.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote<'a> {
    /// Version of the format: 3, 4 or 5.
    pub version: u16,
    /// Which TEE.
    pub tee: IntelTee,
    /// Security versions of the QE and of the PCE, as the header of version 3 states them.
    pub header_svns: Option<[u16; 2]>,
    /// The header's user data: by convention the first 16 bytes are the QE's id.
    pub user_data: [u8; 20],
    /// What it is about.
    pub body: QuoteBody,
    /// Header and body, which the attestation key signs.
    pub signed: &'a [u8],
    /// ECDSA signature over them, r and s.
    pub signature: &'a [u8],
    /// The attestation key, x and y.
    pub attestation_key: [u8; 64],
    /// Report of the quoting enclave.
    pub qe_report: SgxReport,
    /// The same as received, which the PCK signs.
    pub qe_report_bytes: &'a [u8],
    /// ECDSA signature over it.
    pub qe_report_signature: &'a [u8],
    /// What the QE's report data are made of, besides the attestation key.
    pub qe_auth_data: &'a [u8],
    /// What leads to the PCK certificate.
    pub certification: Certification<'a>,
}

struct Header {
    version: u16,
    tee: IntelTee,
    svns: Option<[u16; 2]>,
    user_data: [u8; 20],
}

impl<'a> Quote<'a> {
    /// Reads a quote, all of `bytes`.
    ///
    /// # Errors
    /// [`IntelError`] of class malformed, under the name of the check: version, key type, TEE type,
    /// body type, length, vendor, reserved bytes, certification data.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, IntelError> {
        if bytes.len() > MAX_QUOTE_BYTES {
            return Err(IntelError::TooLarge {
                what: "quote",
                max: MAX_QUOTE_BYTES,
                found: bytes.len(),
            });
        }
        let mut at = Bytes::new(bytes);
        let header = Header::parse(at.take(HEADER_BYTES, "quote header")?)?;
        let body = body(&mut at, &header)?;
        let signed_len = bytes.len().saturating_sub(at.left());
        let declared = at.len_u32("length of the signature data")?;
        if declared != at.left() {
            return Err(IntelError::Length {
                what: "signature data",
                declared,
                found: at.left(),
            });
        }
        let signature = at.take(64, "quote signature")?;
        let attestation_key = at.array("attestation key")?;
        let mut inner = if header.version == 3 {
            at
        } else {
            let outer = Certification::block(&mut at)?;
            at.finish("quote")?;
            Bytes::new(outer.qe_report_block()?)
        };
        let qe_report_bytes = inner.take(SGX_REPORT_BYTES, "QE report")?;
        let qe_report_signature = inner.take(64, "QE report signature")?;
        let auth_len = usize::from(inner.u16("length of the QE's authentication data")?);
        let qe_auth_data = inner.take(auth_len, "QE authentication data")?;
        let certification = Certification::block(&mut inner)?;
        inner.finish("quote")?;
        certification.require_supported()?;
        Ok(Self {
            version: header.version,
            tee: header.tee,
            header_svns: header.svns,
            user_data: header.user_data,
            body,
            signed: bytes.get(..signed_len).unwrap_or_default(),
            signature,
            attestation_key,
            qe_report: SgxReport::parse(qe_report_bytes)?,
            qe_report_bytes,
            qe_report_signature,
            qe_auth_data,
            certification,
        })
    }
}

impl Header {
    fn parse(bytes: &[u8]) -> Result<Self, IntelError> {
        const WHAT: &str = "quote header";
        let mut at = Bytes::new(bytes);
        let version = at.u16(WHAT)?;
        if !(3..=5).contains(&version) {
            return Err(IntelError::Version { found: version });
        }
        let key_type = at.u16(WHAT)?;
        if key_type != KEY_TYPE_ECDSA_P256 {
            return Err(IntelError::KeyType { found: key_type });
        }
        let found = at.u32(WHAT)?;
        let tee = match (version, found) {
            (3 | 5, TEE_TYPE_SGX) => IntelTee::Sgx,
            (4 | 5, TEE_TYPE_TDX) => IntelTee::Tdx,
            _ => return Err(IntelError::TeeType { version, found }),
        };
        let svns = if version == 3 {
            Some([at.u16(WHAT)?, at.u16(WHAT)?])
        } else {
            at.reserved(4, "reserved bytes of the quote header")?;
            None
        };
        let vendor = at.array::<16>(WHAT)?;
        if vendor != INTEL_QE_VENDOR {
            return Err(IntelError::Vendor {
                expected: INTEL_QE_VENDOR,
                found: vendor,
            });
        }
        Ok(Self {
            version,
            tee,
            svns,
            user_data: at.array(WHAT)?,
        })
    }
}

fn body(at: &mut Bytes<'_>, header: &Header) -> Result<QuoteBody, IntelError> {
    let (tee, size) = match header.version {
        3 => (IntelTee::Sgx, SGX_REPORT_BYTES),
        4 => (IntelTee::Tdx, TD_REPORT_10_BYTES),
        _ => described_body(at)?,
    };
    if tee != header.tee {
        return Err(IntelError::BodyOfOtherTee {
            header: header.tee,
            body: tee,
        });
    }
    let bytes = at.take(size, "quote body")?;
    Ok(match tee {
        IntelTee::Sgx => QuoteBody::Sgx(Box::new(SgxReport::parse(bytes)?)),
        IntelTee::Tdx => QuoteBody::Td(Box::new(TdReport::parse(bytes)?)),
    })
}

/// Type and size of the body of a quote of version 5.
fn described_body(at: &mut Bytes<'_>) -> Result<(IntelTee, usize), IntelError> {
    let body_type = at.u16("body type")?;
    let declared = at.len_u32("body size")?;
    let (tee, size) = match body_type {
        1 => (IntelTee::Sgx, SGX_REPORT_BYTES),
        2 => (IntelTee::Tdx, TD_REPORT_10_BYTES),
        3 => (IntelTee::Tdx, TD_REPORT_15_BYTES),
        4 => (IntelTee::Tdx, TD_REPORT_15EX_BYTES),
        found => return Err(IntelError::BodyType { found }),
    };
    if declared == size {
        Ok((tee, size))
    } else {
        Err(IntelError::BodySize {
            body_type,
            expected: size,
            declared,
        })
    }
}

const _: () = assert!(
    MAX_CERTIFICATION_BYTES < MAX_QUOTE_BYTES,
    "a quote holds its certification data"
);
