use adyton_program::Topic;

use crate::support::{FULL, manifest};

fn lines(text: &str) -> Vec<String> {
    let statements = manifest(text).describe();
    let line = |s: &adyton_program::Statement| {
        format!("{}{}: {}", if s.warns { "! " } else { "" }, s.topic, s.text)
    };
    statements.iter().map(line).collect()
}

#[test]
fn a_harmless_program_warns_of_nothing() {
    assert_eq!(
        lines("name = 'p'\ncomponent = 'x'"),
        [
            "program: `p`, a WebAssembly program of 14 bytes",
            "reads: no data at all",
            "writes: no result at all",
            "prints: standard output to nobody: it is thrown away",
            "prints: error messages to nobody: it is thrown away",
            "reaches: no network and no files but those named above",
            "clock: none: time stands still for it",
            "limits: 256 MiB of memory and 10 minutes",
            "debug: off: the host learns sizes, times and whether the program succeeded, and no content",
        ]
    );
}

#[test]
fn what_weakens_is_a_warning() {
    let all = lines(FULL);
    let warnings: Vec<_> = all.iter().filter(|line| line.starts_with("! ")).collect();
    assert_eq!(warnings.len(), 2);
    assert!(warnings[0].starts_with("! clock: the host's"));
    assert!(warnings[1].starts_with("! debug: ON"));
}

#[test]
fn files_arguments_and_recipients_are_all_there() {
    let all = lines(FULL).join("\n");
    for word in [
        "`hospital-a`; only the broker abab",
        "`hospital-b`; whichever broker",
        "`model`, up to 1 MiB",
        "age1zvkyg2lq",
        "age1t7rxyev2",
        "argument 2: \"50\"",
        "variable MODE: \"train\"",
        "standard output into the result `log`",
        "64 MiB of memory and 5 minutes",
        "quantum",
    ] {
        assert!(all.contains(word), "{word} in\n{all}");
    }
    assert_eq!(Topic::Told.to_string(), "is told");
}
