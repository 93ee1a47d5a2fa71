use std::error::Error;

use wasm_encoder::reencode::{self, Reencode, utils};
use wasm_encoder::{
    BlockType, CodeSection, ConstExpr, ExportKind, ExportSection, Function, FunctionSection,
    GlobalSection, GlobalType, Instruction, MemorySection, MemoryType, Module, SectionId,
    TypeSection, ValType,
};
use wasmparser::{ExternalKind, Operator, Parser, Payload, TypeRef};

/// Bytes of a page of linear memory.
const PAGE_BYTES: u64 = 65536;

/// Pages for the adapter: its stack and its state take one each.
const ADAPTER_PAGES: u64 = 3;

/// Bytes of an element of a table, at most, as the sandbox counts them; and room for the tables by
/// which the parts of the component call each other.
const TABLE_ELEMENT_BYTES: u64 = 16;
const LINKING_BYTES: u64 = PAGE_BYTES;

/// The function by which a module gives memory to its adapter.
pub(crate) const REALLOC: &str = "cabi_realloc";

/// Gives the adapter pages that the program never takes for its own.
///
/// Left alone, the adapter grows the program's memory by a page now and then. Programs in Go take
/// all that follows their data for theirs, and ones in AssemblyScript all that is there when they
/// start: they would write into the adapter's pages. So the memory is made as large as it may ever
/// be, the adapter's pages are the last of it, and what the program sees as its memory's size is
/// counted in a global. Pages that nobody touches are not there.
///
/// A module that hands out memory itself, or has not one memory, comes back unchanged.
pub(crate) fn give_own_pages(
    module: &[u8],
    memory_bytes: u64,
) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let found = Found::in_module(module)?;
    let Some(plan) = found.plan(memory_bytes) else {
        return Ok(module.to_vec());
    };
    let mut changed = Module::new();
    let mut rewrite = Rewrite {
        found,
        plan,
        globals_done: false,
    };
    rewrite.parse_core_module(&mut changed, Parser::new(0), module)?;
    Ok(changed.finish())
}

/// What the module has, which decides the numbers of what is added.
#[derive(Default)]
struct Found {
    types: u32,
    functions: u32,
    globals: u32,
    memories: Vec<wasmparser::MemoryType>,
    table_elements: u64,
    has_realloc: bool,
}

/// Pages: of the memory as it is made, and as the program sees it at first and at last.
struct Plan {
    all: u64,
    first: u64,
    last: u64,
    /// Whether the program itself says that it wants no more than `last`.
    own_maximum: bool,
}

impl Found {
    fn in_module(module: &[u8]) -> Result<Self, Box<dyn Error + Send + Sync>> {
        let mut found = Self::default();
        for payload in Parser::new(0).parse_all(module) {
            match payload? {
                Payload::TypeSection(types) => {
                    for group in types {
                        found.types += u32::try_from(group?.types().count())?;
                    }
                }
                Payload::ImportSection(imports) => {
                    for import in imports.into_imports() {
                        match import?.ty {
                            TypeRef::Func(_) => found.functions += 1,
                            TypeRef::Global(_) => found.globals += 1,
                            _ => {}
                        }
                    }
                }
                Payload::FunctionSection(functions) => found.functions += functions.count(),
                Payload::TableSection(tables) => {
                    for table in tables {
                        found.table_elements =
                            found.table_elements.saturating_add(table?.ty.initial);
                    }
                }
                Payload::MemorySection(memories) => {
                    found.memories = memories.into_iter().collect::<Result<_, _>>()?;
                }
                Payload::GlobalSection(globals) => found.globals += globals.count(),
                Payload::ExportSection(exports) => {
                    for export in exports {
                        let export = export?;
                        found.has_realloc |= export.kind == ExternalKind::Func
                            && matches!(export.name, REALLOC | "canonical_abi_realloc");
                    }
                }
                _ => {}
            }
        }
        Ok(found)
    }

