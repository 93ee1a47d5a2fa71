use wasmtime::{ResourceLimiter, Result};

/// Bytes of an element of a table, at most.
const TABLE_ELEMENT_BYTES: usize = 16;

/// What is left of the program's memory limit, over all its linear memories, tables and
/// oblivious maps.
#[derive(Debug)]
pub(crate) struct MemoryBudget {
    left: usize,
    refused: bool,
}

impl MemoryBudget {
    pub(crate) const fn new(bytes: usize) -> Self {
        Self {
            left: bytes,
            refused: false,
        }
    }

    /// Whether the program asked for more than its limit at least once.
    pub(crate) const fn refused(&self) -> bool {
        self.refused
    }

    /// Takes so much, if there is so much left.
    pub(crate) fn take(&mut self, bytes: usize) -> bool {
        match self.left.checked_sub(bytes) {
            Some(left) => {
                self.left = left;
                true
            }
            None => {
                self.refused = true;
                false
            }
        }
    }

    /// Gives back what was taken: memory of the host's that the program no longer has. Linear
    /// memories never shrink.
    pub(crate) const fn give_back(&mut self, bytes: usize) {
        self.left = self.left.saturating_add(bytes);
    }
}

impl ResourceLimiter for MemoryBudget {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        Ok(self.take(desired.saturating_sub(current)))
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        maximum: Option<usize>,
    ) -> Result<bool> {
        if maximum.is_some_and(|maximum| desired > maximum) {
            return Ok(false);
        }
        let elements = desired.saturating_sub(current);
        Ok(self.take(elements.saturating_mul(TABLE_ELEMENT_BYTES)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memories_and_tables_share_one_limit() {
        let mut budget = MemoryBudget::new(65536 * 2);
        assert!(budget.memory_growing(0, 65536, None).unwrap());
        assert!(budget.memory_growing(0, 65520, None).unwrap());
        assert!(!budget.memory_growing(65520, 65537, Some(65536)).unwrap());
        assert!(!budget.refused());
        assert!(budget.table_growing(0, 1, None).unwrap());
        assert!(!budget.table_growing(1, 2, None).unwrap());
        assert!(budget.refused());
        assert!(!budget.table_growing(0, usize::MAX, None).unwrap());
    }
}
