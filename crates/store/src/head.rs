use adyton_crypto::ct_eq;

use crate::StoreError;

/// What the store knows of all its rows together, sealed and written with every commit: how many
/// commits there were, how many rows there are, and a digest over them.
///
/// The digest is the sum modulo 2^256 of a keyed digest of each row (an additive multiset hash,
/// Clarke and others, ASIACRYPT 2003): it changes by the rows that a commit touches, and without
/// the key no other set of rows can be found that has the same sum, which is itself secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(crate) struct Head {
    pub(crate) generation: u64,
    rows: u64,
    sum: [u8; 32],
}

impl Head {
    pub(crate) fn add(&mut self, row_digest: &[u8; 32]) {
        self.rows = self.rows.wrapping_add(1);
        self.sum = fold(&self.sum, row_digest, |a, b, carry| {
            let (sum, over) = a.overflowing_add(b);
            let (sum, again) = sum.overflowing_add(u8::from(carry));
            (sum, over || again)
        });
    }

    pub(crate) fn take(&mut self, row_digest: &[u8; 32]) {
        self.rows = self.rows.wrapping_sub(1);
        self.sum = fold(&self.sum, row_digest, |a, b, borrow| {
            let (rest, under) = a.overflowing_sub(b);
            let (rest, again) = rest.overflowing_sub(u8::from(borrow));
            (rest, under || again)
        });
    }

    /// Whether both are about the same rows.
    pub(crate) fn same_rows(&self, other: &Self) -> bool {
        self.rows == other.rows && ct_eq(&self.sum, &other.sum)
    }

    pub(crate) fn encode(&self) -> Vec<u8> {
        [
            self.generation.to_be_bytes().as_slice(),
            &self.rows.to_be_bytes(),
            &self.sum,
        ]
        .concat()
    }

    pub(crate) fn decode(bytes: &[u8]) -> Result<Self, StoreError> {
        let parse = || {
            let (generation, rest) = bytes.split_first_chunk::<8>()?;
            let (rows, rest) = rest.split_first_chunk::<8>()?;
            Some(Self {
                generation: u64::from_be_bytes(*generation),
                rows: u64::from_be_bytes(*rows),
                sum: rest.try_into().ok()?,
            })
        };
        parse().ok_or_else(|| StoreError::corrupt("the head is of another version"))
    }
}

/// Byte by byte, the least significant (the last) first, with a carry.
fn fold(a: &[u8; 32], b: &[u8; 32], step: impl Fn(u8, u8, bool) -> (u8, bool)) -> [u8; 32] {
    let mut out = [0; 32];
    let mut carry = false;
    for ((out, a), b) in out.iter_mut().zip(a).zip(b).rev() {
        (*out, carry) = step(*a, *b, carry);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_added_can_be_taken_in_any_order() {
        let (a, b, c) = ([0xff; 32], [0x80; 32], [1; 32]);
        let mut head = Head::default();
        for row in [&a, &b, &c] {
            head.add(row);
        }
        let all = head;
        for row in [&b, &c] {
            head.take(row);
        }
        let mut only_a = Head::default();
        only_a.add(&a);
        assert!(head.same_rows(&only_a));
        assert!(!head.same_rows(&all));
        assert_eq!(Head::decode(&all.encode()).unwrap(), all);
        assert!(Head::decode(&all.encode()[1..]).is_err());
    }

    #[test]
    fn carries_run_through() {
        let mut head = Head::default();
        head.add(&[0xff; 32]);
        let mut one = [0; 32];
        one[31] = 1;
        head.add(&one);
        assert_eq!(head.sum, [0; 32]);
        head.take(&one);
        assert_eq!(head.sum, [0xff; 32]);
    }
}
