use wasmtime::component::ResourceTableError;

use super::bindings::wasi::filesystem::types::ErrorCode;
use crate::outcome::FileFailure;

/// The guest ends itself: travels up through the guest's frames as an error.
#[derive(Debug, thiserror::Error)]
#[error("exit with code {code}")]
pub(crate) struct Exit {
    pub(crate) code: u8,
}

/// What a filesystem call gives instead of a result.
#[derive(Debug)]
pub(crate) enum FsError {
    /// An error number for the guest.
    Code(ErrorCode),
    /// The end of the run.
    Trap(wasmtime::Error),
}

/// What a stream call gives instead of a result.
#[derive(Debug)]
pub(crate) enum StreamError {
    /// No more bytes.
    Closed,
    /// An error number for the guest.
    Failed(ErrorCode),
    /// The end of the run.
    Trap(wasmtime::Error),
}

impl From<ErrorCode> for FsError {
    fn from(code: ErrorCode) -> Self {
        Self::Code(code)
    }
}

impl From<FileFailure> for FsError {
    fn from(failure: FileFailure) -> Self {
        Self::Trap(wasmtime::Error::new(failure))
    }
}

impl From<ResourceTableError> for FsError {
    fn from(error: ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}

impl From<FsError> for StreamError {
    fn from(error: FsError) -> Self {
        match error {
            FsError::Code(code) => Self::Failed(code),
            FsError::Trap(error) => Self::Trap(error),
        }
    }
}

impl From<FileFailure> for StreamError {
    fn from(failure: FileFailure) -> Self {
        Self::Trap(wasmtime::Error::new(failure))
    }
}

impl From<ResourceTableError> for StreamError {
    fn from(error: ResourceTableError) -> Self {
        Self::Trap(error.into())
    }
}
