use std::fs;
use std::path::{Path, PathBuf};

use adyton_client::read_file;
use adyton_pki::{Certificate, TrustAnchor, parse_pem_chain};
use adyton_types::{ErrorClass, UnixTime};
use adyton_verifier::Endorsements;
use adyton_verifier::material::{MAX_FILE_BYTES, Material, Trust};

use crate::{Failure, Out};

/// The most files of Endorsements: a mirror of all that a vendor serves has some hundreds.
const MAX_FILES: usize = 4096;

/// Files of Endorsements, and what each was.
pub(super) struct Collected {
    material: Material,
    files: Vec<(PathBuf, Vec<&'static str>)>,
}

impl Collected {
    /// Reads files, and every file of directories. What is no Endorsement is said on standard error
    /// and left out: a directory may hold a note of where it is from.
    pub(super) fn read(places: &[PathBuf], out: Out) -> Result<Self, Failure> {
        let mut collected = Self {
            material: Material::new(),
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
        match self.material.add(&bytes) {
            Ok(kinds) => self.files.push((path, kinds)),
            Err(error) => out.note(&format!("left out `{}`: {error}", path.display())),
        }
        Ok(())
    }

    /// Takes what came beside the Evidence; it proves itself like anything else.
    pub(super) fn add_beside(&mut self, beside: &[Vec<u8>]) {
        for bytes in beside {
            if let Ok(kinds) = self.material.add(bytes) {
                self.files
                    .push((PathBuf::from("beside the Evidence"), kinds));
            }
        }
    }

    pub(super) fn endorse(&self, trust: &Trust, at: UnixTime) -> Endorsements {
        self.material.endorse(trust, at)
    }

    pub(super) fn files(&self) -> &[(PathBuf, Vec<&'static str>)] {
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
        if path.is_file() {
            paths.push(path);
        }
    }
    paths.sort();
    Ok(paths)
}

/// The keys of root certificates in DER or PEM.
pub(super) fn read_roots(path: &Path) -> Result<Vec<TrustAnchor>, Failure> {
    let bytes = read_file(path, "root certificate", MAX_FILE_BYTES as u64)?;
    let certificates = match Certificate::parse(&bytes) {
        Ok(one) => Ok(vec![one]),
        Err(_) => parse_pem_chain(&bytes),
    };
    match certificates {
        Ok(all) => Ok(all.iter().map(TrustAnchor::from_certificate).collect()),
        Err(error) => {
            Err(Failure::new(ErrorClass::Malformed, &error)
                .context(format!("`{}`", path.display())))
        }
    }
}
