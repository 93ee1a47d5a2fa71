//! TLS and the admin channel over real sockets: loopback, port 0, temp directories.

#[cfg(test)]
mod admin;
#[cfg(test)]
mod handshake;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod https;
#[cfg(test)]
mod support;
#[cfg(test)]
mod trust;
