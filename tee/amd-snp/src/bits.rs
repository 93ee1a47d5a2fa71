use std::fmt;

/// Writes the names of the bits that are set, each after `gap`, and then the bits without a name.
pub(crate) fn write_names(
    f: &mut fmt::Formatter<'_>,
    gap: &str,
    named: &[(bool, &str)],
    unknown: u64,
) -> fmt::Result {
    for (_, name) in named.iter().filter(|(set, _)| *set) {
        write!(f, "{gap}{name}")?;
    }
    match unknown {
        0 => Ok(()),
        unknown => write!(f, "{gap}unknown {unknown:#x}"),
    }
}
