use adyton_pki::{Certificate, DerReader, Oid, PkiError, oids, tag};

use crate::NvidiaError;

/// tcg-dice-TcbInfo: on Hopper and LS10 in the form of a RIoT composite device id.
const COMPOSITE_DEVICE_ID: Oid = Oid::new_unwrap("2.23.133.5.4.1");
/// On Blackwell: DiceTcbInfo itself.
const TCB_INFO: Oid = Oid::new_unwrap("2.23.133.5.4.1.1");
/// `[6]` of DiceTcbInfo: the list of FWIDs.
const FWIDS: u8 = 0xa6;
const WHAT: &str = "FWID extension";

/// The digest of the firmware that a leaf's key was made for.
///
/// # Errors
/// [`NvidiaError::Fwid`] if the leaf has no such extension, or both.
pub(crate) fn of_leaf(leaf: &Certificate) -> Result<[u8; 48], NvidiaError> {
    let found = (
        leaf.extension(&COMPOSITE_DEVICE_ID),
        leaf.extension(&TCB_INFO),
    );
    let digest = match found {
        (Some(value), None) => composite_device_id(value),
        (None, Some(value)) => tcb_info(value),
        (None, None) => {
            return Err(NvidiaError::Fwid {
                what: "the device's certificate names no firmware",
            });
        }
        (Some(_), Some(_)) => {
            return Err(NvidiaError::Fwid {
                what: "the device's certificate names its firmware twice",
            });
        }
    };
    digest.map_err(|_| NvidiaError::Fwid {
        what: "the device's certificate does not name its firmware in a known form",
    })
}

/// SEQUENCE { version 1, device id key, fwid }.
fn composite_device_id(value: &[u8]) -> Result<[u8; 48], PkiError> {
    let mut fields = DerReader::single(value, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    if fields.any(WHAT)?.u64(WHAT)? != 1 {
        return Err(PkiError::Der { what: WHAT });
    }
    fields.expect(tag::SEQUENCE, WHAT)?;
    let digest = fwid(fields.any(WHAT)?.inside(tag::SEQUENCE, WHAT)?)?;
    fields.finish()?;
    Ok(digest)
}

/// The first FWID is the firmware's; what follows is of later layers.
fn tcb_info(value: &[u8]) -> Result<[u8; 48], PkiError> {
    let mut fields = DerReader::single(value, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    while !fields.is_empty() {
        let field = fields.any(WHAT)?;
        if field.tag == FWIDS {
            let mut list = DerReader::new(field.value, WHAT)?;
            return fwid(list.any(WHAT)?.inside(tag::SEQUENCE, WHAT)?);
        }
    }
    Err(PkiError::Der { what: WHAT })
}

/// FWID: SHA-384 and a digest.
fn fwid(mut fields: DerReader<'_>) -> Result<[u8; 48], PkiError> {
    let algorithm = fields.any(WHAT)?.oid(WHAT)?;
    let digest = fields.expect(tag::OCTET_STRING, WHAT)?.value;
    fields.finish()?;
    match <[u8; 48]>::try_from(digest) {
        Ok(digest) if algorithm == oids::SHA384 => Ok(digest),
        _ => Err(PkiError::Der { what: WHAT }),
    }
}
