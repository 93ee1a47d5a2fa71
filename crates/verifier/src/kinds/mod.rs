//! One module a kind: what its Evidence needs, its vendor's verification, and how the vendor's
//! claims become the one form.

pub(crate) mod azure;
pub(crate) mod cca;
pub(crate) mod intel;
pub(crate) mod nitro;
pub(crate) mod nvidia;
pub(crate) mod snp;
pub(crate) mod software;
pub(crate) mod tpm;
