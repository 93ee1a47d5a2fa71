use std::path::{Path, PathBuf};

use adyton_componentize::{ComponentizeError, MAX_PROGRAM_BYTES, componentize};
use adyton_program::{
    Bundle, BundleError, MAX_BUNDLE_BYTES, Manifest, ManifestError, ManifestSource, SourceError,
};
use adyton_types::ErrorClass;
use thiserror::Error;

use crate::{Access, Existing, FileError, NewFile, read_file};

/// The longest `adyton.toml`: the manifest made from it is at most 64 KiB.
const MAX_SOURCE_BYTES: u64 = 1 << 20;

/// Why there is no bundle.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum BuildError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// `adyton.toml` is not well-formed.
    #[error("`{}`: {source}", path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// Its text, to show the place.
        text: String,
        /// What is wrong.
        source: Box<SourceError>,
    },
    /// `adyton.toml` is not UTF-8.
    #[error("`{}` is not UTF-8 text", path.display())]
    NotText {
        /// The file.
        path: PathBuf,
    },
    /// The program is not there: it was not compiled yet.
    #[error(
        "there is no `{}`, which `{}` names as the program; compile it first (in a template: `sh build.sh`)",
        program.display(),
        path.display()
    )]
    NoProgram {
        /// The `adyton.toml`.
        path: PathBuf,
        /// The program's file.
        program: PathBuf,
    },
    /// The program cannot run in an enclave.
    #[error("`{}`: {source}", path.display())]
    Component {
        /// The program's file.
        path: PathBuf,
        /// What is wrong.
        source: ComponentizeError,
    },
    /// The manifest cannot be made.
    #[error(transparent)]
    Manifest(#[from] ManifestError),
    /// The bundle cannot be made, or is none.
    #[error("`{}`: {source}", path.display())]
    Bundle {
        /// The bundle's file.
        path: PathBuf,
        /// What is wrong.
        source: BundleError,
    },
}

impl BuildError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::File(error) => error.class(),
            Self::Source { source, .. } => source.class(),
            Self::NotText { .. } => ErrorClass::Malformed,
            Self::NoProgram { .. } => ErrorClass::Misuse,
            Self::Component { source, .. } => source.class(),
            Self::Manifest(error) => error.class(),
            Self::Bundle { source, .. } => source.class(),
        }
    }
}

/// Makes a bundle from the `adyton.toml` at `source`, and of the program that it names. Gives the
/// manifest and the bundle's file (without `out`: `NAME.adyton` beside the source).
///
/// The same source and program make the same bundle, byte for byte.
///
/// # Errors
/// [`BuildError`]; then nothing was written.
pub fn build(
    source: &Path,
    out: Option<&Path>,
    existing: Existing,
) -> Result<(Manifest, PathBuf), BuildError> {
    let dir = source.parent().unwrap_or_else(|| Path::new(""));
    let text =
        String::from_utf8(read_file(source, "adyton.toml", MAX_SOURCE_BYTES)?).map_err(|_| {
            BuildError::NotText {
                path: source.to_owned(),
            }
        })?;
    let parsed = ManifestSource::parse(&text);
    let parsed = parsed.map_err(|error| BuildError::Source {
        path: source.to_owned(),
        text,
        source: Box::new(error),
    })?;
    let program = dir.join(parsed.component());
    let bytes = match read_file(&program, "WebAssembly program", MAX_PROGRAM_BYTES as u64) {
        Err(FileError::Io { error, .. }) if error.kind() == std::io::ErrorKind::NotFound => {
            let path = source.to_owned();
            return Err(BuildError::NoProgram { path, program });
        }
        other => other?,
    };
    let component =
        componentize(&bytes, parsed.memory_bytes()).map_err(|source| BuildError::Component {
            path: program,
            source,
        })?;
    let manifest = parsed.into_manifest(&component)?;
    let path = out.map_or_else(
        || dir.join(format!("{}.adyton", manifest.name())),
        Path::to_owned,
    );
    let bundle = Bundle::build(&manifest, &component).map_err(|source| BuildError::Bundle {
        path: path.clone(),
        source,
    })?;
    let file = NewFile::create(&path, Access::Public, existing)?;
    std::io::Write::write_all(&mut file.file(), &bundle)
        .map_err(|error| FileError::io("write", &path, error))?;
    file.publish()?;
    Ok((manifest, path))
}

/// Reads the manifest of a bundle, whose component was compared with it.
///
/// # Errors
/// [`BuildError`].
pub fn read_manifest(path: &Path) -> Result<Manifest, BuildError> {
    let bytes = read_file(path, "bundle", MAX_BUNDLE_BYTES)?;
    match Bundle::parse(&bytes) {
        Ok(bundle) => Ok(bundle.into_manifest()),
        Err(source) => Err(BuildError::Bundle {
            path: path.to_owned(),
            source,
        }),
    }
}
