use super::bindings::wasi::filesystem::types::ErrorCode;
use super::tree::Node;

/// An open file or directory.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Descriptor {
    pub(crate) node: Node,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

/// A directory being listed.
#[derive(Debug)]
pub(crate) struct DirectoryStream {
    pub(crate) node: Node,
    pub(crate) next: usize,
}

/// Where bytes come from.
#[derive(Debug)]
pub(crate) enum InputStream {
    /// Nowhere: standard input.
    Empty,
    /// An input file.
    File {
        /// Which.
        input: usize,
        /// The next byte to read.
        position: u64,
    },
}

/// Where bytes go.
#[derive(Debug)]
pub(crate) enum OutputStream {
    /// Nowhere: a standard stream that no output takes.
    Dropped,
    /// The end of an output, wherever that is.
    Append {
        /// Which.
        output: usize,
    },
    /// A position in an output, which must be its end.
    At {
        /// Which.
        output: usize,
        /// The next byte to write.
        position: u64,
    },
}

/// Something to wait for.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Pollable {
    /// It has happened: files never wait.
    Ready,
    /// A moment of the monotonic clock.
    At(u64),
}

/// Why a stream's last operation failed.
#[derive(Debug)]
pub(crate) struct IoError(pub(crate) ErrorCode);

/// The network, which refuses everything.
#[derive(Debug)]
pub(crate) struct Network;

/// A socket: there are none.
#[derive(Debug)]
pub(crate) enum NoSocket {}
