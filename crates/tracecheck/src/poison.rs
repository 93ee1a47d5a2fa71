use std::io;
use std::path::Path;
use std::process::Command;

use crate::error::TraceError;

/// Runs the portable kernels under valgrind's memcheck, with every secret marked as undefined: a
/// branch on it, or an address made of it, is an error, whatever its value. Tells each result to
/// `say`; without valgrind it says so and checks nothing.
///
/// # Errors
/// [`TraceError::Poisoned`] if memcheck finds one, [`TraceError::Blind`] if it does not find those
/// that are there on purpose.
pub fn poisoned(victim: &Path, say: &dyn Fn(&str)) -> Result<(), TraceError> {
    for case in ["leaky-index", "leaky-branch"] {
        match memcheck(victim, case)? {
            None => {
                say("poison: there is no valgrind here");
                return Ok(());
            }
            Some((true, _)) => {
                let method = "memcheck";
                return Err(TraceError::Blind { case, method });
            }
            Some((false, _)) => say(&format!("poison {case}: the leak is seen")),
        }
    }
    for case in ["join16", "join56", "join0", "joinany", "map"] {
        if let Some((false, report)) = memcheck(victim, case)? {
            return Err(TraceError::Poisoned { case, report });
        }
        say(&format!(
            "poison {case} portable: no branch and no address depends on the secret"
        ));
    }
    Ok(())
}

/// The first finding, and some more: each has the calls that led to it.
const REPORT_LINES: usize = 40;

/// Whether memcheck had nothing to say, and what it said. Nothing if it is not installed.
fn memcheck(victim: &Path, case: &str) -> Result<Option<(bool, String)>, TraceError> {
    let mut valgrind = Command::new("valgrind");
    valgrind.args(["--quiet", "--error-exitcode=9", "--undef-value-errors=yes"]);
    valgrind.arg(victim).args([case, "portable", "2", "poison"]);
    match valgrind.output() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(source) => Err(TraceError::Trace {
            what: format!("valgrind {case}"),
            source,
        }),
        Ok(output) => {
            let report = String::from_utf8_lossy(&output.stderr);
            let report: Vec<&str> = report.lines().take(REPORT_LINES).collect();
            let report = report.join("\n");
            match output.status.code() {
                Some(0) => Ok(Some((true, report))),
                Some(9) => Ok(Some((false, report))),
                _ => Err(TraceError::NoTrace {
                    what: format!("valgrind {case}: {report}"),
                }),
            }
        }
    }
}
