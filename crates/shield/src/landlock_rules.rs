//! Landlock: no file, no TCP, no abstract socket, no signal to others. There is no exception.

use landlock::{
    ABI, Access as _, AccessFs, AccessNet, CompatLevel, Compatible as _, LandlockStatus, Ruleset,
    RulesetAttr as _, RulesetError, RulesetStatus, Scope,
};

/// The newest interface whose every right is denied here.
const NEWEST: ABI = ABI::V7;

/// Restricts the calling thread and what it starts. Yields the version of the interface that
/// holds; 0 if the kernel has none.
pub(crate) fn deny_everything() -> Result<u32, RulesetError> {
    let status = Ruleset::default()
        .set_compatibility(CompatLevel::BestEffort)
        .handle_access(AccessFs::from_all(NEWEST))?
        .handle_access(AccessNet::from_all(NEWEST))?
        .scope(Scope::from_all(NEWEST))?
        .create()?
        .restrict_self()?;
    Ok(match (status.ruleset, status.landlock) {
        (RulesetStatus::NotEnforced, _) => 0,
        (_, LandlockStatus::Available { effective_abi, .. }) => effective_abi as u32,
        _ => 0,
    })
}
