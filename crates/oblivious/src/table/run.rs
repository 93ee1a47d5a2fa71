use std::ops::Range;

use crate::error::ObliviousError;
use crate::kernel::{LANES, Line};
use crate::memory::{Lines, lines_for};

/// The tag of no record.
pub(crate) const NO_TAG: u64 = u64::MAX;

/// Binary digits of a tag that are looked up at once: buckets of the largest batch.
pub(crate) const FINE_BITS: u32 = 18;

/// Up to so many words behind the tag, records lie in columns; more, in rows.
pub(crate) const MAX_COLUMNS: usize = 2;

/// Words of the longest record: tag, value, rest of the fingerprint.
pub(crate) const MAX_RECORD: usize = 10;

/// One record: its tag, then its payload; the words behind that are not used.
pub(crate) type Record = [u64; MAX_RECORD];

/// Records in the order of their tags. All of it is public: only queries are secret.
///
/// Short records lie in blocks of eight: a line of tags, then a line for each word of the payload.
/// Long ones lie one after the other.
#[derive(Debug)]
pub(crate) struct Run {
    lines: Lines,
    payload: usize,
    len: usize,
    capacity: usize,
    /// Records before each fine bucket; one more for the end.
    starts: Vec<u32>,
}

impl Run {
    pub(crate) fn new(payload: usize, capacity: usize) -> Result<Self, ObliviousError> {
        let none = ObliviousError::OutOfMemory {
            bytes: 4 << FINE_BITS,
        };
        let mut starts = Vec::new();
        let buckets = (1 << FINE_BITS) + 1;
        starts.try_reserve_exact(buckets).map_err(|_| none)?;
        starts.resize(buckets, 0);
        Ok(Self {
            lines: Lines::new(Self::lines_for(payload, capacity))?,
            payload,
            len: 0,
            capacity,
            starts,
        })
    }

    /// Bytes that a run of that size takes.
    pub(crate) const fn memory_bytes(payload: usize, capacity: usize) -> usize {
        Self::lines_for(payload, capacity) * size_of::<Line>() + (4 << FINE_BITS) + 4
    }

    /// Long records are read in whole lines, which may go beyond the last one's end.
    const fn lines_for(payload: usize, capacity: usize) -> usize {
        lines_for(capacity.next_multiple_of(LANES) * (1 + payload)) + 2
    }

    pub(crate) const fn payload(&self) -> usize {
        self.payload
    }

    pub(crate) const fn len(&self) -> usize {
        self.len
    }

    pub(crate) const fn capacity(&self) -> usize {
        self.capacity
    }

    pub(crate) fn lines(&self) -> &[Line] {
        &self.lines
    }

    /// The records as rows, which is how they are sorted.
    pub(crate) fn rows_mut(&mut self) -> &mut [u64] {
        let words = self.capacity * (1 + self.payload);
        &mut self.lines.words_mut()[..words]
    }

    const fn is_columns(&self) -> bool {
        self.payload <= MAX_COLUMNS
    }

    /// Where a word of a record lies.
    const fn place(&self, at: usize, word: usize) -> usize {
        if self.is_columns() {
            (at / LANES * (1 + self.payload) + word) * LANES + at % LANES
        } else {
            at * (1 + self.payload) + word
        }
    }

    pub(crate) fn tag(&self, at: usize) -> u64 {
        self.lines.words()[self.place(at, 0)]
    }

    pub(crate) fn record(&self, at: usize) -> Record {
        let words = self.lines.words();
        let mut record = [0; MAX_RECORD];
        for (i, word) in record.iter_mut().enumerate().take(1 + self.payload) {
            *word = words[self.place(at, i)];
        }
        record
    }

    pub(crate) fn write(&mut self, at: usize, record: &Record) {
        for (i, word) in record.iter().enumerate().take(1 + self.payload) {
            let place = self.place(at, i);
            self.lines.words_mut()[place] = *word;
        }
    }

    /// Where the record with that tag is. For public tags.
    pub(crate) fn find(&self, tag: u64) -> Option<usize> {
        let bucket = usize::try_from(tag >> (64 - FINE_BITS)).ok()?;
        let (mut low, mut high) = (self.start(bucket), self.start(bucket + 1));
        while low < high {
            let middle = usize::midpoint(low, high);
            match self.tag(middle).cmp(&tag) {
                std::cmp::Ordering::Less => low = middle + 1,
                std::cmp::Ordering::Equal => return Some(middle),
                std::cmp::Ordering::Greater => high = middle,
            }
        }
        None
    }

    /// Records before a fine bucket.
    pub(crate) fn start(&self, bucket: usize) -> usize {
        self.starts[bucket] as usize
    }

    /// Records of a bucket, where there are `2^bits` of them.
    #[inline(always)]
    pub(crate) fn bucket(&self, bits: u32, bucket: usize) -> Range<usize> {
        let fine = FINE_BITS - bits;
        self.starts[bucket << fine] as usize..self.starts[(bucket + 1) << fine] as usize
    }

    /// Takes `len` rows that are sorted already for its records.
    pub(crate) fn adopt_rows(&mut self, len: usize) {
        self.len = len;
        if self.is_columns() {
            let lines = 1 + self.payload;
            let blocks = self.lines.chunks_exact_mut(lines);
            for block in blocks.take(len.div_ceil(LANES)) {
                transpose(block);
            }
        }
        self.finish();
    }

    /// Its records as rows again.
    pub(crate) fn release_rows(&mut self) {
        if self.is_columns() {
            let lines = 1 + self.payload;
            let blocks = self.lines.chunks_exact_mut(lines);
            for block in blocks.take(self.len.div_ceil(LANES)) {
                untranspose(block);
            }
        }
    }

    /// Sets how many records there are, after they were written.
    pub(crate) fn resize(&mut self, len: usize) {
        self.len = len;
        self.finish();
    }

    /// Fills the last block with no records, and counts those of each bucket.
    fn finish(&mut self) {
        if self.is_columns() {
            let mut none = [0; MAX_RECORD];
            none[0] = NO_TAG;
            for at in self.len..self.len.next_multiple_of(LANES) {
                self.write(at, &none);
            }
        }
        let mut at = 0;
        for bucket in 0..1 << FINE_BITS {
            self.starts[bucket] = self.count(at);
            while at < self.len && self.tag(at) >> (64 - FINE_BITS) == bucket as u64 {
                at += 1;
            }
        }
        self.starts[1 << FINE_BITS] = self.count(self.len);
    }

    #[expect(
        clippy::cast_possible_truncation,
        reason = "a table has at most 2^32 - 1 records"
    )]
    const fn count(&self, at: usize) -> u32 {
        at as u32
    }
}

/// Eight rows to columns.
fn transpose(block: &mut [Line]) {
    let width = block.len();
    let words = block.as_flattened_mut();
    let mut rows = [0; LANES * (1 + MAX_COLUMNS)];
    rows[..words.len()].copy_from_slice(words);
    for (i, word) in words.iter_mut().enumerate() {
        *word = rows[i % LANES * width + i / LANES];
    }
}

/// Columns to eight rows.
fn untranspose(block: &mut [Line]) {
    let width = block.len();
    let words = block.as_flattened_mut();
    let mut columns = [0; LANES * (1 + MAX_COLUMNS)];
    columns[..words.len()].copy_from_slice(words);
    for (i, word) in words.iter_mut().enumerate() {
        *word = columns[i % width * LANES + i / width];
    }
}

/// Records that may come before they have to be merged.
pub(super) const fn delta_capacity(capacity: usize) -> usize {
    let part = capacity / 64;
    if part < 4096 { 4096 } else { part }
}
