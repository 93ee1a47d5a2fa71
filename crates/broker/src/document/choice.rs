use std::fmt::Display;

/// One value on the same line, several on lines of their own.
pub(super) fn choice<T: Display>(
    one: &str,
    several: &str,
    values: impl IntoIterator<Item = T>,
) -> Vec<String> {
    let values: Vec<String> = values.into_iter().map(|v| v.to_string()).collect();
    match values.as_slice() {
        [value] => vec![format!("{one}: {value}")],
        values => std::iter::once(format!("{several}:"))
            .chain(values.iter().map(|value| format!("    {value}")))
            .collect(),
    }
}
