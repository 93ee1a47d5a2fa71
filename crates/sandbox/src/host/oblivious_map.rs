use adyton_oblivious::{KernelSet, KeyKind, ObliviousError, OramMap, Secret, Shape};
use wasmtime::Result;
use wasmtime::component::Resource;

use super::bindings::adyton::enclave::oblivious_map::{
    Answer, Host as Api, HostMap, KeySize, MapError,
};
use super::resources::ObliviousMap;
use super::state::Host;

/// What a call gives: the inner error is the guest's to handle, the outer one ends the run.
type Answered = Result<Result<Answer, MapError>>;

/// More records than any map holds, and few enough to calculate with.
const BEYOND: usize = 1 << 48;

impl Host {
    fn access(
        &mut self,
        map: &Resource<ObliviousMap>,
        access: impl FnOnce(&mut OramMap) -> Result<Secret<adyton_oblivious::Answer>, ObliviousError>,
    ) -> Answered {
        let map = self.table.get_mut(map)?;
        let mut bytes = Vec::with_capacity(1 + adyton_oblivious::MAX_VALUE_BYTES);
        match access(&mut map.map) {
            // Bytes of the same number in either case: nothing here branches on the answer.
            Ok(answer) => answer.danger_reveal().write(&mut bytes),
            Err(error) => return Ok(Err(for_guest(error))),
        }
        let value = bytes.split_off(1);
        let found = bytes.first().copied().unwrap_or_default();
        Ok(Ok(Answer { found, value }))
    }

    fn make_map(
        &mut self,
        capacity: u64,
        keys: KeySize,
        value_size: u8,
    ) -> Result<ObliviousMap, MapError> {
        let keys = match keys {
            KeySize::Exactly(bytes) => KeyKind::Fixed(bytes),
            KeySize::Any => KeyKind::Any,
        };
        let shape = Shape::new(keys, value_size.into()).map_err(for_guest)?;
        let capacity = usize::try_from(capacity).map_or(BEYOND, |capacity| capacity.min(BEYOND));
        let bytes =
            OramMap::memory_bytes(capacity).map_err(|_| MapError::Capacity(most_records()))?;
        if !self.memory.take(bytes) {
            return Err(MapError::Memory(bytes as u64));
        }
        match OramMap::new(shape, capacity, KernelSet::best(), &mut self.rng) {
            Ok(map) => Ok(ObliviousMap { map, bytes }),
            Err(error) => {
                self.memory.give_back(bytes);
                Err(for_guest(error))
            }
        }
    }
}

impl Api for Host {}

impl HostMap for Host {
    fn create(
        &mut self,
        capacity: u64,
        keys: KeySize,
        value_size: u8,
    ) -> Result<Result<Resource<ObliviousMap>, MapError>> {
        match self.make_map(capacity, keys, value_size) {
            Ok(map) => Ok(Ok(self.table.push(map)?)),
            Err(error) => Ok(Err(error)),
        }
    }

    fn get(&mut self, map: Resource<ObliviousMap>, key: Vec<u8>) -> Answered {
        self.access(&map, |map| map.get(&key))
    }

    fn put(&mut self, map: Resource<ObliviousMap>, key: Vec<u8>, value: Vec<u8>) -> Answered {
        self.access(&map, |map| map.put(&key, &value))
    }

    fn remove(&mut self, map: Resource<ObliviousMap>, key: Vec<u8>) -> Answered {
        self.access(&map, |map| map.remove(&key))
    }

    fn access(
        &mut self,
        map: Resource<ObliviousMap>,
        key: Vec<u8>,
        value: Vec<u8>,
        puts: u8,
        removes: u8,
    ) -> Answered {
        let (puts, removes) = (Secret::new(puts != 0), Secret::new(removes != 0));
        Self::access(self, &map, |map| map.access(&key, &value, &puts, &removes))
    }

    fn drop(&mut self, map: Resource<ObliviousMap>) -> Result<()> {
        let map = self.table.delete(map)?;
        self.memory.give_back(map.bytes);
        Ok(())
    }
}

/// The most records of a map, as the map itself says it.
fn most_records() -> u64 {
    match OramMap::memory_bytes(BEYOND) {
        Err(ObliviousError::Full { capacity }) => capacity as u64,
        _ => u64::MAX,
    }
}

/// As the interface has it. None of these depends on what was looked up, but for the two that say
/// how unlikely they are.
fn for_guest(error: ObliviousError) -> MapError {
    let byte = |bytes: usize| u8::try_from(bytes).unwrap_or(u8::MAX);
    match error {
        ObliviousError::KeyLength { wanted, .. } => MapError::KeyLength(byte(wanted)),
        ObliviousError::KeyTooLong { limit, .. } => MapError::KeyLength(byte(limit)),
        ObliviousError::ValueLength { wanted, .. } => MapError::ValueLength(byte(wanted)),
        ObliviousError::Full { capacity } => MapError::Full(capacity as u64),
        ObliviousError::OutOfMemory { bytes } => MapError::Memory(bytes as u64),
        ObliviousError::Collision => MapError::Collision,
        ObliviousError::Stash => MapError::Lost,
        _ => MapError::Shape,
    }
}
