use adyton_crypto::CryptoRng;
use adyton_types::Name;
use wasmtime::component::ResourceTable;

use super::files::Files;
use crate::budget::MemoryBudget;
use crate::error::SandboxError;
use crate::guest::{Clock, Guest};

/// The most handles that a guest may hold at once: far more than any program needs, so that the
/// host's own memory has a limit.
const MAX_HANDLES: usize = 1 << 16;

/// Everything behind one running guest.
pub(crate) struct Host {
    pub(crate) table: ResourceTable,
    pub(crate) memory: MemoryBudget,
    pub(crate) files: Files,
    pub(crate) args: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) stdout: Option<usize>,
    pub(crate) stderr: Option<usize>,
    pub(crate) clock: Clock,
    pub(crate) rng: Box<dyn CryptoRng>,
}

impl Host {
    pub(crate) fn new(guest: Guest, memory_bytes: usize) -> Result<Self, SandboxError> {
        let mut files = Files::new(guest.inputs, guest.outputs);
        let stdout = standard_stream(&mut files, guest.stdout)?;
        let stderr = standard_stream(&mut files, guest.stderr)?;
        let mut table = ResourceTable::new();
        table.set_max_capacity(MAX_HANDLES);
        Ok(Self {
            table,
            memory: MemoryBudget::new(memory_bytes),
            files,
            args: guest.args,
            env: guest.env,
            stdout,
            stderr,
            clock: guest.clock,
            rng: guest.rng,
        })
    }
}

fn standard_stream(files: &mut Files, name: Option<Name>) -> Result<Option<usize>, SandboxError> {
    let Some(name) = name else { return Ok(None) };
    let index = files
        .output(&name)
        .ok_or(SandboxError::NoSuchOutput { name })?;
    files.outputs[index].create();
    Ok(Some(index))
}
