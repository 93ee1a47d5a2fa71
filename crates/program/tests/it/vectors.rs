use std::path::Path;

use adyton_codec::hex_decode;
use adyton_program::Bundle;

#[test]
fn vectors_of_the_specification() {
    let dir = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../specs/vectors/program");
    let mut seen = 0;
    for entry in std::fs::read_dir(dir).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|extension| extension != "txt") {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let field = |key: &str| {
            let line = text.lines().find_map(|line| line.strip_prefix(key));
            line.unwrap_or_else(|| panic!("{} lacks {key}", path.display()))
        };
        let bytes = hex_decode(field("bundle: ")).unwrap();
        let outcome = match Bundle::parse(&bytes) {
            Ok(bundle) => format!("measurement {}", bundle.manifest().measurement()),
            Err(error) => error.class().to_string(),
        };
        assert_eq!(outcome, field("expect: "), "{}", path.display());
        seen += 1;
    }
    assert!(seen >= 26, "only {seen} vectors");
}
