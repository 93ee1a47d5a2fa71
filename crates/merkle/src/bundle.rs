use crate::{MerkleError, TILE_WIDTH};

/// The most bytes that an entry may have: its length is written in 16 bits.
pub const MAX_ENTRY_BYTES: usize = 0xffff;

/// A bundle of entries (C2SP `tlog-tiles`, "Entry bundles"): each is preceded by its length, 2
/// bytes, big endian.
///
/// # Errors
/// [`MerkleError::EntryTooLong`].
pub fn encode_entry_bundle<'a>(
    entries: impl IntoIterator<Item = &'a [u8]>,
) -> Result<Vec<u8>, MerkleError> {
    let mut bundle = Vec::new();
    for entry in entries {
        let found = entry.len();
        let length = u16::try_from(found).map_err(|_| MerkleError::EntryTooLong { found })?;
        bundle.extend_from_slice(&length.to_be_bytes());
        bundle.extend_from_slice(entry);
    }
    Ok(bundle)
}

/// Takes a bundle of at most 256 entries apart.
///
/// # Errors
/// [`MerkleError::Bundle`].
pub fn decode_entry_bundle(bundle: &[u8]) -> Result<Vec<&[u8]>, MerkleError> {
    let mut entries = Vec::new();
    let mut rest = bundle;
    while let Some((length, after)) = rest.split_first_chunk::<2>() {
        let length = usize::from(u16::from_be_bytes(*length));
        let (entry, after) = after.split_at_checked(length).ok_or(MerkleError::Bundle)?;
        entries.push(entry);
        rest = after;
    }
    if rest.is_empty() && entries.len() as u64 <= TILE_WIDTH {
        Ok(entries)
    } else {
        Err(MerkleError::Bundle)
    }
}
