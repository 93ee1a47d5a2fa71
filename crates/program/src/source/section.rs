//! TOML read table by table: what is taken is known, and what is left is an error with its place.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeString, DeTable, DeValue};

use super::error::{SourceError, SourceProblem};

const TOP_KEYS: &[&str] = &[
    "name",
    "component",
    "args",
    "env",
    "input",
    "output",
    "stdout",
    "stderr",
    "limits",
    "clock",
    "network",
    "debug",
];

/// A value with its place.
pub(super) struct Found<'a>(Spanned<DeValue<'a>>);

/// A table whose keys are taken one by one.
pub(super) struct Section<'a> {
    name: &'static str,
    keys: &'static [&'static str],
    span: Range<usize>,
    table: DeTable<'a>,
}

impl<'a> Section<'a> {
    /// The document itself.
    pub(super) fn document(text: &'a str) -> Result<Self, SourceError> {
        let table = DeTable::parse(text).map_err(|error| {
            let message = error.message().lines().collect::<Vec<_>>().join("; ");
            let problem = SourceProblem::Syntax { message };
            match error.span() {
                Some(span) => problem.at(span),
                None => problem.nowhere(),
            }
        })?;
        Ok(Self {
            name: "the file",
            keys: TOP_KEYS,
            span: 0..0,
            table: table.into_inner(),
        })
    }

    pub(super) fn optional(&mut self, key: &'static str) -> Option<Found<'a>> {
        self.table.remove(key).map(Found)
    }

    pub(super) fn required(&mut self, key: &'static str) -> Result<Found<'a>, SourceError> {
        let section = self.name;
        // A key that is missing has often been misspelt: the one that is not known says more.
        self.optional(key).ok_or_else(|| {
            let mut left = self.table.keys();
            let stranger = left.find(|left| !self.keys.contains(&left.get_ref().as_ref()));
            stranger.map_or_else(
                || SourceProblem::MissingKey { key, section }.at(self.span.clone()),
                |stranger| self.unknown(stranger),
            )
        })
    }

    fn unknown(&self, key: &Spanned<DeString<'_>>) -> SourceError {
        let problem = SourceProblem::UnknownKey {
            key: key.get_ref().chars().take(80).collect(),
            section: self.name,
            known: self.keys.join(", "),
        };
        problem.at(key.span())
    }

    /// All that is left, where every key is allowed.
    pub(super) fn into_entries(self) -> impl Iterator<Item = (String, Found<'a>)> {
        let entries = self.table.into_iter();
        entries.map(|(key, value)| (key.into_inner().into_owned(), Found(value)))
    }

    /// Ends the reading.
    pub(super) fn finish(self) -> Result<(), SourceError> {
        let left = self.table.keys().next();
        left.map_or(Ok(()), |key| Err(self.unknown(key)))
    }
}

impl<'a> Found<'a> {
    pub(super) fn span(&self) -> Range<usize> {
        self.0.span()
    }

    pub(super) fn value(&self) -> &DeValue<'a> {
        self.0.get_ref()
    }

    pub(super) fn string(&self) -> Result<&str, SourceError> {
        self.value().as_str().ok_or_else(|| self.kind("a text"))
    }

    pub(super) fn bool(&self) -> Result<bool, SourceError> {
        let found = self.value().as_bool();
        found.ok_or_else(|| self.kind("true or false"))
    }

    /// The items of an array. An array of tables written as `[input]` is the mistake to explain.
    pub(super) fn array(&self) -> Result<Vec<Self>, SourceError> {
        match self.value() {
            DeValue::Array(items) => Ok(items.iter().cloned().map(Found).collect()),
            DeValue::Table(_) => Err(self.kind("a list, in double brackets such as [[input]]")),
            _ => Err(self.kind("a list")),
        }
    }

    pub(super) fn section(
        &self,
        name: &'static str,
        keys: &'static [&'static str],
    ) -> Result<Section<'a>, SourceError> {
        match self.value() {
            DeValue::Table(table) => Ok(Section {
                name,
                keys,
                span: self.span(),
                table: table.clone(),
            }),
            _ => Err(self.kind("a table")),
        }
    }

    pub(super) fn kind(&self, expected: &'static str) -> SourceError {
        let found = self.value().type_str();
        SourceProblem::Kind { expected, found }.at(self.span())
    }
}
