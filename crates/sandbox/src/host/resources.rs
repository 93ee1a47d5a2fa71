//! What stands behind a guest's handles.
#![expect(
    unreachable_pub,
    reason = "the generated bindings export these types again"
)]

use adyton_oblivious::OramMap;

use super::bindings::wasi::filesystem::types::ErrorCode;
use super::tree::Node;

/// An oblivious map, and what it took of the program's memory limit.
#[derive(Debug)]
pub struct ObliviousMap {
    pub(crate) map: OramMap,
    pub(crate) bytes: usize,
}

/// An open file or directory.
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    pub(crate) node: Node,
    pub(crate) readable: bool,
    pub(crate) writable: bool,
}

/// A directory being listed.
#[derive(Debug)]
pub struct DirectoryStream {
    pub(crate) node: Node,
    pub(crate) next: usize,
}

/// Where bytes come from.
#[derive(Debug)]
pub enum InputStream {
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
pub enum OutputStream {
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
pub enum Pollable {
    /// It has happened: files never wait.
    Ready,
    /// A moment of the monotonic clock.
    At(u64),
}

/// Why a stream's last operation failed.
#[derive(Debug)]
pub struct IoError(pub(crate) ErrorCode);

/// The network, which refuses everything.
#[derive(Debug)]
pub struct Network;

/// A socket: there are none.
#[derive(Debug)]
pub enum NoSocket {}
