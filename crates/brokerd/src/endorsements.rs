use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use adyton_appraisal::{ReferenceError, ReferenceValues, References};
use adyton_broker::{Engine, Judging};
use adyton_pki::{Certificate, TrustAnchor};
use adyton_types::UnixTime;
use adyton_verifier::material::{MAX_FILE_BYTES, Material, Trust};

use crate::{BrokerdError, Endorsed};

/// Read again after so long, so that a vendor's next revocation list counts without a restart.
const REFRESH_SECS: u64 = 600;

/// The most files.
const MAX_FILES: usize = 4096;

/// The directory inside it with roots of TPM makers and clouds: the owner trusts whatever
/// certificate is there.
const TPM_ROOTS: &str = "tpm-roots";

/// The directory inside it with records of TPMs that the owner has enrolled: whatever record is there
/// is believed.
const TPM_ENROLLED: &str = "tpm-enrolled";

/// A directory of Endorsements and signed lists of Reference Values, in any number of files and
/// any form that `adyton verify` reads. Nothing in it is believed but what the vendors' roots, or
/// signers that a release document names, have signed; only the certificates in `tpm-roots` are
/// themselves roots, and the records in `tpm-enrolled` prove nothing but the owner's word.
pub(crate) struct EndorsementDirectory {
    path: PathBuf,
    trust: Trust,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// When to read it again; none before the first time.
    due: Option<UnixTime>,
    shown: Vec<Endorsed>,
}

impl EndorsementDirectory {
    pub(crate) fn new(path: &Path, trust: Trust) -> Self {
        Self {
            path: path.to_owned(),
            trust,
            state: Mutex::default(),
        }
    }

    /// Reads all of it. A file that is nothing to judge Evidence by is an error: somebody meant it
    /// to be something.
    pub(crate) fn load(&self, engine: &Engine, now: UnixTime) -> Result<(), BrokerdError> {
        let (judging, shown) = self.read(now)?;
        engine.set_judging(judging);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.due = Some(now.plus_secs(REFRESH_SECS));
        state.shown = shown;
        Ok(())
    }

    /// Reads it again if it is time. If that fails, what was read before goes on counting until it
    /// runs out, and the status tells.
    pub(crate) fn refresh(&self, engine: &Engine, now: UnixTime) {
        {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if state.due.is_some_and(|due| now < due) {
                return;
            }
            // Others need not read it, too.
            state.due = Some(now.plus_secs(REFRESH_SECS));
        }
        if let Err(error) = self.load(engine, now) {
            let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            state.shown.retain(|line| line.what != READING);
            state.shown.push(Endorsed {
                what: READING.to_owned(),
                until: None,
                refused: Some(error.to_string()),
            });
        }
    }

    /// What it holds, for the owner.
    pub(crate) fn shown(&self) -> Vec<Endorsed> {
        let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.shown.clone()
    }

    fn read(&self, now: UnixTime) -> Result<(Judging, Vec<Endorsed>), BrokerdError> {
        let (mut material, mut references) = (Material::new(), References::default());
        for path in files(&self.path)? {
            let bytes = read(&path)?;
            let Err(why) = material.add(&bytes) else {
                continue;
            };
            let list = ReferenceValues::parse(&bytes).and_then(|list| references.add(list));
            list.map_err(|error| match error {
                // Whoever reads this knows best what it should have been.
                ReferenceError::Codec(_) => unusable(&path, &why),
                error => unusable(&path, &error),
            })?;
        }
        let mut trust = self.trust.clone();
        let roots = self.path.join(TPM_ROOTS);
        if roots.is_dir() {
            for path in files(&roots)? {
                trust.tpm.extend(anchors(&path)?);
            }
        }
        let enrolled = self.path.join(TPM_ENROLLED);
        if enrolled.is_dir() {
            for path in files(&enrolled)? {
                let with = trust.danger_with_enrolment(&read(&path)?);
                trust = with.map_err(|error| unusable(&path, &error))?;
            }
        }
        let endorsements = material.endorse(&trust, now);
        let judging = Judging {
            endorsements,
            references,
        };
        let shown = shown(&judging);
        Ok((judging, shown))
    }
}

const READING: &str = "reading the directory";

fn shown(judging: &Judging) -> Vec<Endorsed> {
    let held = judging.endorsements.held().into_iter();
    let held = held.map(|held| Endorsed {
        what: format!("{}: {}", held.kind, held.what),
        until: Some(held.not_after),
        refused: None,
    });
    let lists = judging.references.lists().iter().map(|list| {
        let (draft, signer) = (list.draft(), list.signer());
        Endorsed {
            what: format!(
                "reference values `{}` {} of {signer}",
                draft.name, draft.serial
            ),
            until: Some(draft.not_after),
            refused: None,
        }
    });
    let refused = judging.endorsements.refused().iter();
    let refused = refused.map(|(scope, why)| Endorsed {
        what: format!("{scope:?}"),
        until: None,
        refused: Some(why.to_string()),
    });
    held.chain(lists).chain(refused).collect()
}

fn unusable(path: &Path, why: &impl ToString) -> BrokerdError {
    BrokerdError::Endorsement {
        path: path.to_owned(),
        why: why.to_string(),
    }
}

/// The files directly in a directory, by name; hidden ones are somebody else's.
fn files(directory: &Path) -> Result<Vec<PathBuf>, BrokerdError> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(directory).map_err(BrokerdError::file(directory))? {
        let path = entry.map_err(BrokerdError::file(directory))?.path();
        let hidden = path
            .file_name()
            .is_some_and(|name| name.as_encoded_bytes().starts_with(b"."));
        if hidden || !path.is_file() {
            continue;
        }
        files.push(path);
        if files.len() > MAX_FILES {
            return Err(unusable(directory, &"it holds more than 4096 files"));
        }
    }
    files.sort();
    Ok(files)
}

fn read(path: &Path) -> Result<Vec<u8>, BrokerdError> {
    let file = File::open(path).map_err(BrokerdError::file(path))?;
    let mut bytes = Vec::new();
    // One byte more, so that what is too long is told as that.
    let most = MAX_FILE_BYTES as u64 + 1;
    let read = file.take(most).read_to_end(&mut bytes);
    read.map_err(BrokerdError::file(path))?;
    Ok(bytes)
}

/// Each certificate of a file in DER or PEM as a root.
fn anchors(path: &Path) -> Result<Vec<TrustAnchor>, BrokerdError> {
    let bytes = read(path)?;
    let chain = if bytes.starts_with(b"-----") {
        adyton_pki::split_pem_chain(&bytes).map_err(|error| unusable(path, &error))?
    } else {
        vec![bytes]
    };
    let roots = chain.iter().map(|der| {
        let root = Certificate::parse(der).map_err(|error| unusable(path, &error))?;
        Ok(TrustAnchor::from_certificate(&root))
    });
    roots.collect()
}
