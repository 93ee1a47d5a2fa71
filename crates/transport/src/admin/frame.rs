use std::io;

/// The most that one message may measure: a secret or a release document takes 64 KiB at most, a
/// page of the log 2 MiB.
pub const MAX_ADMIN_FRAME_BYTES: usize = 4 << 20;

/// The length that goes before a message: 4 bytes, big endian.
pub(crate) fn head(length: usize) -> Option<[u8; 4]> {
    let length = (length <= MAX_ADMIN_FRAME_BYTES).then_some(length)?;
    u32::try_from(length).ok().map(u32::to_be_bytes)
}

/// The length that a head announces.
pub(crate) fn length(head: [u8; 4]) -> io::Result<usize> {
    usize::try_from(u32::from_be_bytes(head))
        .ok()
        .filter(|length| *length <= MAX_ADMIN_FRAME_BYTES)
        .ok_or_else(|| io::ErrorKind::InvalidData.into())
}
