//! A whole broker over real sockets: loopback, port 0, temp directories.

#[cfg(test)]
mod attacks;
#[cfg(test)]
mod control;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod enclave;
#[cfg(test)]
mod endorsements;
#[cfg(test)]
mod full_disk;
#[cfg(test)]
mod lifecycle;
#[cfg(test)]
mod release;
#[cfg(test)]
mod world;
