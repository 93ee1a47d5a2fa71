//! Guests under the sandbox, from a component to its outcome.

mod cache;
mod endings;
mod files;
mod linking;
mod oblivious_maps;
mod support;
mod surroundings;
