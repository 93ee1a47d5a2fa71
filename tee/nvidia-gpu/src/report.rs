use std::collections::BTreeMap;

use adyton_codec::hex_encode;
use adyton_types::Field;

use crate::reader::Reader;
use crate::{NvidiaError, OpaqueData};

/// The longest report: 255 measurements of 64 bytes and 64 KiB of opaque data.
pub const MAX_REPORT_BYTES: usize = 1 << 17;
/// ECDSA on P-384: R and S, big-endian.
pub(crate) const SIGNATURE_BYTES: usize = 96;

const SPDM_VERSION_1_1: u8 = 0x11;
const GET_MEASUREMENTS: u8 = 0xe0;
const MEASUREMENTS: u8 = 0x60;
/// Param1 of the request: a signature is wanted.
const WITH_SIGNATURE: u8 = 1;
/// Param2 of the request: all measurements.
const ALL_MEASUREMENTS: u8 = 0xff;
/// Param2 of the response: the slot whose key signed it, in its low half (DSP0274 1.1.3 table 54).
const SLOT_MASK: u8 = 0x0f;
/// Measurement specification 0: DMTF's.
const DMTF: u8 = 1;
/// Bit 7 of a value's type: the value itself, not its digest.
const RAW_VALUE: u8 = 0x80;
/// The only digest that devices use, SHA-384.
pub(crate) const DIGEST_BYTES: usize = 48;

/// The request of a report (DSP0274 1.1.3 table 53).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// SPDM version, 0x11.
    pub version: u8,
    /// Request code, 0xe0.
    pub code: u8,
    /// Attributes: bit 0 asks for a signature.
    pub param1: u8,
    /// Which measurements.
    pub param2: u8,
    /// The nonce that the report answers.
    pub nonce: [u8; 32],
    /// The certificate slot.
    pub slot: u8,
}

/// A report that was read and that nobody has judged: request, response and signature of SPDM 1.1
/// GET_MEASUREMENTS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Report<'a> {
    /// The request.
    pub request: Request,
    /// Param1 and Param2 of the response.
    pub response_params: [u8; 2],
    /// The measurements, each a SHA-384 digest, counted from 0 as manifests do (SPDM counts from 1).
    pub measurements: BTreeMap<u8, [u8; DIGEST_BYTES]>,
    /// The device's own nonce.
    pub device_nonce: [u8; 32],
    /// What the vendor adds.
    pub opaque: OpaqueData<'a>,
    /// Request and response without the signature: what is signed.
    pub(crate) signed: &'a [u8],
    pub(crate) signature: &'a [u8],
}

impl<'a> Report<'a> {
    /// Reads a report. Everything that is not exactly one is refused.
    ///
    /// # Errors
    /// [`NvidiaError`] of the checks `report-form` and `request`.
    pub fn parse(bytes: &'a [u8]) -> Result<Self, NvidiaError> {
        if bytes.len() > MAX_REPORT_BYTES {
            return Err(NvidiaError::TooLong {
                found: bytes.len(),
                max: MAX_REPORT_BYTES,
            });
        }
        let mut reader = Reader::new(bytes);
        let request = parse_request(&mut reader)?;
        let head: [u8; 2] = reader.array("the response's head")?;
        if head != [SPDM_VERSION_1_1, MEASUREMENTS] {
            return Err(NvidiaError::Report {
                what: "the response is no MEASUREMENTS of SPDM 1.1",
            });
        }
        let response_params: [u8; 2] = reader.array("the response's parameters")?;
        let [_, slot] = response_params;
        if slot & SLOT_MASK != request.slot {
            return Err(NvidiaError::Request {
                field: "slot than the response",
            });
        }
        let blocks = reader.u8("the number of blocks")?;
        let length = reader.u24("the record's length")?;
        let record = reader.take(length, "the measurement record")?;
        let measurements = parse_record(blocks, record)?;
        let device_nonce = reader.array("the device's nonce")?;
        let length = usize::from(reader.u16("the opaque length")?);
        let opaque = OpaqueData::parse(reader.take(length, "the opaque data")?)?;
        let signature = reader.take(SIGNATURE_BYTES, "the signature")?;
        reader.finish("bytes follow the signature")?;
        let signed = bytes.len().checked_sub(SIGNATURE_BYTES);
        let signed = signed.and_then(|end| bytes.get(..end)).unwrap_or_default();
        Ok(Self {
            request,
            response_params,
            measurements,
            device_nonce,
            opaque,
            signed,
            signature,
        })
    }

    /// Every field, decoded and judged by nobody.
    #[must_use]
    pub fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("request.nonce", hex_encode(&self.request.nonce)),
            Field::new("request.slot", self.request.slot),
            Field::new("response.param1", self.response_params[0]),
            Field::new("response.param2", self.response_params[1]),
            Field::new("response.nonce", hex_encode(&self.device_nonce)),
        ];
        fields.extend(self.opaque.fields());
        for (index, digest) in &self.measurements {
            fields.push(Field::new(
                format!("measurements.{index}"),
                hex_encode(digest),
            ));
        }
        fields.push(Field::new("signature", hex_encode(self.signature)));
        fields
    }
}

/// The request's fixed fields are checked here: with others, the response would be of another form.
fn parse_request(reader: &mut Reader<'_>) -> Result<Request, NvidiaError> {
    let request = Request {
        version: reader.u8("the request's version")?,
        code: reader.u8("the request's code")?,
        param1: reader.u8("the request's param1")?,
        param2: reader.u8("the request's param2")?,
        nonce: reader.array("the request's nonce")?,
        slot: reader.u8("the request's slot")?,
    };
    let field = if request.version != SPDM_VERSION_1_1 {
        "version"
    } else if request.code != GET_MEASUREMENTS {
        "code"
    } else if request.param1 != WITH_SIGNATURE {
        "param1"
    } else if request.param2 != ALL_MEASUREMENTS {
        "param2"
    } else if request.slot != 0 {
        "slot"
    } else {
        return Ok(request);
    };
    Err(NvidiaError::Request { field })
}

fn parse_record(
    blocks: u8,
    record: &[u8],
) -> Result<BTreeMap<u8, [u8; DIGEST_BYTES]>, NvidiaError> {
    let bad = |what| NvidiaError::Report { what };
    let mut reader = Reader::new(record);
    let mut measurements = BTreeMap::new();
    for _ in 0..blocks {
        let index = reader.u8("a measurement's index")?;
        let specification = reader.u8("a measurement's specification")?;
        let size = usize::from(reader.u16("a measurement's size")?);
        let mut block = Reader::new(reader.take(size, "a measurement")?);
        let kind = block.u8("a measurement value's type")?;
        let length = usize::from(block.u16("a measurement value's size")?);
        if specification != DMTF || kind & RAW_VALUE != 0 || length != DIGEST_BYTES {
            return Err(bad("a measurement is no SHA-384 digest of DMTF's form"));
        }
        let digest = block.array("a measurement value")?;
        block.finish("bytes follow a measurement value")?;
        let index = index
            .checked_sub(1)
            .ok_or(bad("a measurement of index 0"))?;
        if measurements.insert(index, digest).is_some() {
            return Err(bad("a measurement is there twice"));
        }
    }
    reader.finish("bytes follow the last measurement")?;
    if measurements.is_empty() {
        return Err(bad("it has no measurements"));
    }
    Ok(measurements)
}
