use std::collections::HashMap;
use std::fs;
use std::path::Path;

use iced_x86::{
    Decoder, DecoderOptions, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind,
    Register,
};
use object::{
    Object, ObjectSection, ObjectSymbol, ObjectSymbolTable, RelocationTarget, SymbolKind,
};

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
const MAY_END: [&str; 4] = [
    "panic",
    "slice_index_fail",
    "expect_failed",
    "len_mismatch_fail",
];
/// Calls that are allowed if a constant says how much memory they touch.
const MAY_COPY: [&str; 3] = ["memcpy", "memmove", "memset"];

/// Reads every instruction of a section of a program.
///
/// Forbidden are: memory operands under a mask, gathers, scatters and compressing stores, `maskmov`,
/// divisions, string instructions, indirect jumps, and calls out of the section, but to what ends
/// the program or copies a constant number of bytes. Whether a mask is secret the scanner does not ask.
///
/// # Errors
/// If the program cannot be read or has no such section.
pub fn scan(program: &Path, section: &'static str) -> Result<(usize, Vec<Finding>), TraceError> {
    let read = |source| TraceError::Read {
        path: program.to_owned(),
        source,
    };
    let object = |source| TraceError::Object {
        path: program.to_owned(),
        source,
    };
    let bytes = fs::read(program).map_err(read)?;
    let file = object::File::parse(bytes.as_slice()).map_err(object)?;
    let found = file
        .section_by_name(section)
        .ok_or_else(|| TraceError::NoSection {
            path: program.to_owned(),
            section,
        })?;
    let code = found.data().map_err(object)?;
    let inside = found.address()..found.address() + found.size();
    let mut calls = Calls::new(&file);
    let mut findings = Vec::new();
    let (mut count, mut length_is_constant) = (0, false);
    let decoder = Decoder::with_ip(64, code, found.address(), DecoderOptions::NONE);
    for instruction in decoder {
        count += 1;
        let address = instruction.ip();
        // By the calling convention the third argument, the length, is in RDX.
        if instruction.op0_register().full_register() == Register::RDX {
            let is_constant = instruction.op1_kind() == OpKind::Immediate32
                || instruction.op1_kind() == OpKind::Immediate32to64;
            length_is_constant = instruction.mnemonic() == Mnemonic::Mov && is_constant;
        }
        if let Some(wrong) = forbidden(&instruction) {
            let text = format!("{wrong}: {:?}", instruction.code());
            findings.push(Finding { address, text });
        }
        calls.follow(&instruction);
        if let Some(target) = calls.target(&instruction).filter(|at| !inside.contains(at)) {
            let name = calls.name(target);
            let ends = MAY_END.iter().any(|allowed| name.contains(allowed));
            let copies = MAY_COPY.iter().any(|allowed| name.starts_with(allowed));
            if !(ends || copies && length_is_constant) {
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
    } else if has_memory && instruction.op_mask() != Register::None && reads_or_writes(instruction)
    {
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
    info.used_memory()
        .iter()
        .any(|memory| memory.access() != OpAccess::NoMemAccess)
}

/// Where calls go.
struct Calls<'a> {
    /// What the loader writes into the tables that calls go through.
    linked: HashMap<u64, u64>,
    names: HashMap<u64, &'a str>,
    /// What registers were loaded with from there, and hold still.
    held: HashMap<Register, u64>,
}

/// No address of code.
const UNKNOWN: u64 = u64::MAX;

impl<'a> Calls<'a> {
    fn new(file: &object::File<'a>) -> Self {
        let relocations = file.dynamic_relocations().into_iter().flatten();
        let symbols = file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text);
        let named = symbols.filter_map(|s| Some((s.address(), s.name().ok()?)));
        let mut calls = Self {
            linked: HashMap::new(),
            names: named.collect(),
            held: HashMap::new(),
        };
        for (at, relocation) in relocations {
            let target = match relocation.target() {
                RelocationTarget::Absolute => relocation.addend().cast_unsigned(),
                // Another library's: known by name, and by an address that no function has.
                RelocationTarget::Symbol(index) => {
                    let symbols = file.dynamic_symbol_table();
                    let symbol = symbols.and_then(|table| table.symbol_by_index(index).ok());
                    let target = UNKNOWN - 1 - index.0 as u64;
                    if let Some(name) = symbol.and_then(|symbol| symbol.name().ok()) {
                        calls.names.insert(target, name);
                    }
                    target
                }
                _ => UNKNOWN,
            };
            calls.linked.insert(at, target);
        }
        calls
    }

    /// Keeps in mind which registers hold functions.
    fn follow(&mut self, instruction: &Instruction) {
        let register = instruction.op0_register().full_register();
        let keeps = matches!(
            instruction.mnemonic(),
            Mnemonic::Cmp | Mnemonic::Test | Mnemonic::Push
        );
        if register == Register::None || keeps || instruction.is_call_near_indirect() {
            return;
        }
        self.held.remove(&register);
        if instruction.mnemonic() == Mnemonic::Mov && instruction.is_ip_rel_memory_operand() {
            let linked = self.linked.get(&instruction.ip_rel_memory_address());
            self.held.extend(linked.map(|target| (register, *target)));
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
            let held = self.held.get(&instruction.op0_register().full_register());
            instruction
                .is_call_near_indirect()
                .then(|| held.copied().unwrap_or(UNKNOWN))
        }
    }

    fn name(&self, at: u64) -> &'a str {
        self.names
            .get(&at)
            .copied()
            .unwrap_or("a function without a name")
    }
}
