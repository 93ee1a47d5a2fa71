use crate::names::Names;

/// One request, and what becomes of its answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ask {
    pub(crate) url: String,
    /// What to POST; otherwise it is a GET.
    pub(crate) body: Option<Vec<u8>>,
    /// The nonce in it, which an answer may not have another of.
    pub(crate) nonce: Option<[u8; 32]>,
    /// The most bytes of an answer of this kind.
    pub(crate) limit: u64,
    /// The header in which the service writes the chain of certificates above the answer.
    pub(crate) chain_header: Option<&'static str>,
    /// Under which names it is kept.
    pub(crate) names: Names,
}
