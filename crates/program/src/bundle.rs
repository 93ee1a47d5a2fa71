use std::fmt;

use adyton_crypto::sha384;
use adyton_types::ErrorClass;
use thiserror::Error;

use crate::error::ManifestError;
use crate::limits::{MAX_COMPONENT_BYTES, MAX_MANIFEST_BYTES};
use crate::manifest::Manifest;

/// The longest bundle file.
pub const MAX_BUNDLE_BYTES: u64 = HEAD as u64 + MAX_MANIFEST_BYTES as u64 + MAX_COMPONENT_BYTES;

const NAME: &[u8; 6] = b"ADYTON";
const VERSION: [u8; 2] = [0, 1];
/// Magic and the manifest's length.
const HEAD: usize = 12;

/// A program as one file: its manifest, and the component that the manifest names.
///
/// Having one tells you that the component is the manifest's, and nothing about who made them.
pub struct Bundle<'a> {
    manifest: Manifest,
    component: &'a [u8],
}

impl<'a> Bundle<'a> {
    /// Reads a bundle file; the component is borrowed from it.
    ///
    /// # Errors
    /// If the file is no bundle, or the component is not the manifest's.
    pub fn parse(file: &'a [u8]) -> Result<Self, BundleError> {
        let (name, rest) = file.split_first_chunk().ok_or(BundleError::Magic)?;
        if name != NAME {
            return Err(BundleError::Magic);
        }
        let (version, rest) = rest.split_first_chunk().ok_or(BundleError::Truncated)?;
        if *version != VERSION {
            return Err(BundleError::Version {
                found: u16::from_be_bytes(*version),
            });
        }
        let (length, rest) = rest.split_first_chunk().ok_or(BundleError::Truncated)?;
        let length = u32::from_be_bytes(*length);
        let found = usize::try_from(length).unwrap_or(usize::MAX);
        if found > MAX_MANIFEST_BYTES {
            return Err(BundleError::Manifest(ManifestError::TooLong { found }));
        }
        let (manifest, component) = rest.split_at_checked(found).ok_or(BundleError::Truncated)?;
        let manifest = Manifest::decode(manifest)?;
        let bundle = Self {
            manifest,
            component,
        };
        bundle.compare()?;
        Ok(bundle)
    }

    /// Writes a bundle file.
    ///
    /// # Errors
    /// If the component is not the manifest's.
    pub fn build(manifest: &Manifest, component: &'a [u8]) -> Result<Vec<u8>, BundleError> {
        let bundle = Self {
            manifest: manifest.clone(),
            component,
        };
        bundle.compare()?;
        let encoded = manifest.encode();
        let length = u32::try_from(encoded.len()).map_err(|_| ManifestError::TooLong {
            found: encoded.len(),
        })?;
        let head = [NAME.as_slice(), &VERSION, &length.to_be_bytes()];
        Ok([head.concat().as_slice(), &encoded, component].concat())
    }

    fn compare(&self) -> Result<(), BundleError> {
        let (expected, found) = (self.manifest.component_size(), self.component.len() as u64);
        if expected != found {
            return Err(BundleError::ComponentSize { expected, found });
        }
        if sha384(&[self.component]) != *self.manifest.component_sha384() {
            return Err(BundleError::ComponentDigest);
        }
        Ok(())
    }

    /// The manifest.
    #[must_use]
    pub const fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    /// The component: a WebAssembly binary, by the author's word only.
    #[must_use]
    pub const fn component(&self) -> &'a [u8] {
        self.component
    }

    /// The manifest alone, for those who do not need the file to live on.
    #[must_use]
    pub fn into_manifest(self) -> Manifest {
        self.manifest
    }
}

impl fmt::Debug for Bundle<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundle({})", self.manifest.name())
    }
}

/// Why a file is no bundle.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum BundleError {
    /// It does not begin as one.
    #[error("this is no bundle: it does not begin with `ADYTON`; make one with `adyton build`")]
    Magic,
    /// It is of another version.
    #[error("the bundle is of version {found}; only version 1 is known here")]
    Version {
        /// The version.
        found: u16,
    },
    /// It ends before its manifest does.
    #[error("the bundle was cut off")]
    Truncated,
    /// Its manifest is none.
    #[error("the bundle's manifest is refused")]
    Manifest(#[from] ManifestError),
    /// Its component has another size than the manifest says.
    #[error(
        "the component measures {found} bytes, and the manifest says {expected}; the bundle was cut off or altered"
    )]
    ComponentSize {
        /// The manifest's word.
        expected: u64,
        /// The size found.
        found: u64,
    },
    /// Its component is another than the manifest says.
    #[error("the component is not the one that the manifest names; the bundle was altered")]
    ComponentDigest,
}

impl BundleError {
    /// Whose fault it is.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        match self {
            Self::ComponentSize { .. } | Self::ComponentDigest => ErrorClass::Rejected,
            Self::Manifest(error) => error.class(),
            Self::Magic | Self::Version { .. } | Self::Truncated => ErrorClass::Malformed,
        }
    }
}
