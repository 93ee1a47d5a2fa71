//! Rust source as tokens: enough to see names, paths and items, without comments and strings.

/// A word, a punctuation mark (`::` is one) or a literal (text `"`), and its line (from 1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Token {
    pub(crate) text: String,
    pub(crate) line: usize,
}

impl Token {
    pub(crate) fn is_word(&self) -> bool {
        self.text
            .starts_with(|c: char| c.is_alphabetic() || c == '_')
    }
}

/// Cuts source into tokens.
pub(crate) fn tokens(source: &str) -> Vec<Token> {
    let mut lexer = Lexer {
        chars: source.chars().collect(),
        at: 0,
        line: 1,
        found: Vec::new(),
    };
    while lexer.step() {}
    lexer.found
}

/// The tokens without items under `#[cfg(test)]`.
pub(crate) fn without_tests(tokens: &[Token]) -> Vec<Token> {
    let mut kept = Vec::with_capacity(tokens.len());
    let mut at = 0;
    while at < tokens.len() {
        if starts_test_item(&tokens[at..]) {
            at += item_len(&tokens[at..]);
        } else {
            kept.push(tokens[at].clone());
            at += 1;
        }
    }
    kept
}

/// Lines that hold code.
pub(crate) fn code_lines(tokens: &[Token]) -> usize {
    let mut lines: Vec<usize> = tokens.iter().map(|token| token.line).collect();
    lines.dedup();
    lines.len()
}

/// True for files that hold tests, benches or examples only.
pub(crate) fn is_test_file(path: &str) -> bool {
    path.split('/').any(|part| {
        matches!(part, "tests" | "benches" | "examples" | "tests.rs") || part.ends_with("_tests.rs")
    })
}

fn starts_test_item(rest: &[Token]) -> bool {
    let words = |n: usize| rest.get(n).map(|token| token.text.as_str());
    words(0) == Some("#")
        && words(1) == Some("[")
        && words(2) == Some("cfg")
        && rest
            .iter()
            .take_while(|token| token.text != "]")
            .any(|token| token.text == "test")
        && !rest
            .iter()
            .take_while(|token| token.text != "]")
            .any(|token| token.text == "not")
}

/// Tokens of the attributed item that `rest` begins with: up to a `;` or the end of a block.
fn item_len(rest: &[Token]) -> usize {
    let mut depth = 0_usize;
    let mut in_attribute = false;
    for (n, token) in rest.iter().enumerate() {
        match token.text.as_str() {
            "#" if depth == 0 => in_attribute = true,
            "(" | "[" | "{" => depth += 1,
            ")" | "]" | "}" => {
                depth = depth.saturating_sub(1);
                if depth == 0 && token.text == "]" && in_attribute {
                    in_attribute = false;
                } else if depth == 0 && token.text == "}" {
                    return n + 1;
                }
            }
            ";" if depth == 0 => return n + 1,
            _ => {}
        }
    }
    rest.len()
}

struct Lexer {
    chars: Vec<char>,
    at: usize,
    line: usize,
    found: Vec<Token>,
}

impl Lexer {
    fn peek(&self, ahead: usize) -> Option<char> {
        self.chars.get(self.at + ahead).copied()
    }

    fn advance(&mut self) -> Option<char> {
        let c = self.peek(0)?;
        self.at += 1;
        if c == '\n' {
            self.line += 1;
        }
        Some(c)
    }

    fn push(&mut self, text: &str, line: usize) {
        self.found.push(Token {
            text: text.to_owned(),
            line,
        });
    }

    fn step(&mut self) -> bool {
        let Some(c) = self.peek(0) else { return false };
        match (c, self.peek(1)) {
            ('/', Some('/')) => self.skip_line(),
            ('/', Some('*')) => self.skip_block(),
            ('"', _) => self.string(0),
            ('\'', _) => self.quote(),
            (':', Some(':')) => self.mark(2, "::"),
            _ if c.is_whitespace() => {
                self.advance();
            }
            _ if c.is_alphanumeric() || c == '_' => self.word(),
            _ => self.mark(1, &c.to_string()),
        }
        true
    }

