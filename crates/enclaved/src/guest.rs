use std::fs::File;
use std::time::Duration;

use adyton_crypto::os_rng;
use adyton_program::Manifest;
use adyton_sandbox::{Clock, Ending, Guest, InputFile, Outcome};
use adyton_types::Name;

use crate::error::EnclaveError;
use crate::host_clock::Clocks;
use crate::outputs::{self, SealedOutput, sealing_output, unwritable};

/// Everything that the program gets: what its manifest says, and nothing else.
pub(crate) fn guest(
    manifest: &Manifest,
    inputs: Vec<InputFile>,
    files: Vec<(Name, File)>,
) -> Result<Guest, EnclaveError> {
    let output = |(name, file): (Name, File)| {
        let declared = manifest
            .output(&name)
            .ok_or(EnclaveError::Undeclared { what: "outputs" })?;
        sealing_output(name, declared.max_bytes(), declared.recipients(), file)
    };
    let mut args = vec![manifest.name().to_string()];
    args.extend_from_slice(manifest.args());
    Ok(Guest {
        args,
        env: manifest
            .env()
            .iter()
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect(),
        inputs,
        outputs: files.into_iter().map(output).collect::<Result<_, _>>()?,
        stdout: manifest.stdout().cloned(),
        stderr: manifest.stderr().cloned(),
        clock: match manifest.clock() {
            adyton_program::Clock::None => Clock::None,
            _ => Clock::Host(Box::new(Clocks::new())),
        },
        rng: Box::new(os_rng()),
    })
}

/// The runner ends a program whose time is up. That is its own word: a program that was let run on
/// gets no last chunks of its outputs, and no receipt.
pub(crate) fn in_time(took: Duration, manifest: &Manifest) -> Result<(), EnclaveError> {
    let secs = manifest.limits().time_secs();
    if took > Duration::from_secs(secs) {
        return Err(EnclaveError::TimeLimit { secs });
    }
    Ok(())
}

/// Seals the outputs of a program that ended well, sorted by name; any other end cancels the run.
pub(crate) fn finished(
    outcome: Outcome,
    manifest: &Manifest,
) -> Result<Vec<SealedOutput>, EnclaveError> {
    if let Some(output) = outcome.outputs.iter().find(|output| output.limit_hit) {
        return Err(EnclaveError::OutputLimit {
            output: output.name.clone(),
        });
    }
    match &outcome.ending {
        Ending::Exited { code: 0 } => {}
        Ending::FileFailed(failure) => return Err(file_failed(failure)),
        other => return Err(ended_badly(other, outcome.memory_limit_hit, manifest)),
    }
    let mut sealed = outcome
        .outputs
        .into_iter()
        .map(outputs::finish)
        .collect::<Result<Vec<_>, _>>()?;
    sealed.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sealed)
}

/// A sealed file that is not authentic is told as that; whether the disk is full is the host's own
/// business.
fn file_failed(failure: &adyton_sandbox::FileFailure) -> EnclaveError {
    let name = failure
        .path
        .rsplit('/')
        .next()
        .and_then(|name| name.parse::<Name>().ok());
    match name {
        Some(name) if failure.path.starts_with("/out/") => unwritable(&name, &failure.source),
        _ => EnclaveError::Program(format!(
            "the input `{}` failed: {}",
            failure.path, failure.source
        )),
    }
}

/// How a program failed may tell about the data, so it is said in a debug run only.
fn ended_badly(ending: &Ending, memory: bool, manifest: &Manifest) -> EnclaveError {
    let limit = manifest.limits().memory_bytes();
    let hint = if memory {
        format!("; it asked for more than its {limit} bytes of memory")
    } else {
        String::new()
    };
    let why = match ending {
        _ if !manifest.debug() => {
            "without success (a program built with `debug = true` would tell here how)".to_owned()
        }
        Ending::Exited { code } => format!("with exit code {code}"),
        Ending::Trapped { text } => format!("by a trap: {text}"),
        _ => "without success".to_owned(),
    };
    EnclaveError::Program(format!(
        "the program ended {why}{hint}; its outputs were discarded"
    ))
}
