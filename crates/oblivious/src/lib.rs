//! Look-ups whose memory trace does not depend on what is looked up.
//!
//! Whoever runs the machine sees which addresses a program touches, which instructions it runs and
//! how long it takes, even where it cannot read the memory. Here none of that depends on the keys
//! that are asked for, nor on whether they are found.
//!
//! - A [`Table`] is looked up in by the [`Batch`]: all queries of several clients in one pass.
//!   Records are public, queries are not.
//! - An [`OramMap`] is looked up in and changed one key at a time; records are secret as well.
//! - [`Engine::for_batch`] says which of both is faster, by public numbers only.
//!
//! What leaks all the same is said with each type; `docs/oblivious.md` explains how it works, how
//! it is checked (`cargo xtask oblivious`) and what is not covered.
//!
//! ```
//! use adyton_crypto::os_rng;
//! use adyton_oblivious::{
//!     Alone, Batch, BatchClass, KernelSet, KeyKind, Shape, TableBuilder,
//! };
//!
//! let shape = Shape::new(KeyKind::Fixed(8), 2)?;
//! let mut builder = TableBuilder::new(shape, 1000, KernelSet::best(), &mut os_rng())?;
//! builder.push(&491_511_234_567_u64.to_le_bytes(), b"hi")?;
//! let table = builder.finish(&mut os_rng(), &Alone)?;
//!
//! let mut batch = Batch::new(shape, BatchClass::MIN)?;
//! let (known, unknown) = (491_511_234_567_u64.to_le_bytes(), 1_u64.to_le_bytes());
//! let client = batch.add_client(&table, 10, [known.as_slice(), &unknown])?;
//! let answers = table.answer(&mut batch, &Alone)?;
//! let mut bytes = Vec::new();
//! answers.write(client, &mut bytes)?;
//! assert_eq!(bytes[..6], [1, b'h', b'i', 0, 0, 0]);
//! # Ok::<(), adyton_oblivious::ObliviousError>(())
//! ```

mod error;
mod join;
mod kernel;
#[doc(hidden)]
pub mod measure;
mod memory;
mod oram;
mod reveal;
mod route;
mod rule;
mod secret;
mod shape;
mod sort;
mod table;
mod tags;
mod workers;

pub use error::ObliviousError;
pub use join::{Answers, Batch, BatchClass, Client};
pub use kernel::{KernelKind, KernelSet};
pub use oram::OramMap;
pub use rule::Engine;
pub use secret::{Answer, Secret};
pub use shape::{KeyKind, MAX_KEY_BYTES, MAX_VALUE_BYTES, Shape};
pub use table::{Applied, Change, Table, TableBuilder};
pub use workers::{Alone, Threads, Workers};
