use adyton_codec::hex_encode;
use adyton_crypto::{ct_eq, sha256, sha384, sha512};
use adyton_types::Field;

use crate::{AzureError, HardwareKind};

/// Room for the hardware's report: an SNP report fills it, a TDREPORT (1024 bytes) does not.
pub const HARDWARE_REPORT_BYTES: usize = 1184;
/// The longest HCL report: the NV index that it is read from has 2600 bytes today.
pub const MAX_HCL_BYTES: usize = 65_536;

const HEADER_BYTES: usize = 32;
const TDREPORT_BYTES: usize = 1024;
/// Of the runtime data before the claims.
const RUNTIME_HEADER_BYTES: usize = 20;
const SIGNATURE: &[u8; 4] = b"HCLA";
/// `HCL_REPORT_REQUEST_TYPE`: attestation.
const REQUEST_ATTESTATION: u32 = 2;

/// The hash of the runtime claims that the hardware's report data is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum ClaimsHash {
    Sha256,
    Sha384,
    Sha512,
}

/// An HCL report, as the vTPM's NV index 0x01400001 holds it. Having one tells you nothing: its
/// header is signed by nobody, the rest by the hardware.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HclReport<'a> {
    version: u32,
    kind: HardwareKind,
    hash: ClaimsHash,
    hardware: &'a [u8],
    claims: &'a [u8],
}

impl<'a> HclReport<'a> {
    /// Reads a report: every byte of it. The NV index may be longer, filled with zeros.
    ///
    /// # Errors
    /// [`AzureError`] of the check `hcl-structure`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, AzureError> {
        let length = AzureError::HclLength { found: bytes.len() };
        if bytes.len() > MAX_HCL_BYTES {
            return Err(length);
        }
        let split = |bytes: &'a [u8], at: usize| bytes.split_at_checked(at).ok_or(length.clone());
        let (header, rest) = split(bytes, HEADER_BYTES)?;
        let (hardware, rest) = split(rest, HARDWARE_REPORT_BYTES)?;
        let (runtime, rest) = split(rest, RUNTIME_HEADER_BYTES)?;
        let runtime = Words(runtime);
        let size = usize::try_from(runtime.at(4)).unwrap_or(usize::MAX);
        let (claims, padding) = split(rest, size)?;
        let used = bytes.len().saturating_sub(padding.len());
        let version = parse_header(header, used)?;
        let (kind, hash) = parse_runtime(&runtime, claims.len())?;
        require_zero(padding, used)?;
        let hardware = match kind {
            HardwareKind::Snp => hardware,
            HardwareKind::Tdx => {
                let (report, unused) = split(hardware, TDREPORT_BYTES)?;
                require_zero(unused, HEADER_BYTES.saturating_add(TDREPORT_BYTES))?;
                report
            }
        };
        Ok(Self {
            version,
            kind,
            hash,
            hardware,
            claims,
        })
    }

    /// The hardware that it is of.
    #[must_use]
    pub const fn kind(&self) -> HardwareKind {
        self.kind
    }

    /// The hardware's report: an SNP report; or a TDREPORT, which only that machine can verify.
    #[must_use]
    pub const fn hardware_report(&self) -> &'a [u8] {
        self.hardware
    }

    /// The runtime claims, bytes as hashed.
    #[must_use]
    pub const fn claims(&self) -> &'a [u8] {
        self.claims
    }

    /// Whether report data is the hash of the claims, followed by zeros.
    #[must_use]
    pub fn is_bound_by(&self, report_data: &[u8; 64]) -> bool {
        let claims = [self.claims];
        let mut expected = match self.hash {
            ClaimsHash::Sha256 => sha256(&claims).to_vec(),
            ClaimsHash::Sha384 => sha384(&claims).to_vec(),
            ClaimsHash::Sha512 => sha512(&claims).to_vec(),
        };
        expected.resize(64, 0);
        ct_eq(&expected, report_data)
    }

    /// The name of the hash.
    #[must_use]
    pub const fn hash_name(&self) -> &'static str {
        match self.hash {
            ClaimsHash::Sha256 => "SHA-256",
            ClaimsHash::Sha384 => "SHA-384",
            ClaimsHash::Sha512 => "SHA-512",
        }
    }

    /// Every field, decoded for a person to read and judged by nobody.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        vec![
            Field::new("hcl.header.version", self.version),
            Field::new("hcl.runtime.reportType", self.kind),
            Field::new("hcl.runtime.hashType", self.hash_name()),
            Field::new("hcl.hardwareReport", hex_encode(self.hardware)),
            Field::new("hcl.runtime.claims", String::from_utf8_lossy(self.claims)),
        ]
    }
}

/// Little-endian words.
struct Words<'a>(&'a [u8]);

impl Words<'_> {
    /// The word of that number; zero beyond the end, which no caller reaches.
    fn at(&self, n: usize) -> u32 {
        let word = self.0.chunks_exact(4).nth(n);
        word.and_then(|word| word.try_into().ok())
            .map_or(0, u32::from_le_bytes)
    }
}

/// Signature, version, size, request type, status, three reserved words.
fn parse_header(header: &[u8], used: usize) -> Result<u32, AzureError> {
    let words = Words(header);
    let wrong = |field, n| {
        Err(AzureError::HclField {
            field,
            found: words.at(n),
        })
    };
    if !header.starts_with(SIGNATURE) {
        return wrong("signature", 0);
    }
    if !matches!(words.at(1), 1 | 2) {
        return wrong("version", 1);
    }
    if usize::try_from(words.at(2)) != Ok(used) {
        return wrong("reportSize", 2);
    }
    if words.at(3) != REQUEST_ATTESTATION {
        return wrong("requestType", 3);
    }
    for (field, n) in [
        ("status", 4),
        ("reserved", 5),
        ("reserved", 6),
        ("reserved", 7),
    ] {
        if words.at(n) != 0 {
            return wrong(field, n);
        }
    }
    Ok(words.at(1))
}

/// Size, version, report type, hash type, size of the claims.
fn parse_runtime(
    words: &Words<'_>,
    claims: usize,
) -> Result<(HardwareKind, ClaimsHash), AzureError> {
    let wrong = |field, n| AzureError::HclField {
        field,
        found: words.at(n),
    };
    if usize::try_from(words.at(0)) != Ok(claims.saturating_add(RUNTIME_HEADER_BYTES)) {
        return Err(wrong("runtime.size", 0));
    }
    if words.at(1) != 1 {
        return Err(wrong("runtime.version", 1));
    }
    let kind = match words.at(2) {
        2 => HardwareKind::Snp,
        4 => HardwareKind::Tdx,
        _ => return Err(wrong("runtime.reportType", 2)),
    };
    let hash = match words.at(3) {
        1 => ClaimsHash::Sha256,
        2 => ClaimsHash::Sha384,
        3 => ClaimsHash::Sha512,
        _ => return Err(wrong("runtime.hashType", 3)),
    };
    Ok((kind, hash))
}

fn require_zero(bytes: &[u8], start: usize) -> Result<(), AzureError> {
    match bytes.iter().position(|byte| *byte != 0) {
        None => Ok(()),
        Some(at) => Err(AzureError::HclPadding {
            at: start.saturating_add(at),
        }),
    }
}
