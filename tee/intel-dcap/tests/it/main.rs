//! Quotes and Endorsements, real ones where the vectors are at hand, and forged ones of every kind.

mod eventlog;
mod flips;
mod forged;
mod limits;
mod messages;
mod vectors;
mod verdicts;
