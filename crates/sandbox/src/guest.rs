use std::any::Any;
use std::fmt;
use std::io::{Read, Seek, Write};
use std::time::Duration;

use adyton_crypto::CryptoRng;
use adyton_types::Name;

/// Where an input's bytes come from. Reading gives authentic plaintext or an error: any error,
/// and an end before [`InputFile::size`], ends the run.
pub trait Input: Read + Seek {}

impl<T: Read + Seek> Input for T {}

/// Where an output's bytes go. An error ends the run. [`crate::Outcome`] hands it back; as it is
/// `Any`, `Box<dyn Any>` gives its own type again.
pub trait Output: Write + Any {}

impl<T: Write + Any> Output for T {}

/// A file of the guest's directory `/in`, which it can read at any position.
pub struct InputFile {
    /// Its name.
    pub name: Name,
    /// Its size in bytes.
    pub size: u64,
    /// Its content.
    pub data: Box<dyn Input>,
}

/// A file of the guest's directory `/out`, which it can write once, from its beginning to its end.
pub struct OutputFile {
    /// Its name.
    pub name: Name,
    /// The most bytes it may get.
    pub max_bytes: u64,
    /// Where they go.
    pub sink: Box<dyn Output>,
}

/// What time it is for the guest.
pub enum Clock {
    /// Time stands still: the wall clock at 0, the monotonic clock at 1 (some runtimes take 0 for
    /// a failure), and whoever sleeps wakes at once.
    None,
    /// The host's time, which is the adversary's.
    Host(Box<dyn HostClock>),
}

/// The host's clocks.
pub trait HostClock {
    /// Time since 1970-01-01T00:00:00Z.
    fn wall(&self) -> Duration;
    /// Nanoseconds since some moment before the run; never less than before.
    fn monotonic(&self) -> u64;
    /// Returns after that time.
    fn sleep(&self, time: Duration);
}

/// Everything that one run gets: there is nothing else that a guest could see.
pub struct Guest {
    /// Arguments, the program's name first.
    pub args: Vec<String>,
    /// Environment.
    pub env: Vec<(String, String)>,
    /// The files of `/in`.
    pub inputs: Vec<InputFile>,
    /// The files of `/out`.
    pub outputs: Vec<OutputFile>,
    /// The output that standard output goes to; without one it is dropped.
    pub stdout: Option<Name>,
    /// The output that standard error goes to; without one it is dropped.
    pub stderr: Option<Name>,
    /// The time.
    pub clock: Clock,
    /// Where randomness comes from.
    pub rng: Box<dyn CryptoRng>,
}

impl fmt::Debug for InputFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "InputFile({}, {} bytes)", self.name, self.size)
    }
}

impl fmt::Debug for OutputFile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "OutputFile({}, {} bytes)", self.name, self.max_bytes)
    }
}

impl fmt::Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::None => "Clock::None",
            Self::Host(_) => "Clock::Host",
        })
    }
}

impl fmt::Debug for Guest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Guest")
            .field("inputs", &self.inputs)
            .field("outputs", &self.outputs)
            .field("clock", &self.clock)
            .finish_non_exhaustive()
    }
}
