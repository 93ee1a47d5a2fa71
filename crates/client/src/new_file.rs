use std::ffi::OsString;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};

use rustix::fs::{AtFlags, CWD, Mode, OFlags, linkat, open, openat};

use crate::FileError;

/// What to do where the target is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Existing {
    /// Leave it alone and say so.
    Refuse,
    /// Take its place, once the new file is whole.
    Replace,
}

/// Who may read the file once it is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner (mode 0600): plaintext and keys.
    Private,
    /// Whoever the directory lets in (mode 0644): sealed files, receipts, public documents.
    Public,
}

impl Access {
    const fn mode(self) -> Mode {
        match self {
            Self::Private => Mode::from_raw_mode(0o600),
            Self::Public => Mode::from_raw_mode(0o644),
        }
    }
}

/// A file that appears under its name whole, or not at all.
///
/// It is written without a name (`O_TMPFILE`), so that whatever ends the process before
/// [`publish`](Self::publish), a kill included, leaves nothing behind. Where the file system knows
/// no nameless files, it is written under a hidden name beside the target and removed on drop.
#[derive(Debug)]
pub struct NewFile {
    file: File,
    target: PathBuf,
    existing: Existing,
    hidden: Option<Hidden>,
}

/// A name that is removed unless the file took its final one.
#[derive(Debug)]
struct Hidden(PathBuf);

impl Drop for Hidden {
    fn drop(&mut self) {
        // Nothing can be done about a failure here, and after a publish there is nothing to remove.
        let _ = std::fs::remove_file(&self.0);
    }
}

impl NewFile {
    /// Begins a file that is to stand at `target`.
    ///
    /// # Errors
    /// [`FileError::Exists`] if `target` is there and `existing` says to refuse;
    /// [`FileError::Io`] if its directory is missing, not writable or full.
    pub fn create(target: &Path, access: Access, existing: Existing) -> Result<Self, FileError> {
        if existing == Existing::Refuse && target.symlink_metadata().is_ok() {
            return Err(FileError::Exists {
                path: target.to_owned(),
            });
        }
        if target.is_dir() {
            let error = io::Error::from(io::ErrorKind::IsADirectory);
            return Err(FileError::io("create", target, error));
        }
        let fail = |error: rustix::io::Errno| FileError::io("create", target, error.into());
        let flags = OFlags::TMPFILE | OFlags::RDWR | OFlags::CLOEXEC;
        let (file, hidden) = match open(directory(target), flags, access.mode()) {
            Ok(fd) => (fd, None),
            Err(
                rustix::io::Errno::OPNOTSUPP | rustix::io::Errno::ISDIR | rustix::io::Errno::INVAL,
            ) => {
                let hidden = hidden_name(target)?;
                let flags = OFlags::CREATE | OFlags::EXCL | OFlags::RDWR | OFlags::CLOEXEC;
                let fd = openat(CWD, &hidden, flags, access.mode()).map_err(fail)?;
                (fd, Some(Hidden(hidden)))
            }
            Err(error) => return Err(fail(error)),
        };
        Ok(Self {
            file: file.into(),
            target: target.to_owned(),
            existing,
            hidden,
        })
    }

    /// The file, to write to.
    #[must_use]
    pub const fn file(&self) -> &File {
        &self.file
    }

    /// Where it will stand.
    #[must_use]
    pub fn target(&self) -> &Path {
        &self.target
    }

    /// Makes the file durable and gives it its name.
    ///
    /// # Errors
    /// [`FileError::Exists`] if somebody else has made a file of that name in the meantime and
    /// `existing` says to refuse; [`FileError::Io`] if the disk is full or fails.
    pub fn publish(self) -> Result<(), FileError> {
        let fail = |error: io::Error| FileError::io("write", &self.target, error);
        self.file.sync_all().map_err(fail)?;
        match self.existing {
            Existing::Refuse => self
                .link(&self.target)
                .map_err(|error| match error.kind() {
                    io::ErrorKind::AlreadyExists => FileError::Exists {
                        path: self.target.clone(),
                    },
                    _ => fail(error),
                })?,
            Existing::Replace => {
                let hidden = match &self.hidden {
                    Some(hidden) => hidden.0.clone(),
                    None => hidden_name(&self.target)?,
                };
                let _remove_on_failure = Hidden(hidden.clone());
                if self.hidden.is_none() {
                    self.link(&hidden).map_err(fail)?;
                }
                std::fs::rename(&hidden, &self.target).map_err(fail)?;
            }
        }
        File::open(directory(&self.target))
            .and_then(|dir| dir.sync_all())
            .map_err(fail)
    }

    fn link(&self, to: &Path) -> io::Result<()> {
        use std::os::fd::AsRawFd as _;
        match &self.hidden {
            Some(hidden) => std::fs::hard_link(&hidden.0, to),
            None => {
                let from = format!("/proc/self/fd/{}", self.file.as_raw_fd());
                Ok(linkat(CWD, from, CWD, to, AtFlags::SYMLINK_FOLLOW)?)
            }
        }
    }
}

fn directory(target: &Path) -> &Path {
    match target.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

fn hidden_name(target: &Path) -> Result<PathBuf, FileError> {
    let no_name = || {
        FileError::io(
            "create",
            target,
            io::Error::from(io::ErrorKind::IsADirectory),
        )
    };
    let mut random = [0; 8];
    adyton_crypto::Rng::fill_bytes(&mut adyton_crypto::os_rng(), &mut random);
    let mut name = OsString::from(".");
    name.push(target.file_name().ok_or_else(no_name)?);
    name.push(format!(".{}.tmp", adyton_codec::hex_encode(&random)));
    Ok(directory(target).join(name))
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use super::*;

    fn entries(dir: &Path) -> usize {
        std::fs::read_dir(dir).unwrap().count()
    }

    #[test]
    fn appears_whole_or_not_at_all() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        let new = NewFile::create(&target, Access::Private, Existing::Refuse).unwrap();
        new.file().write_all(b"half").unwrap();
        drop(new);
        assert_eq!(entries(dir.path()), 0);

        let new = NewFile::create(&target, Access::Private, Existing::Refuse).unwrap();
        new.file().write_all(b"whole").unwrap();
        new.publish().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"whole");
        assert_eq!(entries(dir.path()), 1);
    }

    #[test]
    fn of_two_writers_the_second_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let target = dir.path().join("out");
        let one = NewFile::create(&target, Access::Public, Existing::Refuse).unwrap();
        let two = NewFile::create(&target, Access::Public, Existing::Refuse).unwrap();
        one.publish().unwrap();
        assert!(matches!(two.publish(), Err(FileError::Exists { .. })));
        let three = NewFile::create(&target, Access::Public, Existing::Refuse);
        assert!(matches!(three, Err(FileError::Exists { .. })));
        let four = NewFile::create(&target, Access::Public, Existing::Replace).unwrap();
        four.file().write_all(b"four").unwrap();
        four.publish().unwrap();
        assert_eq!(std::fs::read(&target).unwrap(), b"four");
        assert_eq!(entries(dir.path()), 1);
    }

    #[test]
    fn a_missing_directory_is_named() {
        let error = NewFile::create(
            Path::new("/nowhere/at/all"),
            Access::Public,
            Existing::Refuse,
        );
        assert!(error.unwrap_err().to_string().contains("/nowhere/at/all"));
    }
}
