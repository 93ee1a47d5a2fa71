use thiserror::Error;

/// Why bytes are not the TPM structure that they should be.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum FormError {
    /// The structure ends inside a field.
    #[error("the {what} ends inside `{field}`")]
    Truncated {
        /// The structure.
        what: &'static str,
        /// The field.
        field: &'static str,
    },
    /// Bytes follow the structure.
    #[error("{extra} bytes follow the {what}")]
    Trailing {
        /// The structure.
        what: &'static str,
        /// How many.
        extra: usize,
    },
    /// A field holds a value that the structure does not allow.
    #[error("`{field}` of the {what} is {found:#x}, which is not allowed")]
    Value {
        /// The structure.
        what: &'static str,
        /// The field.
        field: &'static str,
        /// The value found.
        found: u64,
    },
    /// A field is longer than the structure allows.
    #[error("`{field}` of the {what} is {found} long; at most {max} is allowed")]
    TooLong {
        /// The structure.
        what: &'static str,
        /// The field.
        field: &'static str,
        /// The limit.
        max: usize,
        /// The length found.
        found: usize,
    },
}

/// Reads big-endian TPM structures (TPM 2.0 part 2, section 4): nothing is skipped, and
/// [`finish`](Self::finish) refuses what is left.
#[derive(Debug, Clone)]
pub(crate) struct Reader<'a> {
    rest: &'a [u8],
    what: &'static str,
}

impl<'a> Reader<'a> {
    pub(crate) const fn new(bytes: &'a [u8], what: &'static str) -> Self {
        Self { rest: bytes, what }
    }

    pub(crate) fn take(&mut self, len: usize, field: &'static str) -> Result<&'a [u8], FormError> {
        let (head, rest) = self
            .rest
            .split_at_checked(len)
            .ok_or(FormError::Truncated {
                what: self.what,
                field,
            })?;
        self.rest = rest;
        Ok(head)
    }

    pub(crate) fn array<const N: usize>(
        &mut self,
        field: &'static str,
    ) -> Result<[u8; N], FormError> {
        let (head, rest) = self
            .rest
            .split_first_chunk::<N>()
            .ok_or(FormError::Truncated {
                what: self.what,
                field,
            })?;
        self.rest = rest;
        Ok(*head)
    }

    pub(crate) fn u8(&mut self, field: &'static str) -> Result<u8, FormError> {
        Ok(u8::from_be_bytes(self.array(field)?))
    }

    pub(crate) fn u16(&mut self, field: &'static str) -> Result<u16, FormError> {
        Ok(u16::from_be_bytes(self.array(field)?))
    }

    pub(crate) fn u32(&mut self, field: &'static str) -> Result<u32, FormError> {
        Ok(u32::from_be_bytes(self.array(field)?))
    }

    pub(crate) fn u64(&mut self, field: &'static str) -> Result<u64, FormError> {
        Ok(u64::from_be_bytes(self.array(field)?))
    }

    /// A `TPM2B`: a length and that many bytes, at most `max`.
    pub(crate) fn sized(&mut self, max: usize, field: &'static str) -> Result<&'a [u8], FormError> {
        let found = usize::from(self.u16(field)?);
        if found > max {
            return Err(FormError::TooLong {
                what: self.what,
                field,
                max,
                found,
            });
        }
        self.take(found, field)
    }

    pub(crate) fn wrong(&self, field: &'static str, found: impl Into<u64>) -> FormError {
        FormError::Value {
            what: self.what,
            field,
            found: found.into(),
        }
    }

    pub(crate) const fn finish(self) -> Result<(), FormError> {
        if self.rest.is_empty() {
            Ok(())
        } else {
            Err(FormError::Trailing {
                what: self.what,
                extra: self.rest.len(),
            })
        }
    }
}
