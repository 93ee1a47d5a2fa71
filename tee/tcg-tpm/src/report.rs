use adyton_codec::hex_encode;
use adyton_types::Field;

use crate::pcr::{PcrSet, QuotedSelection};
use crate::wire::{FormError, Reader};

const WHAT: &str = "TPM quote";

/// `TPM_GENERATED_VALUE`: a restricted key signs nothing that begins so unless the TPM made it
/// (TPM 2.0 part 2, section 6.2).
pub const TPM_GENERATED: u32 = 0xFF54_4347;
/// `TPM_ST_ATTEST_QUOTE` (TPM 2.0 part 2, section 6.9).
pub const ATTEST_QUOTE: u16 = 0x8018;

/// The most a name (`TPM2B_NAME`) measures: an algorithm id and a SHA-512 digest.
const MAX_NAME: usize = 66;
/// The most `TPM2B_DATA` holds: a `TPMT_HA` of SHA-512.
const MAX_DATA: usize = 66;
/// The most banks that a selection may name. No TPM has more than four.
const MAX_BANKS: u32 = 16;

/// What a TPM states in a quote, `TPMS_ATTEST` (TPM 2.0 part 2, section 10.12.12). Having one
/// tells you that the bytes are a quote's, and nothing about who wrote them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote<'a> {
    bytes: &'a [u8],
    /// Qualified name of the key that signs.
    pub qualified_signer: &'a [u8],
    /// What the caller of `TPM2_Quote` gave: the nonce.
    pub extra_data: &'a [u8],
    /// Milliseconds of operation.
    pub clock: u64,
    /// How often the TPM was reset.
    pub reset_count: u32,
    /// How often it was restarted or resumed since.
    pub restart_count: u32,
    /// Whether `clock` has not gone back.
    pub safe: bool,
    /// The vendor's firmware version. A key in the owner hierarchy sees it obfuscated, as it does
    /// the two counters (part 1, section 36.7).
    pub firmware_version: u64,
    /// Which PCRs the digest is over.
    pub selection: Vec<QuotedSelection>,
    /// Digest of their values.
    pub pcr_digest: &'a [u8],
}

impl<'a> Quote<'a> {
    /// Reads a quote: every byte of it, and nothing after it.
    ///
    /// # Errors
    /// [`FormError`].
    pub fn parse(bytes: &'a [u8]) -> Result<Self, FormError> {
        let mut reader = Reader::new(bytes, WHAT);
        let magic = reader.u32("magic")?;
        if magic != TPM_GENERATED {
            return Err(reader.wrong("magic", magic));
        }
        let kind = reader.u16("type")?;
        if kind != ATTEST_QUOTE {
            return Err(reader.wrong("type", kind));
        }
        let quote = Self {
            bytes,
            qualified_signer: reader.sized(MAX_NAME, "qualifiedSigner")?,
            extra_data: reader.sized(MAX_DATA, "extraData")?,
            clock: reader.u64("clockInfo.clock")?,
            reset_count: reader.u32("clockInfo.resetCount")?,
            restart_count: reader.u32("clockInfo.restartCount")?,
            safe: yes_no(&mut reader, "clockInfo.safe")?,
            firmware_version: reader.u64("firmwareVersion")?,
            selection: parse_selection(&mut reader)?,
            pcr_digest: reader.sized(64, "pcrDigest")?,
        };
        reader.finish()?;
        Ok(quote)
    }

    /// The bytes as received, which the signature is over.
    #[must_use]
    pub const fn bytes(&self) -> &'a [u8] {
        self.bytes
    }

    /// Every field, decoded for a person to read and judged by nobody.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let selection: Vec<String> = self.selection.iter().map(ToString::to_string).collect();
        vec![
            Field::new("attest.magic", format!("{TPM_GENERATED:#x}")),
            Field::new("attest.type", "quote"),
            Field::new("attest.qualifiedSigner", hex_encode(self.qualified_signer)),
            Field::new("attest.extraData", hex_encode(self.extra_data)),
            Field::new("attest.clockInfo.clock", self.clock),
            Field::new("attest.clockInfo.resetCount", self.reset_count),
            Field::new("attest.clockInfo.restartCount", self.restart_count),
            Field::new("attest.clockInfo.safe", self.safe),
            Field::new(
                "attest.firmwareVersion",
                format!("{:#018x}", self.firmware_version),
            ),
            Field::new("attest.quote.pcrSelect", selection.join(" ")),
            Field::new("attest.quote.pcrDigest", hex_encode(self.pcr_digest)),
        ]
    }
}

fn yes_no(reader: &mut Reader<'_>, field: &'static str) -> Result<bool, FormError> {
    match reader.u8(field)? {
        0 => Ok(false),
        1 => Ok(true),
        other => Err(reader.wrong(field, other)),
    }
}

/// `TPML_PCR_SELECTION` (TPM 2.0 part 2, section 10.9.7).
pub(crate) fn parse_selection(reader: &mut Reader<'_>) -> Result<Vec<QuotedSelection>, FormError> {
    let count = reader.u32("pcrSelect.count")?;
    if count > MAX_BANKS {
        return Err(reader.wrong("pcrSelect.count", count));
    }
    (0..count)
        .map(|_| {
            let bank = reader.u16("pcrSelect.hash")?;
            let size = reader.u8("pcrSelect.sizeofSelect")?;
            if size > 4 {
                return Err(reader.wrong("pcrSelect.sizeofSelect", size));
            }
            let select = reader.take(usize::from(size), "pcrSelect.pcrSelect")?;
            Ok(QuotedSelection {
                bank,
                pcrs: PcrSet::from_select(select),
            })
        })
        .collect()
}
