use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use adyton_crypto::os_rng;
use adyton_sealing::{
    DigestWriter, Identity, IdentityError, OpenError, Recipients, SealError, open_stream,
    seal_stream,
};
use adyton_types::{ErrorClass, Sha256Digest};
use thiserror::Error;

use crate::{Access, Existing, FileError, NewFile, read_file};

/// The longest key file: an identity takes 80 bytes, its comments some more.
const MAX_KEY_FILE_BYTES: u64 = 1 << 16;

/// Where bytes come from.
#[derive(Debug, Clone)]
pub enum ReadFrom {
    /// A file.
    File(PathBuf),
    /// Standard input.
    Stdin,
}

/// Where bytes go.
#[derive(Debug, Clone)]
pub enum WriteTo {
    /// A file, which appears whole or not at all.
    File(PathBuf, Existing),
    /// Standard output. When opening, what is written before a flaw is found in the sealed file is
    /// authentic and incomplete.
    Stdout,
}

/// Why a file was not sealed or opened.
#[derive(Debug, Error)]
#[non_exhaustive]
pub enum SealFileError {
    /// A file could not be read or written.
    #[error(transparent)]
    File(#[from] FileError),
    /// Sealing failed.
    #[error(transparent)]
    Seal(SealError),
    /// The sealed file does not open.
    #[error("`{}` does not open: {source}", path.display())]
    Open {
        /// The sealed file.
        path: PathBuf,
        /// Why.
        source: OpenError,
    },
    /// A key file holds no identity.
    #[error("`{}`: {source}", path.display())]
    Identity {
        /// The key file.
        path: PathBuf,
        /// Why.
        source: IdentityError,
    },
}

impl SealFileError {
    /// Whose fault it is.
    #[must_use]
    pub fn class(&self) -> ErrorClass {
        match self {
            Self::File(error) => error.class(),
            Self::Seal(error) => error.class(),
            Self::Open { source, .. } => source.class(),
            Self::Identity { source, .. } => source.class(),
        }
    }
}

/// Seals a file. Gives the number of plaintext bytes.
///
/// # Errors
/// [`SealFileError`]; then nothing was left behind.
pub fn seal_file(
    from: &ReadFrom,
    to: &WriteTo,
    recipients: &Recipients,
    progress: impl FnMut(u64),
) -> Result<u64, SealFileError> {
    let source = reader(from)?;
    let seal =
        |target: &mut dyn Write| seal_stream(source, target, recipients, &mut os_rng(), progress);
    let name = |error| match error {
        SealError::Read(error) => FileError::io("read", &shown(from), error).into(),
        SealError::Write(error) => FileError::io("write", &target_name(to), error).into(),
        other => SealFileError::Seal(other),
    };
    write(to, Access::Public, |target| seal(target).map_err(name))
}

/// Opens a sealed file. Gives the number of plaintext bytes.
///
/// # Errors
/// [`SealFileError`]; then no file was left behind.
pub fn open_file(
    from: &ReadFrom,
    to: &WriteTo,
    identity: &Identity,
    progress: impl FnMut(u64),
) -> Result<u64, SealFileError> {
    let source = reader(from)?;
    let open = |target: &mut dyn Write| open_stream(source, target, identity, progress);
    let name = |error| match error {
        OpenError::Read(error) => FileError::io("read", &shown(from), error).into(),
        OpenError::Write(error) => FileError::io("write", &target_name(to), error).into(),
        source => SealFileError::Open {
            path: shown(from),
            source,
        },
    };
    write(to, Access::Private, |target| open(target).map_err(name))
}

/// Reads an age key file.
///
/// # Errors
/// If it cannot be read, or does not hold exactly one identity.
pub fn read_identity(path: &Path) -> Result<Identity, SealFileError> {
    let bytes = zeroize::Zeroizing::new(read_file(path, "key file", MAX_KEY_FILE_BYTES)?);
    let wrong = |source| SealFileError::Identity {
        path: path.to_owned(),
        source,
    };
    let text = std::str::from_utf8(&bytes).map_err(|_| wrong(IdentityError::Malformed))?;
    Identity::parse_file(text).map_err(wrong)
}

/// SHA-256 of a file, as `sha256sum` prints it.
///
/// # Errors
/// If it cannot be read.
pub fn sha256_file(from: &ReadFrom) -> Result<Sha256Digest, FileError> {
    let mut digest = DigestWriter::new(io::sink());
    io::copy(&mut reader(from)?, &mut digest)
        .map_err(|error| FileError::io("read", &shown(from), error))?;
    Ok(digest.finish().1)
}

fn reader(from: &ReadFrom) -> Result<Box<dyn Read>, FileError> {
    match from {
        ReadFrom::Stdin => Ok(Box::new(io::stdin().lock())),
        ReadFrom::File(path) => match File::open(path) {
            Ok(file) => Ok(Box::new(file)),
            Err(error) => Err(FileError::io("open", path, error)),
        },
    }
}

fn write(
    to: &WriteTo,
    access: Access,
    work: impl FnOnce(&mut dyn Write) -> Result<u64, SealFileError>,
) -> Result<u64, SealFileError> {
    match to {
        WriteTo::Stdout => work(&mut io::stdout().lock()),
        WriteTo::File(path, existing) => {
            let new = NewFile::create(path, access, *existing)?;
            let done = work(&mut new.file())?;
            new.publish()?;
            Ok(done)
        }
    }
}

fn shown(from: &ReadFrom) -> PathBuf {
    match from {
        ReadFrom::File(path) => path.clone(),
        ReadFrom::Stdin => "standard input".into(),
    }
}

fn target_name(to: &WriteTo) -> PathBuf {
    match to {
        WriteTo::File(path, _) => path.clone(),
        WriteTo::Stdout => "standard output".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flaw_leaves_no_plaintext_behind() {
        let dir = tempfile::tempdir().unwrap();
        let [plain, sealed, opened] =
            ["plain", "sealed", "opened"].map(|name| dir.path().join(name));
        let data = vec![7; 200_000];
        std::fs::write(&plain, &data).unwrap();
        let identity = Identity::generate(&mut os_rng());
        let recipients = Recipients::new([identity.recipient()]).unwrap();
        let to = |path: &Path| WriteTo::File(path.to_owned(), Existing::Refuse);
        let done = seal_file(&ReadFrom::File(plain), &to(&sealed), &recipients, |_| ());
        assert_eq!(done.unwrap(), 200_000);

        let mut bytes = std::fs::read(&sealed).unwrap();
        let last = bytes.len() - 1;
        bytes[last] ^= 1;
        let altered = dir.path().join("altered");
        std::fs::write(&altered, &bytes).unwrap();
        let error =
            open_file(&ReadFrom::File(altered), &to(&opened), &identity, |_| ()).unwrap_err();
        assert_eq!(error.class(), ErrorClass::Rejected);
        assert!(!opened.exists());

        open_file(&ReadFrom::File(sealed), &to(&opened), &identity, |_| ()).unwrap();
        assert_eq!(std::fs::read(&opened).unwrap(), data);
    }
}
