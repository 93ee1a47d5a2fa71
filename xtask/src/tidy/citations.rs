use crate::error::XtaskError;
use crate::findings::Findings;
use crate::repo::Repo;
use crate::rust_source::{Token, tokens};

use super::settings::Settings;

/// What may stand before the name that a document cites.
const DEFINES: [&str; 10] = [
    "const",
    "enum",
    "fn",
    "macro_rules",
    "mod",
    "static",
    "struct",
    "trait",
    "type",
    "union",
];

/// The table whose rows name what holds each promise.
const PROMISES: &str = "SPECIFICATION.md";

/// Documents cite files (`` `a/b.rs` ``), what files define (`` `a/b.rs::name` ``) and other
/// documents (links): all of it has to be there.
pub(crate) fn run(repo: &Repo, settings: &Settings) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    for file in repo.below("", ".md") {
        if settings.is_kept(file) {
            continue;
        }
        for (n, line) in prose(&repo.read(file)?) {
            let place = format!("{file}:{n}");
            for cited in spans(&line).into_iter().filter_map(Citation::parse) {
                cited.find(repo, file, &place, &mut findings)?;
            }
            for target in links(&line) {
                if !beside(repo, file, target) {
                    findings.fault(&place, "link", &format!("`{target}` is not there"));
                }
            }
            if file == PROMISES {
                promise(&line, &place, &mut findings);
            }
        }
    }
    Ok(findings)
}

/// The lines outside fenced blocks, numbered from 1.
fn prose(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    text.lines()
        .enumerate()
        .filter(|(_, line)| {
            let fence = line.trim_start().starts_with("```");
            fenced ^= fence;
            !fenced && !fence
        })
        .map(|(n, line)| (n + 1, line.to_owned()))
        .collect()
}

/// What stands between single backticks.
fn spans(line: &str) -> Vec<&str> {
    line.split('`').skip(1).step_by(2).collect()
}

/// Targets of links to files.
fn links(line: &str) -> Vec<&str> {
    line.split("](")
        .skip(1)
        .filter_map(|rest| rest.split([')', '#']).next())
        .filter(|target| !target.is_empty() && !target.contains("://"))
        .collect()
}

/// Whether a path is there, from the root or from the folder of the document.
fn beside(repo: &Repo, document: &str, path: &str) -> bool {
    let folder = document.rsplit_once('/').map_or("", |(folder, _)| folder);
    repo.exists(path) || repo.exists(&format!("{folder}/{path}"))
}

/// A row of promises has to name what holds it, or admit that nothing does yet.
fn promise(line: &str, place: &str, findings: &mut Findings) {
    let cells: Vec<&str> = line.trim().trim_matches('|').split(" | ").collect();
    let is_row = line.starts_with('|') && !line.starts_with("|-") && !line.starts_with("| promise");
    let Some(held) = cells.last().filter(|_| is_row) else {
        return;
    };
    if !held.contains("::")
        && !held.contains("bench")
        && !held.contains("xtask")
        && !held.contains("pending")
    {
        findings.fault(
            place,
            "promise",
            "names no test, benchmark or check, and is not `pending`",
        );
    }
}

#[derive(Debug, PartialEq, Eq)]
struct Citation<'a> {
    path: &'a str,
    name: Option<&'a str>,
}

impl<'a> Citation<'a> {
    /// A span that is meant as a path: it has a `/` and begins like a file of this repository.
    fn parse(span: &'a str) -> Option<Self> {
        const TOPS: [&str; 9] = [
            "crates/",
            "tee/",
            "xtask/",
            "specs/",
            "docs/",
            "fuzz/",
            "examples/",
            ".ci/",
            "sdk/",
        ];
        let (path, name) = match span.split_once("::") {
            Some((path, name)) => (path, name.rsplit("::").next()),
            None => (span, None),
        };
        let plain = path
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "/._-".contains(c));
        (plain && TOPS.iter().any(|top| path.starts_with(top))).then_some(Self { path, name })
    }

    fn find(
        &self,
        repo: &Repo,
        document: &str,
        place: &str,
        findings: &mut Findings,
    ) -> Result<(), XtaskError> {
        if !beside(repo, document, self.path) {
            findings.fault(place, "citation", &format!("`{}` is not there", self.path));
        } else if let Some(name) = self.name
            && !defines(&tokens(&repo.read(self.path)?), name)
        {
            let text = format!("`{}` defines no `{name}`", self.path);
            findings.fault(place, "citation", &text);
        }
        Ok(())
    }
}

fn defines(tokens: &[Token], name: &str) -> bool {
    tokens
        .windows(2)
        .any(|pair| pair[1].text == name && (DEFINES.contains(&pair[0].text.as_str())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_that_are_paths() {
        let line = "see `crates/a/src/b.rs::T::c` and `specs/x.md`, not `a/b` or `let x`";
        let found: Vec<_> = spans(line)
            .into_iter()
            .filter_map(Citation::parse)
            .collect();
        assert_eq!(
            found,
            [
                Citation {
                    path: "crates/a/src/b.rs",
                    name: Some("c")
                },
                Citation {
                    path: "specs/x.md",
                    name: None
                },
            ]
        );
    }

    #[test]
    fn fenced_blocks_are_not_prose() {
        let lines: Vec<usize> = prose("a\n```\nb\n```\nc")
            .into_iter()
            .map(|(n, _)| n)
            .collect();
        assert_eq!(lines, [1, 5]);
    }

    #[test]
    fn promises_name_what_holds_them() {
        for (row, count) in [
            ("| a | `crates/a/src/b.rs::c` |", 0),
            ("| a | pending |", 0),
            ("| a | yes |", 1),
            ("|---|---|", 0),
            ("text", 0),
        ] {
            let mut findings = Findings::default();
            promise(row, "x", &mut findings);
            assert_eq!(findings.faults().len(), count, "{row}");
        }
    }

    #[test]
    fn definitions_are_found_and_uses_are_not() {
        let source = tokens("struct A; impl A { fn b() { c() } }");
        assert!(defines(&source, "A") && defines(&source, "b"));
        assert!(!defines(&source, "c"));
    }
}
