use std::collections::{BTreeMap, BTreeSet};

use adyton_types::{PlatformId, PlatformMeasurement, Protections, TeeKind, UnixTime};

use crate::Attribute;

/// What Evidence of any kind states about its platform, in one form.
///
/// Having one tells you nothing: anybody can write one down. [`VerifiedEvidence`](crate::VerifiedEvidence)
/// holds one that a TEE stated.
///
/// What is one field here is made of each vendor's fields by the rules of `docs/evidence/README.md`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The TEE's kind.
    pub kind: TeeKind,
    /// The hardware's generation or product, by the vendor's name: `Milan`, `TDX 1.5`, `enclave`,
    /// `HOPPER`. Empty for the software TEE.
    pub generation: String,
    /// Which Adyton runs. Where several registers say so, it is a digest over all of them, so that
    /// a policy cannot forget one; each is an attribute, too.
    pub measurement: PlatformMeasurement,
    /// On which machine, or under which platform key. All zero where the vendor lets the host hide
    /// it (a masked chip id of SEV-SNP): then the concern `chip-id-masked` is there.
    pub platform_id: PlatformId,
    /// Security version of each component of the TCB, by the vendor's name for it. The software
    /// TEE has one, [`SVN`](Self::SVN).
    pub tcb: BTreeMap<String, u64>,
    /// What the vendor says of this TCB; only Intel does.
    pub standing: Option<TcbStanding>,
    /// Which walls of the software TEE held; empty for the other kinds, whose walls are hardware.
    pub protections: Protections,
    /// Whether the TEE runs in a mode in which its owner can look inside.
    pub debug: bool,
    /// What weakens authentic Evidence so much that a policy has to name it to accept it, by the
    /// vendor crate's name for it (`debug` included).
    pub concerns: BTreeSet<String>,
    /// Everything else that the Evidence states, by name in lower case with hyphens.
    pub attributes: BTreeMap<String, Attribute>,
    /// When the Evidence was made by the TEE's own clock, for the kinds that have one.
    pub made_at: Option<UnixTime>,
    /// Until when the Endorsements behind this are in date.
    pub valid_until: UnixTime,
}

/// What a vendor says of a platform's TCB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TcbStanding {
    /// The vendor's word: `UpToDate`, `OutOfDate`, ...
    pub status: String,
    /// Security advisories that apply.
    pub advisories: BTreeSet<String>,
    /// The date to which the level is known to be current.
    pub date: UnixTime,
    /// The vendor's number of the evaluation that says so (Intel's `tcbEvaluationDataNumber`), the
    /// least of the documents that were used.
    pub evaluation: u32,
}

impl Claims {
    /// The one TCB component of the software TEE.
    pub const SVN: &'static str = "svn";
}
