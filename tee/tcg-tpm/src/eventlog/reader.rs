use super::EventLogError;

/// Reads the little-endian log, and knows where it is.
#[derive(Debug, Clone)]
pub(super) struct Reader<'a> {
    all: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    pub(super) const fn new(all: &'a [u8]) -> Self {
        Self { all, at: 0 }
    }

    pub(super) const fn at(&self) -> usize {
        self.at
    }

    pub(super) fn rest(&self) -> &'a [u8] {
        self.all.get(self.at..).unwrap_or_default()
    }

    pub(super) fn take(
        &mut self,
        len: usize,
        field: &'static str,
    ) -> Result<&'a [u8], EventLogError> {
        let truncated = EventLogError::Truncated { at: self.at, field };
        let end = self.at.checked_add(len).ok_or(truncated.clone())?;
        let taken = self.all.get(self.at..end).ok_or(truncated)?;
        self.at = end;
        Ok(taken)
    }

    fn array<const N: usize>(&mut self, field: &'static str) -> Result<[u8; N], EventLogError> {
        let truncated = EventLogError::Truncated { at: self.at, field };
        let taken = self.take(N, field)?;
        taken.try_into().map_err(|_| truncated)
    }

    pub(super) fn u8(&mut self, field: &'static str) -> Result<u8, EventLogError> {
        self.array::<1>(field).map(|[byte]| byte)
    }

    pub(super) fn u16(&mut self, field: &'static str) -> Result<u16, EventLogError> {
        self.array(field).map(u16::from_le_bytes)
    }

    pub(super) fn u32(&mut self, field: &'static str) -> Result<u32, EventLogError> {
        self.array(field).map(u32::from_le_bytes)
    }

    pub(super) fn u64(&mut self, field: &'static str) -> Result<u64, EventLogError> {
        self.array(field).map(u64::from_le_bytes)
    }

    /// A length and that many bytes.
    pub(super) fn sized(&mut self, field: &'static str) -> Result<&'a [u8], EventLogError> {
        let len = self.u32(field)?;
        let truncated = EventLogError::Truncated { at: self.at, field };
        self.take(usize::try_from(len).map_err(|_| truncated)?, field)
    }
}
