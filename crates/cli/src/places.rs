use std::path::{Path, PathBuf};

use crate::Failure;

/// Where this machine's software TEE keeps its platform key.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct StateArgs {
    /// Directory of the platform key [default: $XDG_STATE_HOME/adyton or ~/.local/state/adyton]
    #[arg(long, env = "ADYTON_STATE", value_name = "DIR", hide_env_values = true)]
    state: Option<PathBuf>,
}

impl StateArgs {
    /// The file of the platform key; it need not be there.
    pub(crate) fn platform_key(&self) -> Result<PathBuf, Failure> {
        let dir = self
            .state
            .clone()
            .or_else(|| Some(base("XDG_STATE_HOME", ".local/state")?.join("adyton")));
        let no_home = "there is no HOME to keep the platform key in; say --state DIR";
        Ok(dir
            .ok_or_else(|| Failure::usage(no_home))?
            .join("platform.key"))
    }
}

/// A directory to put names after: nothing for `.`, so that `x` is not shown as `./x`.
pub(crate) fn here(dir: &Path) -> &Path {
    if dir == Path::new(".") {
        Path::new("")
    } else {
        dir
    }
}

/// Where compiled code is kept, if there is a place.
pub(crate) fn code_cache() -> Option<PathBuf> {
    Some(
        base("XDG_CACHE_HOME", ".cache")?
            .join("adyton")
            .join("code"),
    )
}

/// Where fetched Endorsements are kept, if there is a place.
pub(crate) fn endorsement_cache() -> Option<PathBuf> {
    let cache = base("XDG_CACHE_HOME", ".cache")?;
    Some(cache.join("adyton").join("endorsements"))
}

#[expect(
    clippy::disallowed_methods,
    reason = "the command line is a shell: it reads the environment"
)]
fn base(variable: &str, below_home: &str) -> Option<PathBuf> {
    let set = |name: &str| {
        std::env::var(name)
            .ok()
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set(variable)
        .filter(|dir| dir.is_absolute())
        .or_else(|| Some(set("HOME")?.join(below_home)))
}
