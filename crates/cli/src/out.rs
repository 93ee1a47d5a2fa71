use std::io::{self, IsTerminal as _, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use serde_json::Value;

use crate::Failure;
use crate::printable::{printable, printable_json};

/// Where a command's results go: text for people, or one JSON document for programs.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Out {
    json: bool,
    quiet: bool,
}

impl Out {
    pub(crate) const fn new(json: bool, quiet: bool) -> Self {
        Self { json, quiet }
    }

    /// Prints a command's result: `text` for people, or `json` where `--json` was said.
    pub(crate) fn result(self, text: &str, json: &Value) -> Result<(), Failure> {
        if self.json {
            return write(&printable_json(json));
        }
        let end = if text.is_empty() || text.ends_with('\n') {
            ""
        } else {
            "\n"
        };
        write(&printable(&format!("{text}{end}")))
    }

    /// Prints the JSON document of a command that has told people all on the way.
    pub(crate) fn document(self, json: &Value) -> Result<(), Failure> {
        if self.json {
            write(&printable_json(json))
        } else {
            Ok(())
        }
    }

    /// Prints bytes as they are, on a command whose result is a document.
    pub(crate) fn raw(self, bytes: &[u8]) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        written(stdout.write_all(bytes).and_then(|()| stdout.flush()))
    }

    /// Says on standard error what is going on, unless `--quiet` or `--json` was said.
    pub(crate) fn note(self, text: &str) {
        if !self.json && !self.quiet {
            // A closed standard error is no reason to stop.
            let _ = writeln!(io::stderr(), "{}", printable(text));
        }
    }

    /// Says on standard error what nobody may miss, even where `--quiet` was said. Where `--json`
    /// was, it has to be in the document.
    pub(crate) fn warn(self, text: &str) {
        if !self.json {
            let _ = writeln!(io::stderr(), "{}", printable(text));
        }
    }

    /// A progress bar over `total` bytes, on a terminal only.
    pub(crate) fn bytes_bar(self, total: u64, doing: &'static str) -> ProgressBar {
        let bar = self.bar(ProgressBar::new(total));
        let style = "{msg:12} [{bar:30}] {bytes}/{total_bytes} {bytes_per_sec} {eta}";
        bar.set_style(ProgressStyle::with_template(style).expect("the template is well-formed"));
        bar.set_message(doing);
        bar
    }

    /// A spinner that says what is being waited for, on a terminal only.
    pub(crate) fn spinner(self) -> ProgressBar {
        self.bar(ProgressBar::new_spinner())
    }

    fn bar(self, bar: ProgressBar) -> ProgressBar {
        let hidden = self.json || self.quiet || !io::stderr().is_terminal();
        bar.set_draw_target(if hidden {
            ProgressDrawTarget::hidden()
        } else {
            ProgressDrawTarget::stderr()
        });
        bar
    }
}

fn write(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    written(
        stdout
            .write_all(text.as_bytes())
            .and_then(|()| stdout.flush()),
    )
}

/// Whether something reached standard output; `adyton ... | head` is not an error.
pub(crate) fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(Failure::unavailable(format!(
            "cannot write to standard output: {error}"
        ))),
    }
}
