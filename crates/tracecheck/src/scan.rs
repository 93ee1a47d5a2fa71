use std::collections::HashMap;
use std::fs;
use std::path::Path;

use iced_x86::{
    Decoder, DecoderOptions, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind,
    Register,
};
use object::{Object, ObjectSection, ObjectSymbol, RelocationTarget, SymbolKind};

use crate::error::TraceError;

/// An instruction that must not be in oblivious code.
#[derive(Debug)]
#[non_exhaustive]
pub struct Finding {
    /// Where it is.
    pub address: u64,
    /// What is wrong with it, and the instruction.
    pub text: String,
}

/// Calls that are allowed: they end the program, on public conditions.
const MAY_CALL: [&str; 3] = ["panic", "slice_index_fail", "expect_failed"];

/// Reads every instruction of a section of a program.
///
/// Forbidden are: memory operands under a mask, gathers, scatters and compressing stores, `maskmov`,
/// divisions, string instructions, indirect jumps, and calls out of the section but to what ends
/// the program. Whether a mask is secret the scanner does not ask.
///
/// # Errors
/// If the program cannot be read or has no such section.
pub fn scan(program: &Path, section: &'static str) -> Result<(usize, Vec<Finding>), TraceError> {
    let read = |source| TraceError::Read { path: program.to_owned(), source };
    let object = |source| TraceError::Object { path: program.to_owned(), source };
    let bytes = fs::read(program).map_err(read)?;
    let file = object::File::parse(bytes.as_slice()).map_err(object)?;
    let found = file.section_by_name(section).ok_or_else(|| TraceError::NoSection {
        path: program.to_owned(),
        section,
    })?;
    let code = found.data().map_err(object)?;
    let inside = found.address()..found.address() + found.size();
    let calls = Calls::new(&file);
    let mut findings = Vec::new();
    let mut count = 0;
    let decoder = Decoder::with_ip(64, code, found.address(), DecoderOptions::NONE);
    for instruction in decoder {
        count += 1;
        let address = instruction.ip();
        if let Some(wrong) = forbidden(&instruction) {
            let text = format!("{wrong}: {:?}", instruction.code());
            findings.push(Finding { address, text });
        }
        if let Some(target) = calls.target(&instruction).filter(|at| !inside.contains(at)) {
            let name = calls.name(target);
            if !MAY_CALL.iter().any(|allowed| name.contains(allowed)) {
                let text = format!("a call out of the section, to {name}");
                findings.push(Finding { address, text });
            }
        }
    }
    Ok((count, findings))
}

fn forbidden(instruction: &Instruction) -> Option<&'static str> {
    use Mnemonic as M;
    let has_memory = (0..instruction.op_count()).any(|n| instruction.op_kind(n) == OpKind::Memory);
    let name = format!("{:?}", instruction.mnemonic()).to_lowercase();
    if instruction.is_invalid() {
        Some("not an instruction")
    } else if has_memory && instruction.op_mask() != Register::None && reads_or_writes(instruction) {
        Some("memory under a mask")
    } else if name.contains("maskmov") || name.contains("gather") || name.contains("scatter") {
        Some("memory chosen by a vector")
    } else if has_memory && (name.contains("compress") || name.contains("expand")) {
        Some("memory of a length that a mask says")
    } else if matches!(instruction.mnemonic(), M::Div | M::Idiv) || name.starts_with("vdiv") {
        Some("a division")
    } else if instruction.is_string_instruction() || instruction.has_rep_prefix() && has_memory {
        Some("a string instruction")
    } else if instruction.is_jmp_near_indirect() || instruction.is_jmp_far_indirect() {
        Some("a jump by a table")
    } else {
        None
    }
}

/// Whether memory is really touched: an address may be computed only.
fn reads_or_writes(instruction: &Instruction) -> bool {
    let mut factory = InstructionInfoFactory::new();
    let info = factory.info(instruction);
    info.used_memory().iter().any(|memory| memory.access() != OpAccess::NoMemAccess)
}

/// Where calls go.
struct Calls<'a> {
    /// What the loader writes into the tables that calls go through.
    linked: HashMap<u64, u64>,
    names: HashMap<u64, &'a str>,
}

/// No address of code.
const UNKNOWN: u64 = u64::MAX;

impl<'a> Calls<'a> {
    fn new(file: &object::File<'a>) -> Self {
        let relocations = file.dynamic_relocations().into_iter().flatten();
        let linked = relocations.filter_map(|(at, relocation)| {
            let known = relocation.target() == RelocationTarget::Absolute;
            known.then(|| (at, relocation.addend().cast_unsigned()))
        });
        let symbols = file.symbols();
        let names = symbols.filter(|symbol| symbol.kind() == SymbolKind::Text);
        Self {
            linked: linked.collect(),
            names: names.filter_map(|s| Some((s.address(), s.name().ok()?))).collect(),
        }
    }

    /// Where a call or a jump goes, if it is one.
    fn target(&self, instruction: &Instruction) -> Option<u64> {
        let is_near = instruction.is_call_near()
            || instruction.is_jmp_short_or_near()
            || instruction.is_jcc_short_or_near();
        if is_near {
            Some(instruction.near_branch_target())
        } else if instruction.is_call_near_indirect() && instruction.is_ip_rel_memory_operand() {
            let at = instruction.ip_rel_memory_address();
            Some(self.linked.get(&at).copied().unwrap_or(UNKNOWN))
        } else {
            instruction.is_call_near_indirect().then_some(UNKNOWN)
        }
    }

    fn name(&self, at: u64) -> &'a str {
        self.names.get(&at).copied().unwrap_or("a function without a name")
    }
}
