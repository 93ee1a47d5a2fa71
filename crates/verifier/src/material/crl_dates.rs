use adyton_pki::{Crl, DerReader, Element, PkiError, tag};
use adyton_types::UnixTime;

const WHAT: &str = "revocation list";

/// `thisUpdate` and `nextUpdate` of a list that nobody has verified, to choose among several. What
/// cannot be read counts as out of date.
pub(super) fn of(crl: &Crl) -> (UnixTime, UnixTime) {
    read(crl.der()).unwrap_or((UnixTime::from_secs(0), UnixTime::from_secs(0)))
}

fn read(der: &[u8]) -> Result<(UnixTime, UnixTime), PkiError> {
    let mut outer = DerReader::single(der, tag::SEQUENCE, WHAT)?.inside(tag::SEQUENCE, WHAT)?;
    let mut fields = outer
        .expect(tag::SEQUENCE, WHAT)?
        .inside(tag::SEQUENCE, WHAT)?;
    // version, signature algorithm, issuer.
    fields.optional(tag::INTEGER, WHAT)?;
    fields.expect(tag::SEQUENCE, WHAT)?;
    fields.expect(tag::SEQUENCE, WHAT)?;
    let from = fields.any(WHAT)?;
    let to = fields.any(WHAT)?;
    let zero = UnixTime::from_secs(0);
    Ok((time(&from).unwrap_or(zero), time(&to).unwrap_or(zero)))
}

/// UTCTime `YYMMDDHHMMSSZ` or GeneralizedTime `YYYYMMDDHHMMSSZ` (RFC 5280 section 4.1.2.5).
fn time(element: &Element<'_>) -> Option<UnixTime> {
    let digits = std::str::from_utf8(element.value).ok()?;
    let digits = match digits.len() {
        // Years from 50 on would be of the last century: no list is.
        13 => format!("20{digits}"),
        15 => digits.to_owned(),
        _ => return None,
    };
    let part = |from: usize, to: usize| digits.get(from..to);
    let text = format!(
        "{}-{}-{}T{}:{}:{}Z",
        part(0, 4)?,
        part(4, 6)?,
        part(6, 8)?,
        part(8, 10)?,
        part(10, 12)?,
        part(12, 14)?
    );
    text.parse().ok()
}
