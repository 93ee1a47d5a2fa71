use crate::out;

/// What a check found, in the order found.
#[derive(Debug, Default)]
pub(crate) struct Findings {
    faults: Vec<String>,
    warnings: Vec<String>,
}

impl Findings {
    /// Something that must not be.
    pub(crate) fn fault(&mut self, place: &str, rule: &str, text: &str) {
        self.faults.push(format!("{place}: {rule}: {text}"));
    }

    /// Something to look at; does not fail the check.
    pub(crate) fn warn(&mut self, place: &str, rule: &str, text: &str) {
        self.warnings.push(format!("{place}: {rule}: {text}"));
    }

    /// A tool that a developer may do without, and CI may not.
    #[expect(
        clippy::disallowed_methods,
        reason = "CI says by a variable that it is one"
    )]
    pub(crate) fn missing(&mut self, tool: &str) {
        let text = "not installed, so this step checks nothing";
        if std::env::var("CI").is_ok() {
            self.fault(tool, "missing", text);
        } else {
            self.warn(tool, "missing", text);
        }
    }

    pub(crate) fn append(&mut self, other: Self) {
        self.faults.extend(other.faults);
        self.warnings.extend(other.warnings);
    }

    pub(crate) fn failed(&self) -> bool {
        !self.faults.is_empty()
    }

    #[cfg(test)]
    pub(crate) fn faults(&self) -> &[String] {
        &self.faults
    }

    pub(crate) fn print(&self) {
        for warning in &self.warnings {
            out::line(&format!("warning: {warning}"));
        }
        for fault in &self.faults {
            out::line(&format!("fault: {fault}"));
        }
        if self.failed() {
            out::line(&format!("{} fault(s)", self.faults.len()));
        }
    }
}
