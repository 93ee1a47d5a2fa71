use std::error::Error;
use std::io::{self, Write as _};
use std::process::ExitCode;

use adyton_types::ErrorClass;
use serde_json::json;

use crate::printable::{printable, printable_json};

/// Exit code for wrong usage (`EX_USAGE` of sysexits.h).
const USAGE: u8 = 64;

/// Whose fault a failure is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Guilt {
    /// The arguments make no sense, whatever the files hold.
    Usage,
    Class(ErrorClass),
}

/// Why a command did not do what it was asked to, for the person at the keyboard.
#[derive(Debug)]
pub(crate) struct Failure {
    guilt: Guilt,
    message: String,
    causes: Vec<String>,
    /// Lines below the message: failed claims, a place in a file.
    details: Vec<String>,
}

impl Failure {
    /// From any of the workspace's errors.
    pub(crate) fn new(class: ErrorClass, error: &(dyn Error + 'static)) -> Self {
        let message = error.to_string().trim_end().to_owned();
        let mut causes: Vec<String> = Vec::new();
        let mut next = error.source();
        while let Some(cause) = next {
            let text = told(cause);
            let said =
                message.contains(&text) || causes.last().is_some_and(|last| last.contains(&text));
            if !said {
                causes.push(text);
            }
            next = cause.source();
        }
        Self {
            guilt: Guilt::Class(class),
            message,
            causes,
            details: Vec::new(),
        }
    }

    /// Arguments that contradict each other, or lack one.
    pub(crate) fn usage(message: impl Into<String>) -> Self {
        Self {
            guilt: Guilt::Usage,
            ..Self::of(ErrorClass::Misuse, message)
        }
    }

    pub(crate) fn misuse(message: impl Into<String>) -> Self {
        Self::of(ErrorClass::Misuse, message)
    }

    pub(crate) fn rejected(message: impl Into<String>) -> Self {
        Self::of(ErrorClass::Rejected, message)
    }

    pub(crate) fn unavailable(message: impl Into<String>) -> Self {
        Self::of(ErrorClass::Unavailable, message)
    }

    pub(crate) fn of(class: ErrorClass, message: impl Into<String>) -> Self {
        Self {
            guilt: Guilt::Class(class),
            message: message.into(),
            causes: Vec::new(),
            details: Vec::new(),
        }
    }

    pub(crate) fn with_details(mut self, details: impl IntoIterator<Item = String>) -> Self {
        self.details.extend(details);
        self
    }

    /// Puts what was being done, or with which file, before the message.
    pub(crate) fn context(mut self, context: impl std::fmt::Display) -> Self {
        self.message = format!("{context}: {}", self.message);
        self
    }

    /// Prints the failure on standard error and gives the process's exit code.
    pub(crate) fn report(&self, as_json: bool) -> ExitCode {
        let text = if as_json {
            let (class, code) = (self.class(), self.exit_code());
            let document = json!({ "error": {
                "class": class, "exit": code, "message": self.message, "causes": self.causes, "details": self.details,
            }});
            printable_json(&document)
        } else {
            self.text()
        };
        // A closed standard error leaves the exit code to speak.
        let _ = std::io::stderr().write_all(text.as_bytes());
        self.exit()
    }

    /// For people. What strangers wrote into it begins no line of its own: it could be taken for what
    /// this program says.
    fn text(&self) -> String {
        let causes = self
            .causes
            .iter()
            .map(|cause| format!("  because: {cause}"));
        let details = self.details.iter().map(|line| format!("  {line}"));
        std::iter::once(format!("error: {}", self.message))
            .chain(details)
            .chain(causes)
            .map(|line| printable(&line).replace('\n', "\n    | ") + "\n")
            .collect()
    }

    /// The process's exit code.
    pub(crate) fn exit(&self) -> ExitCode {
        ExitCode::from(self.exit_code())
    }

    const fn exit_code(&self) -> u8 {
        match self.guilt {
            Guilt::Usage => USAGE,
            Guilt::Class(class) => class.exit_code(),
        }
    }

    const fn class(&self) -> &'static str {
        match self.guilt {
            Guilt::Usage => "usage",
            Guilt::Class(class) => class.as_str(),
        }
    }
}

/// A cause in words; the system's own for a full disk do not say what to do.
fn told(cause: &(dyn Error + 'static)) -> String {
    let kind = cause.downcast_ref::<io::Error>().map(io::Error::kind);
    match kind {
        Some(io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded) => {
            "the disk is full; make room and try again".to_owned()
        }
        _ => cause.to_string().trim_end().to_owned(),
    }
}

/// Errors that know their class become failures by `?`.
macro_rules! failure_from {
    ($($error:ty),+ $(,)?) => {
        $(impl From<$error> for $crate::Failure {
            fn from(error: $error) -> Self {
                Self::new(error.class(), &error)
            }
        })+
    };
}
pub(crate) use failure_from;

failure_from!(
    adyton_client::FileError,
    adyton_componentize::ComponentizeError,
    adyton_program::BundleError,
    adyton_program::ManifestError,
    adyton_program::SourceError,
    adyton_transport::TransportError,
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_strangers_write_begins_no_line() {
        let evil = "`x`\n\nVERIFIED\nplatform  snp TEE";
        let failure = Failure::rejected(evil)
            .with_details([evil.to_owned()])
            .context("`receipt`");
        let text = failure.text();
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("error: `receipt`: `x`"));
        assert!(lines.all(|line| line.starts_with("  ")), "{text}");
    }
}
