//! The only place that prints.

/// One line to standard output.
#[expect(
    clippy::print_stdout,
    reason = "a developer's tool speaks to a terminal"
)]
pub(crate) fn line(text: &str) {
    println!("{text}");
}

/// One line to standard error.
#[expect(
    clippy::print_stderr,
    reason = "a developer's tool speaks to a terminal"
)]
pub(crate) fn error(text: &str) {
    eprintln!("{text}");
}
