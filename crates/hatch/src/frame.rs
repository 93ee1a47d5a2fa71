use std::io::{self, Read, Write};

use crate::HatchError;

/// The longest message. The largest is a receipt with 16 releases and hardware Evidence.
pub const MAX_FRAME_BYTES: usize = 16 << 20;

/// Writes one frame.
///
/// # Errors
/// [`HatchError::Closed`] if the other side is gone, [`HatchError::TooLong`], or another I/O error.
pub(crate) fn write_frame(mut to: impl Write, message: &[u8]) -> Result<(), HatchError> {
    let too_long = HatchError::TooLong {
        found: message.len(),
        limit: MAX_FRAME_BYTES,
    };
    let length = match u32::try_from(message.len()) {
        Ok(length) if message.len() <= MAX_FRAME_BYTES => length,
        _ => return Err(too_long),
    };
    let frame = [&length.to_be_bytes(), message].concat();
    to.write_all(&frame)
        .and_then(|()| to.flush())
        .map_err(from_io)
}

/// Reads one frame.
///
/// # Errors
/// [`HatchError::Closed`] if the other side is gone, [`HatchError::TooLong`], or another I/O error.
pub(crate) fn read_frame(mut from: impl Read) -> Result<Vec<u8>, HatchError> {
    let mut length = [0; 4];
    from.read_exact(&mut length).map_err(from_io)?;
    let length = usize::try_from(u32::from_be_bytes(length)).unwrap_or(usize::MAX);
    if length > MAX_FRAME_BYTES {
        return Err(HatchError::TooLong {
            found: length,
            limit: MAX_FRAME_BYTES,
        });
    }
    let mut message = vec![0; length];
    from.read_exact(&mut message).map_err(from_io)?;
    Ok(message)
}

fn from_io(error: io::Error) -> HatchError {
    match error.kind() {
        io::ErrorKind::UnexpectedEof
        | io::ErrorKind::BrokenPipe
        | io::ErrorKind::ConnectionReset => HatchError::Closed,
        io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut => HatchError::TimedOut,
        _ => HatchError::Io(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_round_trip_and_have_a_limit() {
        let mut wire = Vec::new();
        write_frame(&mut wire, b"one").unwrap();
        write_frame(&mut wire, b"").unwrap();
        let mut from = wire.as_slice();
        assert_eq!(read_frame(&mut from).unwrap(), b"one");
        assert_eq!(read_frame(&mut from).unwrap(), b"");
        assert!(matches!(read_frame(&mut from), Err(HatchError::Closed)));
        assert!(matches!(
            read_frame([0xff; 8].as_slice()),
            Err(HatchError::TooLong { .. })
        ));
        assert!(matches!(
            read_frame([0, 0, 0, 9, 1].as_slice()),
            Err(HatchError::Closed)
        ));
    }
}
