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
    let all = format!("{century}{rest}");
    let part = |from: usize, to: usize| all.get(from..to).ok_or_else(wrong);
    format!(
        "{}-{}-{}T{}:{}:{}{}",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?,
        part(14, 15)?
    )
    .parse()
    .map_err(|_| wrong())
}
