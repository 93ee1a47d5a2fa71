use std::path::PathBuf;

use thiserror::Error;

const USAGE: &str = "\
cargo xtask <command>

  layers [--trusted CRATE]  arrows between crates, unsafe and I/O where they may be;
                            with --trusted: what has to be trusted when CRATE is
  tidy                      file sizes, import circles, documents that cite what is not there
  deps                      licences, banned crates, sources (deny.toml); unused dependencies
  commands                  the `adyton` commands in documents exist, flags included
  corpus [DIR]              recorded Evidence of every kind has its listed verdict; without DIR:
                            that of ADYTON_VECTORS
  guests                    the built guests of demo/ are what their sources make
  fuzz <target> [--secs N]  one fuzz target; `all` for each in turn
  oblivious [--brief]       scans, traces and poisons the oblivious code of a release build;
                            with --brief: a minute of it
  oblivious --scan FILE     scans the oblivious code in another program
  bench <what>              a benchmark; without a name, the list
  ci [--fast] [--skip A,B]  everything that has to hold before a merge";

/// Why a check could not be made at all; what a check finds is no error.
#[derive(Debug, Error)]
pub(crate) enum XtaskError {
    #[error("{USAGE}")]
    Usage,
    #[error("cannot read `{path}`: {source}")]
    Read {
        path: PathBuf,
        source: std::io::Error,
    },
    #[error("cannot start `{command}`: {source}")]
    Start {
        command: String,
        source: std::io::Error,
    },
    #[error("`{command}` failed: {stderr}")]
    Failed { command: String, stderr: String },
    #[error("cannot understand {what}: {why}")]
    Parse { what: String, why: String },
    #[error("there is no {what} named `{name}`; there are: {known}")]
    Unknown {
        what: &'static str,
        name: String,
        known: String,
    },
}
