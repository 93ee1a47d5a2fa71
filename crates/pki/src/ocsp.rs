//! OCSP (RFC 6960): what is asked, what is answered, and by whom.

mod answer;
mod authority;
mod error;
mod path;
mod question;
mod read;
mod response;

pub use error::OcspError;
pub use path::OcspWindow;
pub use question::OcspQuestion;
pub(crate) use response::OCSP_BASIC;
pub use response::{MAX_OCSP_BYTES, OcspResponse};
