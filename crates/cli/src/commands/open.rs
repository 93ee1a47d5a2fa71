use std::path::PathBuf;

use adyton_client::{ReadFrom, WriteTo, open_file, read_identity};
use serde_json::json;

use super::seal::{source, target_of, unless_nobody_reads};
use crate::{Failure, Out};

const EXAMPLES: &str = "\
Examples:
  adyton open report.txt.age --identity result.key     writes report.txt
  adyton open report.txt.age --identity result.key --out -";

/// Opens a sealed file.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The sealed file, or - for standard input
    file: PathBuf,
    /// The key file of a recipient (as `adyton keygen` or `age-keygen` wrote it)
    #[arg(long, short, value_name = "FILE")]
    identity: PathBuf,
    /// Where the opened file goes, or - for standard output [default: FILE without .age]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the opened file if it is there already
    #[arg(long, short)]
    force: bool,
}

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let from = source(&args.file);
    let target = match (&args.out, &from) {
        (Some(path), _) => path.clone(),
        (None, ReadFrom::File(path)) if path.extension().is_some_and(|e| e == "age") => {
            path.with_extension("")
        }
        (None, _) => {
            return Err(Failure::usage(
                "say where the opened data goes: --out FILE, or --out -",
            ));
        }
    };
    let to = target_of(&target, args.force);
    let identity = read_identity(&args.identity)?;
    let size = std::fs::metadata(&args.file).map_or(0, |meta| meta.len());
    let bar = out.bytes_bar(size, "opening");
    let opened = open_file(&from, &to, &identity, |done| bar.set_position(done));
    bar.finish_and_clear();
    let Some(bytes) = unless_nobody_reads(opened)? else {
        return Ok(());
    };
    match to {
        WriteTo::Stdout => Ok(()),
        WriteTo::File(path, _) => out.result(
            &format!("opened {bytes} bytes to `{}`", path.display()),
            &json!({ "opened": path.display().to_string(), "plaintext-bytes": bytes }),
        ),
    }
}
