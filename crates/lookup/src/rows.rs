use std::fmt;

use adyton_crypto::CryptoRng;

use crate::key::Key;
use crate::message::row_bytes;
use crate::records::RecordError;
use crate::terms::Terms;
use crate::value::ValueError;

/// Random numbers drawn in one go.
const AT_ONCE: usize = 512;

/// An owner's records before they are loaded, as close together as in the table.
pub struct Rows {
    bytes: Vec<u8>,
    key_bytes: usize,
    row_bytes: usize,
    count: usize,
}

impl Rows {
    /// None yet, of such a table.
    #[must_use]
    pub const fn new(terms: &Terms) -> Self {
        Self {
            bytes: Vec::new(),
            key_bytes: terms.keys.key_bytes(),
            row_bytes: row_bytes(terms),
            count: 0,
        }
    }

    /// Adds a record of the table's shape, as [`crate::Records`] gives it.
    ///
    /// # Errors
    /// [`RecordError`] if key or value have another length.
    pub fn push(&mut self, key: &Key, value: &[u8]) -> Result<(), RecordError> {
        let (key, bytes) = (key.as_bytes(), self.row_bytes - self.key_bytes);
        if key.len() != self.key_bytes {
            return Err(crate::KeyError::Length { found: key.len() }.into());
        }
        if value.len() != bytes {
            let found = value.len();
            return Err(ValueError::TooLong { found, bytes }.into());
        }
        self.bytes.extend_from_slice(key);
        self.bytes.extend_from_slice(value);
        self.count += 1;
        Ok(())
    }

    /// How many there are.
    #[must_use]
    pub const fn len(&self) -> usize {
        self.count
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// Puts them into an order that says nothing: every one is as likely (Fisher and Yates). In the
    /// order of a file that is sorted, places in the table would tell roughly which keys change.
    pub fn shuffle(&mut self, rng: &mut impl CryptoRng) {
        let mut random = [0; AT_ONCE * 8];
        for (drawn, from) in (1..self.count).rev().enumerate() {
            let at = drawn % AT_ONCE * 8;
            if at == 0 {
                rng.fill_bytes(&mut random);
            }
            let word = random[at..at + 8].first_chunk().copied();
            let word = u64::from_le_bytes(word.unwrap_or_default());
            // How far from even: less than 2^-31 for as many records as a table can have.
            let to = usize::try_from(word % (from as u64 + 1)).unwrap_or(from);
            self.swap(from, to);
        }
    }

    /// All of them, in order.
    pub fn records(&self) -> impl ExactSizeIterator<Item = (Key, Vec<u8>)> {
        (0..self.count).map(|n| {
            let row = &self.bytes[n * self.row_bytes..(n + 1) * self.row_bytes];
            let (key, value) = row.split_at(self.key_bytes);
            (Key::of(key), value.to_vec())
        })
    }

    fn swap(&mut self, high: usize, low: usize) {
        if high != low {
            let width = self.row_bytes;
            let (before, from) = self.bytes.split_at_mut(high * width);
            from[..width].swap_with_slice(&mut before[low * width..(low + 1) * width]);
        }
    }
}

impl fmt::Debug for Rows {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Rows({})", self.count)
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use adyton_crypto::{SigningKey, os_rng};

    use super::*;
    use crate::key::KeyKind;

    fn rows(count: u64) -> Rows {
        let mut rows = Rows::new(&Terms {
            keys: KeyKind::Phone,
            value_bytes: 2,
            capacity: 1,
            owner: SigningKey::generate(&mut os_rng()).verifying_key(),
            quota: 1,
            window_ms: 0,
            tokens: None,
        });
        for n in 0..count {
            let value = n.to_be_bytes();
            rows.push(&Key::phone(n), &value[6..]).expect("a row");
        }
        rows
    }

    #[test]
    fn a_shuffle_keeps_every_record_and_no_order() {
        let mut mixed = rows(2000);
        mixed.shuffle(&mut os_rng());
        let (before, after) = (rows(2000), mixed);
        assert!(before.records().eq(rows(2000).records()));
        let stay = before.records().zip(after.records());
        // One on average.
        assert!(stay.filter(|(a, b)| a == b).count() < 40);
        let all = |rows: &Rows| rows.records().collect::<BTreeSet<_>>();
        assert_eq!(all(&before), all(&after));
        for count in [0, 1, 2] {
            let mut few = rows(count);
            few.shuffle(&mut os_rng());
            assert_eq!(few.len() as u64, count);
        }
    }

    #[test]
    fn every_order_of_three_comes_up() {
        let orders: BTreeSet<Vec<_>> = (0..400)
            .map(|_| {
                let mut three = rows(3);
                three.shuffle(&mut os_rng());
                three.records().collect()
            })
            .collect();
        assert_eq!(orders.len(), 6);
    }

    #[test]
    fn a_row_of_another_shape_is_none() {
        let mut rows = rows(1);
        assert!(rows.push(&Key::phone(1), b"abc").is_err());
        let mail = KeyKind::Email.parse("a@example.org").expect("a key");
        assert!(rows.push(&mail, b"ab").is_err());
        assert_eq!((rows.len(), rows.is_empty()), (1, false));
    }
}
