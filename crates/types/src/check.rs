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
    /// What was compared with what, in plain words and values.
    pub compared: String,
}

impl Check {
    /// Records one.
    #[must_use]
    pub fn new(name: &'static str, source: &'static str, compared: impl Into<String>) -> Self {
        Self {
            name,
            source,
            compared: compared.into(),
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
    /// Its value; bytes in hex.
    pub value: String,
}

impl Field {
    /// Puts one together.
    #[must_use]
    pub fn new(name: impl Into<String>, value: impl fmt::Display) -> Self {
        Self {
            name: name.into(),
            value: value.to_string(),
        }
    }
}
