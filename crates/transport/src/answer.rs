use std::future::Future;

/// The methods that are served; any other is answered with 405.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Read.
    Get,
    /// Ask for something to be done.
    Post,
}

/// A request, as received: within the limits, and otherwise whatever a stranger sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The method.
    pub method: Method,
    /// The path, without a query.
    pub path: String,
    /// The body; empty for [`Method::Get`].
    pub body: Vec<u8>,
}

/// What a server answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status (RFC 9110 section 15).
    pub status: u16,
    /// Media type; empty where the server named none.
    pub content_type: String,
    /// The body.
    pub body: Vec<u8>,
}

impl Answer {
    /// An answer in deterministic CBOR.
    #[must_use]
    pub fn cbor(status: u16, body: Vec<u8>) -> Self {
        Self {
            status,
            content_type: "application/cbor".to_owned(),
            body,
        }
    }

    /// An answer in plain text.
    #[must_use]
    pub fn text(status: u16, body: impl Into<String>) -> Self {
        Self {
            status,
            content_type: "text/plain; charset=utf-8".to_owned(),
            body: body.into().into_bytes(),
        }
    }
}

/// Answers requests. It runs on the connection's task: what takes longer than a few milliseconds
/// of computing goes to a worker thread.
pub trait Handler: Send + Sync + 'static {
    /// The most bytes of a body that this path takes, if they are fewer than the server's limit.
    fn body_bytes(&self, _method: Method, _path: &str) -> usize {
        usize::MAX
    }

    /// Answers one request.
    fn answer(&self, request: Request) -> impl Future<Output = Answer> + Send;
}
