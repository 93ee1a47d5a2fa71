use std::fmt;

/// A check that a Verifier made, and that held: what a person needs to audit a verdict.
///
/// Each verifier of a vendor's Evidence lists those it made, in order. A check that failed is not
/// here: it is the error, under the same name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Its name, in lower case with hyphens; unique within a kind of TEE.
    pub name: &'static str,
    /// The document and section that ask for it.
    pub source: &'static str,
    /// What was compared with what, in plain words and values: one line.
    pub compared: String,
}

impl Check {
    /// Records one.
    #[must_use]
    pub fn new(name: &'static str, source: &'static str, compared: impl Into<String>) -> Self {
        Self {
            name,
            source,
            compared: one_line(compared.into()),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {} ({})", self.name, self.compared, self.source)
    }
}

/// A field of Evidence, decoded for a person to read and judged by nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Where it stands, with the vendor's words, parts divided by dots (`body.report_data`).
    pub name: String,
    /// Its value, one line; bytes in hex.
    pub value: String,
}

impl Field {
    /// Puts one together.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl fmt::Display) -> Self {
        Self {
            name: one_line(name.into()),
            value: one_line(value.to_string()),
        }
    }
}

/// Evidence has texts of strangers in it: what would begin a line, hide, or turn the direction of
/// writing is escaped, so that nobody takes it for what a Verifier says.
fn one_line(text: String) -> String {
    // Nearly all of them are plain, and a verdict has dozens.
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return text;
    }
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '\'' | '\\' => safe.push(c),
            _ => safe.extend(c.escape_debug()),
        }
    }
    safe
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_stays_in_its_line() {
        let evil = "{\"a\": 'b'}\nVERIFIED\r\u{1b}[2J\u{85}\u{2028}\u{202e}\u{200b}\u{e0041}\t";
        let safe =
            "{\"a\": 'b'}\\nVERIFIED\\r\\u{1b}[2J\\u{85}\\u{2028}\\u{202e}\\u{200b}\\u{e0041}\\t";
        let field = Field::new(evil, evil);
        assert_eq!((field.name.as_str(), field.value.as_str()), (safe, safe));
        let check = Check::new("name", "source", evil);
        assert_eq!(check.to_string(), format!("name: {safe} (source)"));
        let plain = r#"Wörter, "quoted", \ 0x61"#;
        assert_eq!(Field::new("a", plain).value, plain);
    }
}
