//! OCSP (RFC 6960): what is asked, what is answered, and by whom.

mod answer;
mod authority;
mod error;
mod path;
mod question;
mod read;
pub(crate) mod response;

pub use error::OcspError;
pub use path::OcspWindow;
pub use question::OcspQuestion;
pub use response::{MAX_OCSP_BYTES, OcspResponse};