    fn plan(&self, memory_bytes: u64) -> Option<Plan> {
        let [memory] = self.memories[..] else {
            return None;
        };
        if self.has_realloc {
            return None;
        }
        let tables = self.table_elements.saturating_mul(TABLE_ELEMENT_BYTES);
        let tables = tables.saturating_add(LINKING_BYTES).div_ceil(PAGE_BYTES);
        let room = (memory_bytes / PAGE_BYTES).saturating_sub(tables + ADAPTER_PAGES);
        // What does not fit ends at the limit when it runs, and is told as that.
        let room = room.max(memory.initial);
        let own_maximum = memory.maximum.is_some_and(|maximum| maximum <= room);
        let last = memory.maximum.map_or(room, |maximum| maximum.min(room));
        Some(Plan {
            all: last + ADAPTER_PAGES,
            first: memory.initial,
            last,
            own_maximum,
        })
    }
}

struct Rewrite {
    found: Found,
    plan: Plan,
    globals_done: bool,
}

impl Rewrite {
    /// The global that holds the memory's size in pages, as the program sees it.
    const fn size(&self) -> u32 {
        self.found.globals
    }

    /// The global that holds the address of the adapter's next page.
    const fn next(&self) -> u32 {
        self.found.globals + 1
    }

    const fn grow(&self) -> u32 {
        self.found.functions
    }

    const fn realloc(&self) -> u32 {
        self.found.functions + 1
    }

    fn add_globals(&mut self, globals: &mut GlobalSection) {
        let counter = GlobalType {
            val_type: ValType::I32,
            mutable: true,
            shared: false,
        };
        globals.global(counter, &ConstExpr::i32_const(wrapped(self.plan.first)));
        let address = self.plan.last * PAGE_BYTES;
        globals.global(counter, &ConstExpr::i32_const(wrapped(address)));
        self.globals_done = true;
    }

    /// `memory.grow`, as the program calls it.
    fn grow_body(&self) -> Function {
        let mut body = Function::new([]);
        let mut code = body.instructions();
        code.local_get(0)
            .i32_const(wrapped(self.plan.last))
            .global_get(self.size())
            .i32_sub()
            .i32_gt_u()
            .if_(BlockType::Empty);
        if !self.plan.own_maximum {
            // It fails, and the sandbox sees that the program wanted more than it may have.
            code.i32_const(wrapped(65536_u64.saturating_sub(self.plan.all)))
                .memory_grow(0)
                .drop();
        }
        code.i32_const(-1).return_().end();
        code.global_get(self.size())
            .global_get(self.size())
            .local_get(0)
            .i32_add()
            .global_set(self.size())
            .end();
        body
    }

    /// Gives out new blocks (old address, old length, alignment, length), as the adapter wants them.
    fn realloc_body(&self) -> Function {
        let mut body = Function::new([]);
        let mut code = body.instructions();
        let end = wrapped((self.plan.last + ADAPTER_PAGES) * PAGE_BYTES);
        // Nothing is ever grown or moved, and nothing but whole pages keeps every alignment.
        code.local_get(0)
            .local_get(1)
            .i32_or()
            .local_get(3)
            .i32_const(wrapped(PAGE_BYTES))
            .i32_ne()
            .i32_or()
            .global_get(self.next())
            .i32_const(end)
            .i32_eq()
            .i32_or()
            .if_(BlockType::Empty)
            .unreachable()
            .end();
        code.global_get(self.next())
            .global_get(self.next())
            .i32_const(wrapped(PAGE_BYTES))
            .i32_add()
            .global_set(self.next())
            .end();
        body
    }
}

type Failure = reencode::Error<std::convert::Infallible>;

impl Reencode for Rewrite {
    type Error = std::convert::Infallible;

    fn parse_type_section(
        &mut self,
        types: &mut TypeSection,
        section: wasmparser::TypeSectionReader<'_>,
    ) -> Result<(), Failure> {
        utils::parse_type_section(self, types, section)?;
        types.ty().function([ValType::I32], [ValType::I32]);
        types.ty().function([ValType::I32; 4], [ValType::I32]);
        Ok(())
    }

    fn parse_function_section(
        &mut self,
        functions: &mut FunctionSection,
        section: wasmparser::FunctionSectionReader<'_>,
    ) -> Result<(), Failure> {
        utils::parse_function_section(self, functions, section)?;
        functions.function(self.found.types);
        functions.function(self.found.types + 1);
        Ok(())
    }

