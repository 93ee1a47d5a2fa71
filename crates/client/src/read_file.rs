use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::FileError;

/// Reads a whole file of a kind that is at most `limit` bytes long.
///
/// # Errors
/// [`FileError::TooLong`], or [`FileError::Io`] if it is missing or not readable.
pub fn read_file(path: &Path, what: &'static str, limit: u64) -> Result<Vec<u8>, FileError> {
    let fail = |error| FileError::io("read", path, error);
    let file = File::open(path).map_err(fail)?;
    let mut bytes = Vec::new();
    file.take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(fail)?;
    if bytes.len() as u64 > limit {
        return Err(FileError::TooLong {
            path: path.to_owned(),
            what,
            limit,
        });
    }
    Ok(bytes)
}
