use toml::{Table, Value};

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::metadata::{Metadata, folder_in};
use crate::repo::Repo;

/// Every crate has the workspace's lints. One that holds `unsafe` has to repeat the table, since
/// Cargo inherits all of it or nothing: then only the level of `unsafe_code` may differ.
pub(crate) fn run(repo: &Repo, metadata: &Metadata) -> Result<Findings, XtaskError> {
    let root = manifest(repo, "Cargo.toml")?;
    let ours = at(&root, &["workspace", "lints"]).cloned();
    let mut findings = Findings::default();
    for package in metadata.members() {
        let file = format!("{}Cargo.toml", folder_in(repo, package));
        let theirs = manifest(repo, &file)?.remove("lints");
        if !same(theirs, ours.as_ref()) {
            findings.fault(
                &file,
                "lints",
                "are not the workspace's, `unsafe_code` apart",
            );
        }
    }
    Ok(findings)
}

fn manifest(repo: &Repo, file: &str) -> Result<Table, XtaskError> {
    toml::from_str(&repo.read(file)?).map_err(|error| XtaskError::Parse {
        what: file.to_owned(),
        why: error.to_string(),
    })
}

fn at<'a>(table: &'a Table, keys: &[&str]) -> Option<&'a Value> {
    let (first, rest) = keys.split_first()?;
    rest.iter()
        .try_fold(table.get(*first)?, |value, key| value.get(*key))
}

fn same(theirs: Option<Value>, ours: Option<&Value>) -> bool {
    let (Some(theirs), Some(ours)) = (theirs, ours) else {
        return false;
    };
    let inherits = theirs.get("workspace").and_then(Value::as_bool) == Some(true);
    inherits || without_unsafe(theirs) == without_unsafe(ours.clone())
}

fn without_unsafe(mut lints: Value) -> Value {
    if let Some(rust) = lints.get_mut("rust").and_then(Value::as_table_mut) {
        rust.remove("unsafe_code");
    }
    lints
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> Value {
        Value::Table(toml::from_str(text).unwrap())
    }

    #[test]
    fn only_the_level_of_unsafe_code_may_differ() {
        let ours = value("[rust]\nunsafe_code = 'deny'\nunused = 'warn'\n[clippy]\ntodo = 'deny'");
        for (theirs, good) in [
            ("workspace = true", true),
            (
                "[rust]\nunsafe_code = 'allow'\nunused = 'warn'\n[clippy]\ntodo = 'deny'",
                true,
            ),
            ("[rust]\nunsafe_code = 'allow'\nunused = 'warn'", false),
            ("[rust]\nunused = 'allow'\n[clippy]\ntodo = 'deny'", false),
        ] {
            assert_eq!(same(Some(value(theirs)), Some(&ours)), good, "{theirs}");
        }
        assert!(!same(None, Some(&ours)));
    }
}
