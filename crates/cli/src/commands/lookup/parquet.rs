use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use adyton_client::FileError;
use adyton_types::ErrorClass;
use parquet::basic::{Compression, ConvertedType, Type};
use parquet::column::reader::{ColumnReaderImpl, get_typed_column_reader};
use parquet::data_type::{ByteArray, ByteArrayType};
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use crate::Failure;

/// What every Parquet file begins and ends with.
const MAGIC: [u8; 4] = *b"PAR1";

/// Rows that are decoded in one go.
const AT_ONCE: usize = 8192;

/// A file of records: a column `key` and, where values have bytes, a column `value`, both text.
/// Other columns are not read.
pub(super) struct ParquetFile<'p> {
    path: &'p Path,
    reader: SerializedFileReader<File>,
    /// Numbers of the columns that are read, the keys' first.
    columns: Vec<(usize, &'static str)>,
}

impl<'p> ParquetFile<'p> {
    /// Opens the file if it begins as such a file does; what it is called does not matter.
    pub(super) fn open(path: &'p Path, names: &[&'static str]) -> Result<Option<Self>, Failure> {
        let fail = |error| FileError::io("read", path, error);
        let mut begin = Vec::new();
        let file = File::open(path).map_err(fail)?;
        (&file)
            .take(MAGIC.len() as u64)
            .read_to_end(&mut begin)
            .map_err(fail)?;
        if begin != MAGIC {
            return Ok(None);
        }
        let reader = SerializedFileReader::new(file).map_err(|error| broken(path, &error))?;
        let mut opened = Self {
            path,
            reader,
            columns: Vec::new(),
        };
        for name in names {
            let column = (opened.find(name)?, *name);
            opened.columns.push(column);
        }
        Ok(Some(opened))
    }

    /// Hands over each record's texts, with its number from 1.
    pub(super) fn each(
        &self,
        mut take: impl FnMut(u64, &[&str]) -> Result<(), Failure>,
    ) -> Result<(), Failure> {
        let mut row = 0;
        for group in 0..self.reader.num_row_groups() {
            let group = self
                .reader
                .get_row_group(group)
                .map_err(|error| broken(self.path, &error))?;
            let left = group.metadata().num_rows();
            let mut left = usize::try_from(left).map_err(|_| self.not_whole())?;
            let mut columns = Vec::new();
            for (number, _) in &self.columns {
                let column = group.get_column_reader(*number);
                let column = column.map_err(|error| broken(self.path, &error))?;
                columns.push(get_typed_column_reader::<ByteArrayType>(column));
            }
            while left > 0 {
                let batch = left.min(AT_ONCE);
                let texts = self.batch(&mut columns, batch, row)?;
                for n in 0..batch {
                    row += 1;
                    let record: Vec<&str> = texts.iter().map(|texts| &*texts[n]).collect();
                    take(row, &record)?;
                }
                left -= batch;
            }
        }
        Ok(())
    }

    /// The next so many texts of each column.
    fn batch(
        &self,
        columns: &mut [ColumnReaderImpl<ByteArrayType>],
        rows: usize,
        before: u64,
    ) -> Result<Vec<Vec<String>>, Failure> {
        let mut batch = Vec::new();
        for (column, (_, name)) in columns.iter_mut().zip(&self.columns) {
            let (mut levels, mut values) = (Vec::new(), Vec::new());
            let mut read = 0;
            while read < rows {
                let got = column.read_records(rows - read, Some(&mut levels), None, &mut values);
                let (got, ..) = got.map_err(|error| broken(self.path, &error))?;
                if got == 0 {
                    return Err(self.not_whole());
                }
                read += got;
            }
            // A column without nulls has no levels; of one with them, 0 is a null.
            if let Some(null) = (before + 1..).zip(&levels).find(|(_, level)| **level == 0) {
                let why = format!("column `{name}` holds nothing");
                return Err(self.malformed(&format!("row {}: {why}", null.0)));
            }
            let texts = values.iter().map(text);
            let texts: Option<Vec<String>> = texts.collect();
            let texts = texts.filter(|texts| texts.len() == rows);
            batch.push(texts.ok_or_else(|| {
                self.malformed(&format!("column `{name}` holds what is not in UTF-8"))
            })?);
        }
        Ok(batch)
    }

    /// The number of the column of that name, which has to be one of texts.
    fn find(&self, name: &str) -> Result<usize, Failure> {
        let metadata = self.reader.metadata();
        let schema = metadata.file_metadata().schema_descr();
        let mut columns = schema.columns().iter().enumerate();
        let found = columns.find(|(_, column)| column.path().string() == name);
        let Some((number, column)) = found else {
            return Err(self.malformed(&format!("there is no column `{name}`")));
        };
        let is_text = column.physical_type() == Type::BYTE_ARRAY
            && column.converted_type() == ConvertedType::UTF8;
        if !is_text || column.max_rep_level() > 0 {
            return Err(self.malformed(&format!("column `{name}` is not one of texts (string)")));
        }
        for group in metadata.row_groups() {
            let compression = group.column(number).compression();
            if !matches!(compression, Compression::UNCOMPRESSED | Compression::SNAPPY) {
                return Err(self.malformed(&format!(
                    "column `{name}` is compressed with {compression}: write it with Snappy, or with no compression"
                )));
            }
        }
        Ok(number)
    }

    fn not_whole(&self) -> Failure {
        self.malformed("it has fewer rows than it says")
    }

    fn malformed(&self, why: &str) -> Failure {
        let text = format!("`{}`: {why}", self.path.display());
        Failure::of(ErrorClass::Malformed, text)
    }
}

fn text(value: &ByteArray) -> Option<String> {
    value.as_utf8().ok().map(str::to_owned)
}

fn broken(path: &Path, error: &ParquetError) -> Failure {
    let text = format!(
        "`{}` begins as a Parquet file and is none, or was cut short: {error}",
        path.display()
    );
    Failure::of(ErrorClass::Malformed, text)
}
