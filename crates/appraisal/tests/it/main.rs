//! What the specifications fix, held against their vectors.

#[cfg(test)]
mod vectors;
