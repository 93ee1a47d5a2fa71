use std::collections::BTreeMap;

use adyton_crypto::os_rng;
use adyton_oblivious::{
    Alone, Batch, BatchClass, Change, KernelSet, Shape, Table, TableBuilder, Workers,
};

/// A table and a plain map that has to agree with it.
pub(crate) struct Model {
    pub(crate) table: Table,
    pub(crate) map: BTreeMap<Vec<u8>, Vec<u8>>,
}

/// A value that the key and a version make.
pub(crate) fn value(key: &[u8], version: u64, len: usize) -> Vec<u8> {
    let sum = key
        .iter()
        .fold(version, |sum, byte| sum.wrapping_mul(31) + u64::from(*byte));
    (0..len)
        .map(|i| sum.wrapping_mul(i as u64 + 7).to_le_bytes()[2])
        .collect()
}

impl Model {
    pub(crate) fn new(shape: Shape, kernels: KernelSet, keys: &[Vec<u8>], capacity: usize) -> Self {
        let mut builder =
            TableBuilder::new(shape, capacity, kernels, &mut os_rng()).expect("memory");
        let mut map = BTreeMap::new();
        for key in keys {
            let value = value(key, 0, shape.value_bytes());
            builder.push(key, &value).expect("room");
            map.insert(key.clone(), value);
        }
        let table = builder
            .finish(&mut os_rng(), &Alone)
            .expect("no duplicates");
        Self { table, map }
    }

    pub(crate) fn apply(&mut self, puts: &[(Vec<u8>, u64)], removes: &[Vec<u8>]) {
        let len = self.table.shape().value_bytes();
        let values: Vec<Vec<u8>> = puts.iter().map(|(key, v)| value(key, *v, len)).collect();
        let mut changes: Vec<Change<'_>> = Vec::new();
        for ((key, _), value) in puts.iter().zip(&values) {
            changes.push(Change::Put { key, value });
            self.map.insert(key.clone(), value.clone());
        }
        for key in removes {
            changes.push(Change::Remove { key });
            self.map.remove(key);
        }
        self.table.apply(&changes).expect("room");
        assert_eq!(self.table.len(), self.map.len());
    }

    /// Asks for the keys, from two clients, and compares every answer.
    pub(crate) fn ask(&self, class: BatchClass, keys: &[Vec<u8>], workers: &dyn Workers) {
        let shape = self.table.shape();
        let plain = Batch::new(shape, class).expect("memory");
        let fresh = Batch::with_fresh_stores(shape, class, &mut os_rng()).expect("memory");
        for batch in [plain, fresh] {
            self.ask_in(batch, keys, workers);
        }
    }

    fn ask_in(&self, mut batch: Batch, keys: &[Vec<u8>], workers: &dyn Workers) {
        let class = batch.class();
        let (one, two) = keys.split_at(keys.len() / 3);
        let spare = class.queries() - keys.len();
        let clients = [(one, one.len() + spare / 2), (two, two.len())].map(|(keys, quota)| {
            let slices = keys.iter().map(Vec::as_slice);
            let client = batch.add_client(&self.table, quota, slices);
            (client.expect("room"), keys)
        });
        let answers = self.table.answer(&mut batch, workers).expect("no overflow");
        for (client, keys) in clients {
            let mut bytes = Vec::new();
            answers.write(client, &mut bytes).expect("a client");
            let answers = answers.of(client).expect("a client");
            let width = 1 + self.table.shape().value_bytes();
            for ((key, answer), bytes) in keys.iter().zip(answers).zip(bytes.chunks(width)) {
                let wanted = self.map.get(key);
                assert_eq!(answer.danger_reveal().to_option().as_ref(), wanted);
                assert_eq!(bytes[0], u8::from(wanted.is_some()));
            }
        }
    }
}
