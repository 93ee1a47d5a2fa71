//! Certificates, paths and revocation lists, right ones and wrong ones of every kind.

mod certificate;
mod crl;
mod key;
mod ocsp;
mod path;
mod pkits;
