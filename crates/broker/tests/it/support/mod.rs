mod memory;
mod world;

pub(crate) use memory::{MemoryStore, When};
pub(crate) use world::{Asked, PROGRAM, Shape, World, claims, document, name};
