use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use adyton_client::{FileError, LookupClientError, LookupOwner};
use adyton_crypto::os_rng;
use adyton_lookup::{Done, Records, Rows, Terms, Update, ValueForm};
use adyton_types::ErrorClass;
use serde_json::json;

use super::keys::read_owner_key;
use super::parquet::ParquetFile;
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
A Parquet file has columns of text with these names, `key` and `value`, uncompressed or with Snappy.
Records are put into a random order before they are sent, for which all of them are in memory once.
What is loaded goes to the verified enclave only: the operator sees how much it is.")]
pub(crate) struct Args {
    #[command(flatten)]
    service: ServiceArgs,
    /// The records in CSV or Parquet, or the changes in CSV
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
    let (pins, dangers) = args.service.pins(&key.verifying_key(), out)?;
    let mut owner = LookupOwner::connect(&args.service.address, &pins, &key).map_err(refused)?;
    let done = if args.changes {
        change(&mut owner, args)?
    } else {
        load(&mut owner, args, out)?
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

fn load(owner: &mut LookupOwner, args: &Args, out: Out) -> Result<Done, Failure> {
    let mut rows = read_rows(owner.terms(), args)?;
    // The operator sees which place each record gets, and later which places change.
    rows.shuffle(&mut os_rng());
    let count = rows.len() as u64;
    let bar = out.spinner();
    let loaded = owner.load(count, rows.records().map(Ok), |sent| {
        bar.set_message(format!("{sent} of {count} records"));
        bar.tick();
    });
    bar.finish_and_clear();
    loaded
}

/// All records of the file, so that nothing is begun if one of them is none.
fn read_rows(terms: &Terms, args: &Args) -> Result<Rows, Failure> {
    let form = Records::new(terms.keys, args.values, terms.value_bytes);
    let mut rows = Rows::new(terms);
    let file = &args.file;
    if let Some(parquet) = ParquetFile::open(file, form.columns())? {
        parquet.each(|n, fields| {
            let record = form.of_fields(fields);
            let pushed = record.and_then(|(key, value)| rows.push(&key, &value));
            pushed.map_err(|error| {
                Failure::from(error).context(format!("`{}`, row {n}", file.display()))
            })
        })?;
        return Ok(rows);
    }
    let mut reader = lines(file)?;
    let header = reader.next().transpose()?.unwrap_or_default();
    form.header(&header, false)
        .map_err(|error| at(file, 1, error.into()))?;
    for (n, line) in (2..).zip(reader) {
        let record = form.record(&line?);
        let pushed = record.and_then(|(key, value)| rows.push(&key, &value));
        pushed.map_err(|error| at(file, n, error.into()))?;
    }
    Ok(rows)
}

fn change(owner: &mut LookupOwner, args: &Args) -> Result<Done, Failure> {
    let (terms, file) = (owner.terms(), &args.file);
    let form = Records::new(terms.keys, args.values, terms.value_bytes);
    let mut reader = lines(file)?;
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

/// A text file's lines. The last one has to end, or the file was cut short.
fn lines(path: &Path) -> Result<impl Iterator<Item = Result<String, Failure>>, Failure> {
    let fail = |error| FileError::io("read", path, error);
    let mut file = File::open(path).map_err(fail)?;
    let mut last = [0];
    // Less than a byte before the end is an empty file, which ends nowhere either.
    let ends = file.seek(SeekFrom::End(-1)).is_ok();
    let ends = ends && file.read(&mut last).map_err(fail)? == 1 && last == *b"\n";
    if !ends {
        let text = format!(
            "`{}` does not end with a line break: it was cut short, or is no CSV",
            path.display()
        );
        return Err(Failure::of(ErrorClass::Malformed, text));
    }
    file.rewind().map_err(fail)?;
    let path = path.to_owned();
    Ok(BufReader::new(file).lines().map(move |line| {
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

impl From<adyton_lookup::ClientError> for Failure {
    fn from(error: adyton_lookup::ClientError) -> Self {
        LookupClientError::from(error).into()
    }
}
