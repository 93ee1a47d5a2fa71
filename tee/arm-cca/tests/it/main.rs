//! Verification of CCA tokens: forged ones, each with one deviation, and recorded ones.

#[cfg(test)]
mod details;
#[cfg(test)]
mod forged;
#[cfg(test)]
mod keys;
#[cfg(test)]
mod vectors;
