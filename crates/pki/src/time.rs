use adyton_types::UnixTime;

use crate::PkiError;
use crate::der_reader::{Element, tag};

/// A time of a certificate or revocation list: UTCTime or GeneralizedTime of whole seconds, in `Z`
/// (RFC 5280 section 4.1.2.5). Times before 1970 are refused. GeneralizedTime is read before 2050
/// too: some vendors write it, and the bytes are signed.
pub(crate) fn parse_time(element: Element<'_>, what: &'static str) -> Result<UnixTime, PkiError> {
    let wrong = || PkiError::Der { what };
    let text = std::str::from_utf8(element.value).map_err(|_| wrong())?;
    let (century, rest) = match element.tag {
        tag::UTC_TIME if text.len() == 13 => (if text < "50" { "20" } else { "19" }, text),
        tag::GENERALIZED_TIME if text.len() == 15 => ("", text),
        _ => return Err(wrong()),
    };
    // Written into the one text form that times have here: every certificate has two of them.
    let mut all = *b"0000-00-00T00:00:00?";
    for (place, byte) in PLACES.into_iter().zip(century.bytes().chain(rest.bytes())) {
        *all.get_mut(place).ok_or_else(wrong)? = byte;
    }
    let text = std::str::from_utf8(&all).map_err(|_| wrong())?;
    text.parse().map_err(|_| wrong())
}

/// Where the digits of year to second go, and the `Z`.
const PLACES: [usize; 15] = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18, 19];
