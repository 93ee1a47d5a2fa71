use adyton_codec::base64_decode;

use crate::{Certificate, MAX_PATH, PkiError};

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
    if text.len() > MAX_PEM_BYTES {
        return Err(PkiError::TooLarge {
            what: "PEM text",
            max: MAX_PEM_BYTES,
            found: text.len(),
        });
    }
    let text = std::str::from_utf8(text).map_err(|_| PkiError::Pem { line: 1 })?;
    let mut found = Vec::new();
    let mut body: Option<String> = None;
    let mut ended = false;
    let mut last_line = 0;
    for (at, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line);
        last_line = at.saturating_add(1);
        let wrong = PkiError::Pem { line: last_line };
        match (&mut body, line) {
            (None, "") => {}
            (None, BEGIN) => (body, ended) = (Some(String::new()), false),
            (Some(base64), END) => {
                let der = base64_decode(base64).map_err(|_| wrong)?;
                found.push(Certificate::parse(&der)?);
                body = None;
            }
            (Some(base64), line) if !ended && !line.is_empty() && line.len() <= 64 => {
                ended = line.len() < 64;
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
    match body {
        None => Ok(found),
        Some(_) => Err(PkiError::Pem { line: last_line }),
    }
}