    fn mark(&mut self, len: usize, text: &str) {
        self.push(text, self.line);
        self.at += len;
    }

    fn skip_line(&mut self) {
        while self.peek(0).is_some_and(|c| c != '\n') {
            self.at += 1;
        }
    }

    fn skip_block(&mut self) {
        let mut depth = 0_usize;
        loop {
            match (self.peek(0), self.peek(1)) {
                (Some('/'), Some('*')) => {
                    depth += 1;
                    self.at += 2;
                }
                (Some('*'), Some('/')) => {
                    depth -= 1;
                    self.at += 2;
                }
                (None, _) => return,
                _ => {
                    self.advance();
                }
            }
            if depth == 0 {
                return;
            }
        }
    }

    /// A string that begins here, closed by a quote and `hashes` number signs; 0 means that
    /// backslashes escape.
    fn string(&mut self, hashes: usize) {
        let first = self.line;
        self.at += 1;
        while let Some(c) = self.advance() {
            if c == '\\' && hashes == 0 {
                self.advance();
            } else if c == '"' && (0..hashes).all(|n| self.peek(n) == Some('#')) {
                self.at += hashes;
                break;
            }
        }
        for line in first..=self.line {
            self.push("\"", line);
        }
    }

    /// A character literal, or the mark of a lifetime or label.
    fn quote(&mut self) {
        let is_char = self.peek(1) == Some('\\') || self.peek(2) == Some('\'');
        if !is_char {
            self.mark(1, "'");
            return;
        }
        self.push("\"", self.line);
        self.at += 1;
        while let Some(c) = self.advance() {
            if c == '\\' {
                self.advance();
            } else if c == '\'' {
                break;
            }
        }
    }

    fn word(&mut self) {
        let start = self.at;
        while self
            .peek(0)
            .is_some_and(|c| c.is_alphanumeric() || c == '_')
        {
            self.at += 1;
        }
        let word: String = self.chars[start..self.at].iter().collect();
        let hashes = (0..).take_while(|n| self.peek(*n) == Some('#')).count();
        let quoted = self.peek(hashes) == Some('"');
        match word.as_str() {
            "r" | "br" | "cr" if quoted => {
                self.at += hashes;
                if hashes == 0 {
                    self.raw_string();
                } else {
                    self.string(hashes);
                }
            }
            "b" | "c" if hashes == 0 && quoted => self.string(0),
            "b" if self.peek(0) == Some('\'') => self.quote(),
            _ => self.push(&word, self.line),
        }
    }

    /// A raw string without number signs: nothing escapes.
    fn raw_string(&mut self) {
        let first = self.line;
        self.at += 1;
        while self.advance().is_some_and(|c| c != '"') {}
        for line in first..=self.line {
            self.push("\"", line);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(source: &str) -> Vec<String> {
        tokens(source).into_iter().map(|token| token.text).collect()
    }

    #[test]
    fn comments_strings_and_lifetimes_are_told_apart() {
        assert_eq!(
            texts("a /* b /* c */ d */ // e\n 'x' 'l r#\"f\"g\"# b\"h\\\"i\" r\"\\\" k::l"),
            ["a", "\"", "'", "l", "\"", "\"", "\"", "k", "::", "l"]
        );
    }

    #[test]
    fn test_items_are_left_out() {
        let source = "fn a() {}\n#[cfg(test)]\n#[path = \"x\"]\nmod tests { fn b() {} }\nfn c() {}\n\
                      #[cfg(test)]\nuse d;\n#[cfg(not(test))] fn e() {}";
        let kept: Vec<String> = without_tests(&tokens(source))
            .into_iter()
            .filter(|token| token.is_word() && token.text.len() == 1)
            .map(|token| token.text)
            .collect();
        assert_eq!(kept, ["a", "c", "e"]);
    }

    #[test]
    fn only_lines_with_code_count() {
        assert_eq!(code_lines(&tokens("a\n\n// b\nc d\n\"e\n f\"\n")), 4);
    }
}
