use std::collections::HashMap;
use std::path::Path;

use crate::ciphertexts::Ciphertexts;
use crate::error::TraceError;
use crate::step::{Watch, trace};

/// Every kernel set; what this processor has not is passed over.
const KERNELS: [&str; 3] = ["avx512", "avx2", "portable"];
/// Secrets of a join: see the victim for what each is.
const JOIN_SECRETS: u64 = 14;
/// Secrets of a map: enough that the same leaves come several times.
const MAP_SECRETS: u64 = 72;
/// Of both as many as a brief comparison takes.
const BRIEF_JOIN_SECRETS: u64 = 4;
const BRIEF_MAP_SECRETS: u64 = 12;

/// How much is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Extent {
    /// A join and a map, on some secrets: a minute.
    Brief,
    /// Every case on every kernel set: a quarter of an hour.
    Usual,
    /// The same with larger batches: hours.
    Full,
}

/// Compares the traces of cases on kernel sets. Tells each result to `say`.
///
/// # Errors
/// [`TraceError::Differs`] if a trace depends on the secret, [`TraceError::Blind`] if one that does
/// so on purpose seems not to, or why there are no traces.
pub fn compare(victim: &Path, extent: Extent, say: &dyn Fn(&str)) -> Result<(), TraceError> {
    for case in ["leaky-index", "leaky-branch"] {
        match joins(victim, (case, JOIN_SECRETS), "portable", say) {
            Err(TraceError::Differs { .. }) => say(&format!("trace {case}: the leak is seen")),
            Err(error) => return Err(error),
            Ok(()) => {
                let method = "comparing traces";
                return Err(TraceError::Blind { case, method });
            }
        }
    }
    if extent == Extent::Brief {
        joins(victim, ("join16", BRIEF_JOIN_SECRETS), "avx512", say)?;
        joins(victim, ("join16", BRIEF_JOIN_SECRETS), "avx2", say)?;
        return maps(victim, ("map", BRIEF_MAP_SECRETS), "avx2", say);
    }
    for kernels in KERNELS {
        for case in ["join16", "join56", "join0", "joinany", "fresh16"] {
            joins(victim, (case, JOIN_SECRETS), kernels, say)?;
        }
        if extent == Extent::Full {
            joins(victim, ("join256", JOIN_SECRETS), kernels, say)?;
        }
        maps(victim, ("map", MAP_SECRETS), kernels, say)?;
        maps(victim, ("freshmap", MAP_SECRETS), kernels, say)?;
    }
    Ok(())
}

/// Compares what ciphertexts show after every instruction, where they say when a block of memory is
/// what it has been before: with fresh stores nothing outside the stack may depend on the secret.
/// With plain stores it does, which must be seen.
///
/// # Errors
/// As [`compare`].
pub fn ciphertexts(victim: &Path, say: &dyn Fn(&str)) -> Result<(), TraceError> {
    for (case, plain) in [("fresh16", "join16"), ("freshmap", "map")] {
        match written(victim, plain, "avx2", say) {
            Err(TraceError::Differs { .. }) => {
                say(&format!("ciphertexts {plain}: the leak is seen"));
            }
            Err(error) => return Err(error),
            Ok(()) => {
                let method = "comparing ciphertexts";
                return Err(TraceError::Blind {
                    case: plain,
                    method,
                });
            }
        }
        for kernels in KERNELS {
            written(victim, case, kernels, say)?;
        }
    }
    Ok(())
}

/// Secrets of the comparison of ciphertexts, which takes longer.
const WRITTEN_SECRETS: u64 = 8;

/// All secrets that reveal the same leave memory outside the stack the same pattern.
fn written(
    victim: &Path,
    case: &'static str,
    kernels: &'static str,
    say: &dyn Fn(&str),
) -> Result<(), TraceError> {
    let mut seen = HashMap::new();
    let (mut stores, mut on_stack) = (0, 0..0);
    for secret in 0..WRITTEN_SECRETS {
        let mut ciphertexts = Ciphertexts::default();
        let Some(trace) = trace(victim, case, kernels, secret, &mut ciphertexts)? else {
            say(&format!(
                "ciphertexts {case} {kernels}: not on this processor"
            ));
            return Ok(());
        };
        let Ciphertexts { heap, stack, .. } = ciphertexts;
        stores = heap.stores;
        on_stack = match secret {
            0 => stack.again..stack.again,
            _ => on_stack.start.min(stack.again)..on_stack.end.max(stack.again),
        };
        let (hash, other) = *seen.entry(trace.said).or_insert((heap.hash(), secret));
        if hash != heap.hash() {
            return Err(TraceError::Differs {
                case,
                kernels,
                secret,
                other,
            });
        }
    }
    say(&format!(
        "ciphertexts {case} {kernels}: {WRITTEN_SECRETS} secrets, {stores} blocks written outside the stack, all show the same; on the stack, which is not covered, {} to {} blocks were what they had been before",
        on_stack.start, on_stack.end
    ));
    Ok(())
}

/// Every address of one trace, in order: to find where two of them part.
///
/// # Errors
/// Why there is no trace.
pub fn addresses(
    victim: &Path,
    case: &str,
    kernels: &str,
    secret: u64,
) -> Result<Vec<(u64, u64)>, TraceError> {
    let mut all = All(Vec::new());
    trace(victim, case, kernels, secret, &mut all)?;
    Ok(all.0)
}

struct All(Vec<(u64, u64)>);

impl Watch for All {
    fn touches(&mut self, at: u64, touched: u64) {
        self.0.push((at, touched));
    }
}

/// All secrets leave the same trace.
fn joins(
    victim: &Path,
    (case, secrets): (&'static str, u64),
    kernels: &'static str,
    say: &dyn Fn(&str),
) -> Result<(), TraceError> {
    let mut first = None;
    for secret in 0..secrets {
        let Some(trace) = trace(victim, case, kernels, secret, &mut ())? else {
            say(&format!("trace {case} {kernels}: not on this processor"));
            return Ok(());
        };
        let first = first.get_or_insert_with(|| trace.clone());
        if *first != trace {
            return Err(TraceError::Differs {
                case,
                kernels,
                secret,
                other: 0,
            });
        }
    }
    let steps = first.map_or(0, |trace| trace.steps);
    say(&format!(
        "trace {case} {kernels}: {secrets} secrets, {steps} steps each, all the same"
    ));
    Ok(())
}

/// All secrets that reveal the same leaves leave the same trace.
fn maps(
    victim: &Path,
    (case, secrets): (&'static str, u64),
    kernels: &'static str,
    say: &dyn Fn(&str),
) -> Result<(), TraceError> {
    let mut seen = HashMap::new();
    let (mut same, mut steps) = (0, 0);
    for secret in 0..secrets {
        let Some(trace) = trace(victim, case, kernels, secret, &mut ())? else {
            say(&format!("trace {case} {kernels}: not on this processor"));
            return Ok(());
        };
        steps = trace.steps;
        let (hash, other) = *seen.entry(trace.said).or_insert((trace.hash, secret));
        if hash != trace.hash {
            return Err(TraceError::Differs {
                case,
                kernels,
                secret,
                other,
            });
        }
        same += u64::from(other != secret);
    }
    let leaves = seen.len();
    say(&format!(
        "trace {case} {kernels}: {secrets} secrets, {steps} steps each, {leaves} different leaves, {same} times the same leaves and the same trace"
    ));
    Ok(())
}
