//! Sealed rows under serialisable transactions, in one file.
//!
//! Whoever holds the disk is the adversary. Every value is sealed under a key of its table, with
//! table and key as associated data, so that values cannot be read, altered or exchanged; a keyed
//! digest over all rows is sealed with them, so that an old row put back into a newer file is
//! noticed when the file is opened. What no file can show by itself is that the *whole* of it is an
//! old copy: [`Store::generation`] grows with every commit, for comparison with a witness elsewhere.
//!
//! Keys of [`Table::hidden`] tables are stored as a keyed digest, so that the disk does not show
//! the names of secrets; keys of [`Table::ordered`] tables are plain numbers of rows and show only
//! how many there are.
//!
//! [`Store::transact`] returns when the transaction is durable. Callers that come while a commit is
//! under way share the next one, and its one `fdatasync(2)`.

mod committer;
mod database;
mod error;
mod head;
mod keys;
mod store;
mod table;
mod tx;

pub use error::StoreError;
pub use store::Store;
pub use table::{MAX_KEY_BYTES, MAX_VALUE_BYTES, Table};
pub use tx::Tx;

#[cfg(test)]
mod tests;
