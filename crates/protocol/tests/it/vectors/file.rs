use std::fmt;

use adyton_codec::{hex_decode, hex_encode};

/// One case: a comment that names the deviation, then `key: value` lines, bytes in hexadecimal.
#[derive(Debug, Clone)]
pub(super) struct Vector {
    deviation: String,
    lines: Vec<(String, String)>,
}

impl Vector {
    pub(super) fn new(deviation: &str) -> Self {
        Self {
            deviation: deviation.to_owned(),
            lines: Vec::new(),
        }
    }

    /// The same lines under another deviation.
    pub(super) fn renamed(&self, deviation: &str) -> Self {
        Self {
            deviation: deviation.to_owned(),
            lines: self.lines.clone(),
        }
    }

    pub(super) fn with(mut self, key: &str, value: impl fmt::Display) -> Self {
        self.lines.push((key.to_owned(), value.to_string()));
        self
    }

    pub(super) fn with_bytes(self, key: &str, bytes: &[u8]) -> Self {
        self.with(key, hex_encode(bytes))
    }

    pub(super) fn parse(text: &str) -> Self {
        let (first, rest) = text.split_once('\n').unwrap();
        let lines = rest.lines().map(|line| {
            let (key, value) = line.split_once(':').unwrap();
            (key.to_owned(), value.trim_start().to_owned())
        });
        Self {
            deviation: first.strip_prefix("# ").unwrap().to_owned(),
            lines: lines.collect(),
        }
    }

    pub(super) fn text(&self, key: &str) -> &str {
        let line = self.lines.iter().find(|(found, _)| found == key);
        line.map_or_else(|| panic!("no `{key}`"), |(_, value)| value)
    }

    pub(super) fn bytes(&self, key: &str) -> Vec<u8> {
        hex_decode(self.text(key)).unwrap()
    }

    pub(super) fn array<const N: usize>(&self, key: &str) -> [u8; N] {
        self.bytes(key).try_into().unwrap()
    }
}

impl fmt::Display for Vector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "# {}", self.deviation)?;
        for (key, value) in &self.lines {
            let space = if value.is_empty() { "" } else { " " };
            writeln!(f, "{key}:{space}{value}")?;
        }
        Ok(())
    }
}
