use crate::IntelError;

/// Reads little-endian fields one after the other, never beyond the end.
#[derive(Debug, Clone)]
pub(crate) struct Bytes<'a> {
    left: &'a [u8],
}

impl<'a> Bytes<'a> {
    pub(crate) const fn new(bytes: &'a [u8]) -> Self {
        Self { left: bytes }
    }

    pub(crate) fn take(&mut self, len: usize, what: &'static str) -> Result<&'a [u8], IntelError> {
        let (found, left) = self
            .left
            .split_at_checked(len)
            .ok_or(IntelError::Truncated {
                what,
                needed: len,
                left: self.left.len(),
            })?;
        self.left = left;
        Ok(found)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        what: &'static str,
    ) -> Result<[u8; N], IntelError> {
        let left = self.left.len();
        let (found, rest) = self
            .left
            .split_first_chunk::<N>()
            .ok_or(IntelError::Truncated {
                what,
                needed: N,
                left,
            })?;
        self.left = rest;
        Ok(*found)
    }

    pub(crate) fn u8(&mut self, what: &'static str) -> Result<u8, IntelError> {
        self.array::<1>(what).map(|[byte]| byte)
    }

    pub(crate) fn u16(&mut self, what: &'static str) -> Result<u16, IntelError> {
        self.array(what).map(u16::from_le_bytes)
    }

    pub(crate) fn u32(&mut self, what: &'static str) -> Result<u32, IntelError> {
        self.array(what).map(u32::from_le_bytes)
    }

    /// A length of four bytes, as a number of bytes that are there.
    pub(crate) fn len_u32(&mut self, what: &'static str) -> Result<usize, IntelError> {
        let len = self.u32(what)?;
        Ok(usize::try_from(len).unwrap_or(usize::MAX))
    }

    /// Bytes that the specification reserves, which have to be zero.
    pub(crate) fn reserved(&mut self, len: usize, what: &'static str) -> Result<(), IntelError> {
        if self.take(len, what)?.iter().all(|byte| *byte == 0) {
            Ok(())
        } else {
            Err(IntelError::Reserved { what })
        }
    }

    pub(crate) const fn left(&self) -> usize {
        self.left.len()
    }

    pub(crate) fn finish(self, what: &'static str) -> Result<(), IntelError> {
        match self.left.len() {
            0 => Ok(()),
            found => Err(IntelError::Trailing { what, found }),
        }
    }
}
