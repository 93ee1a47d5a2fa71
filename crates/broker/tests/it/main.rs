//! The broker's engine over a store in memory.

mod admin;
mod denials;
mod documents;
mod events;
mod garbage;
#[cfg(test)]
mod hardware;
mod recorded;
mod release;
mod replay;
mod rules;
mod support;
mod vendors;
