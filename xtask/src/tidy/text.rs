use crate::error::XtaskError;
use crate::findings::Findings;
use crate::repo::Repo;
use crate::rust_source::{Token, is_test_file, tokens};

use super::settings::Settings;

/// Length, line ends, forbidden words and blanket attributes.
pub(crate) fn run(repo: &Repo, settings: &Settings) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    for file in repo.files() {
        if settings.is_kept(file) {
            continue;
        }
        let text = repo.read(file)?;
        lines(file, &text, settings, &mut findings);
        if file.ends_with(".rs") {
            length(file, &text, settings, &mut findings);
            if !settings.is_generated(file) {
                blanket(file, &tokens(&text), &mut findings);
            }
        }
    }
    Ok(findings)
}

fn lines(file: &str, text: &str, settings: &Settings, findings: &mut Findings) {
    if !text.is_empty() && !text.ends_with('\n') {
        findings.fault(file, "last-line", "does not end in a newline");
    }
    if text.ends_with("\n\n") {
        findings.fault(file, "last-line", "ends in an empty line");
    }
    for (n, line) in text.lines().enumerate() {
        let place = format!("{file}:{}", n + 1);
        if line.ends_with([' ', '\t', '\r']) {
            findings.fault(&place, "line-end", "white space at the end of the line");
        }
        for (word, advice) in &settings.words {
            if line.contains(word.as_str()) {
                findings.fault(&place, "word", &format!("`{word}`: {advice}"));
            }
        }
    }
}

fn length(file: &str, text: &str, settings: &Settings, findings: &mut Findings) {
    let found = text.lines().count();
    if found > settings.lines.fail {
        let most = settings.lines.fail;
        findings.fault(
            file,
            "length",
            &format!("{found} lines, the most is {most}"),
        );
    } else if found > settings.lines.warn {
        let most = settings.lines.warn;
        findings.warn(
            file,
            "length",
            &format!("{found} lines, better below {most}"),
        );
    }
}

/// `allow` anywhere, and `expect` for a whole file (an example or benchmark may: it exists to
/// print).
fn blanket(file: &str, tokens: &[Token], findings: &mut Findings) {
    let text = |at: usize| {
        tokens
            .get(at)
            .map_or("", |token: &Token| token.text.as_str())
    };
    for (at, token) in tokens.iter().enumerate() {
        if token.text != "#" {
            continue;
        }
        let inner = text(at + 1) == "!";
        let word = text(at + if inner { 3 } else { 2 });
        let place = format!("{file}:{}", token.line);
        if word == "allow" {
            findings.fault(
                &place,
                "blanket",
                "use `expect` with a reason on the smallest item",
            );
        } else if word == "expect" && inner && !is_test_file(file) {
            findings.fault(&place, "blanket", "`expect` for a whole file");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanket_attributes_are_found() {
        for (source, count) in [
            ("#[allow(x)] fn f() {}", 1),
            ("#![allow(x)]", 1),
            ("#![expect(x)]", 1),
            ("#[expect(x)] fn f() {}", 0),
            ("// #[allow(x)]", 0),
        ] {
            let mut findings = Findings::default();
            blanket("x.rs", &tokens(source), &mut findings);
            assert_eq!(findings.faults().len(), count, "{source}");
        }
    }
}
