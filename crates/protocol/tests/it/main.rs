//! Both sides of the release protocol, and receipts, against everything that a host in the middle
//! could do to them.

#[cfg(test)]
mod answer;
#[cfg(test)]
mod binding;
#[cfg(test)]
mod denial;
#[cfg(test)]
mod receipt;
#[cfg(test)]
mod receipt_forgery;
#[cfg(test)]
mod request;
#[cfg(test)]
mod round_trips;
#[cfg(test)]
mod support;
#[cfg(test)]
mod token;
#[cfg(test)]
mod vectors;
