mod error;
mod quantity;
mod section;

use std::ops::Range;

use adyton_sealing::{Recipient, Recipients};
use adyton_types::{Fingerprint, Name};

pub use error::{SourceError, SourceProblem};
use quantity::{duration, size};
use section::{Found, Section};

use crate::declaration::Declaration;
use crate::error::{ManifestError, Stream};
use crate::manifest::Manifest;

/// The longest `adyton.toml`: four times the longest manifest, for comments.
const MAX_SOURCE_BYTES: usize = 4 * crate::limits::MAX_MANIFEST_BYTES;
/// What `[limits] memory` is without a word.
const DEFAULT_MEMORY_BYTES: u64 = 256 << 20;
/// What `[limits] time` is without a word.
const DEFAULT_TIME_SECS: u64 = 600;
/// What an output's `max-bytes` is without a word.
const DEFAULT_OUTPUT_BYTES: u64 = 64 << 20;

/// What the author wrote in `adyton.toml`: a manifest but for the component's digest.
///
/// Having one tells you that it follows the rules, and where its component is to be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ManifestSource {
    component: String,
    declaration: Declaration,
}

impl ManifestSource {
    /// Reads `adyton.toml`. The file is closed: a key that is not known is an error.
    ///
    /// # Errors
    /// [`SourceError`], with the place in the text where there is one.
    pub fn parse(text: &str) -> Result<Self, SourceError> {
        if text.len() > MAX_SOURCE_BYTES {
            let found = text.len();
            return Err(SourceProblem::TooLong { found }.nowhere());
        }
        let mut top = Section::document(text)?;
        let mut declaration = Declaration::new(name(&top.required("name")?)?);
        let component = top.required("component")?;
        let path = component.string()?.to_owned();
        if path.is_empty() {
            return Err(SourceProblem::EmptyPath.at(component.span()));
        }
        for arg in top.optional("args").map_or(Ok(vec![]), |a| a.array())? {
            declaration.arg(arg.string()?).map_err(at(arg.span()))?;
        }
        if let Some(env) = top.optional("env") {
            for (name, value) in env.section("env", &[])?.into_entries() {
                declaration
                    .variable(&name, value.string()?)
                    .map_err(at(value.span()))?;
            }
        }
        for input in top.optional("input").map_or(Ok(vec![]), |a| a.array())? {
            parse_input(&input, &mut declaration)?;
        }
        for output in top.optional("output").map_or(Ok(vec![]), |a| a.array())? {
            parse_output(&output, &mut declaration)?;
        }
        parse_rest(&mut top, &mut declaration)?;
        top.finish()?;
        Ok(Self {
            component: path,
            declaration,
        })
    }

    /// The path of the component as the author wrote it, relative to the file's directory. It is
    /// not measured: what is there is.
    #[must_use]
    pub fn component(&self) -> &str {
        &self.component
    }

    /// The most memory that the program may have.
    #[must_use]
    pub const fn memory_bytes(&self) -> u64 {
        self.declaration.memory_bytes
    }

    /// The program's name.
    #[must_use]
    pub const fn name(&self) -> &Name {
        &self.declaration.name
    }

    /// The manifest of this program with these bytes for a component (after any conversion: they
    /// are what the bundle will hold).
    ///
    /// # Errors
    /// If the component is empty or too large, or the manifest becomes too long.
    pub fn into_manifest(self, component: &[u8]) -> Result<Manifest, ManifestError> {
        Manifest::of_component(self.declaration, component)
    }
}

fn at(span: Range<usize>) -> impl FnOnce(ManifestError) -> SourceError {
    |error| SourceProblem::Rule(error).at(span)
}

fn name(found: &Found<'_>) -> Result<Name, SourceError> {
    let parsed = found.string()?.parse().map_err(ManifestError::Name);
    parsed.map_err(at(found.span()))
}

fn parse_input(found: &Found<'_>, into: &mut Declaration) -> Result<(), SourceError> {
    let mut section = found.section("[[input]]", &["name", "broker"])?;
    let named = section.required("name")?;
    let broker = match section.optional("broker") {
        None => None,
        Some(found) => {
            let text = found.string()?;
            let parsed: Result<Fingerprint, _> = text.parse();
            Some(parsed.map_err(|_| {
                let text = text.chars().take(80).collect();
                SourceProblem::Broker { text }.at(found.span())
            })?)
        }
    };
    section.finish()?;
    into.input(name(&named)?, broker).map_err(at(named.span()))
}

fn parse_output(found: &Found<'_>, into: &mut Declaration) -> Result<(), SourceError> {
    let mut section = found.section("[[output]]", &["name", "recipients", "max-bytes"])?;
    let named = section.required("name")?;
    let output = name(&named)?;
    let list = section.required("recipients")?;
    let mut recipients = Vec::<Recipient>::new();
    for recipient in list.array()? {
        let parsed = recipient.string()?.parse();
        recipients.push(parsed.map_err(|error| {
            let output = output.clone();
            at(recipient.span())(ManifestError::Recipient { output, error })
        })?);
    }
    let recipients = Recipients::new(recipients).map_err(|error| {
        let output = output.clone();
        at(list.span())(ManifestError::Recipients { output, error })
    })?;
    let max = section.optional("max-bytes");
    let max_bytes = max.as_ref().map_or(Ok(DEFAULT_OUTPUT_BYTES), size)?;
    section.finish()?;
    let span = match max {
        Some(max) if !into.outputs.contains_key(&output) => max.span(),
        _ => named.span(),
    };
    into.output(output, recipients, max_bytes).map_err(at(span))
}

fn parse_rest(top: &mut Section<'_>, into: &mut Declaration) -> Result<(), SourceError> {
    for (key, stream) in [("stdout", Stream::Stdout), ("stderr", Stream::Stderr)] {
        if let Some(found) = top.optional(key) {
            into.stream(stream, name(&found)?)
                .map_err(at(found.span()))?;
        }
    }
    (into.memory_bytes, into.time_secs) = (DEFAULT_MEMORY_BYTES, DEFAULT_TIME_SECS);
    if let Some(found) = top.optional("limits") {
        let mut section = found.section("[limits]", &["memory", "time"])?;
        if let Some(found) = section.optional("memory") {
            into.memory(size(&found)?).map_err(at(found.span()))?;
        }
        if let Some(found) = section.optional("time") {
            into.time(duration(&found)?).map_err(at(found.span()))?;
        }
        section.finish()?;
    }
    if let Some(found) = top.optional("clock") {
        into.clock(found.string()?).map_err(at(found.span()))?;
    }
    if let Some(found) = top.optional("network") {
        into.network(found.string()?).map_err(at(found.span()))?;
    }
    if let Some(found) = top.optional("debug") {
        into.debug = found.bool()?;
    }
    Ok(())
}
