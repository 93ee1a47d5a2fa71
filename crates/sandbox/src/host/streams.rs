use wasmtime::component::Resource;

use super::bindings::wasi::filesystem::types::ErrorCode;
use super::bindings::wasi::io::{error, streams};
use super::errors::StreamError;
use super::files::MAX_TRANSFER_BYTES;
use super::resources::{InputStream, IoError, OutputStream, Pollable};
use super::state::Host;

type StreamResult<T> = Result<T, StreamError>;

impl Host {
    fn read(&mut self, stream: &Resource<InputStream>, length: u64) -> StreamResult<Vec<u8>> {
        let InputStream::File { input, position } = self.table.get_mut(stream)? else {
            return Err(StreamError::Closed);
        };
        let bytes = self.files.inputs[*input].read(*position, length)?;
        if bytes.is_empty() && length > 0 {
            return Err(StreamError::Closed);
        }
        *position = position.saturating_add(bytes.len() as u64);
        Ok(bytes)
    }

    fn skip(&mut self, stream: &Resource<InputStream>, length: u64) -> StreamResult<u64> {
        let InputStream::File { input, position } = self.table.get_mut(stream)? else {
            return Err(StreamError::Closed);
        };
        let left = self.files.inputs[*input].size().saturating_sub(*position);
        if left == 0 && length > 0 {
            return Err(StreamError::Closed);
        }
        let skipped = length.min(left);
        *position = position.saturating_add(skipped);
        Ok(skipped)
    }

    fn write(&mut self, stream: &Resource<OutputStream>, bytes: &[u8]) -> StreamResult<()> {
        match self.table.get_mut(stream)? {
            OutputStream::Dropped => Ok(()),
            OutputStream::Append { output } => Ok(self.files.outputs[*output].write(bytes, None)?),
            OutputStream::At { output, position } => {
                self.files.outputs[*output].write(bytes, Some(*position))?;
                *position = position.saturating_add(bytes.len() as u64);
                Ok(())
            }
        }
    }

    fn write_zeroes(&mut self, stream: &Resource<OutputStream>, length: u64) -> StreamResult<()> {
        // `check-write` never promises more.
        let length = usize::try_from(length.min(MAX_TRANSFER_BYTES + 1))
            .map_err(|error| StreamError::Trap(error.into()))?;
        if length as u64 > MAX_TRANSFER_BYTES {
            return Err(StreamError::Trap(wasmtime::format_err!(
                "the guest writes more zeroes than it may"
            )));
        }
        self.write(stream, &vec![0; length])
    }

    fn splice(
        &mut self,
        target: &Resource<OutputStream>,
        source: &Resource<InputStream>,
        length: u64,
    ) -> StreamResult<u64> {
        let bytes = self.read(source, length)?;
        self.write(target, &bytes)?;
        Ok(bytes.len() as u64)
    }
}

impl error::Host for Host {}

impl error::HostError for Host {
    fn to_debug_string(&mut self, error: Resource<IoError>) -> wasmtime::Result<String> {
        let IoError(code) = self.table.get(&error)?;
        Ok(code.name().to_owned())
    }

    fn drop(&mut self, error: Resource<IoError>) -> wasmtime::Result<()> {
        self.table.delete(error)?;
        Ok(())
    }
}

impl streams::Host for Host {
    fn convert_stream_error(
        &mut self,
        error: StreamError,
    ) -> wasmtime::Result<streams::StreamError> {
        match error {
            StreamError::Closed => Ok(streams::StreamError::Closed),
            StreamError::Failed(code) => {
                let error = self.table.push(IoError(code))?;
                Ok(streams::StreamError::LastOperationFailed(error))
            }
            StreamError::Trap(error) => Err(error),
        }
    }
}

impl streams::HostInputStream for Host {
    fn read(&mut self, stream: Resource<InputStream>, length: u64) -> StreamResult<Vec<u8>> {
        Self::read(self, &stream, length)
    }

    fn blocking_read(
        &mut self,
        stream: Resource<InputStream>,
        length: u64,
    ) -> StreamResult<Vec<u8>> {
        Self::read(self, &stream, length)
    }

    fn skip(&mut self, stream: Resource<InputStream>, length: u64) -> StreamResult<u64> {
        Self::skip(self, &stream, length)
    }

    fn blocking_skip(&mut self, stream: Resource<InputStream>, length: u64) -> StreamResult<u64> {
        Self::skip(self, &stream, length)
    }

    fn subscribe(
        &mut self,
        _stream: Resource<InputStream>,
    ) -> wasmtime::Result<Resource<Pollable>> {
        Ok(self.table.push(Pollable::Ready)?)
    }

    fn drop(&mut self, stream: Resource<InputStream>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}

impl streams::HostOutputStream for Host {
    fn check_write(&mut self, stream: Resource<OutputStream>) -> StreamResult<u64> {
        self.table.get(&stream)?;
        Ok(MAX_TRANSFER_BYTES)
    }

    fn write(&mut self, stream: Resource<OutputStream>, bytes: Vec<u8>) -> StreamResult<()> {
        Self::write(self, &stream, &bytes)
    }

    fn blocking_write_and_flush(
        &mut self,
        stream: Resource<OutputStream>,
        bytes: Vec<u8>,
    ) -> StreamResult<()> {
        Self::write(self, &stream, &bytes)
    }

    /// Nothing is held back here, and a sealed output is of use to nobody before it is finished.
    fn flush(&mut self, stream: Resource<OutputStream>) -> StreamResult<()> {
        self.table.get(&stream)?;
        Ok(())
    }

    fn blocking_flush(&mut self, stream: Resource<OutputStream>) -> StreamResult<()> {
        self.table.get(&stream)?;
        Ok(())
    }

    fn subscribe(
        &mut self,
        _stream: Resource<OutputStream>,
    ) -> wasmtime::Result<Resource<Pollable>> {
        Ok(self.table.push(Pollable::Ready)?)
    }

    fn write_zeroes(&mut self, stream: Resource<OutputStream>, length: u64) -> StreamResult<()> {
        Self::write_zeroes(self, &stream, length)
    }

    fn blocking_write_zeroes_and_flush(
        &mut self,
        stream: Resource<OutputStream>,
        length: u64,
    ) -> StreamResult<()> {
        Self::write_zeroes(self, &stream, length)
    }

    fn splice(
        &mut self,
        stream: Resource<OutputStream>,
        source: Resource<InputStream>,
        length: u64,
    ) -> StreamResult<u64> {
        Self::splice(self, &stream, &source, length)
    }

    fn blocking_splice(
        &mut self,
        stream: Resource<OutputStream>,
        source: Resource<InputStream>,
        length: u64,
    ) -> StreamResult<u64> {
        Self::splice(self, &stream, &source, length)
    }

    fn drop(&mut self, stream: Resource<OutputStream>) -> wasmtime::Result<()> {
        self.table.delete(stream)?;
        Ok(())
    }
}

impl From<ErrorCode> for StreamError {
    fn from(code: ErrorCode) -> Self {
        Self::Failed(code)
    }
}
