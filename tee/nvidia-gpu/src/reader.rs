use crate::NvidiaError;

/// Takes little-endian fields off the front of a report, and never reads beyond its end.
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { rest: bytes }
    }

    pub(crate) const fn is_empty(&self) -> bool {
        self.rest.is_empty()
    }

    pub(crate) fn take(&mut self, n: usize, what: &'static str) -> Result<&'a [u8], NvidiaError> {
        let split = self.rest.split_at_checked(n);
        let (taken, rest) = split.ok_or(NvidiaError::Report { what })?;
        self.rest = rest;
        Ok(taken)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[u8; N], NvidiaError> {
        let taken = self.take(N, what)?;
        <[u8; N]>::try_from(taken).map_err(|_| NvidiaError::Report { what })
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8, NvidiaError> {
        Ok(u8::from_le_bytes(self.array(what)?))
    }

    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, NvidiaError> {
        Ok(u16::from_le_bytes(self.array(what)?))
    }

    /// SPDM's 3-byte lengths.
    pub(crate) fn u24(&mut self, what: &'static str) -> Result<usize, NvidiaError> {
        let [a, b, c] = self.array(what)?;
        usize::try_from(u32::from_le_bytes([a, b, c, 0])).map_err(|_| NvidiaError::Report { what })
    }

    pub(crate) fn finish(self, what: &'static str) -> Result<(), NvidiaError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(NvidiaError::Report { what })
        }
    }
}
