//! The limits of a manifest and a bundle, each with its reason.

/// The most inputs, and the most outputs: each costs the enclave a descriptor and a buffer.
pub const MAX_FILES: usize = 64;
/// The most arguments.
pub const MAX_ARGS: usize = 64;
/// The most environment variables.
pub const MAX_VARIABLES: usize = 64;
/// The most bytes of one argument, and of one variable with its name.
pub const MAX_TEXT_BYTES: usize = 4096;
/// A page of WebAssembly's linear memory: limits come in these.
pub const PAGE_BYTES: u64 = 1 << 16;
/// The most memory: all that a 32-bit WebAssembly memory can have.
pub const MAX_MEMORY_BYTES: u64 = 1 << 32;
/// The longest run: seven days.
pub const MAX_TIME_SECS: u64 = 604_800;
/// The largest output: 1 TiB.
pub const MAX_OUTPUT_BYTES: u64 = 1 << 40;
/// The largest component: compiling takes many times its size.
pub const MAX_COMPONENT_BYTES: u64 = 256 << 20;
/// The longest manifest: every broker and every receipt carries it.
pub const MAX_MANIFEST_BYTES: usize = 65_536;
