//! The vector instructions that everything else is written in.
//!
//! A compiler that sees "load, choose by a mask, store" may make one *masked* load or store of it.
//! Whether such an instruction touches its page then depends on the mask, which is secret. So every
//! load and store of secret-dependent data is an `asm!` block here, which no compiler looks into;
//! what is chosen between are registers.
//!
//! Algorithms are [`Task`]s over any [`Kernel`]. [`KernelSet::run`] compiles each three times, with
//! all of it inlined into one function in the section `oblivious_text`, which is what the scanner of
//! `cargo xtask oblivious` reads.

mod barrier;
#[cfg(not(target_arch = "x86_64"))]
mod compare;
mod hide;
mod portable;
mod set;
mod vector;
#[cfg(target_arch = "x86_64")]
mod x86;

pub(crate) use barrier::{Choice, lead_zeros, less};
pub(crate) use set::prefetch;
pub use set::{KernelKind, KernelSet};
pub(crate) use vector::{Kernel, LANES, Line, Task, each};
