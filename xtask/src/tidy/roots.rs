use crate::error::XtaskError;
use crate::findings::Findings;
use crate::repo::Repo;
use crate::rust_source::{Token, tokens, without_tests};

/// What begins an item that defines something.
const DEFINES: [&str; 9] = [
    "const",
    "enum",
    "fn",
    "impl",
    "macro_rules",
    "static",
    "struct",
    "trait",
    "type",
];

/// `lib.rs` introduces a crate: it declares modules, re-exports, and defines nothing.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    for file in repo.below("", "src/lib.rs") {
        let text = repo.read(file)?;
        if !text.starts_with("//!") {
            findings.fault(
                file,
                "root",
                "does not begin with the crate's documentation",
            );
        }
        for token in definitions(&without_tests(&tokens(&text))) {
            let place = format!("{file}:{}", token.line);
            findings.fault(
                &place,
                "root",
                &format!("`{}` defines something", token.text),
            );
        }
    }
    Ok(findings)
}

fn definitions(tokens: &[Token]) -> Vec<&Token> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    for (at, token) in tokens.iter().enumerate() {
        match token.text.as_str() {
            "{" | "(" | "[" => depth += 1,
            "}" | ")" | "]" => depth = depth.saturating_sub(1),
            word if depth == 0 && DEFINES.contains(&word) => found.push(token),
            "mod" if tokens.get(at + 2).is_some_and(|next| next.text == "{") => found.push(token),
            _ => {}
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_root_only_introduces() {
        let good = "//! D\n#![forbid(unsafe_code)]\nmod a;\npub use a::{fn_x, T};\n#[cfg(unix)]\npub mod b;";
        assert_eq!(definitions(&tokens(good)).len(), 0);
        assert_eq!(
            definitions(&tokens("mod a { } pub fn f() {} const X: u8 = 0;")).len(),
            3
        );
    }
}
