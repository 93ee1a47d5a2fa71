//! The wall as a whole, from outside: this program starts itself again as an enclave, or as an
//! ordinary process with the same secret, and attacks it.

mod attacks;
mod cost;
mod filter;
mod life;
mod rights;
mod spawn;
mod victim;

use std::io::Write as _;
use std::panic::catch_unwind;
use std::process::ExitCode;

#[global_allocator]
static ALLOCATOR: adyton_shield::SecretAlloc = adyton_shield::SecretAlloc::new();

type Test = (&'static str, fn());

fn main() -> ExitCode {
    if let Some(code) = victim::run_if_asked(&ALLOCATOR) {
        return code;
    }
    let tests = [
        attacks::TESTS,
        life::TESTS,
        filter::TESTS,
        rights::TESTS,
        cost::TESTS,
    ]
    .concat();
    let wanted: Vec<String> = std::env::args()
        .skip(1)
        .filter(|argument| !argument.starts_with('-'))
        .collect();
    let mut failed = 0;
    for (name, test) in tests {
        if !wanted.is_empty() && !wanted.iter().any(|part| name.contains(part)) {
            continue;
        }
        let passed = catch_unwind(test).is_ok();
        failed += usize::from(!passed);
        say(&format!(
            "test {name} ... {}",
            if passed { "ok" } else { "FAILED" }
        ));
    }
    let _ = std::fs::remove_dir_all(spawn::scratch());
    ExitCode::from(u8::from(failed > 0))
}

/// What a test has to say; never silent about what it could not try.
fn say(text: &str) {
    let _ = writeln!(std::io::stdout(), "{text}");
}
