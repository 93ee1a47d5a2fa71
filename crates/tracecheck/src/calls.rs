use std::collections::{BTreeMap, HashMap};

use iced_x86::{
    FlowControl, Instruction, InstructionInfoFactory, Mnemonic, OpAccess, OpKind, Register,
};
use object::{Object, ObjectSymbol, ObjectSymbolTable, RelocationTarget, SymbolKind};

/// Where calls go: by an address, by a table that the loader fills, or by a register or a word of
/// the stack that was loaded from there on every way to the call.
pub(crate) struct Calls<'a> {
    /// What the loader writes into the tables that calls go through.
    linked: HashMap<u64, u64>,
    names: HashMap<u64, &'a str>,
    /// For every instruction that something leads to, what is known before it.
    known: HashMap<u64, Known>,
}

/// Registers and words of the stack that hold functions.
type Known = BTreeMap<Place, u64>;

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    Register(Register),
    /// By its distance from the stack pointer.
    Stack(u64),
}

/// No address of code.
const UNKNOWN: u64 = u64::MAX;

/// What a function leaves as it was (System V ABI for x86-64, section 3.2.1).
const KEPT: [Register; 6] = [
    Register::RBX,
    Register::RBP,
    Register::R12,
    Register::R13,
    Register::R14,
    Register::R15,
];

impl<'a> Calls<'a> {
    /// Follows all of the code.
    pub(crate) fn new(file: &object::File<'a>, code: &[Instruction]) -> Self {
        let symbols = file
            .symbols()
            .filter(|symbol| symbol.kind() == SymbolKind::Text);
        let named = symbols.filter_map(|s| Some((s.address(), s.name().ok()?)));
        let mut calls = Self {
            linked: HashMap::new(),
            names: named.collect(),
            known: HashMap::new(),
        };
        calls.link(file);
        calls.follow(code);
        calls
    }

    fn link(&mut self, file: &object::File<'a>) {
        for (at, relocation) in file.dynamic_relocations().into_iter().flatten() {
            let target = match relocation.target() {
                RelocationTarget::Absolute => relocation.addend().cast_unsigned(),
                // Another library's: known by name, and by an address that no function has.
                RelocationTarget::Symbol(index) => {
                    let symbols = file.dynamic_symbol_table();
                    let symbol = symbols.and_then(|table| table.symbol_by_index(index).ok());
                    let target = UNKNOWN - 1 - index.0 as u64;
                    if let Some(name) = symbol.and_then(|symbol| symbol.name().ok()) {
                        self.names.insert(target, name);
                    }
                    target
                }
                _ => UNKNOWN,
            };
            self.linked.insert(at, target);
        }
    }

    /// Finds what is known before every instruction: what is so on all ways to it.
    fn follow(&mut self, code: &[Instruction]) {
        let places: HashMap<u64, usize> = (0..).zip(code).map(|(n, i)| (i.ip(), n)).collect();
        let mut open: Vec<u64> = Vec::new();
        for start in self.names.keys().filter(|at| places.contains_key(at)) {
            self.known.insert(*start, Known::new());
            open.push(*start);
        }
        let mut factory = InstructionInfoFactory::new();
        while let Some(at) = open.pop() {
            let Some(instruction) = places.get(&at).map(|n| &code[*n]) else {
                continue;
            };
            let before = self.known.get(&at).cloned().unwrap_or_default();
            let after = self.after(before, instruction, &mut factory);
            let (falls, jumps) = match instruction.flow_control() {
                FlowControl::Return | FlowControl::IndirectBranch | FlowControl::Exception => {
                    (false, false)
                }
                FlowControl::UnconditionalBranch => (false, true),
                FlowControl::ConditionalBranch => (true, true),
                _ => (true, false),
            };
            let next = falls.then(|| instruction.next_ip());
            let target = jumps.then(|| instruction.near_branch_target());
            for to in next.into_iter().chain(target) {
                if self.meet(to, &after) {
                    open.push(to);
                }
            }
        }
    }

    /// Keeps what is known on this way as well. Whether that is news.
    fn meet(&mut self, at: u64, state: &Known) -> bool {
        let Some(known) = self.known.get_mut(&at) else {
            self.known.insert(at, state.clone());
            return true;
        };
        let before = known.len();
        known.retain(|place, target| state.get(place) == Some(target));
        known.len() != before
    }

    fn after(
        &self,
        mut known: Known,
        instruction: &Instruction,
        factory: &mut InstructionInfoFactory,
    ) -> Known {
        let slot = (instruction.memory_base() == Register::RSP
            && instruction.memory_index() == Register::None)
            .then(|| Place::Stack(instruction.memory_displacement64()));
        let moved = (instruction.mnemonic() == Mnemonic::Mov)
            .then(|| self.source(&known, instruction, slot))
            .flatten();
        if instruction.is_call_near() || instruction.is_call_near_indirect() {
            known.retain(|place, _| match place {
                Place::Register(register) => KEPT.contains(register),
                Place::Stack(_) => true,
            });
            return known;
        }
        for used in factory.info(instruction).used_registers() {
            let writes = !matches!(used.access(), OpAccess::Read | OpAccess::CondRead);
            let register = used.register().full_register();
            if writes && register == Register::RSP {
                known.retain(|place, _| matches!(place, Place::Register(_)));
            } else if writes {
                known.remove(&Place::Register(register));
            }
        }
        let target = match instruction.op0_kind() {
            OpKind::Register => Some(Place::Register(instruction.op0_register())),
            OpKind::Memory => slot,
            _ => None,
        };
        if instruction.op0_kind() == OpKind::Memory {
            slot.map(|slot| known.remove(&slot));
        }
        known.extend(target.zip(moved));
        known
    }

    /// What function a move moves, if any.
    fn source(&self, known: &Known, instruction: &Instruction, slot: Option<Place>) -> Option<u64> {
        if instruction.op1_kind() == OpKind::Register {
            let from = Place::Register(instruction.op1_register());
            return known.get(&from).copied();
        }
        if instruction.op1_kind() != OpKind::Memory {
            return None;
        }
        if instruction.is_ip_rel_memory_operand() {
            let at = instruction.ip_rel_memory_address();
            return self.linked.get(&at).copied();
        }
        slot.and_then(|slot| known.get(&slot)).copied()
    }

    /// Where a call or a jump goes, if it is one.
    pub(crate) fn target(&self, instruction: &Instruction) -> Option<u64> {
        let is_near = instruction.is_call_near()
            || instruction.is_jmp_short_or_near()
            || instruction.is_jcc_short_or_near();
        if is_near {
            return Some(instruction.near_branch_target());
        }
        if !instruction.is_call_near_indirect() {
            return None;
        }
        let target = if instruction.is_ip_rel_memory_operand() {
            self.linked.get(&instruction.ip_rel_memory_address())
        } else {
            let register = Place::Register(instruction.op0_register());
            let known = self.known.get(&instruction.ip());
            known.and_then(|known| known.get(&register))
        };
        Some(target.copied().unwrap_or(UNKNOWN))
    }

    pub(crate) fn name(&self, at: u64) -> &'a str {
        self.names
            .get(&at)
            .copied()
            .unwrap_or("a function without a name")
    }
}
