//! The guests of `demo/` are kept built, so that the demonstration needs no other compiler. Here
//! they are built again from their sources, byte for byte.

use std::path::Path;
use std::process::Command;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::repo::{Repo, output, succeeds};

/// Folders with a `build.sh`, and whether it takes a folder to write to, or the one file.
const GUESTS: [(&str, bool); 2] = [("demo/guest/", false), ("demo/kernels/", true)];

/// Builds every guest beside the other build output and compares.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    if output(Command::new("python3").args(["-m", "ziglang", "version"])).is_err() {
        findings.missing("ziglang");
        return Ok(findings);
    }
    for (folder, takes_folder) in GUESTS {
        let kept: Vec<&str> = repo.below(folder, ".wasm").collect();
        let made = repo.build_folder().join("guests");
        let target = match kept.first() {
            Some(only) if !takes_folder => made.join(only),
            _ => made.join(folder),
        };
        let parent = made.join(folder);
        std::fs::create_dir_all(&parent).map_err(|source| XtaskError::Read {
            path: parent,
            source,
        })?;
        let mut build = Command::new("sh");
        build
            .arg(repo.root().join(folder).join("build.sh"))
            .arg(&target);
        if !succeeds(&mut build)? {
            findings.fault(folder, "guest", "build.sh failed");
            continue;
        }
        for file in kept {
            if bytes(&repo.root().join(file))? != bytes(&made.join(file))? {
                findings.fault(file, "guest", "is not what its source builds");
            }
        }
    }
    Ok(findings)
}

fn bytes(path: &Path) -> Result<Vec<u8>, XtaskError> {
    std::fs::read(path).map_err(|source| XtaskError::Read {
        path: path.to_path_buf(),
        source,
    })
}
