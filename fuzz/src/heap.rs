//! A ceiling on the heap: what a parser allocates has to be justified by the length of its input.

use std::alloc::System;

use cap::Cap;

#[global_allocator]
static HEAP: Cap<System> = Cap::new(System, usize::MAX);

/// What reading and verifying may cost whatever the input's length: certificates, keys, the good
/// Evidence around what is fuzzed, the nesting of a text. It is the most that a verification may.
const BASE: usize = 1024 * 1024;

/// Bytes of heap that one byte of input may cost. The dearest is an array of zeros in JSON or CBOR: a
/// `serde_json::Value` of 32 bytes for `0,`, in a vector that doubles as it grows, and read twice.
const PER_BYTE: usize = 64;

/// While it lives, an allocation that takes the heap further ends the process, which libFuzzer reports.
#[must_use]
pub struct HeapBound(());

/// Bounds the heap from now on by what is allocated now, and what `input` justifies.
///
/// What a target makes once has to be made before.
pub fn bound_heap(input: &[u8]) -> HeapBound {
    set(HEAP.allocated() + BASE + PER_BYTE * input.len());
    HeapBound(())
}

impl Drop for HeapBound {
    fn drop(&mut self) {
        set(usize::MAX);
    }
}

fn set(limit: usize) {
    HEAP.set_limit(limit)
        .expect("a limit above what is allocated");
}
