use std::sync::Arc;

use wasmtime::{LinearMemory, MemoryCreator, MemoryType};

use crate::pages::{PageSource, Pages};

/// Linear memories out of a [`PageSource`], each able to grow up to the program's memory limit.
pub(crate) struct Memories {
    pages: Arc<dyn PageSource>,
    limit: usize,
}

/// One linear memory.
struct Memory {
    pages: Box<dyn Pages>,
    size: usize,
    capacity: usize,
}

impl Memories {
    /// `limit`: memory limit of the program in bytes, a multiple of 64 KiB.
    pub(crate) fn new(pages: Arc<dyn PageSource>, limit: usize) -> Self {
        Self { pages, limit }
    }
}

#[expect(unsafe_code, reason = "compiled guest code trusts the mapping")]
// SAFETY: the whole reservation and the guard after it are addresses of one `Pages`, whose
// contract is that everything beyond its size faults and that new memory is zero.
unsafe impl MemoryCreator for Memories {
    fn new_memory(
        &self,
        _type: MemoryType,
        minimum: usize,
        maximum: Option<usize>,
        reserved: Option<usize>,
        guard: usize,
    ) -> Result<Box<dyn LinearMemory>, String> {
        let reserved = reserved.ok_or("the runtime asked for a memory that may move")?;
        let capacity = maximum.unwrap_or(reserved).min(self.limit).min(reserved);
        if minimum > capacity {
            return Err("the program's memory limit is below the memory it begins with".to_owned());
        }
        let address_space = reserved
            .checked_add(guard)
            .ok_or("no addresses for this memory")?;
        let mut pages = self
            .pages
            .reserve(capacity, address_space)
            .map_err(|error| format!("memory cannot be reserved: {error}"))?;
        if minimum > 0 {
            pages
                .grow_to(minimum)
                .map_err(|error| format!("memory cannot be mapped: {error}"))?;
        }
        Ok(Box::new(Memory {
            pages,
            size: minimum,
            capacity,
        }))
    }
}

#[expect(unsafe_code, reason = "compiled guest code trusts the mapping")]
// SAFETY: `size` is never more than what `Pages::grow_to` has confirmed, and the base is fixed.
unsafe impl LinearMemory for Memory {
    fn byte_size(&self) -> usize {
        self.size
    }

    fn byte_capacity(&self) -> usize {
        self.capacity
    }

    fn grow_to(&mut self, size: usize) -> wasmtime::Result<()> {
        if size > self.capacity {
            wasmtime::bail!("the memory would exceed its capacity");
        }
        self.pages.grow_to(size)?;
        self.size = size;
        Ok(())
    }

    fn as_ptr(&self) -> *mut u8 {
        self.pages.base().as_ptr()
    }
}
