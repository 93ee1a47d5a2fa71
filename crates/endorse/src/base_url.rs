use std::fmt;
use std::str::FromStr;

use ureq::http::Uri;

use crate::FetchError;

/// Where a service is: scheme, host, and what its paths begin with. There is no slash at its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseUrl(String);

/// What some services' own configuration files write behind the host; it is part of every path here.
const PCS_PATHS: [&str; 2] = ["/sgx/certification/v4", "/tdx/certification/v4"];

impl BaseUrl {
    /// The address as text.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// One that is written down in this crate.
    pub(crate) fn known(url: &str) -> Self {
        Self(url.to_owned())
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for BaseUrl {
    type Err = FetchError;

    /// Reads `https://HOST[:PORT][/PATH]`, or the same with `http`: what comes from there proves itself.
    fn from_str(text: &str) -> Result<Self, FetchError> {
        let wrong = |why| FetchError::Url {
            url: text.to_owned(),
            why,
        };
        let uri: Uri = text.parse().map_err(|_| wrong("it is no URL"))?;
        if !matches!(uri.scheme_str(), Some("https" | "http")) {
            return Err(wrong("it begins with neither https:// nor http://"));
        }
        let authority = uri.authority().ok_or_else(|| wrong("it names no host"))?;
        if authority.as_str().contains('@') {
            return Err(wrong(
                "it holds a user's name, which would be sent to nobody",
            ));
        }
        if uri.query().is_some() || text.contains('#') {
            return Err(wrong(
                "it has a query or a fragment, and is to be put before paths",
            ));
        }
        let mut bare = text.trim_end_matches('/');
        for path in PCS_PATHS {
            bare = bare.strip_suffix(path).unwrap_or(bare);
        }
        Ok(Self(bare.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn services_are_named_as_their_own_tools_name_them() {
        for (text, base) in [
            ("https://kdsintf.amd.com", "https://kdsintf.amd.com"),
            (
                "http://127.0.0.1:8080/mirror/",
                "http://127.0.0.1:8080/mirror",
            ),
            (
                "https://localhost:8081/sgx/certification/v4/",
                "https://localhost:8081",
            ),
        ] {
            assert_eq!(text.parse::<BaseUrl>().unwrap().as_str(), base);
        }
        for text in [
            "",
            "localhost:8081",
            "ftp://a",
            "https://",
            "https://user@host",
            "https://host/?a=b",
            "https://host/#a",
            "/etc/passwd",
        ] {
            assert!(text.parse::<BaseUrl>().is_err(), "{text}");
        }
    }
}
