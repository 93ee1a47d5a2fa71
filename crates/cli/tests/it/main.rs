//! The `adyton` command as people meet it: what they type, what it says, what it leaves behind.
//!
//! Every test is somebody with a home directory of their own; they share nothing.

#[cfg(test)]
mod bad_evidence;
#[cfg(test)]
mod brokers;
#[cfg(test)]
mod demo;
#[cfg(test)]
mod denials;
#[cfg(test)]
mod endings;
#[cfg(test)]
mod evidence;
#[cfg(test)]
mod fetching;
#[cfg(test)]
mod files;
#[cfg(test)]
mod lookups;
#[cfg(test)]
mod machines;
#[cfg(test)]
mod programs;
#[cfg(test)]
mod results;
#[cfg(test)]
mod runs;
#[cfg(test)]
mod service;
#[cfg(test)]
mod support;
#[cfg(test)]
mod templates;
#[cfg(test)]
mod troubles;
#[cfg(test)]
mod trusted;
#[cfg(test)]
mod usage;
#[cfg(test)]
mod world;
