use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::{Metadata, folder_in};
use crate::paths::named_paths;
use crate::repo::Repo;
use crate::rust_source::{Token, is_test_file, tokens, without_tests};

use super::file::Layers;

/// What a crate below the I/O line must not name.
const OUTSIDE: [&str; 12] = [
    "std::env",
    "std::fs",
    "std::net",
    "std::os",
    "std::process",
    "std::thread",
    "std::time::Instant",
    "std::time::SystemTime",
    "hyper",
    "libc",
    "rustix",
    "tokio",
];

/// `unsafe` outside the crates marked for it, and the operating system below the I/O line.
pub(crate) fn run(
    repo: &Repo,
    layers: &Layers,
    metadata: &Metadata,
) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    for package in metadata.members() {
        let folder = folder_in(repo, package);
        let mut holds_unsafe = false;
        for file in repo.below(&folder, ".rs") {
            let all = tokens(&repo.read(file)?);
            let has_unsafe = all.iter().find(|token| token.text == "unsafe");
            if let Some(token) = has_unsafe {
                holds_unsafe = true;
                if !layers.may_be_unsafe(&package.name) {
                    let place = format!("{file}:{}", token.line);
                    findings.fault(
                        &place,
                        "unsafe",
                        "this crate is not marked for it in layers.toml",
                    );
                }
            }
            if !layers.may_do_io(&package.name) && !is_test_file(file) {
                let allowed = layers.may_name(&package.name);
                outside(file, &without_tests(&all), allowed, &mut findings);
            }
        }
        if layers.may_be_unsafe(&package.name) && !holds_unsafe {
            findings.fault(
                "layers.toml",
                "unsafe",
                &format!("`{}` holds none", package.name),
            );
        }
    }
    Ok(findings)
}

fn outside(file: &str, tokens: &[Token], allowed: &[String], findings: &mut Findings) {
    for path in named_paths(tokens) {
        let joined = path.words.join("::");
        let is_in = |name: &str| joined == name || joined.starts_with(&format!("{name}::"));
        if allowed.iter().any(|name| is_in(name)) {
            continue;
        }
        let reached = OUTSIDE.iter().find(|name| is_in(name));
        let glob = matches!(joined.as_str(), "std::*" | "std::time::*");
        if glob || reached.is_some() {
            let place = format!("{file}:{}", path.line);
            findings.fault(&place, "io", &format!("`{joined}` below the I/O line"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn faults(source: &str) -> usize {
        let mut findings = Findings::default();
        let allowed = ["std::thread".to_owned()];
        outside("x.rs", &tokens(source), &allowed, &mut findings);
        findings.faults().len()
    }

    #[test]
    fn ways_to_the_outside_are_seen() {
        for source in [
            "use std::fs;",
            "use std::{io, fs::File};",
            "fn f() { std::time::Instant::now(); }",
            "use std::time::{Duration, SystemTime};",
            "use tokio::net::TcpStream;",
            "use std::time::*;",
        ] {
            assert_eq!(faults(source), 1, "{source}");
        }
    }

    #[test]
    fn inner_ways_are_not() {
        assert_eq!(faults("use std::thread::scope;"), 0);
        assert_eq!(
            faults("use std::{fmt, io::Read, time::Duration}; // std::fs"),
            0
        );
        assert_eq!(
            faults("mod fs; use crate::fs::File; fn f() -> &str { \"std::fs\" }"),
            0
        );
    }
}
