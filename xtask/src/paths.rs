//! The paths (`a::b::c`) that a piece of source names, with the trees of its `use` items taken
//! apart.

use crate::rust_source::Token;

/// One path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct NamedPath {
    /// Its words; a glob ends in `*`.
    pub(crate) words: Vec<String>,
    /// The name that it brings into scope, where it is part of a `use` item.
    pub(crate) binds: Option<String>,
    /// Whether that `use` item is a re-export (`pub`, `pub(crate)`, ...).
    pub(crate) exported: bool,
    /// Its line.
    pub(crate) line: usize,
}

/// Every path of two or more words, and every path of a `use` item.
pub(crate) fn named_paths(tokens: &[Token]) -> Vec<NamedPath> {
    let mut reader = Reader {
        tokens,
        at: 0,
        found: Vec::new(),
    };
    while reader.at < tokens.len() {
        reader.step();
    }
    reader.found
}

struct Reader<'a> {
    tokens: &'a [Token],
    at: usize,
    found: Vec<NamedPath>,
}

impl Reader<'_> {
    fn text(&self, at: usize) -> &str {
        self.tokens.get(at).map_or("", |token| &token.text)
    }

    fn step(&mut self) {
        if self.text(self.at) == "use" {
            let exported = self.at > 0 && matches!(self.text(self.at - 1), "pub" | ")");
            self.at += 1;
            if self.text(self.at) == "::" {
                self.at += 1;
            }
            self.tree(&[], true, exported);
        } else if self.tokens[self.at].is_word() && self.text(self.at + 1) == "::" {
            self.tree(&[], false, false);
        } else {
            self.at += 1;
        }
    }

    /// Reads a path, or a tree of them, that begins here.
    fn tree(&mut self, prefix: &[String], in_use: bool, exported: bool) {
        let mut words = prefix.to_vec();
        let line = self.tokens.get(self.at).map_or(0, |token| token.line);
        loop {
            let text = self.text(self.at).to_owned();
            if text == "{" && in_use {
                self.group(&words, exported);
                return;
            }
            let is_word = self.tokens.get(self.at).is_some_and(Token::is_word);
            if !is_word && text != "*" {
                break;
            }
            words.push(text);
            self.at += 1;
            if self.text(self.at) != "::" {
                break;
            }
            self.at += 1;
        }
        if words.last().is_some_and(|last| last == "self") && words.len() > 1 {
            words.pop();
        }
        let mut binds = words.last().cloned();
        if in_use && self.text(self.at) == "as" {
            binds = Some(self.text(self.at + 1).to_owned());
            self.at += 2;
        }
        if words.is_empty() {
            self.at += 1;
            return;
        }
        self.found.push(NamedPath {
            words,
            binds: binds.filter(|_| in_use),
            exported,
            line,
        });
    }

    fn group(&mut self, prefix: &[String], exported: bool) {
        self.at += 1;
        while self.at < self.tokens.len() && self.text(self.at) != "}" {
            if self.text(self.at) == "," {
                self.at += 1;
            } else {
                self.tree(prefix, true, exported);
            }
        }
        self.at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rust_source::tokens;

    fn joined(source: &str) -> Vec<String> {
        named_paths(&tokens(source))
            .into_iter()
            .map(|path| path.words.join("::"))
            .collect()
    }

    #[test]
    fn trees_are_taken_apart() {
        assert_eq!(
            joined(
                "pub use a::{b, c::{self, D as E}, f::*}; fn g() -> h::I { crate::j::k::<u8>() }"
            ),
            ["a::b", "a::c", "a::c::D", "a::f::*", "h::I", "crate::j::k"]
        );
    }

    #[test]
    fn what_a_use_binds() {
        let paths = named_paths(&tokens("pub(crate) use a::B as C; use d;"));
        assert_eq!(paths[0].binds.as_deref(), Some("C"));
        assert!(paths[0].exported);
        assert_eq!(paths[1].binds.as_deref(), Some("d"));
        assert!(!paths[1].exported);
    }
}
