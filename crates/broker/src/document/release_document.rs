use std::collections::BTreeSet;

use adyton_appraisal::PlatformPolicy;
use adyton_codec::{CodecError, Fields, Value};
use adyton_crypto::sha256;
use adyton_types::{Name, ProgramMeasurement, Sha256Digest, UnixTime};

use crate::document::DocumentError;

const VERSION: &str = "adyton/release-document/v1";

/// The most bytes of a document, as text or encoded: what a person can still read.
pub const MAX_DOCUMENT_BYTES: usize = 64 << 10;

/// The most programs, and platforms.
pub(crate) const MAX_ENTRIES: usize = 64;

/// What a data owner allows (`specs/release-document.md`): everything else is denied. Having one
/// tells you that it is complete and does not contradict itself, and not who wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReleaseDocument {
    pub(crate) secret: Name,
    pub(crate) purpose: Name,
    pub(crate) programs: BTreeSet<ProgramMeasurement>,
    pub(crate) not_before: UnixTime,
    pub(crate) not_after: UnixTime,
    pub(crate) max_releases: u64,
    pub(crate) platforms: Vec<PlatformPolicy>,
}

impl ReleaseDocument {
    /// The secret that it is about.
    #[must_use]
    pub const fn secret(&self) -> &Name {
        &self.secret
    }

    /// What the secret may be used for.
    #[must_use]
    pub const fn purpose(&self) -> &Name {
        &self.purpose
    }

    /// Which programs may have it.
    #[must_use]
    pub const fn programs(&self) -> &BTreeSet<ProgramMeasurement> {
        &self.programs
    }

    /// From when on, this second included.
    #[must_use]
    pub const fn not_before(&self) -> UnixTime {
        self.not_before
    }

    /// Until when, this second included.
    #[must_use]
    pub const fn not_after(&self) -> UnixTime {
        self.not_after
    }

    /// How often, over the document's whole life.
    #[must_use]
    pub const fn max_releases(&self) -> u64 {
        self.max_releases
    }

    /// On which platforms, in the document's order; one of them must be satisfied in full.
    #[must_use]
    pub fn platforms(&self) -> &[PlatformPolicy] {
        &self.platforms
    }

    /// SHA-256 of its encoding: by this the log and answers name it.
    #[must_use]
    pub fn id(&self) -> Sha256Digest {
        Sha256Digest::new(sha256(&[&self.encode()]))
    }

    /// Its one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let programs = self.programs.iter().map(|p| Value::bytes(p.as_bytes()));
        let platforms = self.platforms.iter().map(PlatformPolicy::to_value);
        Value::map([
            ("v", Value::text(VERSION)),
            ("secret", Value::text(self.secret.as_str())),
            ("purpose", Value::text(self.purpose.as_str())),
            ("programs", Value::Array(programs.collect())),
            ("not-before", Value::Uint(self.not_before.as_secs())),
            ("not-after", Value::Uint(self.not_after.as_secs())),
            ("max-releases", Value::Uint(self.max_releases)),
            ("platform", Value::Array(platforms.collect())),
        ])
        .encode()
    }

    /// Reads its one encoding.
    ///
    /// # Errors
    /// [`DocumentError`]; everything that is refused in the text is refused here.
    pub fn decode(bytes: &[u8]) -> Result<Self, DocumentError> {
        let found = bytes.len();
        if found > MAX_DOCUMENT_BYTES {
            return Err(DocumentError::TooLong { found });
        }
        let mut fields = Value::decode(bytes)?.into_fields("release document")?;
        fields.version("v", VERSION)?;
        let platforms = fields.items("platform")?;
        let document = Self {
            secret: name(&mut fields, "secret")?,
            purpose: name(&mut fields, "purpose")?,
            programs: list(&mut fields, "programs", |bytes| {
                let bytes = bytes.try_into().map_err(|_| CodecError::WrongLength {
                    field: "programs",
                    expected: ProgramMeasurement::LEN,
                    found: bytes.len(),
                })?;
                Ok(ProgramMeasurement::new(bytes))
            })?,
            not_before: UnixTime::from_secs(fields.uint("not-before")?),
            not_after: UnixTime::from_secs(fields.uint("not-after")?),
            max_releases: fields.uint("max-releases")?,
            platforms: platforms
                .into_iter()
                .map(PlatformPolicy::from_value)
                .collect::<Result<_, _>>()?,
        };
        fields.finish()?;
        let document = document.consistent()?;
        // What the types fold together (a time beyond the year 9999) is not the one encoding.
        if document.encode() == bytes {
            Ok(document)
        } else {
            Err(CodecError::NotDeterministic {
                at: 0,
                why: "lists are sorted and times are before the year 10000",
            }
            .into())
        }
    }

    /// Refuses a document under which nothing could ever be released, or that nobody can read.
    pub(crate) fn consistent(self) -> Result<Self, DocumentError> {
        bounded("programs", self.programs.len())?;
        bounded("platform", self.platforms.len())?;
        for platform in &self.platforms {
            platform.require_dependable()?;
        }
        if self.max_releases == 0 {
            return Err(DocumentError::NoReleases);
        }
        if self.not_after < self.not_before {
            return Err(DocumentError::Period {
                not_before: self.not_before,
                not_after: self.not_after,
            });
        }
        Ok(self)
    }
}

const fn bounded(key: &'static str, found: usize) -> Result<(), DocumentError> {
    match found {
        0 => Err(DocumentError::Empty { key }),
        1..=MAX_ENTRIES => Ok(()),
        _ => Err(DocumentError::TooMany {
            key,
            found,
            max: MAX_ENTRIES,
        }),
    }
}

fn name(fields: &mut Fields<'_>, key: &'static str) -> Result<Name, DocumentError> {
    let text = fields.text(key)?;
    text.parse()
        .map_err(|_| DocumentError::value(key, &text, "no name"))
}

/// A list of byte strings, sorted and distinct.
fn list<T: Ord>(
    fields: &mut Fields<'_>,
    key: &'static str,
    parse: impl Fn(&[u8]) -> Result<T, CodecError>,
) -> Result<BTreeSet<T>, DocumentError> {
    fields
        .items(key)?
        .into_iter()
        .map(|item| Ok(parse(&item.into_bytes(key)?)?))
        .collect()
}
