use std::fmt;

use wasmtime::{Error, Store};

use crate::error::SandboxError;
use crate::guest::Guest;
use crate::host::bindings::GuestPre;
use crate::host::{Exit, Host};
use crate::outcome::{Ending, FileFailure, Outcome};

/// The most bytes that one call of the guest may hand to the host (paths, buffers): what the host
/// copies has a limit that does not depend on the guest's memory.
const MAX_CALL_BYTES: usize = 16 << 20;

/// A program that is compiled and linked.
pub struct Prepared {
    pre: GuestPre<Host>,
    memory_bytes: usize,
    memories: u32,
    has_maps: bool,
}

impl Prepared {
    pub(crate) const fn new(
        pre: GuestPre<Host>,
        memory_bytes: usize,
        memories: u32,
        has_maps: bool,
    ) -> Self {
        Self {
            pre,
            memory_bytes,
            memories,
            has_maps,
        }
    }

    /// What the process's own allocator has to have for the program's oblivious maps, if it may
    /// make any: what its memory limit lets them take, and as much again, since their parts begin
    /// at multiples of 2 MiB and are that large or larger.
    #[must_use]
    pub const fn heap_bytes(&self) -> Option<usize> {
        if self.has_maps {
            Some(self.memory_bytes.saturating_mul(2))
        } else {
            None
        }
    }

    /// The most bytes that one of its linear memories may have.
    pub(crate) const fn memory_bytes(&self) -> usize {
        self.memory_bytes
    }

    /// How many linear memories it has.
    pub(crate) const fn memories(&self) -> u32 {
        self.memories
    }

    /// Runs the program from its beginning to its end on this thread. `on_start` is called when
    /// its memory stands and its first instruction is next.
    ///
    /// Each run is a new one: nothing of an earlier run is left.
    ///
    /// # Errors
    /// [`SandboxError::NoSuchOutput`]. How the program ends is never an error of this function.
    pub fn run(&self, guest: Guest, on_start: impl FnOnce()) -> Result<Outcome, SandboxError> {
        let host = Host::new(guest, self.memory_bytes)?;
        let mut store = Store::new(self.pre.engine(), host);
        store.limiter(|host| &mut host.memory);
        store.set_hostcall_fuel(MAX_CALL_BYTES);
        let ending = self.call(&mut store, on_start);
        let host = store.into_data();
        Ok(Outcome {
            ending,
            memory_limit_hit: host.memory.refused(),
            outputs: host.files.finish(),
        })
    }

    fn call(&self, store: &mut Store<Host>, on_start: impl FnOnce()) -> Ending {
        let result = self.pre.instantiate(&mut *store).and_then(|instance| {
            on_start();
            instance.wasi_cli_run().call_run(store)
        });
        match result {
            Ok(Ok(())) => Ending::Exited { code: 0 },
            Ok(Err(())) => Ending::Exited { code: 1 },
            Err(error) => ending(error),
        }
    }
}

fn ending(error: Error) -> Ending {
    if let Some(Exit { code }) = error.downcast_ref() {
        return Ending::Exited { code: *code };
    }
    match error.downcast::<FileFailure>() {
        Ok(failure) => Ending::FileFailed(failure),
        Err(error) => Ending::Trapped {
            text: format!("{error:?}"),
        },
    }
}

impl fmt::Debug for Prepared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Prepared").finish_non_exhaustive()
    }
}
