use adyton_codec::base64_decode;

use crate::{Certificate, MAX_CERTIFICATE_BYTES, MAX_PATH, PkiError};

/// The largest PEM text that is read.
pub const MAX_PEM_BYTES: usize = 64 * 1024;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// Reads certificates in strict PEM (RFC 7468 section 3, figure 3): lines of exactly 64 characters
/// but for the last of each, ended by LF or CRLF, and nothing between or around the certificates but
/// empty lines. At most [`MAX_PATH`] of them.
///
/// # Errors
/// [`PkiError::Pem`] with the line, and those of [`Certificate::parse`].
pub fn parse_pem_chain(text: &[u8]) -> Result<Vec<Certificate>, PkiError> {
    split_pem_chain(text)?
        .iter()
        .map(|der| Certificate::parse(der))
        .collect()
}

/// The bytes of the first certificate of such a text, and the text behind its last line: for who
/// knows the others' text already. Nothing is said of what stands there.
///
/// # Errors
/// [`PkiError::Pem`] with the line.
pub fn split_first_pem(text: &[u8]) -> Result<(Vec<u8>, &[u8]), PkiError> {
    let mut end = 0_usize;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        end = end.saturating_add(line.len());
        if line.starts_with(END.as_bytes()) {
            break;
        }
    }
    let (first, rest) = text.split_at_checked(end).unwrap_or((text, &[]));
    let mut found = split_pem_chain(first)?;
    match (found.pop(), found.pop()) {
        (Some(der), None) => Ok((der, rest)),
        _ => Err(PkiError::Pem { line: 1 }),
    }
}

/// The bytes inside such a text, not yet read as certificates: for who knows some of them already.
///
/// # Errors
/// [`PkiError::Pem`] with the line.
pub fn split_pem_chain(text: &[u8]) -> Result<Vec<Vec<u8>>, PkiError> {
    if text.len() > MAX_PEM_BYTES {
        return Err(PkiError::TooLarge {
            what: "PEM text",
            max: MAX_PEM_BYTES,
            found: text.len(),
        });
    }
    let text = std::str::from_utf8(text).map_err(|_| PkiError::Pem { line: 1 })?;
    let mut found = Vec::new();
    let mut base64 = String::with_capacity(text.len().min(MAX_CERTIFICATE_BYTES));
    // Inside a certificate: whether a line shorter than 64 characters has ended its text.
    let mut inside: Option<bool> = None;
    let mut line_number = 0usize;
    for line in text.split('\n') {
        let line = line.strip_suffix('\r').unwrap_or(line);
        line_number = line_number.saturating_add(1);
        let wrong = PkiError::Pem { line: line_number };
        match (inside, line) {
            (None, "") => {}
            (None, BEGIN) => inside = Some(false),
            (Some(_), END) => {
                found.push(base64_decode(&base64).map_err(|_| wrong)?);
                base64.clear();
                inside = None;
            }
            (Some(false), line) if !line.is_empty() && line.len() <= 64 => {
                inside = Some(line.len() < 64);
                base64.push_str(line);
            }
            _ => return Err(wrong),
        }
        if found.len() > MAX_PATH {
            return Err(PkiError::PathTooLong {
                max: MAX_PATH,
                found: found.len(),
            });
        }
    }
    match inside {
        None => Ok(found),
        Some(_) => Err(PkiError::Pem { line: line_number }),
    }
}
