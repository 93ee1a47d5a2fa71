/// What is safe to show on a terminal: brokers, programs and whoever wrote a file have a say in
/// these texts, and must not move the cursor, clear the screen, turn the direction of writing, begin
/// a line by another sign than a newline, or hide between two letters.
pub(crate) fn printable(text: &str) -> String {
    let hidden = |c: char| {
        let turns = matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        let breaks = matches!(c, '\u{2028}' | '\u{2029}');
        let nothing = matches!(c, '\u{ad}' | '\u{180e}' | '\u{200b}' | '\u{2060}'..='\u{2064}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}');
        turns || breaks || nothing || (c.is_control() && !matches!(c, '\n' | '\t'))
    };
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

#[cfg(test)]
mod tests {
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
}
