//! What the tracer and its victim agree on.

/// Records of the table that the victim looks up in.
pub const JOIN_RECORDS: u64 = 200;
/// Room for them.
pub const JOIN_CAPACITY: usize = 200;
/// Accesses before the one that is traced.
pub const MAP_STEPS: u64 = 20;

/// A number that looks like none in particular; every `n` has its own.
#[must_use]
pub const fn mix(n: u64) -> u64 {
    let x = n
        .wrapping_mul(0x9e37_79b9_7f4a_7c15)
        .wrapping_add(0x1234_5678_9abc_def1);
    let x = (x ^ x >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let x = (x ^ x >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
    x ^ x >> 31
}
