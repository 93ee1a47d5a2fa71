use std::io::{IoSlice, IoSliceMut};
use std::mem::MaybeUninit;
use std::os::fd::{AsFd, AsRawFd as _, BorrowedFd, OwnedFd, RawFd};
use std::os::unix::net::UnixStream;
use std::time::Duration;

use rustix::net::{
    RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags, SendAncillaryBuffer,
    SendAncillaryMessage, SendFlags, recvmsg, sendmsg,
};

use crate::frame::{read_frame, write_frame};
use crate::{HatchError, MAX_FRAME_BYTES};

/// The most descriptors that one frame may carry: 64 inputs, 64 outputs and the four fixed ones.
pub const MAX_DESCRIPTORS: usize = 132;

/// One end of the connection between runner and enclave: frames, and descriptors with the first.
#[derive(Debug)]
pub struct Hatch(UnixStream);

impl Hatch {
    /// Both ends of a fresh connection.
    ///
    /// # Errors
    /// If the operating system has no descriptors left.
    pub fn pair() -> Result<(Self, Self), HatchError> {
        UnixStream::pair()
            .map(|(a, b)| (Self(a), Self(b)))
            .map_err(HatchError::Io)
    }

    /// Over a descriptor that was inherited.
    #[must_use]
    pub fn over(socket: OwnedFd) -> Self {
        Self(socket.into())
    }

    /// Gives the descriptor up, to be inherited by a child process.
    #[must_use]
    pub fn into_fd(self) -> OwnedFd {
        self.0.into()
    }

    /// Number of the descriptor, to be kept where all others are closed.
    #[must_use]
    pub fn raw(&self) -> RawFd {
        self.0.as_raw_fd()
    }

    /// How long [`receive`](Self::receive) waits; for ever without this.
    ///
    /// # Errors
    /// If `limit` is zero.
    pub fn receive_within(&self, limit: Duration) -> Result<(), HatchError> {
        self.0.set_read_timeout(Some(limit)).map_err(HatchError::Io)
    }

    /// Sends one frame.
    ///
    /// # Errors
    /// [`HatchError::Closed`] if the other side is gone, [`HatchError::TooLong`], or another I/O error.
    pub fn send(&self, message: &[u8]) -> Result<(), HatchError> {
        write_frame(&self.0, message)
    }

    /// Receives one frame.
    ///
    /// # Errors
    /// [`HatchError::Closed`] if the other side is gone, [`HatchError::TooLong`], or another I/O error.
    pub fn receive(&self) -> Result<Vec<u8>, HatchError> {
        read_frame(&self.0)
    }

    /// Sends one frame with descriptors attached to its first byte.
    ///
    /// # Errors
    /// As [`send`](Self::send); [`HatchError::TooLong`] also for more than [`MAX_DESCRIPTORS`].
    pub fn send_with(
        &self,
        message: &[u8],
        descriptors: &[BorrowedFd<'_>],
    ) -> Result<(), HatchError> {
        if descriptors.len() > MAX_DESCRIPTORS {
            return Err(HatchError::TooLong {
                found: descriptors.len(),
                limit: MAX_DESCRIPTORS,
            });
        }
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        let mut ancillary = SendAncillaryBuffer::new(&mut space);
        ancillary.push(SendAncillaryMessage::ScmRights(descriptors));
        let mark = [IoSlice::new(&[MARK])];
        sendmsg(self.0.as_fd(), &mark, &mut ancillary, SendFlags::NOSIGNAL).map_err(errno)?;
        self.send(message)
    }

    /// Receives one frame that was sent with [`send_with`](Self::send_with), and its descriptors,
    /// which no child process inherits.
    ///
    /// # Errors
    /// As [`receive`](Self::receive).
    pub fn receive_with(&self) -> Result<(Vec<u8>, Vec<OwnedFd>), HatchError> {
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(MAX_DESCRIPTORS))];
        let mut ancillary = RecvAncillaryBuffer::new(&mut space);
        let mut mark = [0];
        let read = recvmsg(
            self.0.as_fd(),
            &mut [IoSliceMut::new(&mut mark)],
            &mut ancillary,
            RecvFlags::CMSG_CLOEXEC | RecvFlags::WAITALL,
        )
        .map_err(errno)?;
        if read.bytes == 0 {
            return Err(HatchError::Closed);
        }
        let mut descriptors = Vec::with_capacity(MAX_DESCRIPTORS);
        for message in ancillary.drain() {
            if let RecvAncillaryMessage::ScmRights(rights) = message {
                descriptors.extend(rights);
            }
        }
        if mark != [MARK] {
            return Err(HatchError::OutOfTurn {
                expected: "descriptors",
                found: "a plain frame".into(),
            });
        }
        Ok((self.receive()?, descriptors))
    }
}

impl AsFd for Hatch {
    /// To wait with poll(2) until there is something to receive.
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.0.as_fd()
    }
}

/// The byte that carries descriptors. A frame's own first byte is 0 or 1, since no frame is longer
/// than [`MAX_FRAME_BYTES`]; so one kind is never read as the other.
const MARK: u8 = 0xfd;
const _: () = assert!(MAX_FRAME_BYTES < 0xfd00_0000);

fn errno(error: rustix::io::Errno) -> HatchError {
    match error {
        rustix::io::Errno::PIPE | rustix::io::Errno::CONNRESET => HatchError::Closed,
        other => HatchError::Io(other.into()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Read as _, Seek as _, Write as _};

    use super::*;

    #[test]
    fn descriptors_arrive_in_order() {
        let (ours, theirs) = Hatch::pair().unwrap();
        let mut files: Vec<std::fs::File> = (0..3).map(|_| tempfile::tempfile().unwrap()).collect();
        for (i, file) in files.iter_mut().enumerate() {
            file.write_all(&[b'0' + u8::try_from(i).unwrap()]).unwrap();
            file.rewind().unwrap();
        }
        let borrowed: Vec<_> = files.iter().map(AsFd::as_fd).collect();
        ours.send_with(b"start", &borrowed).unwrap();
        ours.send(b"next").unwrap();
        let (message, descriptors) = theirs.receive_with().unwrap();
        assert_eq!(message, b"start");
        let read = |fd: OwnedFd| {
            let mut text = String::new();
            std::fs::File::from(fd).read_to_string(&mut text).unwrap();
            text
        };
        assert_eq!(
            descriptors.into_iter().map(read).collect::<Vec<_>>(),
            ["0", "1", "2"]
        );
        assert_eq!(theirs.receive().unwrap(), b"next");
        drop(ours);
        assert!(matches!(theirs.receive_with(), Err(HatchError::Closed)));
    }

    #[test]
    fn a_plain_frame_is_not_taken_for_one_with_descriptors() {
        let (ours, theirs) = Hatch::pair().unwrap();
        ours.send(b"plain").unwrap();
        assert!(matches!(
            theirs.receive_with(),
            Err(HatchError::OutOfTurn { .. })
        ));
    }
}
