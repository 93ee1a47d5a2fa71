//! What enclave and front say to each other, in frames of the hatch.

/// What a frame to the enclave asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Ask {
    /// A client's hello.
    Hello,
    /// A client's request.
    Request,
    /// Public quantities.
    Stats,
}

impl Ask {
    const fn byte(self) -> u8 {
        match self {
            Self::Hello => 1,
            Self::Request => 2,
            Self::Stats => 3,
        }
    }
}

/// A frame to the enclave: what, under which number, with which body.
pub(crate) fn ask(what: Ask, number: u64, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(9 + body.len());
    frame.push(what.byte());
    frame.extend_from_slice(&number.to_be_bytes());
    frame.extend_from_slice(body);
    frame
}

/// Reads a frame to the enclave; none if it is of no known kind.
pub(crate) fn parse_ask(frame: &[u8]) -> Option<(Ask, u64, &[u8])> {
    let (what, rest) = frame.split_first()?;
    let (number, body) = rest.split_first_chunk()?;
    let known = [Ask::Hello, Ask::Request, Ask::Stats];
    let what = known.into_iter().find(|known| known.byte() == *what)?;
    Some((what, u64::from_be_bytes(*number), body))
}

/// The number of the frame by which an enclave says that it is ready, or why it is not.
pub(crate) const READY: u64 = 0;

/// The status of an answer to a hello that has no Evidence in it yet, because the machine's TEE makes
/// that: the report data, then the welcome without.
pub(crate) const ATTEST: u16 = 0;

/// A frame from the enclave: to which question, an HTTP status, and a body.
pub(crate) fn tell(number: u64, status: u16, body: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(10 + body.len());
    frame.extend_from_slice(&number.to_be_bytes());
    frame.extend_from_slice(&status.to_be_bytes());
    frame.extend_from_slice(body);
    frame
}

/// Reads a frame from the enclave.
pub(crate) fn parse_tell(frame: &[u8]) -> Option<(u64, u16, &[u8])> {
    let (number, rest) = frame.split_first_chunk()?;
    let (status, body) = rest.split_first_chunk()?;
    Some((
        u64::from_be_bytes(*number),
        u16::from_be_bytes(*status),
        body,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frames_are_read_as_they_were_written() {
        let frame = ask(Ask::Request, 7, b"body");
        assert_eq!(
            parse_ask(&frame),
            Some((Ask::Request, 7, b"body".as_slice()))
        );
        assert_eq!(parse_ask(&frame[..8]), None);
        assert_eq!(parse_ask(&[9; 20]), None);
        let frame = tell(7, 200, b"");
        assert_eq!(parse_tell(&frame), Some((7, 200, b"".as_slice())));
        assert_eq!(parse_tell(&frame[..9]), None);
    }
}
