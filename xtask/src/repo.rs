use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::XtaskError;

/// The work tree.
#[derive(Debug)]
pub(crate) struct Repo {
    root: PathBuf,
    files: Vec<String>,
}

impl Repo {
    /// The work tree that the command is run in: its files are those that git tracks or would add.
    pub(crate) fn find() -> Result<Self, XtaskError> {
        let top = output(Command::new("git").args(["rev-parse", "--show-toplevel"]))?;
        let root = PathBuf::from(top.trim_end());
        let mut git = Command::new("git");
        git.current_dir(&root);
        git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
        let listing = output(&mut git)?;
        let mut files: Vec<String> = listing
            .lines()
            .filter(|file| root.join(file).is_file())
            .map(str::to_owned)
            .collect();
        files.sort();
        files.dedup();
        Ok(Self { root, files })
    }

    pub(crate) fn root(&self) -> &Path {
        &self.root
    }

    /// Where builds of a profile are. `.cargo/config.toml` names the target, so they have a folder
    /// of their own.
    pub(crate) fn built(&self, profile: &str) -> PathBuf {
        let target = format!("{}-unknown-linux-gnu", std::env::consts::ARCH);
        self.build_folder().join(target).join(profile)
    }

    /// Where cargo builds; what the checks build goes beside it, so that the work tree stays clean.
    #[expect(
        clippy::disallowed_methods,
        reason = "cargo says by a variable where it builds"
    )]
    pub(crate) fn build_folder(&self) -> PathBuf {
        std::env::var("CARGO_TARGET_DIR").map_or_else(|_| self.root.join("target"), PathBuf::from)
    }

    /// Paths from the root, sorted.
    pub(crate) fn files(&self) -> &[String] {
        &self.files
    }

    /// The files with this ending below a folder (`""` for all).
    pub(crate) fn below<'a>(
        &'a self,
        folder: &'a str,
        ending: &'a str,
    ) -> impl Iterator<Item = &'a str> {
        self.files
            .iter()
            .map(String::as_str)
            .filter(move |file| file.starts_with(folder) && file.ends_with(ending))
    }

    pub(crate) fn exists(&self, path: &str) -> bool {
        self.root.join(path).exists()
    }

    pub(crate) fn read(&self, path: &str) -> Result<String, XtaskError> {
        read(&self.root.join(path))
    }
}

/// A file's text; what is no UTF-8 becomes replacement characters.
pub(crate) fn read(path: &Path) -> Result<String, XtaskError> {
    std::fs::read(path)
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .map_err(|source| XtaskError::Read {
            path: path.to_path_buf(),
            source,
        })
}

/// What a command prints, if it succeeds.
pub(crate) fn output(command: &mut Command) -> Result<String, XtaskError> {
    let done = command.output().map_err(|source| XtaskError::Start {
        command: format!("{command:?}"),
        source,
    })?;
    if !done.status.success() {
        return Err(XtaskError::Failed {
            command: format!("{command:?}"),
            stderr: String::from_utf8_lossy(&done.stderr).into_owned(),
        });
    }
    Ok(String::from_utf8_lossy(&done.stdout).into_owned())
}

/// Runs a command on this terminal; true if it succeeds.
pub(crate) fn succeeds(command: &mut Command) -> Result<bool, XtaskError> {
    command
        .status()
        .map(|status| status.success())
        .map_err(|source| XtaskError::Start {
            command: format!("{command:?}"),
            source,
        })
}
