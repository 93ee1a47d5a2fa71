//! Fetching, against services on this machine that answer as a test says, with Endorsements of
//! vendors that are none.

#[cfg(test)]
mod amd;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod intel;
#[cfg(test)]
mod nvidia;
#[cfg(test)]
mod recorded;
#[cfg(test)]
mod server;
#[cfg(test)]
mod tls;
#[cfg(test)]
mod troubles;
