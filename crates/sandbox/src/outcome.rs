use std::fmt;
use std::io;

use adyton_types::Name;

use crate::guest::Output;

/// How a run ended, and what it leaves.
#[derive(Debug)]
pub struct Outcome {
    /// How it ended.
    pub ending: Ending,
    /// Whether the program asked for more memory than its limit and was refused. It may have
    /// lived with that.
    pub memory_limit_hit: bool,
    /// What was given as outputs, in the same order.
    pub outputs: Vec<FinishedOutput>,
}

impl Outcome {
    /// Whether the program ended with exit code 0 and no output was cut off by its limit. Only
    /// then are the outputs what the program meant to say.
    #[must_use]
    pub fn succeeded(&self) -> bool {
        matches!(self.ending, Ending::Exited { code: 0 })
            && self.outputs.iter().all(|output| !output.limit_hit)
    }
}

/// How a run ended.
#[derive(Debug)]
#[non_exhaustive]
pub enum Ending {
    /// The program ended itself.
    Exited {
        /// Its exit code.
        code: u8,
    },
    /// The program did what WebAssembly forbids, or could not begin.
    Trapped {
        /// What it was, and where. It may tell about the data: only a debug run may show it.
        text: String,
    },
    /// An input could not be read (it is not authentic, or the host took it away) or an output
    /// not be written.
    FileFailed(FileFailure),
}

/// A file that failed under the guest.
#[derive(Debug, thiserror::Error)]
#[error("`{path}` failed")]
pub struct FileFailure {
    /// Its path in the guest.
    pub path: String,
    /// What its reader or writer said.
    #[source]
    pub source: io::Error,
}

/// An output after the run.
pub struct FinishedOutput {
    /// Its name.
    pub name: Name,
    /// Whether the program ever made the file (its standard streams' files exist always).
    pub created: bool,
    /// How many bytes the program wrote to it.
    pub written: u64,
    /// Whether the program tried to write more than the limit.
    pub limit_hit: bool,
    /// What was given; it has taken exactly `written` bytes, unless it failed.
    pub sink: Box<dyn Output>,
}

impl fmt::Debug for FinishedOutput {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FinishedOutput")
            .field("name", &self.name)
            .field("created", &self.created)
            .field("written", &self.written)
            .field("limit_hit", &self.limit_hit)
            .finish_non_exhaustive()
    }
}
