use serde_json::Value;

/// What is safe to show on a terminal: brokers, programs and whoever wrote a file have a say in
/// these texts, and must not move the cursor, clear the screen, turn the direction of writing, begin
/// a line by another sign than a newline, or hide between two letters.
pub(crate) fn printable(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// The same as one line: a text of a stranger's begins none of its own, which could be taken for what
/// this program says.
pub(crate) fn one_line(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) || c.is_control() {
            safe.extend(c.escape_unicode());
        } else {
            safe.push(c);
        }
    }
    safe
}

/// Lines, each of which stays one.
pub(crate) fn lines<T: AsRef<str>>(lines: &[T]) -> String {
    let lines = lines.iter().map(|line| one_line(line.as_ref()));
    lines.collect::<Vec<_>>().join("\n")
}

/// The same for JSON, which it leaves the same document: what is hidden stands in its texts only,
/// where it can be written as an escape (RFC 8259 section 7).
pub(crate) fn printable_json(document: &Value) -> String {
    let text = format!("{document:#}\n");
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        if hidden(c) {
            let mut units = [0; 2];
            let units = c.encode_utf16(&mut units);
            safe.extend(units.iter().map(|unit| format!("\\u{unit:04x}")));
        } else {
            safe.push(c);
        }
    }
    safe
}

fn hidden(c: char) -> bool {
    let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let breaks = matches!(c, '\u{2028}' | '\u{2029}');
    let nothing = matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
    turns || breaks || nothing || (c.is_control() && !matches!(c, '\n' | '\t'))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn what_strangers_write_cannot_steer_a_terminal() {
        let plain = "a line\n\tÜ, \u{65e5}\u{672c}, é";
        assert_eq!(printable(plain), plain);
        assert_eq!(
            printable("\u{1b}[2J\rVERIFIED\u{9b}1m\u{202e}"),
            "\\u{1b}[2J\\u{d}VERIFIED\\u{9b}1m\\u{202e}"
        );
        for c in ['\u{61c}', '\u{2028}', '\u{200b}', '\u{feff}', '\u{e0041}'] {
            assert_eq!(printable(&c.to_string()), c.escape_unicode().to_string());
        }
    }

    #[test]
    fn nor_does_it_begin_a_line() {
        let said = lines(&["service  x\nVALID\ty", "Ü\r\u{202e}"]);
        let shown = "service  x\\u{a}VALID\\u{9}y\nÜ\\u{d}\\u{202e}";
        assert_eq!(said, shown);
    }

    #[test]
    fn nor_does_it_in_json_which_stays_the_same_document() {
        let said =
            json!({ "vendor\u{9b}2J": ["\u{9d}0;VERIFIED\u{7}", "\u{202e}", "\u{e0041}", "Ü\n"] });
        let shown = printable_json(&said);
        assert!(!shown.chars().any(hidden), "{shown:?}");
        assert!(shown.contains("Ü\\n"), "{shown}");
        let read: Value = serde_json::from_str(&shown).unwrap();
        assert_eq!(read, said);
    }
}
