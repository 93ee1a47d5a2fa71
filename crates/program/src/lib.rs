//! What runs: the manifest, the bundle file, the program measurement, and the order in which a run
//! goes (`specs/program-measurement.md`).
//!
//! ```
//! use adyton_program::{Bundle, ManifestSource};
//!
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let source = ManifestSource::parse(
//!     r#"
//!     name = "count"
//!     component = "count.wasm"
//!
//!     [[input]]
//!     name = "patients"
//!     "#,
//! )?;
//! let component = b"\0asm..."; // what the author's file `source.component()` holds
//! let manifest = source.into_manifest(component)?;
//!
//! let file = Bundle::build(&manifest, component)?;
//! let bundle = Bundle::parse(&file)?;
//! assert_eq!(bundle.manifest().measurement(), manifest.measurement());
//! for statement in manifest.describe() {
//!     let _ = format!("{}: {}", statement.topic, statement.text);
//! }
//! # Ok(())
//! # }
//! ```

mod bundle;
mod declaration;
mod describe;
mod encoding;
mod error;
mod lifecycle;
mod limits;
mod manifest;
mod source;

pub use bundle::{Bundle, BundleError, MAX_BUNDLE_BYTES};
pub use describe::{Statement, Topic};
pub use error::{ManifestError, Stream};
pub use lifecycle::{Lifecycle, LifecycleError, Phase};
pub use limits::{
    MAX_ARGS, MAX_COMPONENT_BYTES, MAX_FILES, MAX_MANIFEST_BYTES, MAX_MEMORY_BYTES,
    MAX_OUTPUT_BYTES, MAX_TEXT_BYTES, MAX_TIME_SECS, MAX_VARIABLES, PAGE_BYTES,
};
pub use manifest::{Clock, Input, Limits, Manifest, Network, Output};
pub use source::{ManifestSource, SourceError, SourceProblem};
