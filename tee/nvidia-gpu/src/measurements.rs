use std::collections::BTreeMap;

use crate::{Golden, NvidiaError, Report, Rim};

/// The measurement of the decoder NVDEC0, which means nothing while that is switched off.
const NVDEC0: u8 = 35;

/// The golden values of all manifests of a device. Driver and VBIOS judge different measurements:
/// where both claimed one, the one could excuse what the other forbids.
pub(crate) fn golden<'a>(
    rims: impl IntoIterator<Item = &'a Rim>,
) -> Result<BTreeMap<u8, &'a Golden>, NvidiaError> {
    let mut all = BTreeMap::new();
    for rim in rims {
        for (index, golden) in &rim.document().golden {
            if all.insert(*index, golden).is_some() {
                return Err(NvidiaError::Overlap { index: *index });
            }
        }
    }
    Ok(all)
}

/// Compares every golden measurement with the report's; returns how many there were.
pub(crate) fn compare(
    report: &Report<'_>,
    golden: &BTreeMap<u8, &Golden>,
) -> Result<usize, NvidiaError> {
    let ignored = report.opaque.nvdec0_disabled().then_some(NVDEC0);
    let judged = golden.iter().filter(|(index, _)| Some(**index) != ignored);
    let (mut count, mut indices) = (0usize, Vec::new());
    for (index, golden) in judged {
        count = count.saturating_add(1);
        let found = report.measurements.get(index);
        if !found.is_some_and(|found| golden.alternatives.contains(found)) {
            indices.push(*index);
        }
    }
    if count == 0 {
        return Err(NvidiaError::NothingMeasured);
    }
    if indices.is_empty() {
        Ok(count)
    } else {
        Err(NvidiaError::Measurements { indices })
    }
}
