use adyton_crypto::CryptoRng;
use adyton_oblivious::{Alone, Change, KernelSet, Table, TableBuilder};

use crate::binding::SESSION_BYTES;
use crate::error::LookupError;
use crate::message::{Done, row_bytes};
use crate::terms::Terms;

/// The table that serves, and the one that is being loaded.
pub(crate) struct Tables {
    terms: Terms,
    /// Tables that there is memory for.
    room: usize,
    serving: Option<Table>,
    loading: Option<Loading>,
    epoch: u64,
}

struct Loading {
    session: [u8; SESSION_BYTES],
    announced: u64,
    found: u64,
    builder: TableBuilder,
}

impl Tables {
    pub(crate) const fn new(terms: Terms, room: usize) -> Self {
        Self {
            terms,
            room,
            serving: None,
            loading: None,
            epoch: 0,
        }
    }

    pub(crate) fn serving(&self) -> Result<&Table, LookupError> {
        self.serving.as_ref().ok_or(LookupError::NoTable)
    }

    pub(crate) const fn epoch(&self) -> u64 {
        self.epoch
    }

    pub(crate) fn records(&self) -> u64 {
        self.serving.as_ref().map_or(0, |table| table.len() as u64)
    }

    /// Begins a load; one that was not ended is forgotten. The table that serves goes on serving.
    pub(crate) fn begin(
        &mut self,
        session: [u8; SESSION_BYTES],
        announced: u64,
        rng: &mut impl CryptoRng,
    ) -> Result<Done, LookupError> {
        self.loading = None;
        // Without room the allocator might find it all the same, and then have none for a query.
        if usize::from(self.serving.is_some()) >= self.room {
            return Err(LookupError::NoRoom);
        }
        let (shape, capacity) = (self.terms.shape(), self.terms.capacity);
        if announced > capacity as u64 {
            return Err(adyton_oblivious::ObliviousError::Full { capacity }.into());
        }
        let builder = TableBuilder::new(shape, capacity, KernelSet::best(), rng)?;
        self.loading = Some(Loading {
            session,
            announced,
            found: 0,
            builder,
        });
        Ok(self.done(0))
    }

    /// Takes rows in. What is wrong with one ends the load.
    pub(crate) fn rows(
        &mut self,
        session: &[u8; SESSION_BYTES],
        rows: &[u8],
    ) -> Result<Done, LookupError> {
        let mut loading = self.loading_of(session)?;
        let (row, key) = (row_bytes(&self.terms), self.terms.keys.key_bytes());
        for row in rows.chunks_exact(row) {
            let (key, value) = row.split_at(key);
            loading.builder.push(key, value)?;
            loading.found += 1;
        }
        let found = loading.found;
        self.loading = Some(loading);
        Ok(self.done(found))
    }

    /// Ends a load: from now on this table serves.
    pub(crate) fn end(
        &mut self,
        session: &[u8; SESSION_BYTES],
        rng: &mut impl CryptoRng,
    ) -> Result<Done, LookupError> {
        let loading = self.loading_of(session)?;
        let (announced, found) = (loading.announced, loading.found);
        if announced != found {
            return Err(LookupError::Truncated { announced, found });
        }
        self.serving = Some(loading.builder.finish(rng, &Alone)?);
        self.epoch += 1;
        Ok(Done {
            inserted: found,
            ..self.done(found)
        })
    }

    /// Makes changes, all or none, between two batches.
    pub(crate) fn change(&mut self, changes: &[u8]) -> Result<Done, LookupError> {
        let (row, key) = (row_bytes(&self.terms), self.terms.keys.key_bytes());
        let steps = changes.chunks_exact(1 + row).map(|change| {
            let (what, row) = change.split_at(1);
            let (key, value) = row.split_at(key);
            match what {
                [0] => Ok(Change::Remove { key }),
                [1] => Ok(Change::Put { key, value }),
                _ => Err(LookupError::Message),
            }
        });
        let steps: Vec<Change<'_>> = steps.collect::<Result<_, _>>()?;
        let table = self.serving.as_mut().ok_or(LookupError::NoTable)?;
        let applied = table.apply(&steps)?;
        let records = table.len() as u64;
        self.epoch += 1;
        Ok(Done {
            inserted: applied.inserted as u64,
            changed: applied.changed as u64,
            removed: applied.removed as u64,
            ..self.done(records)
        })
    }

    fn loading_of(&mut self, session: &[u8; SESSION_BYTES]) -> Result<Loading, LookupError> {
        let own = self.loading.take_if(|loading| loading.session == *session);
        own.ok_or(LookupError::NoLoad)
    }

    fn done(&self, records: u64) -> Done {
        Done {
            epoch: self.epoch,
            records,
            ..Done::default()
        }
    }
}
