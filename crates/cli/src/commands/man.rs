use std::path::{Path, PathBuf};

use adyton_client::{Access, Existing, FileError, NewFile};
use serde_json::json;

use crate::{Failure, Out};

/// Writes one manual page a command.
#[derive(Debug, clap::Args)]
#[command(after_help = "Example:\n  adyton man ~/.local/share/man/man1 && man adyton-run")]
pub(crate) struct Args {
    /// The directory to write to; it is made if it is missing
    dir: PathBuf,
}

pub(crate) fn run(args: &Args, mut command: clap::Command, out: Out) -> Result<(), Failure> {
    std::fs::create_dir_all(&args.dir)
        .map_err(|error| FileError::io("create", &args.dir, error))?;
    command.build();
    let mut written = Vec::new();
    pages(&command, "adyton", &args.dir, &mut written)?;
    out.result(
        &format!(
            "wrote {} manual pages to `{}`",
            written.len(),
            args.dir.display()
        ),
        &json!({ "written": written }),
    )
}

fn pages(
    command: &clap::Command,
    name: &str,
    dir: &Path,
    written: &mut Vec<PathBuf>,
) -> Result<(), Failure> {
    let path = dir.join(format!("{name}.1"));
    let mut page = Vec::new();
    let fail = |error| FileError::io("write", &path, error);
    clap_mangen::Man::new(command.clone())
        .title(name)
        .render(&mut page)
        .map_err(fail)?;
    let file = NewFile::create(&path, Access::Public, Existing::Replace)?;
    std::io::Write::write_all(&mut file.file(), &page).map_err(fail)?;
    file.publish()?;
    written.push(path);
    for sub in command
        .get_subcommands()
        .filter(|sub| !sub.is_hide_set() && sub.get_name() != "help")
    {
        pages(sub, &format!("{name}-{}", sub.get_name()), dir, written)?;
    }
    Ok(())
}
