use std::fmt;
use std::sync::Arc;

use adyton_componentize::is_provided;
use adyton_crypto::SecretArray;
use wasmtime::Engine;
use wasmtime::component::{Component, Linker};

use crate::code_cache::{AuthenticCode, CacheError, Origin, seal};
use crate::error::SandboxError;
use crate::host::{Host, add_to_linker, bindings::GuestPre};
use crate::pages::PageSource;
use crate::prepared::Prepared;
use crate::runtime;

/// What a guest's native stack may grow to unless the configuration says otherwise. The thread
/// that runs it needs half a MiB more.
pub const DEFAULT_STACK_BYTES: usize = 1 << 20;

/// How the sandbox is set up.
#[derive(Clone)]
pub struct SandboxConfig {
    /// The most memory the program may have, over all linear memories and tables: a multiple of
    /// 64 KiB up to 4 GiB.
    pub memory_bytes: u64,
    /// The most native stack it may use; [`DEFAULT_STACK_BYTES`] unless there is a reason.
    pub stack_bytes: usize,
    /// Where its linear memories come from.
    pub pages: Arc<dyn PageSource>,
}

/// A component as a bundle states it.
#[derive(Debug, Clone, Copy)]
pub struct Program<'a> {
    /// The component.
    pub component: &'a [u8],
    /// SHA-384 of these very bytes, as the bundle's reader has verified it.
    pub sha384: &'a [u8; 48],
}

/// The runtime for one program.
pub struct Sandbox {
    engine: Engine,
    compatibility: [u8; 32],
    memory_bytes: usize,
}

/// A program ready to run, and what became of its code cache.
#[derive(Debug)]
pub struct Preparation {
    /// The program.
    pub prepared: Prepared,
    /// Why the cache that was given was of no use.
    pub refused_cache: Option<CacheError>,
    /// The file to put in its place, if it was of no use or none was given.
    pub new_cache: Option<Vec<u8>>,
}

impl Sandbox {
    /// Starts the runtime. It starts no thread, now or later, and opens no file.
    ///
    /// # Errors
    /// [`SandboxError::MemoryLimit`], [`SandboxError::Runtime`].
    pub fn new(config: SandboxConfig) -> Result<Self, SandboxError> {
        let bytes = config.memory_bytes;
        let refused = SandboxError::MemoryLimit { bytes };
        if !(1 << 16..=1 << 32).contains(&bytes) || !bytes.is_multiple_of(1 << 16) {
            return Err(refused);
        }
        let memory_bytes = usize::try_from(bytes).map_err(|_| refused)?;
        let engine = runtime::engine(config.pages, memory_bytes, config.stack_bytes)?;
        Ok(Self {
            compatibility: runtime::compatibility(&engine),
            engine,
            memory_bytes,
        })
    }

    /// Makes a program ready: loads its code from `cache` if that is authentic under `key` and
    /// fits, else compiles it (for a large program that takes seconds).
    ///
    /// Nothing secret is touched but the key, so this can happen before any secret arrives.
    ///
    /// # Errors
    /// [`SandboxError`], never on account of the cache.
    pub fn prepare(
        &self,
        program: Program<'_>,
        cache: Option<Vec<u8>>,
        key: &SecretArray<32>,
    ) -> Result<Preparation, SandboxError> {
        let origin = Origin {
            runtime: &self.compatibility,
            component: program.sha384,
        };
        let mut refused_cache = None;
        if let Some(file) = cache {
            match AuthenticCode::open(file, origin, key).and_then(|code| self.load(&code)) {
                Ok(component) => return self.preparation(&component, None, None),
                Err(error) => refused_cache = Some(error),
            }
        }
        let code = self
            .engine
            .precompile_component(program.component)
            .map_err(SandboxError::Compile)?;
        let file = seal(&code, origin, key);
        drop(code);
        let code = AuthenticCode::open(file.clone(), origin, key)?;
        let component = self.load(&code)?;
        self.preparation(&component, refused_cache, Some(file))
    }

    #[expect(unsafe_code, reason = "compiled code is native code")]
    fn load(&self, code: &AuthenticCode) -> Result<Component, CacheError> {
        // SAFETY: the bytes are what `precompile_component` of a runtime with the same
        // compatibility digest returned: the tag under the cache key says so.
        unsafe { Component::deserialize(&self.engine, code.code()) }
            .map_err(|_| CacheError::NotLoadable)
    }

    fn preparation(
        &self,
        component: &Component,
        refused_cache: Option<CacheError>,
        new_cache: Option<Vec<u8>>,
    ) -> Result<Preparation, SandboxError> {
        let resources = component.resources_required();
        let memories = resources.ok_or(SandboxError::ForeignModules)?.num_memories;
        let of = component.component_type();
        let has_maps = of
            .imports(&self.engine)
            .any(|(name, _)| name.starts_with("adyton:enclave/"));
        let pre = self.link(component)?;
        Ok(Preparation {
            prepared: Prepared::new(pre, self.memory_bytes, memories, has_maps),
            refused_cache,
            new_cache,
        })
    }

    fn link(&self, component: &Component) -> Result<GuestPre<Host>, SandboxError> {
        for (name, _) in component.component_type().imports(&self.engine) {
            if !is_provided(name) {
                return Err(SandboxError::ForeignInterface {
                    name: name.to_owned(),
                });
            }
        }
        let mut linker = Linker::new(&self.engine);
        add_to_linker(&mut linker, component).map_err(SandboxError::Link)?;
        linker
            .instantiate_pre(component)
            .and_then(GuestPre::new)
            .map_err(SandboxError::Link)
    }
}

impl fmt::Debug for SandboxConfig {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SandboxConfig")
            .field("memory_bytes", &self.memory_bytes)
            .field("stack_bytes", &self.stack_bytes)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sandbox")
            .field("memory_bytes", &self.memory_bytes)
            .finish_non_exhaustive()
    }
}
