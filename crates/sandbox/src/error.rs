use adyton_types::{ErrorClass, Name};

use crate::code_cache::CacheError;

/// Why a program cannot be run.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SandboxError {
    /// The memory limit is no multiple of 64 KiB, or not between 64 KiB and 4 GiB.
    #[error("a memory limit of {bytes} bytes is no multiple of 65536 between 65536 and 4294967296")]
    MemoryLimit {
        /// The limit asked for.
        bytes: u64,
    },
    /// The runtime cannot run on this machine.
    #[error("the WebAssembly runtime cannot start: {0:#}")]
    Runtime(wasmtime::Error),
    /// The program is not valid WebAssembly, or uses what the runtime has not.
    #[error("the program cannot be compiled: {0:#}")]
    Compile(wasmtime::Error),
    /// The program imports what the sandbox does not provide.
    #[error("the program imports `{name}`, which the sandbox does not provide")]
    ForeignInterface {
        /// The import.
        name: String,
    },
    /// The program's imports or its entry point have other types than WASI 0.2 says.
    #[error("the program does not fit the WASI 0.2 world `wasi:cli/command`: {0:#}")]
    Link(wasmtime::Error),
    /// The program imports whole modules, so that nobody can say what it needs.
    #[error("the program imports core modules or instances, which the sandbox does not provide")]
    ForeignModules,
    /// A standard stream goes to an output that does not exist.
    #[error("a standard stream goes to `{name}`, which is no output")]
    NoSuchOutput {
        /// The name.
        name: Name,
    },
    /// Just compiled code does not read back: a bug.
    #[error("compiled code cannot be read back")]
    Cache(#[from] CacheError),
}

impl SandboxError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::MemoryLimit { .. } | Self::NoSuchOutput { .. } | Self::Cache(_) => {
                ErrorClass::Misuse
            }
            Self::Runtime(_) => ErrorClass::Unavailable,
            Self::Compile(_)
            | Self::ForeignInterface { .. }
            | Self::ForeignModules
            | Self::Link(_) => ErrorClass::Malformed,
        }
    }
}
