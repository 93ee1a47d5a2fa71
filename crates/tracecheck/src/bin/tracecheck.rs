//! `tracecheck scan PROGRAM`, `tracecheck trace VICTIM [full]`, `tracecheck poison VICTIM`.

use std::path::Path;
use std::process::ExitCode;

use adyton_tracecheck::{TraceError, compare, poisoned, scan};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match *words {
        ["scan", program] => scanned(Path::new(program)),
        ["trace", victim] => compare(Path::new(victim), false, &line),
        ["trace", victim, "full"] => compare(Path::new(victim), true, &line),
        ["poison", victim] => poisoned(Path::new(victim), &line),
        _ => {
            line("tracecheck scan PROGRAM | trace VICTIM [full] | poison VICTIM");
            return ExitCode::from(2);
        }
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            line(&format!("tracecheck: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// The oblivious code has nothing that is forbidden; code that leaks on purpose, where a program
/// has some, has.
fn scanned(program: &Path) -> Result<(), TraceError> {
    match scan(program, "oblivious_leaks") {
        Ok((_, findings)) if findings.len() < 3 => {
            let (case, method) = ("leaky-mask", "reading instructions");
            return Err(TraceError::Blind { case, method });
        }
        Ok((_, findings)) => line(&format!(
            "scan: {} leaks on purpose are seen",
            findings.len()
        )),
        Err(TraceError::NoSection { .. }) => {}
        Err(error) => return Err(error),
    }
    let (count, findings) = scan(program, "oblivious_text")?;
    for finding in &findings {
        line(&format!("{:#x}: {}", finding.address, finding.text));
    }
    if let Some(first) = findings.first() {
        return Err(TraceError::Forbidden {
            count: findings.len(),
            address: first.address,
            text: first.text.clone(),
        });
    }
    line(&format!("scan: {count} instructions, none forbidden"));
    Ok(())
}

#[expect(
    clippy::print_stdout,
    reason = "a developer's tool speaks to a terminal"
)]
fn line(text: &str) {
    println!("{text}");
}
