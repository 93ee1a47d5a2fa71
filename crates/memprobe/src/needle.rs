use std::fmt;

/// Bytes to look for, kept masked so that the attacker's own memory does not hold them.
#[derive(Clone, PartialEq, Eq)]
pub struct Needle {
    masked: Vec<u8>,
    mask: u8,
}

impl Needle {
    /// The needle whose every byte is a byte of `masked`, XORed with `mask`.
    ///
    /// Use a needle of 16 bytes or more, else it may be found by chance, and a mask other than 0.
    #[must_use]
    pub const fn from_masked(masked: Vec<u8>, mask: u8) -> Self {
        Self { masked, mask }
    }

    /// Length in bytes.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.masked.len()
    }

    /// Whether there is nothing to look for.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.masked.is_empty()
    }

    /// Where it is first found in `haystack`; an empty needle is nowhere.
    #[must_use]
    pub fn find(&self, haystack: &[u8]) -> Option<usize> {
        let first = *self.masked.first()? ^ self.mask;
        let mut from = 0;
        while let Some(at) = haystack.get(from..).and_then(|rest| position(rest, first)) {
            let at = from + at;
            let candidate = haystack.get(at..at + self.len())?;
            let is_it = candidate
                .iter()
                .zip(&self.masked)
                .all(|(byte, masked)| byte ^ self.mask == *masked);
            if is_it {
                return Some(at);
            }
            from = at + 1;
        }
        None
    }
}

impl fmt::Debug for Needle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Needle({} bytes)", self.len())
    }
}

/// memchr(3): dumps are large, and this crate may be built without optimisation.
fn position(haystack: &[u8], byte: u8) -> Option<usize> {
    let start = haystack.as_ptr();
    // SAFETY: the pointer and length are those of a live slice.
    let found = unsafe { libc::memchr(start.cast(), byte.into(), haystack.len()) };
    (!found.is_null()).then(|| found.addr() - start.addr())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_found_wherever_it_is() {
        let needle = Needle::from_masked(b"needle".iter().map(|b| b ^ 0x5a).collect(), 0x5a);
        assert_eq!(needle.find(b"a needle in hay"), Some(2));
        assert_eq!(needle.find(b"nneedle"), Some(1));
        assert_eq!(needle.find(b"needl"), None);
        assert_eq!(needle.find(b""), None);
        assert_eq!(Needle::from_masked(vec![], 1).find(b"x"), None);
    }
}
