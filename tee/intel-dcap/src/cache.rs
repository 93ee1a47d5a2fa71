use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use adyton_pki::VerifiedPath;

use crate::{PckPlatform, Roots};

/// What the path of a PCK certificate yields.
#[derive(Debug)]
pub(crate) struct VerifiedPck {
    pub(crate) path: VerifiedPath,
    pub(crate) platform: PckPlatform,
    pub(crate) roots: Roots,
}

/// Paths of PCK certificates that verified, by the exact bytes of the chain: machines come back, and
/// their certificates stay. Dates, revocation and roots are looked at each time all the same; only
/// signatures are not verified again.
pub struct PckCache {
    capacity: usize,
    known: Mutex<HashMap<Vec<u8>, Arc<VerifiedPck>>>,
}

impl PckCache {
    /// A cache of at most `capacity` platforms, some 12 KiB each. When it is full it starts anew, so
    /// that who sends many genuine certificates can make it useless, and no larger.
    #[must_use]
    pub fn new(capacity: usize) -> Self {
        Self {
            capacity,
            known: Mutex::new(HashMap::new()),
        }
    }

    pub(crate) fn find(&self, chain: &[u8], roots: &Roots) -> Option<Arc<VerifiedPck>> {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        let found = known.get(chain)?;
        (found.roots == *roots).then(|| Arc::clone(found))
    }

    pub(crate) fn keep(&self, chain: &[u8], pck: &Arc<VerifiedPck>) {
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= self.capacity {
            known.clear();
        }
        if self.capacity > 0 {
            known.insert(chain.to_vec(), Arc::clone(pck));
        }
    }

    /// How many platforms it knows.
    #[must_use]
    pub fn len(&self) -> usize {
        let known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        known.len()
    }

    /// Whether it knows none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl fmt::Debug for PckCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "PckCache({} of {})", self.len(), self.capacity)
    }
}
