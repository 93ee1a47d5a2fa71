//! What the specifications fix, held against their vectors; and what owners write, held against
//! forged Evidence.

#[cfg(test)]
mod azure;
#[cfg(test)]
mod owner;
#[cfg(test)]
mod policies;
#[cfg(test)]
mod snp;
#[cfg(test)]
mod tpm;
#[cfg(test)]
mod vectors;
