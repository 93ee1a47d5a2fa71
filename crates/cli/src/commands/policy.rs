use std::path::{Path, PathBuf};

use adyton_broker::{DocumentError, MAX_DOCUMENT_BYTES, ReleaseDocument};
use adyton_client::read_file;
use adyton_types::ErrorClass;
use serde_json::json;

use crate::{Failure, Out};

const EXAMPLES: &str = "\
Example:
  adyton policy check release.toml
  adyton policy explain release.toml

A release document is TOML:
  version = 1
  secret = \"hospital-a\"
  purpose = \"heart\"                       # the program's name in its manifest
  programs = [\"MEASUREMENT\"]              # adyton measure
  not-before = \"2026-01-01T00:00:00Z\"
  not-after = \"2027-01-01T00:00:00Z\"
  max-releases = 10
  [[platform]]
  kind = \"software\"
  measurements = [\"SHA256\"]               # adyton tee show, on the machine that runs it
  platform-ids = [\"FINGERPRINT\"]
  min-svn = 1
  require = [\"landlock\", \"no-core\", \"seccomp\", \"secret-memory\", \"traced\"]";

/// What can be done with a release document.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Check a release document and print its id
    #[command(after_help = EXAMPLES)]
    Check(Args),
    /// Say in plain words what a release document allows
    #[command(after_help = EXAMPLES)]
    Explain(Args),
}

/// A release document.
#[derive(Debug, clap::Args)]
pub(crate) struct Args {
    /// The release document
    document: PathBuf,
}

impl From<DocumentError> for Failure {
    fn from(error: DocumentError) -> Self {
        Self::new(error.class(), &error)
    }
}

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Check(args) => {
            let id = read(&args.document)?.id().to_string();
            out.result(&format!("well-formed, id {id}"), &json!({ "id": id }))
        }
        Command::Explain(args) => {
            let document = read(&args.document)?;
            let lines = document.explain();
            out.result(
                &lines.join("\n"),
                &json!({ "id": document.id().to_string(), "lines": lines }),
            )
        }
    }
}

/// Reads a release document from a file.
pub(crate) fn read(path: &Path) -> Result<ReleaseDocument, Failure> {
    let bytes = read_file(path, "release document", MAX_DOCUMENT_BYTES as u64)?;
    let text = String::from_utf8(bytes).map_err(|_| {
        Failure::of(
            ErrorClass::Malformed,
            format!("`{}` is not UTF-8 text", path.display()),
        )
    })?;
    text.parse::<ReleaseDocument>()
        .map_err(|error| Failure::from(error).context(format!("`{}`", path.display())))
}
