use std::path::PathBuf;

use adyton_types::UnixTime;

use crate::FetchError;

/// What became of each Endorsement that some Evidence needs.
#[derive(Debug)]
pub struct Fetched {
    pub(crate) items: Vec<Item>,
}

/// One Endorsement.
#[derive(Debug)]
pub struct Item {
    /// What it is, in words.
    pub what: String,
    /// Where it was asked for, if it was.
    pub url: Option<String>,
    /// Its files in the cache.
    pub files: Vec<PathBuf>,
    /// What became of it.
    pub outcome: Outcome,
    /// For AMD's, which of the generations that the Evidence may be of.
    pub(crate) generation: Option<&'static str>,
}

/// What became of one Endorsement.
#[derive(Debug)]
#[non_exhaustive]
pub enum Outcome {
    /// The caller has it already, or it came with the Evidence.
    AtHand,
    /// It was in the cache, and is good until then.
    Kept {
        /// Until when.
        until: UnixTime,
    },
    /// It was fetched, and is good until then.
    Fetched {
        /// Until when.
        until: UnixTime,
    },
    /// No service serves it: somebody has to hand it in.
    Unserved,
    /// It was asked for in vain.
    Failed(FetchError),
}

impl Fetched {
    /// Each Endorsement, in the order in which they were looked for.
    #[must_use]
    pub fn items(&self) -> &[Item] {
        &self.items
    }

    /// The files of the cache that belong to this Evidence.
    pub fn files(&self) -> impl Iterator<Item = &PathBuf> {
        self.items.iter().flat_map(|item| &item.files)
    }

    /// What was asked for in vain. An old SNP report does not say which generation its chip is of:
    /// there one generation is enough.
    #[must_use]
    pub fn failed(&self) -> Vec<(&Item, &FetchError)> {
        let failed = self.items.iter().filter_map(|item| match &item.outcome {
            Outcome::Failed(error) => Some((item, error)),
            _ => None,
        });
        failed
            .filter(|(item, _)| !self.is_of_another_generation(item))
            .collect()
    }

    fn is_of_another_generation(&self, item: &Item) -> bool {
        let Some(generation) = item.generation else {
            return false;
        };
        let others = self
            .items
            .iter()
            .filter(|other| other.generation.is_some_and(|other| other != generation));
        let mut whole = others.peekable();
        whole.peek().is_some() && whole.all(|other| !matches!(other.outcome, Outcome::Failed(_)))
    }
}