    fn parse_memory_section(
        &mut self,
        memories: &mut MemorySection,
        _: wasmparser::MemorySectionReader<'_>,
    ) -> Result<(), Failure> {
        memories.memory(MemoryType {
            minimum: self.plan.all,
            maximum: None,
            memory64: false,
            shared: false,
            page_size_log2: None,
        });
        Ok(())
    }

    fn parse_global_section(
        &mut self,
        globals: &mut GlobalSection,
        section: wasmparser::GlobalSectionReader<'_>,
    ) -> Result<(), Failure> {
        utils::parse_global_section(self, globals, section)?;
        self.add_globals(globals);
        Ok(())
    }

    /// A module without globals of its own gets the section.
    fn intersperse_section_hook(
        &mut self,
        module: &mut Module,
        _: Option<SectionId>,
        before: Option<SectionId>,
    ) -> Result<(), Failure> {
        let past_globals = !matches!(
            before,
            Some(
                SectionId::Type
                    | SectionId::Import
                    | SectionId::Function
                    | SectionId::Table
                    | SectionId::Memory
                    | SectionId::Tag
                    | SectionId::Global
            )
        );
        if past_globals && !self.globals_done {
            let mut globals = GlobalSection::new();
            self.add_globals(&mut globals);
            module.section(&globals);
        }
        Ok(())
    }

    fn parse_export_section(
        &mut self,
        exports: &mut ExportSection,
        section: wasmparser::ExportSectionReader<'_>,
    ) -> Result<(), Failure> {
        utils::parse_export_section(self, exports, section)?;
        exports.export(REALLOC, ExportKind::Func, self.realloc());
        Ok(())
    }

    fn parse_code_section(
        &mut self,
        code: &mut CodeSection,
        section: wasmparser::CodeSectionReader<'_>,
    ) -> Result<(), Failure> {
        utils::parse_code_section(self, code, section)?;
        code.function(&self.grow_body());
        code.function(&self.realloc_body());
        Ok(())
    }

    fn instruction<'a>(&mut self, operator: Operator<'a>) -> Result<Instruction<'a>, Failure> {
        match operator {
            Operator::MemorySize { .. } => Ok(Instruction::GlobalGet(self.size())),
            Operator::MemoryGrow { .. } => Ok(Instruction::Call(self.grow())),
            other => utils::instruction(self, other),
        }
    }
}

/// An unsigned number of 32 bits as WebAssembly writes it; 4 GiB, the end of all addresses, is 0.
#[expect(
    clippy::cast_possible_truncation,
    reason = "addresses wrap at 4 GiB, as i32.add does"
)]
const fn wrapped(number: u64) -> i32 {
    (number as u32).cast_signed()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewritten(fields: &str, memory_bytes: u64) -> (Vec<u8>, Vec<u8>) {
        let text = format!(r#"(module {fields} (func (export "_start")))"#);
        let module = wat::parse_str(text).unwrap();
        let changed = give_own_pages(&module, memory_bytes).unwrap();
        wasmparser::validate(&changed).unwrap();
        (module, changed)
    }

    #[test]
    fn memory_is_made_within_the_limit_and_the_programs_own() {
        let pages = |fields: &str, memory_bytes| {
            let (_, changed) = rewritten(fields, memory_bytes);
            Found::in_module(&changed).unwrap().memories[0].initial
        };
        // A page stays for tables, and one more for 4096 elements.
        assert_eq!(pages("(memory 1)", 1 << 20), 15);
        assert_eq!(pages("(memory 1) (table 4096 funcref)", 1 << 20), 14);
        assert_eq!(pages("(memory 1)", 4 << 30), 65535);
        assert_eq!(pages("(memory 1 2) (global i32 (i32.const 7))", 1 << 20), 5);
        // It does not fit, and that is told when it runs.
        assert_eq!(pages("(memory 40)", 1 << 20), 43);
    }

    #[test]
    fn a_module_that_hands_out_memory_is_left_as_it_is() {
        for fields in [
            "",
            r#"(memory 1) (func (export "cabi_realloc"))"#,
            "(memory 1) (memory 1)",
        ] {
            let (module, changed) = rewritten(fields, 1 << 20);
            assert_eq!(module, changed);
        }
    }
}
