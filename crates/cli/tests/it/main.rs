//! The `adyton` command as people meet it: what they type, what it says, what it leaves behind.
//!
//! Every test is somebody with a home directory of their own; they share nothing.

mod brokers;
mod denials;
mod demo;
mod endings;
mod files;
mod programs;
mod runs;
mod support;
mod troubles;
mod usage;
mod world;
