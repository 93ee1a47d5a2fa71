use std::collections::HashMap;
use std::collections::hash_map::{DefaultHasher, Entry};
use std::hash::Hasher;
use std::io;

use crate::step::{Watch, read};

/// Bytes that are encrypted together.
const BLOCK: u64 = 16;
/// Stacks lie above, and all other memory below, where addresses are not random.
const STACK: u64 = 0x7fff_0000_0000;

/// What somebody sees who reads ciphertexts after every instruction, if equal contents of a block
/// have equal ciphertexts: which of its earlier contents a block that was just written has.
#[derive(Debug, Default)]
pub(crate) struct Ciphertexts {
    /// All contents that a block has had.
    seen: HashMap<u64, HashMap<[u8; 16], u64>>,
    /// Blocks that the instruction writes which runs now.
    written: Vec<u64>,
    pub(crate) heap: Pattern,
    pub(crate) stack: Pattern,
}

/// What was seen of a kind of memory.
#[derive(Debug, Default)]
pub(crate) struct Pattern {
    hasher: DefaultHasher,
    /// Blocks written.
    pub(crate) stores: u64,
    /// Blocks that were then what they had been before.
    pub(crate) again: u64,
}

impl Pattern {
    /// Of all that was seen, in order.
    pub(crate) fn hash(&self) -> u64 {
        self.hasher.finish()
    }
}

impl Watch for Ciphertexts {
    fn writes(&mut self, pid: i32, address: u64, len: u64) -> io::Result<()> {
        for block in address / BLOCK..(address + len).div_ceil(BLOCK) {
            let at = block * BLOCK;
            if let Entry::Vacant(unseen) = self.seen.entry(at) {
                unseen.insert(HashMap::from([(read(pid, at)?, 0)]));
            }
            self.written.push(at);
        }
        Ok(())
    }

    fn ran(&mut self, pid: i32) -> io::Result<()> {
        for at in self.written.drain(..) {
            let seen = self.seen.entry(at).or_default();
            let next = seen.len() as u64;
            let number = *seen.entry(read(pid, at)?).or_insert(next);
            let pattern = if at < STACK {
                &mut self.heap
            } else {
                &mut self.stack
            };
            pattern.hasher.write_u64(at);
            pattern.hasher.write_u64(number);
            pattern.stores += 1;
            pattern.again += u64::from(number != next);
        }
        Ok(())
    }
}
