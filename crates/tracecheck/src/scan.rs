use std::fs;
use std::path::Path;

use iced_x86::{
    Decoder, DecoderOptions, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind,
    Register,
};
use object::{Object, ObjectSection};

use crate::calls::Calls;
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
/// Calls that are allowed if a constant says how much memory they touch. The second is the C
/// library's own name for the first, in a static program.
const MAY_COPY: [&str; 4] = ["memcpy", "__new_memcpy", "memmove", "memset"];

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
    let decoder = Decoder::with_ip(64, code, found.address(), DecoderOptions::NONE);
    let instructions: Vec<Instruction> = decoder.into_iter().collect();
    let calls = Calls::new(&file, &instructions);
    let mut findings = Vec::new();
    let mut length_is_constant = false;
    for instruction in &instructions {
        let address = instruction.ip();
        // By the calling convention the third argument, the length, is in RDX.
        if instruction.op0_register().full_register() == Register::RDX {
            let is_constant = instruction.op1_kind() == OpKind::Immediate32
                || instruction.op1_kind() == OpKind::Immediate32to64;
            length_is_constant = instruction.mnemonic() == Mnemonic::Mov && is_constant;
        }
        if let Some(wrong) = forbidden(instruction) {
            let text = format!("{wrong}: {:?}", instruction.code());
            findings.push(Finding { address, text });
        }
        if let Some(target) = calls.target(instruction).filter(|at| !inside.contains(at)) {
            let name = calls.name(target);
            let ends = MAY_END.iter().any(|allowed| name.contains(allowed));
            let copies = MAY_COPY.iter().any(|allowed| name.starts_with(allowed));
            if !(ends || copies && length_is_constant) {
                let text = format!("a call out of the section, to {name}");
                findings.push(Finding { address, text });
            }
        }
    }
    Ok((instructions.len(), findings))
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
