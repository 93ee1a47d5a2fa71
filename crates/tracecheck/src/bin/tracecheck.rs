//! `tracecheck scan PROGRAM`, `tracecheck trace VICTIM [brief|full]`, `tracecheck ciphertexts VICTIM`,
//! `tracecheck poison VICTIM`, `tracecheck part VICTIM CASE KERNELS SECRET SECRET`.

use std::path::Path;
use std::process::ExitCode;

use adyton_tracecheck::{Extent, TraceError, addresses, ciphertexts, compare, poisoned, scan};

fn main() -> ExitCode {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match *words {
        ["scan", program] => scanned(Path::new(program)),
        ["trace", victim] => compare(Path::new(victim), Extent::Usual, &line),
        ["trace", victim, "brief"] => compare(Path::new(victim), Extent::Brief, &line),
        ["trace", victim, "full"] => compare(Path::new(victim), Extent::Full, &line),
        ["part", victim, case, kernels, one, other] => {
            parted(Path::new(victim), (case, kernels), [one, other])
        }
        ["ciphertexts", victim] => ciphertexts(Path::new(victim), &line),
        ["poison", victim] => poisoned(Path::new(victim), &line),
        _ => {
            line(
                "tracecheck scan PROGRAM | trace VICTIM [brief|full] | ciphertexts VICTIM | poison VICTIM",
            );
            line("tracecheck part VICTIM CASE KERNELS SECRET SECRET");
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

/// Where the traces of two secrets part.
fn parted(
    victim: &Path,
    (case, kernels): (&str, &str),
    secrets: [&str; 2],
) -> Result<(), TraceError> {
    let [one, other] = secrets.map(|secret| secret.parse().unwrap_or(0));
    let one = addresses(victim, case, kernels, one)?;
    let other = addresses(victim, case, kernels, other)?;
    line(&format!("{} and {} addresses", one.len(), other.len()));
    let parts = one.iter().zip(&other).position(|(one, other)| one != other);
    let Some(n) = parts else {
        line("the same as far as the shorter goes");
        return Ok(());
    };
    for ((at, touched), (other_at, other)) in one[n.saturating_sub(8)..]
        .iter()
        .zip(&other[n.saturating_sub(8)..])
        .take(12)
    {
        line(&format!("{at:#x} {touched:#x}   {other_at:#x} {other:#x}"));
    }
    Ok(())
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
