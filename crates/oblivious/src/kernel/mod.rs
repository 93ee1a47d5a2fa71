//! The vector instructions that everything else is written in.
//!
//! A compiler that sees "load, choose by a mask, store" may make one *masked* load or store of it.
//! Whether such an instruction touches its page then depends on the mask, which is secret. So every
//! load and store of secret-dependent data is an `asm!` block here, which no compiler looks into;
//! what is chosen between are registers.
//!
//! A [`Kernel`] also says how words lie in memory: as they are, or beside numbers that never come
//! again, for memory whose ciphertexts are read.
//!
//! Algorithms are [`Task`]s over any [`Kernel`]. [`KernelSet::run`] compiles each three times, with
//! all of it inlined into one function in the section `oblivious_text`, which is what the scanner of
//! `cargo xtask oblivious` reads.

mod barrier;
#[cfg(not(target_arch = "x86_64"))]
mod compare;
mod fresh;
mod hide;
mod portable;
mod set;
mod stores;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use barrier::{Choice, lead_zeros, less};
pub(crate) use set::prefetch;
pub use set::{KernelKind, KernelSet};
pub(crate) use stores::Stores;
pub(crate) use vector::{Cell, Kernel, LANES, Line, Task, each};
