use std::fmt;
use std::str::FromStr;

use adyton_types::{ErrorClass, Fingerprint};
use thiserror::Error;

/// The longest host name (RFC 1035 section 2.3.4).
const MAX_HOST_BYTES: usize = 253;

/// Where a broker is, and which one it must be: `host:port#<id>`.
///
/// The id is part of the address, so that there is no way to name a broker without pinning it. The
/// host may be a name, an IPv4 address, or an IPv6 address in brackets; `https://` before it is
/// tolerated, since people paste it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct BrokerAddress {
    host: String,
    port: u16,
    id: Fingerprint,
}

impl BrokerAddress {
    /// From a socket address and the broker's id.
    #[must_use]
    pub fn new(at: std::net::SocketAddr, id: Fingerprint) -> Self {
        let host = match at.ip() {
            std::net::IpAddr::V4(ip) => ip.to_string(),
            std::net::IpAddr::V6(ip) => format!("[{ip}]"),
        };
        Self {
            host,
            port: at.port(),
            id,
        }
    }

    /// The broker's id: the digest of its card.
    #[must_use]
    pub const fn id(&self) -> &Fingerprint {
        &self.id
    }

    /// Host and port, as in a URL.
    #[must_use]
    pub fn authority(&self) -> String {
        format!("{}:{}", self.host, self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// The host without brackets, as a resolver takes it.
    pub(crate) fn host(&self) -> &str {
        self.host.trim_start_matches('[').trim_end_matches(']')
    }
}

impl fmt::Display for BrokerAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}#{}", self.host, self.port, self.id)
    }
}

/// Why a text is no broker's address.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum AddressError {
    /// There is no `#` and so no id.
    #[error(
        "`{text}` does not say which broker it must be: write host:port#<id>, as `adyton broker status` shows it"
    )]
    NoId {
        /// The text.
        text: String,
    },
    /// What follows `#` is no id.
    #[error("`{id}` is no broker id: it is 64 lower-case hexadecimal digits")]
    Id {
        /// The text after `#`.
        id: String,
    },
    /// The port is missing, zero or no number.
    #[error("`{text}` has no port between 1 and 65535: write host:port#<id>")]
    Port {
        /// The text before `#`.
        text: String,
    },
    /// The host is no name and no IP address.
    #[error("`{host}` is no host name and no IP address (IPv6 goes in brackets)")]
    Host {
        /// The host's text.
        host: String,
    },
}

impl AddressError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

fn host_is_good(host: &str) -> bool {
    if let Some(v6) = host.strip_prefix('[').and_then(|h| h.strip_suffix(']')) {
        return v6.parse::<std::net::Ipv6Addr>().is_ok();
    }
    let good = |c: u8| c.is_ascii_alphanumeric() || matches!(c, b'-' | b'.' | b'_');
    !host.is_empty()
        && host.len() <= MAX_HOST_BYTES
        && host.bytes().all(good)
        && !host.starts_with(['-', '.'])
}

impl FromStr for BrokerAddress {
    type Err = AddressError;

    fn from_str(text: &str) -> Result<Self, AddressError> {
        let Some((place, id)) = text.split_once('#') else {
            return Err(AddressError::NoId {
                text: text.to_owned(),
            });
        };
        let id = id
            .parse()
            .map_err(|_| AddressError::Id { id: id.to_owned() })?;
        let place = place.strip_prefix("https://").unwrap_or(place);
        let place = place.strip_suffix('/').unwrap_or(place);
        let no_port = || AddressError::Port {
            text: place.to_owned(),
        };
        let (host, port) = place.rsplit_once(':').ok_or_else(no_port)?;
        let digits = !port.is_empty() && port.bytes().all(|c| c.is_ascii_digit());
        let port = port.parse().ok().filter(|port| digits && *port != 0);
        let port = port.ok_or_else(no_port)?;
        if !host_is_good(host) {
            return Err(AddressError::Host {
                host: host.to_owned(),
            });
        }
        Ok(Self {
            host: host.to_ascii_lowercase(),
            port,
            id,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_names_host_port_and_broker() {
        let id = "ab".repeat(32);
        for (text, shown) in [
            (format!("h:1#{id}"), format!("h:1#{id}")),
            (
                format!("https://Broker.Example:443/#{id}"),
                format!("broker.example:443#{id}"),
            ),
            (
                format!("127.0.0.1:65535#{id}"),
                format!("127.0.0.1:65535#{id}"),
            ),
            (format!("[::1]:8#{id}"), format!("[::1]:8#{id}")),
        ] {
            let address: BrokerAddress = text.parse().unwrap();
            assert_eq!(address.to_string(), shown);
            assert_eq!(shown.parse::<BrokerAddress>().unwrap(), address);
        }
        let v6 = BrokerAddress::new("[::1]:8".parse().unwrap(), Fingerprint::new([0xab; 32]));
        assert_eq!(v6.host(), "::1");
        assert_eq!(v6.authority(), "[::1]:8");
    }

    #[test]
    fn each_wrong_part_is_named() {
        let id = "ab".repeat(32);
        let fault = |text: &str| text.parse::<BrokerAddress>().unwrap_err();
        assert!(matches!(fault("h:1"), AddressError::NoId { .. }));
        for wrong in ["", "ab", &id.to_uppercase(), &format!("{id}#")] {
            assert!(matches!(
                fault(&format!("h:1#{wrong}")),
                AddressError::Id { .. }
            ));
        }
        for wrong in ["h", "h:", "h:0", "h:+1", "h:65536", "h:1a"] {
            assert!(
                matches!(fault(&format!("{wrong}#{id}")), AddressError::Port { .. }),
                "{wrong}"
            );
        }
        for wrong in [
            ":1",
            "::1:1",
            "a b:1",
            "http://h:1",
            "h/x:1",
            "-h:1",
            "[x]:1",
            "u@h:1",
        ] {
            assert!(
                matches!(fault(&format!("{wrong}#{id}")), AddressError::Host { .. }),
                "{wrong}"
            );
        }
    }
}
