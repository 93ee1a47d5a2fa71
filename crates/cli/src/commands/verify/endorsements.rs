use std::fs;
use std::path::{Path, PathBuf};

use adyton_appraisal::{Judging, ReferenceError, ReferenceValues, References};
use adyton_client::read_file;
use adyton_types::UnixTime;
use adyton_verifier::Endorsements;
use adyton_verifier::material::{MAX_FILE_BYTES, Material, Trust};

use crate::failure::failure_from;
use crate::printable::one_line;
use crate::{Failure, Out};

/// The most files of Endorsements: a mirror of all that a vendor serves has some hundreds.
const MAX_FILES: usize = 4096;

failure_from!(ReferenceError);

/// Files of Endorsements, and what each was.
pub(crate) struct Collected {
    material: Material,
    references: References,
    files: Vec<(PathBuf, Vec<&'static str>)>,
}

impl Collected {
    /// Reads files, and every file of directories. What is no Endorsement is said on standard error
    /// and left out: a directory may hold a note of where it is from.
    pub(crate) fn read(places: &[PathBuf], out: Out) -> Result<Self, Failure> {
        let mut collected = Self {
            material: Material::new(),
            references: References::default(),
            files: Vec::new(),
        };
        for place in places {
            for path in files(place)? {
                collected.add(path, out)?;
            }
        }
        Ok(collected)
    }

    fn add(&mut self, path: PathBuf, out: Out) -> Result<(), Failure> {
        if self.files.len() >= MAX_FILES {
            return Err(Failure::misuse(format!(
                "more than {MAX_FILES} files of Endorsements"
            )));
        }
        let bytes = read_file(&path, "Endorsement", MAX_FILE_BYTES as u64)?;
        let unknown = match self.material.add(&bytes) {
            Ok(kinds) => {
                self.files.push((path, kinds));
                return Ok(());
            }
            Err(unknown) => unknown,
        };
        let named = |failure: Failure| failure.context(format!("`{}`", path.display()));
        match ReferenceValues::parse(&bytes) {
            Ok(list) => {
                let added = self.references.add(list);
                added.map_err(|error| named(error.into()))?;
                self.files.push((path, vec!["list of reference values"]));
            }
            // Of another form altogether.
            Err(ReferenceError::Codec(_)) => {
                let left = format!("left out `{}`: {unknown}", path.display());
                out.note(&one_line(&left));
            }
            Err(error) => return Err(named(error.into())),
        }
        Ok(())
    }

    /// The signed lists of Reference Values among the files; which signer counts, a policy says.
    pub(crate) const fn references(&self) -> &References {
        &self.references
    }

    /// All of it, verified.
    pub(crate) fn judging(self, trust: &Trust, at: UnixTime) -> Judging {
        Judging {
            endorsements: self.endorse(trust, at),
            references: self.references,
        }
    }

    /// Takes the certificates that came beside the Evidence; they prove themselves like others.
    pub(crate) fn add_beside(&mut self, beside: &[Vec<u8>]) {
        for bytes in beside {
            if let Ok(kinds) = self.material.add_beside(bytes) {
                self.files
                    .push((PathBuf::from("beside the Evidence"), kinds));
            }
        }
    }

    /// Takes files that were fetched.
    pub(crate) fn add_files<'a>(
        &mut self,
        files: impl Iterator<Item = &'a PathBuf>,
        out: Out,
    ) -> Result<(), Failure> {
        for path in files {
            self.add(path.clone(), out)?;
        }
        Ok(())
    }

    /// All of it so far.
    pub(crate) fn material(&self) -> Material {
        self.material.clone()
    }

    pub(crate) fn endorse(&self, trust: &Trust, at: UnixTime) -> Endorsements {
        self.material.endorse(trust, at)
    }

    pub(crate) fn files(&self) -> &[(PathBuf, Vec<&'static str>)] {
        &self.files
    }
}

/// A file, or the files of a directory by name.
fn files(place: &Path) -> Result<Vec<PathBuf>, Failure> {
    if !place.is_dir() {
        return Ok(vec![place.to_owned()]);
    }
    let unreadable = |error: std::io::Error| {
        Failure::unavailable(format!("cannot read `{}`: {error}", place.display()))
    };
    let mut paths = Vec::new();
    for entry in fs::read_dir(place).map_err(unreadable)? {
        let path = entry.map_err(unreadable)?.path();
        // Hidden names are somebody else's: files in the making, a version control's.
        let name = path.file_name().unwrap_or_default();
        if path.is_file() && !name.as_encoded_bytes().starts_with(b".") {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}
