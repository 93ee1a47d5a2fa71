//! Runs the built `adyton` the way the documents say.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::repo::{Repo, output, succeeds};

/// Every `adyton` command in a fenced block of a document names a command and flags that exist.
pub(crate) fn documented(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut helps = Helps {
        adyton: built(repo)?,
        known: BTreeMap::new(),
    };
    let mut findings = Findings::default();
    for file in repo.below("", ".md") {
        for (line, command) in fenced_commands(&repo.read(file)?) {
            let place = format!("{file}:{line}");
            helps.compare(&command, &place, &mut findings)?;
        }
    }
    Ok(findings)
}

/// `adyton demo`, attacks included.
pub(crate) fn demo(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    if !succeeds(Command::new(built(repo)?).arg("demo"))? {
        findings.fault("adyton", "demo", "failed");
    }
    Ok(findings)
}

/// The program that the tests built, or else a new one.
fn built(repo: &Repo) -> Result<PathBuf, XtaskError> {
    let adyton = repo.built("debug").join("adyton");
    if !adyton.exists() {
        let mut cargo = Command::new("cargo");
        cargo.current_dir(repo.root());
        succeeds(cargo.args(["build", "--locked", "--package", "adyton"]))?;
    }
    Ok(adyton)
}

/// Lines of fenced blocks that begin with `adyton`, continued lines joined, with their number.
fn fenced_commands(text: &str) -> Vec<(usize, String)> {
    let mut fenced = false;
    let mut found: Vec<(usize, String)> = Vec::new();
    let mut goes_on = false;
    for (n, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.starts_with("```") {
            fenced = !fenced;
        } else if fenced {
            let (words, more) = match line.strip_suffix('\\') {
                Some(words) => (words, true),
                None => (line, false),
            };
            if let Some((_, command)) = found.last_mut().filter(|_| goes_on) {
                command.push_str(words);
            } else if line.starts_with("adyton ") {
                found.push((n + 1, words.to_owned()));
            }
            let is_command = goes_on || line.starts_with("adyton ");
            goes_on = more && is_command;
        }
    }
    found
}

/// Help texts, by the words that lead to them.
struct Helps {
    adyton: PathBuf,
    known: BTreeMap<Vec<String>, String>,
}

impl Helps {
    fn help(&mut self, words: &[String]) -> Result<&str, XtaskError> {
        if !self.known.contains_key(words) {
            let text = help(&self.adyton, words)?;
            self.known.insert(words.to_vec(), text);
        }
        Ok(&self.known[words])
    }

    fn compare(
        &mut self,
        command: &str,
        place: &str,
        findings: &mut Findings,
    ) -> Result<(), XtaskError> {
        // What follows a comment mark or a pipe is not for `adyton`.
        let own = command
            .split([' ', '\t'])
            .take_while(|word| !matches!(*word, "#" | "|" | ">"));
        let mut words = own.skip(1).filter(|word| !word.is_empty()).peekable();
        let mut path: Vec<String> = Vec::new();
        while let Some(word) = words.next_if(|word| !word.starts_with('-')) {
            let help = self.help(&path)?;
            if !names_command(help, word) {
                if commands(help).next().is_none() {
                    break;
                }
                let text = format!("`adyton {} {word}` does not exist", path.join(" "));
                findings.fault(place, "command", &text.replace("  ", " "));
                return Ok(());
            }
            path.push(word.to_owned());
        }
        let help = self.help(&path)?.to_owned();
        for word in words.filter(|word| word.starts_with("--") && word.len() > 2) {
            let flag = word.split('=').next().unwrap_or(word);
            if !help
                .split([' ', ',', '\n', '[', ']', '='])
                .any(|known| known == flag)
            {
                let text = format!("`adyton {}` has no `{flag}`", path.join(" "));
                findings.fault(place, "command", &text);
            }
        }
        Ok(())
    }
}

fn help(adyton: &Path, words: &[String]) -> Result<String, XtaskError> {
    output(Command::new(adyton).args(words).arg("--help"))
}

/// The commands that a help text lists.
fn commands(help: &str) -> impl Iterator<Item = &str> {
    help.lines()
        .skip_while(|line| *line != "Commands:")
        .skip(1)
        .take_while(|line| !line.is_empty())
        .filter_map(|line| line.split_whitespace().next())
}

fn names_command(help: &str, word: &str) -> bool {
    commands(help).any(|known| known == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commands_are_taken_from_fenced_blocks() {
        let text =
            "adyton no\n```sh\nadyton run a \\\n  --input b\n$ adyton no\nadyton seal c\n```\n";
        let found = fenced_commands(text);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].0, 3);
        assert!(found[0].1.contains("--input b"));
        assert_eq!(found[1].1, "adyton seal c");
    }

    #[test]
    fn a_help_text_lists_commands() {
        let help =
            "Does things\n\nUsage: x\n\nCommands:\n  run   Runs\n  seal  Seals\n\nOptions:\n  -h\n";
        assert!(names_command(help, "run") && names_command(help, "seal"));
        assert!(!names_command(help, "Runs") && !names_command(help, "-h"));
    }
}
