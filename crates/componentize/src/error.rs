use adyton_types::ErrorClass;

/// Why a file cannot become a program.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ComponentizeError {
    /// It does not begin with the magic number of WebAssembly.
    #[error("this is not WebAssembly: build for `wasm32-wasip1` or `wasm32-wasip2`")]
    NotWebAssembly,
    /// It is WebAssembly text.
    #[error("this is WebAssembly text: translate it with `wasm-tools parse` first")]
    Text,
    /// It is larger than a bundle may hold.
    #[error(
        "the program measures {size} bytes, more than the {limit} allowed: strip its debug information"
    )]
    TooLarge {
        /// Its size in bytes.
        size: usize,
        /// The limit in bytes.
        limit: usize,
    },
    /// It breaks the rules of WebAssembly.
    #[error("this is not valid WebAssembly")]
    Invalid(#[from] wasmparser::BinaryReaderError),
    /// A core module imports what is neither WASI preview 1 nor the enclave's.
    #[error(
        "this is a core module that imports `{module}.{name}`: only `wasi_snapshot_preview1` and `adyton:enclave@0.1` can be provided"
    )]
    ForeignImport {
        /// The module part of the import.
        module: String,
        /// The name part of the import.
        name: String,
    },
    /// A core module has no entry point.
    #[error(
        "this is a core module that exports no `_start`: build a program, not a library or reactor"
    )]
    NoStart,
    /// A core module gets lists from the enclave, and has no function to put them anywhere.
    #[error(
        "this is a core module that imports `adyton:enclave` and exports no `cabi_realloc`: use bindings that a generator makes, or export one"
    )]
    NoRealloc,
    /// A component imports an interface that the sandbox does not have.
    #[error(
        "this is a component that imports `{name}`: only the interfaces of WASI 0.2 `wasi:cli/command` and of `adyton:enclave@0.1` can be provided"
    )]
    ForeignInterface {
        /// The interface.
        name: String,
    },
    /// A component has no entry point.
    #[error(
        "this is a component that does not export `wasi:cli/run@0.2`: build a command, not a library"
    )]
    NoRun,
    /// The preview 1 module does not fit the adapter.
    #[error("this core module cannot be turned into a component")]
    Adapt(#[source] Box<dyn std::error::Error + Send + Sync>),
}

impl ComponentizeError {
    /// Whose fault it is: always the file's.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}
