use std::fmt;

use zeroize::Zeroize;

/// A value on which nothing observable may depend: no branch, no address, no time.
///
/// It cannot be compared, indexed, printed or copied; it is wiped when dropped. What is inside is
/// reached by [`Secret::danger_reveal`] only, whose name shows in review.
///
/// ```compile_fail,E0369
/// # use adyton_oblivious::Secret;
/// let same = Secret::new(1) == Secret::new(1);
/// ```
/// ```compile_fail,E0608
/// # use adyton_oblivious::Secret;
/// let first = Secret::new([1, 2])[0];
/// ```
/// ```compile_fail,E0277
/// # use adyton_oblivious::Secret;
/// let text = format!("{}", Secret::new(1));
/// ```
/// ```compile_fail,E0599
/// # use adyton_oblivious::Secret;
/// let again = Secret::new(1).clone();
/// ```
pub struct Secret<T: Zeroize>(T);

impl<T: Zeroize> Secret<T> {
    /// Makes it a secret.
    pub const fn new(value: T) -> Self {
        Self(value)
    }

    /// The value. From here on it is the caller who keeps every branch and address free of it.
    pub const fn danger_reveal(&self) -> &T {
        &self.0
    }
}

impl<T: Zeroize> Drop for Secret<T> {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl<T: Zeroize> fmt::Debug for Secret<T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A look-up's answer: whether there is a record, and its value.
///
/// It has the same size whether there is one or not.
#[derive(Default, Zeroize)]
pub struct Answer {
    pub(crate) found: u64,
    pub(crate) value: [u64; 8],
    pub(crate) value_bytes: usize,
}

impl Answer {
    /// The value, if there is a record.
    ///
    /// To call it is to branch on the secret: for whoever asked, not for whoever answers.
    #[must_use]
    pub fn to_option(&self) -> Option<Vec<u8>> {
        (self.found == 1).then(|| {
            let bytes = self.value.iter().flat_map(|word| word.to_le_bytes());
            bytes.take(self.value_bytes).collect()
        })
    }

    /// One byte, 1 or 0, then the value, or zeros: `1 + value_bytes` bytes in either case.
    pub fn write(&self, to: &mut Vec<u8>) {
        to.push(self.found.to_le_bytes()[0]);
        let bytes = self.value.iter().flat_map(|word| word.to_le_bytes());
        to.extend(bytes.take(self.value_bytes));
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Answer(..)")
    }
}
