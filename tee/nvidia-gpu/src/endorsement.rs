use std::collections::BTreeMap;

use adyton_pki::OcspResponse;
use adyton_types::UnixTime;

use crate::{Architecture, NvidiaError, NvidiaRoots, Rim};

/// What the Verifier needs to know of NVIDIA: verified manifests, and the OCSP answers for the
/// devices' certificates. Having one tells you that no version has two manifests.
#[derive(Debug, Clone)]
pub struct NvidiaEndorsements {
    roots: NvidiaRoots,
    rims: BTreeMap<(String, String), Rim>,
    ocsp: Vec<OcspResponse>,
}

impl NvidiaEndorsements {
    /// An empty set under NVIDIA's own roots.
    #[must_use]
    pub fn new() -> Self {
        Self::danger_under(NvidiaRoots::production())
    }

    /// An empty set under other roots: for tests.
    #[must_use]
    pub const fn danger_under(roots: NvidiaRoots) -> Self {
        Self {
            roots,
            rims: BTreeMap::new(),
            ocsp: Vec::new(),
        }
    }

    /// The roots.
    #[must_use]
    pub const fn roots(&self) -> &NvidiaRoots {
        &self.roots
    }

    /// Adds a verified manifest.
    ///
    /// # Errors
    /// [`NvidiaError::RimTwice`] if there is another for the same chip and version.
    pub fn add_rim(&mut self, rim: Rim) -> Result<(), NvidiaError> {
        let document = rim.document();
        let key = (document.product.clone(), document.version.clone());
        match self.rims.get(&key) {
            Some(before) if before.document() != document => {
                Err(NvidiaError::RimTwice { version: key.1 })
            }
            _ => {
                self.rims.insert(key, rim);
                Ok(())
            }
        }
    }

    /// Adds an OCSP response; it is verified where it is used.
    pub fn add_ocsp(&mut self, response: OcspResponse) {
        self.ocsp.push(response);
    }

    /// From when on all manifests are in force.
    #[must_use]
    pub fn not_before(&self) -> UnixTime {
        let all = self.rims.values().map(Rim::not_before);
        all.max().unwrap_or(UnixTime::from_secs(0))
    }

    /// Until when all manifests are in force.
    #[must_use]
    pub fn not_after(&self) -> UnixTime {
        let all = self.rims.values().map(Rim::not_after);
        all.min().unwrap_or(UnixTime::MAX)
    }

    pub(crate) fn ocsp(&self) -> &[OcspResponse] {
        &self.ocsp
    }

    pub(crate) fn rim(&self, architecture: Architecture, version: &str) -> Option<&Rim> {
        let products = architecture.products().iter();
        let mut rims = products
            .filter_map(|product| self.rims.get(&((*product).to_owned(), version.to_owned())));
        rims.next()
    }
}

impl Default for NvidiaEndorsements {
    fn default() -> Self {
        Self::new()
    }
}
