//! The guests of `demo/` are kept built, so that the demonstration needs no other compiler. Here
//! they are built again from their sources, byte for byte.

use std::path::Path;
use std::process::Command;

use crate::error::XtaskError;
use crate::findings::Findings;
use crate::repo::{Repo, output, succeeds};

/// Folders with a `build.sh` that takes where to write, and what each writes.
const GUESTS: [(&str, bool, &[&str]); 2] = [
    ("demo/guest", false, &["heart.wasm"]),
    (
        "demo/kernels",
        true,
        &["kernels.wasm", "hello.wasm", "hold.wasm"],
    ),
];

/// Builds every guest beside the other build output and compares.
pub(crate) fn run(repo: &Repo) -> Result<Findings, XtaskError> {
    let mut findings = Findings::default();
    if output(Command::new("python3").args(["-m", "ziglang", "version"])).is_err() {
        findings.missing("ziglang");
        return Ok(findings);
    }
    for (folder, takes_folder, files) in GUESTS {
        let made = repo.build_folder().join("guests").join(folder);
        std::fs::create_dir_all(&made).map_err(|source| XtaskError::Read {
            path: made.clone(),
            source,
        })?;
        let target = if takes_folder {
            made.clone()
        } else {
            made.join(files[0])
        };
        let mut build = Command::new("sh");
        build
            .arg(repo.root().join(folder).join("build.sh"))
            .arg(&target);
        if !succeeds(&mut build)? {
            findings.fault(folder, "guest", "build.sh failed");
            continue;
        }
        for file in files {
            let kept = format!("{folder}/{file}");
            if bytes(&repo.root().join(&kept))? != bytes(&made.join(file))? {
                findings.fault(&kept, "guest", "is not what its source builds");
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
