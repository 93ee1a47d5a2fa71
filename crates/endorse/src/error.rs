use std::io;
use std::path::{Path, PathBuf};

use adyton_types::ErrorClass;
use adyton_verifier::material::VetError;
use thiserror::Error;

/// Why an Endorsement was not fetched or not kept.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum FetchError {
    /// The address of a service is none.
    #[error(
        "`{url}` is no address of a service: {why}; write https://HOST, with a port or a path if need be"
    )]
    Url {
        /// As given.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// This machine has no list of authorities that HTTPS ends at.
    #[error(
        "this machine has no certificates to verify HTTPS with; install its `ca-certificates`, or name a file of them"
    )]
    NoTlsRoots,
    /// A file of authorities cannot be used.
    #[error("`{}` holds no certificate in PEM that HTTPS could be verified with", path.display())]
    TlsRoots {
        /// The file.
        path: PathBuf,
    },
    /// Nobody answered, or the answer broke off, in all tries.
    #[error(
        "no answer from {url} in {tries} tries; look at the network, or fetch on a machine that has one and bring the directory here"
    )]
    Unreachable {
        /// Where it should be.
        url: String,
        /// How often it was tried.
        tries: u32,
        /// What went wrong the last time.
        #[source]
        source: Box<ureq::Error>,
    },
    /// The service knows nothing of it.
    #[error(
        "{url} has none (HTTP 404): the service does not know this platform, or not at this TCB"
    )]
    NotThere {
        /// Where it should be.
        url: String,
    },
    /// The service wants to be left alone for longer than is waited here.
    #[error("{url} is asked too often and wants {secs} seconds of peace; try again then")]
    Busy {
        /// What was asked for.
        url: String,
        /// For how long.
        secs: u64,
    },
    /// All that the Evidence needs has taken too long together.
    #[error(
        "{url} was left out: fetching may take {secs} seconds in all; try again, what was fetched is kept"
    )]
    Late {
        /// What was not asked for, or not again.
        url: String,
        /// How long all of it may take.
        secs: u64,
    },
    /// The Evidence needs, or the services make necessary, too many requests.
    #[error(
        "{url} was left out: {most} requests were made for this Evidence; try again, what was fetched is kept"
    )]
    Requests {
        /// What was not asked for, or not again.
        url: String,
        /// How many requests are made.
        most: u32,
    },
    /// The service answered with an error.
    #[error("{url} answers HTTP {status}, after {tries} tries; try again later")]
    Status {
        /// What was asked for.
        url: String,
        /// The status.
        status: u16,
        /// How often it was tried.
        tries: u32,
    },
    /// The answer is larger than any of its kind.
    #[error("what {url} answers is longer than {limit} bytes, so it is no such Endorsement")]
    TooLong {
        /// What was asked for.
        url: String,
        /// The limit.
        limit: u64,
    },
    /// The service sends one from place to place, or away from HTTPS.
    #[error("{url} redirects too often, or away from HTTPS; name the service itself")]
    Redirects {
        /// What was asked for.
        url: String,
    },
    /// The answer is not the genuine Endorsement that was asked for. What is kept stays as it is.
    #[error("the answer of {url} was refused: {why}")]
    Refused {
        /// What was asked for.
        url: String,
        /// Why.
        why: Box<VetError>,
    },
    /// A file of the directory cannot be read or written.
    #[error("cannot {doing} `{}`: {source}", path.display())]
    File {
        /// What was being done, as a verb.
        doing: &'static str,
        /// The file.
        path: PathBuf,
        /// The error.
        source: io::Error,
    },
}

impl FetchError {
    pub(crate) fn file(doing: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File {
            doing,
            path,
            source,
        }
    }

    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::Url { .. } | Self::NoTlsRoots | Self::TlsRoots { .. } => ErrorClass::Misuse,
            Self::Unreachable { .. }
            | Self::NotThere { .. }
            | Self::Busy { .. }
            | Self::Late { .. }
            | Self::Requests { .. }
            | Self::Status { .. } => ErrorClass::Unavailable,
            Self::TooLong { .. } | Self::Redirects { .. } => ErrorClass::Malformed,
            Self::Refused { why, .. } => why.class(),
            Self::File { source, .. } => match source.kind() {
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
                    ErrorClass::Unavailable
                }
                _ => ErrorClass::Misuse,
            },
        }
    }
}
