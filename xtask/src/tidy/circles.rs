use std::collections::{BTreeMap, BTreeSet};

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::paths::{NamedPath, named_paths};
use crate::repo::Repo;
use crate::rust_source::{is_test_file, tokens, without_tests};

use super::settings::Settings;

/// Finds modules of one crate that need each other. A module that only re-exports its children
/// does not need them.
pub(crate) fn run(repo: &Repo, source: &str, settings: &Settings) -> Result<Findings, XtaskError> {
    let mut tree = Tree::default();
    for file in repo.below(source, ".rs") {
        let inside = &file[source.len()..];
        if !is_test_file(inside) && !inside.starts_with("bin/") {
            let tokens = without_tests(&tokens(&repo.read(file)?));
            let paths = if settings.is_generated(file) {
                Vec::new()
            } else {
                named_paths(&tokens)
            };
            tree.modules.insert(module_of(inside), paths);
        }
    }
    let mut findings = Findings::default();
    for circle in tree.circles() {
        findings.fault(source, "circle", &circle.join(" <-> "));
    }
    Ok(findings)
}

type Module = Vec<String>;

/// `a/mod.rs` and `a.rs` are module `a`, `lib.rs` and `main.rs` the root.
fn module_of(file: &str) -> Module {
    let mut words: Module = file
        .trim_end_matches(".rs")
        .split('/')
        .map(str::to_owned)
        .collect();
    if words
        .last()
        .is_some_and(|last| matches!(last.as_str(), "mod" | "lib" | "main"))
    {
        words.pop();
    }
    words
}

/// The modules of a crate, and the paths that each names.
#[derive(Debug, Default)]
struct Tree {
    modules: BTreeMap<Module, Vec<NamedPath>>,
}

/// Re-exports of re-exports are followed this far; more would be a circle of its own.
const MAX_HOPS: usize = 8;

impl Tree {
    fn circles(&self) -> Vec<Vec<String>> {
        let arrows: BTreeMap<&Module, BTreeSet<Module>> = self
            .modules
            .iter()
            .map(|(module, paths)| (module, self.needs(module, paths)))
            .collect();
        let reach: BTreeMap<&Module, BTreeSet<Module>> = self
            .modules
            .keys()
            .map(|module| (module, reachable(module, &arrows)))
            .collect();
        let mut circles = BTreeSet::new();
        for module in self.modules.keys() {
            let circle: Vec<String> = self
                .modules
                .keys()
                .filter(|other| reach[module].contains(*other) && reach[*other].contains(module))
                .map(|other| {
                    if other.is_empty() {
                        "the root".to_owned()
                    } else {
                        other.join("::")
                    }
                })
                .collect();
            if circle.len() > 1 {
                circles.insert(circle);
            }
        }
        circles.into_iter().collect()
    }

    fn needs(&self, module: &Module, paths: &[NamedPath]) -> BTreeSet<Module> {
        paths
            .iter()
            .filter_map(|path| {
                let target = self.resolve(module, &path.words, 0)?;
                let facade = path.exported && target.starts_with(module);
                (target != *module && !facade).then_some(target)
            })
            .collect()
    }

    /// The module in which what the path names is defined; nothing for other crates' paths.
    fn resolve(&self, from: &Module, words: &[String], hops: usize) -> Option<Module> {
        let mut rest = words.iter();
        let mut at = from.clone();
        match rest.next()?.as_str() {
            "crate" => at.clear(),
            "self" => {}
            "super" => {
                at.pop();
            }
            word => {
                at.push(word.to_owned());
                if !self.modules.contains_key(&at) {
                    return None;
                }
            }
        }
        for word in rest {
            if word == "super" {
                at.pop();
                continue;
            }
            let mut child = at.clone();
            child.push(word.clone());
            if self.modules.contains_key(&child) {
                at = child;
                continue;
            }
            let bound = self.modules.get(&at)?.iter().find(|path| {
                path.binds.as_deref() == Some(word) && (path.words != words || at != *from)
            });
            return match bound {
                Some(path) if hops < MAX_HOPS => {
                    Some(self.resolve(&at, &path.words, hops + 1).unwrap_or(at))
                }
                _ => Some(at),
            };
        }
        Some(at)
    }
}

fn reachable(from: &Module, arrows: &BTreeMap<&Module, BTreeSet<Module>>) -> BTreeSet<Module> {
    let mut seen = BTreeSet::new();
    let mut open = vec![from.clone()];
    while let Some(module) = open.pop() {
        for next in arrows.get(&module).into_iter().flatten() {
            if seen.insert(next.clone()) {
                open.push(next.clone());
            }
        }
    }
    seen
}

#[cfg(test)]
mod tests {
    use super::*;

    fn circles(files: &[(&str, &str)]) -> Vec<Vec<String>> {
        let mut tree = Tree::default();
        for (file, source) in files {
            tree.modules
                .insert(module_of(file), named_paths(&tokens(source)));
        }
        tree.circles()
    }

    #[test]
    fn a_facade_is_no_circle() {
        let root = ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;");
        assert!(circles(&[root, ("a.rs", "use crate::B;"), ("b.rs", "use std::fmt;")]).is_empty());
    }

    #[test]
    fn circles_are_seen_through_re_exports() {
        let root = ("lib.rs", "mod a; mod b; pub use a::A; pub use b::B;");
        assert_eq!(
            circles(&[
                root,
                ("a.rs", "use crate::B;"),
                ("b.rs", "fn f() -> crate::a::A {}")
            ]),
            [["a", "b"]]
        );
    }

    #[test]
    fn a_child_that_needs_its_parent_which_needs_it_is_a_circle() {
        let files = [
            ("lib.rs", "mod a;"),
            ("a/mod.rs", "mod b; use b::B; pub struct A;"),
            ("a/b.rs", "use super::A;"),
        ];
        assert_eq!(circles(&files), [["a", "a::b"]]);
    }

    #[test]
    fn siblings_through_super_are_no_circle() {
        let files = [
            ("main.rs", "mod a; fn main() { a::run() }"),
            ("a/mod.rs", "mod b; mod c; pub(crate) use b::run;"),
            ("a/b.rs", "use super::c::C; fn run() {}"),
            ("a/c.rs", "pub struct C;"),
        ];
        assert!(circles(&files).is_empty());
    }
}
