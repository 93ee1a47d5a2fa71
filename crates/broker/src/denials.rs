use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use adyton_types::UnixTime;

use crate::state::{BrokerState, StateError, StateTable};

/// Length of the window in which denials are counted.
const WINDOW_SECS: u64 = 3600;

/// Denials an hour that are recorded for platforms that an owner accepts: more than any honest
/// operator makes, 100 MB a day at most.
const KNOWN: u64 = 3600;

/// Denials an hour that are recorded for everybody else. Anyone can make a software TEE whose
/// Evidence verifies, so this bounds what a stranger can write to the disk: 2 MB a day.
const STRANGERS: u64 = 60;

/// The denials that no leaf tells of yet, as one transaction sees them.
#[derive(Debug)]
pub(crate) struct Unrecorded {
    all: Arc<AtomicU64>,
    told: AtomicU64,
}

impl Unrecorded {
    pub(crate) fn new(all: &Arc<AtomicU64>) -> Self {
        Self {
            all: Arc::clone(all),
            told: AtomicU64::new(0),
        }
    }

    pub(crate) fn one_more(&self) {
        self.all.fetch_add(1, Ordering::Relaxed);
    }

    /// How many there are, for the leaf that tells of them.
    pub(crate) fn tell(&self) -> u64 {
        let told = self.all.swap(0, Ordering::Relaxed);
        self.told.fetch_add(told, Ordering::Relaxed);
        told
    }

    /// That leaf is not durable: the next has to tell of them. If it is after all, they are told of
    /// twice, which is better than never.
    pub(crate) fn take_back(&self) {
        let told = self.told.swap(0, Ordering::Relaxed);
        self.all.fetch_add(told, Ordering::Relaxed);
    }
}

/// Whether one more denial may be recorded now; if so, it is counted.
pub(crate) fn may_record(
    state: &mut dyn BrokerState,
    known: bool,
    now: UnixTime,
) -> Result<bool, StateError> {
    let (key, limit) = if known {
        (b"denials-known".as_slice(), KNOWN)
    } else {
        (b"denials-strangers".as_slice(), STRANGERS)
    };
    let row = state.read(StateTable::Meta, key)?;
    let (start, count) = row
        .as_ref()
        .map_or(Some((0, 0)), |row| {
            let (start, count) = row.expose().split_first_chunk::<8>()?;
            let count = count.try_into().ok()?;
            Some((u64::from_be_bytes(*start), u64::from_be_bytes(count)))
        })
        .ok_or(StateError::Row {
            table: StateTable::Meta.name(),
        })?;
    let now = now.as_secs();
    // A clock that went back begins a new window too, rather than being silent until it is there.
    let same = start <= now && now - start < WINDOW_SECS;
    let (start, count) = if same { (start, count) } else { (now, 0) };
    if count >= limit {
        return Ok(false);
    }
    let row = [start.to_be_bytes(), (count + 1).to_be_bytes()].concat();
    state.write(StateTable::Meta, key, &row)?;
    Ok(true)
}
