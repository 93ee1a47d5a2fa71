use std::io;
use std::path::PathBuf;

use adyton_client::{Existing, FileError, ReadFrom, SealFileError, WriteTo, seal_file};
use adyton_sealing::{Recipient, Recipients};
use serde_json::json;

use crate::failure::failure_from;
use crate::{Failure, Out};

const EXAMPLES: &str = "\
Examples:
  adyton seal patients.csv --to age1...            writes patients.csv.age
  tar c records | adyton seal - --to age1... --out records.tar.age

The file is an age v1 file: `age` and `rage` open it, and Adyton opens theirs.";

/// Seals a file to recipients.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The file to seal, or - for standard input
    file: PathBuf,
    /// A recipient that can open it (age1..., as `adyton keygen` prints it); may be repeated
    #[arg(long = "to", short, required = true, value_name = "RECIPIENT")]
    recipients: Vec<Recipient>,
    /// Where the sealed file goes, or - for standard output [default: FILE.age]
    #[arg(long, short, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Replace the sealed file if it is there already
    #[arg(long, short)]
    force: bool,
}

failure_from!(SealFileError, adyton_sealing::RecipientsError);

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let from = source(&args.file);
    let target = match (&args.out, &from) {
        (Some(path), _) => path.clone(),
        (None, ReadFrom::File(path)) => with_age(path),
        (None, ReadFrom::Stdin) => {
            return Err(Failure::usage(
                "standard input has no name; say --out FILE, or --out -",
            ));
        }
    };
    let to = target_of(&target, args.force);
    let recipients = Recipients::new(args.recipients.iter().cloned())?;
    let size = std::fs::metadata(&args.file).map_or(0, |meta| meta.len());
    let bar = out.bytes_bar(size, "sealing");
    let sealed = seal_file(&from, &to, &recipients, |done| bar.set_position(done));
    bar.finish_and_clear();
    let Some(bytes) = unless_nobody_reads(sealed)? else {
        return Ok(());
    };
    match to {
        WriteTo::Stdout => Ok(()),
        WriteTo::File(path, _) => out.result(
            &format!("sealed {bytes} bytes to `{}`", path.display()),
            &json!({ "sealed": path.display().to_string(), "plaintext-bytes": bytes }),
        ),
    }
}

/// What a file took, if somebody was there to take it: `adyton open ... --out - | head` is not an
/// error.
pub(crate) fn unless_nobody_reads(
    done: Result<u64, SealFileError>,
) -> Result<Option<u64>, SealFileError> {
    match done {
        Err(SealFileError::File(FileError::Io { error, .. }))
            if error.kind() == io::ErrorKind::BrokenPipe =>
        {
            Ok(None)
        }
        done => done.map(Some),
    }
}

pub(crate) fn source(path: &std::path::Path) -> ReadFrom {
    if path.as_os_str() == "-" {
        ReadFrom::Stdin
    } else {
        ReadFrom::File(path.to_owned())
    }
}

pub(crate) fn target_of(path: &std::path::Path, force: bool) -> WriteTo {
    let existing = if force {
        Existing::Replace
    } else {
        Existing::Refuse
    };
    if path.as_os_str() == "-" {
        WriteTo::Stdout
    } else {
        WriteTo::File(path.to_owned(), existing)
    }
}

fn with_age(path: &std::path::Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".age");
    name.into()
}
