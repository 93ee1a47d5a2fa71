use toml::de::DeValue;

use super::error::{SourceError, SourceProblem};
use super::section::Found;

/// A size: bytes, or a number and a binary unit. Decimal units are refused, since `MB` means
/// either.
pub(super) fn size(found: &Found<'_>) -> Result<u64, SourceError> {
    let units = [
        ("KiB", 1 << 10),
        ("MiB", 1 << 20),
        ("GiB", 1 << 30),
        ("TiB", 1 << 40),
    ];
    quantity(found, &units).map_err(|text| match text {
        Some(text) => SourceProblem::Size { text }.at(found.span()),
        None => found.kind("a size such as \"1MiB\", or a number of bytes"),
    })
}

/// A time: seconds, or a number and a unit.
pub(super) fn duration(found: &Found<'_>) -> Result<u64, SourceError> {
    let units = [("s", 1), ("m", 60), ("h", 3600), ("d", 86_400)];
    quantity(found, &units).map_err(|text| match text {
        Some(text) => SourceProblem::Duration { text }.at(found.span()),
        None => found.kind("a time such as \"5m\", or a number of seconds"),
    })
}

/// A number with one of the units. The error is the text, or nothing if the kind is wrong.
fn quantity(found: &Found<'_>, units: &[(&str, u64)]) -> Result<u64, Option<String>> {
    let (text, parsed) = match found.value() {
        DeValue::Integer(number) => {
            let parsed = u64::from_str_radix(number.as_str(), number.radix());
            (number.as_str(), parsed.ok())
        }
        DeValue::String(text) => (text.as_ref(), with_unit(text, units)),
        _ => return Err(None),
    };
    parsed.ok_or_else(|| Some(text.chars().take(80).collect()))
}

fn with_unit(text: &str, units: &[(&str, u64)]) -> Option<u64> {
    let end = text.find(|c: char| !c.is_ascii_digit())?;
    let (number, unit) = text.split_at_checked(end)?;
    let (_, factor) = units.iter().find(|(name, _)| *name == unit.trim_start())?;
    number.parse::<u64>().ok()?.checked_mul(*factor)
}
