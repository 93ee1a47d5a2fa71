use std::collections::HashMap;
use std::path::Path;

use crate::error::TraceError;
use crate::step::trace;

/// Every kernel set; what this processor has not is passed over.
const KERNELS: [&str; 3] = ["avx512", "avx2", "portable"];
/// Secrets of a join: see the victim for what each is.
const JOIN_SECRETS: u64 = 14;
/// Secrets of a map: enough that the same leaves come several times.
const MAP_SECRETS: u64 = 72;

/// Compares the traces of every case on every kernel set; `full` has larger batches as well. Tells
/// each result to `say`.
///
/// # Errors
/// [`TraceError::Differs`] if a trace depends on the secret, [`TraceError::Blind`] if one that does
/// so on purpose seems not to, or why there are no traces.
pub fn compare(victim: &Path, full: bool, say: &dyn Fn(&str)) -> Result<(), TraceError> {
    for case in ["leaky-index", "leaky-branch"] {
        match joins(victim, case, "portable", say) {
            Err(TraceError::Differs { .. }) => say(&format!("trace {case}: the leak is seen")),
            Err(error) => return Err(error),
            Ok(()) => {
                let method = "comparing traces";
                return Err(TraceError::Blind { case, method });
            }
        }
    }
    for kernels in KERNELS {
        for case in ["join16", "join56", "join0", "joinany"] {
            joins(victim, case, kernels, say)?;
        }
        if full {
            joins(victim, "join256", kernels, say)?;
        }
        maps(victim, kernels, say)?;
    }
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
    let mut all = Vec::new();
    trace(victim, case, kernels, secret, &mut |at, touched| {
        all.push((at, touched))
    })?;
    Ok(all)
}

/// All secrets leave the same trace.
fn joins(
    victim: &Path,
    case: &'static str,
    kernels: &'static str,
    say: &dyn Fn(&str),
) -> Result<(), TraceError> {
    let mut first = None;
    for secret in 0..JOIN_SECRETS {
        let Some(trace) = trace(victim, case, kernels, secret, &mut |_, _| ())? else {
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
        "trace {case} {kernels}: {JOIN_SECRETS} secrets, {steps} steps each, all the same"
    ));
    Ok(())
}

/// All secrets that reveal the same leaves leave the same trace.
fn maps(victim: &Path, kernels: &'static str, say: &dyn Fn(&str)) -> Result<(), TraceError> {
    let mut seen = HashMap::new();
    let (mut same, mut steps) = (0, 0);
    for secret in 0..MAP_SECRETS {
        let Some(trace) = trace(victim, "map", kernels, secret, &mut |_, _| ())? else {
            say(&format!("trace map {kernels}: not on this processor"));
            return Ok(());
        };
        steps = trace.steps;
        let (hash, other) = *seen.entry(trace.said).or_insert((trace.hash, secret));
        if hash != trace.hash {
            return Err(TraceError::Differs {
                case: "map",
                kernels,
                secret,
                other,
            });
        }
        same += u64::from(other != secret);
    }
    let leaves = seen.len();
    say(&format!(
        "trace map {kernels}: {MAP_SECRETS} secrets, {steps} steps each, {leaves} different leaves, {same} times the same leaves and the same trace"
    ));
    Ok(())
}
