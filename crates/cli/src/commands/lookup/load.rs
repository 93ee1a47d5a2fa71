use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};

use adyton_client::{FileError, LookupClientError, LookupOwner};
use adyton_lookup::{Done, Records, Update, ValueForm};
use adyton_types::ErrorClass;
use serde_json::json;

use super::keys::read_owner_key;
use super::service::{ServiceArgs, refused};
use crate::{Failure, Out};

/// Loads a table, or changes it.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  adyton lookup load HOST:PORT#ID users.csv --owner-key owner.key --platform-id ID --platform-measurement SHA256
  adyton lookup load HOST:PORT#ID today.csv --changes --owner-key owner.key --platform-id ID --platform-measurement SHA256

The table's first line is `key,value`, or `key` if values have 0 bytes; that of changes is
`change,key,value`, where a change is `put` or `remove`. The file's last line ends with a line break.
What is loaded goes to the verified enclave only: the operator sees how much it is.")]
pub(crate) struct Args {
    #[command(flatten)]
    service: ServiceArgs,
    /// The records, or the changes, in CSV
    file: PathBuf,
    /// The owner's key file
    #[arg(long, value_name = "FILE")]
    owner_key: PathBuf,
    /// The file holds changes to the table that serves
    #[arg(long)]
    changes: bool,
    /// How values are written: text or hex
    #[arg(long, value_name = "FORM", default_value = "text")]
    values: ValueForm,
}

pub(super) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let key = read_owner_key(&args.owner_key)?;
    let lines = Lines::count(&args.file)?;
    let (pins, dangers) = args.service.pins(&key.verifying_key(), out)?;
    let mut owner = LookupOwner::connect(&args.service.address, &pins, &key).map_err(refused)?;
    let terms = owner.terms();
    let form = Records::new(terms.keys, args.values, terms.value_bytes);
    let done = if args.changes {
        change(&mut owner, form, &args.file)?
    } else {
        load(&mut owner, form, &lines, &args.file, out)?
    };
    let Done {
        epoch,
        records,
        inserted,
        changed,
        removed,
    } = done;
    out.result(
        &format!(
            "{records} records in the table: {inserted} inserted, {changed} changed, {removed} removed (epoch {epoch})"
        ),
        &json!({ "records": records, "inserted": inserted, "changed": changed, "removed": removed, "epoch": epoch, "dangers": dangers }),
    )
}

fn load(
    owner: &mut LookupOwner,
    form: Records,
    lines: &Lines,
    file: &Path,
    out: Out,
) -> Result<Done, Failure> {
    let mut reader = Lines::open(file)?;
    let header = reader.next().transpose()?.unwrap_or_default();
    form.header(&header, false)
        .map_err(|error| at(file, 1, error.into()))?;
    let records = (2..).zip(reader).map(|(n, line)| {
        form.record(&line?)
            .map_err(|error| at(file, n, error.into()))
    });
    let bar = out.spinner();
    let count = lines.0.saturating_sub(1);
    let loaded = owner.load(count, records, |sent| {
        bar.set_message(format!("{sent} of {count} records"));
        bar.tick();
    });
    bar.finish_and_clear();
    loaded
}

fn change(owner: &mut LookupOwner, form: Records, file: &Path) -> Result<Done, Failure> {
    let mut reader = Lines::open(file)?;
    let header = reader.next().transpose()?.unwrap_or_default();
    form.header(&header, true)
        .map_err(|error| at(file, 1, error.into()))?;
    let changes = (2..).zip(reader).map(|(n, line)| {
        form.change(&line?)
            .map_err(|error| at(file, n, error.into()))
    });
    let changes: Vec<Update> = changes.collect::<Result<_, Failure>>()?;
    Ok(owner.change(&changes)?)
}

fn at(file: &Path, line: u64, failure: Failure) -> Failure {
    failure.context(format!("`{}`, line {line}", file.display()))
}

/// How many lines a file has, the first one included.
struct Lines(u64);

impl Lines {
    /// Counts them first: the service is told how many come, so that it notices if some do not.
    fn count(path: &Path) -> Result<Self, Failure> {
        let fail = |error| FileError::io("read", path, error);
        let mut reader = BufReader::new(File::open(path).map_err(fail)?);
        let (mut lines, mut last) = (0, b'\n');
        loop {
            let bytes = reader.fill_buf().map_err(fail)?;
            let Some(end) = bytes.last() else {
                break;
            };
            last = *end;
            lines += bytes.iter().filter(|byte| **byte == b'\n').count() as u64;
            let len = bytes.len();
            reader.consume(len);
        }
        if last != b'\n' || lines == 0 {
            let text = format!(
                "`{}` does not end with a line break: it was cut short, or is no CSV",
                path.display()
            );
            return Err(Failure::of(ErrorClass::Malformed, text));
        }
        Ok(Self(lines))
    }

    fn open(path: &Path) -> Result<impl Iterator<Item = Result<String, Failure>>, Failure> {
        let path = path.to_owned();
        let file = File::open(&path).map_err(|error| FileError::io("read", &path, error))?;
        let lines = BufReader::new(file).lines();
        Ok(lines.map(move |line| {
            let line = line.map_err(|error| match error.kind() {
                std::io::ErrorKind::InvalidData => {
                    let text = format!("`{}` is not in UTF-8", path.display());
                    Failure::of(ErrorClass::Malformed, text)
                }
                _ => FileError::io("read", &path, error).into(),
            })?;
            Ok(line.strip_suffix('\r').map_or(line.clone(), str::to_owned))
        }))
    }
}

impl From<adyton_lookup::ClientError> for Failure {
    fn from(error: adyton_lookup::ClientError) -> Self {
        LookupClientError::from(error).into()
    }
}
