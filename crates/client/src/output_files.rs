use std::collections::BTreeMap;
use std::fs::File;
use std::io::Write as _;

use adyton_hatch::Done;
use adyton_types::Name;

use crate::plan::Plan;
use crate::{Access, FileError, NewFile, Output, RunError, RunRequest};

/// The files of a run's results: all of them get their names, or none does.
#[derive(Debug)]
pub(crate) struct OutputFiles {
    outputs: BTreeMap<Name, NewFile>,
    receipt: NewFile,
}

impl OutputFiles {
    pub(crate) fn create(request: &RunRequest, plan: &Plan) -> Result<Self, RunError> {
        let existing = request.placement.existing;
        let new = |(name, path): (&Name, &std::path::PathBuf)| {
            Ok((
                name.clone(),
                NewFile::create(path, Access::Public, existing)?,
            ))
        };
        Ok(Self {
            outputs: plan
                .outputs()
                .iter()
                .map(new)
                .collect::<Result<_, FileError>>()?,
            receipt: NewFile::create(plan.receipt(), Access::Public, existing)?,
        })
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        self.outputs.keys()
    }

    pub(crate) fn files(&self) -> impl Iterator<Item = &File> {
        self.outputs.values().map(NewFile::file)
    }

    /// Gives every file its name, the receipt last. Where one name was taken meanwhile, the names
    /// given before it are taken back.
    pub(crate) fn publish(self, done: &Done) -> Result<Vec<Output>, RunError> {
        let target = self.receipt.target().to_owned();
        let fail = |error| FileError::io("write", &target, error);
        self.receipt.file().write_all(&done.receipt).map_err(fail)?;
        let size = |name: &Name| {
            done.outputs
                .iter()
                .find(|output| output.name == *name)
                .map_or(0, |o| o.size)
        };
        let mut published: Vec<Output> = Vec::new();
        let files = self
            .outputs
            .into_iter()
            .map(|(name, file)| (Some(name), file));
        for (name, file) in files.chain(std::iter::once((None, self.receipt))) {
            let path = file.target().to_owned();
            if let Err(error) = file.publish() {
                // The error that is being reported is the one that matters.
                published
                    .iter()
                    .for_each(|output| drop(std::fs::remove_file(&output.path)));
                return Err(error.into());
            }
            if let Some(name) = name {
                published.push(Output {
                    size: size(&name),
                    path,
                    name,
                });
            }
        }
        Ok(published)
    }
}
