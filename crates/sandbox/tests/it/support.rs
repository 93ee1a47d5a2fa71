//! Guests from WebAssembly text, inputs and outputs for them, and one way to run them.

use std::any::Any;
use std::io::{Cursor, Read, Seek, SeekFrom};
use std::sync::Arc;

use adyton_componentize::componentize;
use adyton_crypto::{SecretArray, os_rng};
use adyton_sandbox::{
    Clock, DEFAULT_STACK_BYTES, Ending, FinishedOutput, Guest, InputFile, OrdinaryPages, Outcome,
    OutputFile, Prepared, Program, Sandbox, SandboxConfig,
};

const PRELUDE: &str = include_str!("guests/prelude.wat");
const MIB: u64 = 1 << 20;

/// A component whose `_start` is that text, in the prelude's words.
pub(crate) fn guest(start: &str) -> Vec<u8> {
    module(&format!(r#"(func (export "_start") {start})"#))
}

/// A component with those fields after the prelude's.
pub(crate) fn module(fields: &str) -> Vec<u8> {
    module_within(4 * MIB, fields)
}

/// The same, for a program that may have so many bytes of memory.
pub(crate) fn module_within(memory_bytes: u64, fields: &str) -> Vec<u8> {
    module_importing(memory_bytes, "", fields)
}

/// The same, with imports beside the prelude's.
pub(crate) fn module_importing(memory_bytes: u64, imports: &str, fields: &str) -> Vec<u8> {
    let text = format!("(module {imports} {PRELUDE} {fields})");
    let module = wat::parse_str(text).expect("a module");
    componentize(&module, memory_bytes).expect("a component")
}

pub(crate) fn sandbox(memory_bytes: u64) -> Sandbox {
    Sandbox::new(SandboxConfig {
        memory_bytes,
        stack_bytes: DEFAULT_STACK_BYTES,
        pages: Arc::new(OrdinaryPages),
    })
    .expect("a sandbox")
}

pub(crate) fn key(byte: u8) -> SecretArray<32> {
    SecretArray::fill_with(|bytes| bytes.fill(byte))
}

/// Digest stand-in: the sandbox only compares it.
pub(crate) const DIGEST: [u8; 48] = [5; 48];

pub(crate) fn prepare(component: &[u8], memory_bytes: u64) -> Prepared {
    let program = Program {
        component,
        sha384: &DIGEST,
    };
    sandbox(memory_bytes)
        .prepare(program, None, &key(1))
        .expect("a program")
        .prepared
}

/// One input `data`, two outputs `result` and `other` of at most 1 MiB, nothing else.
pub(crate) fn surroundings(data: &[u8]) -> Guest {
    let output = |name: &str| OutputFile {
        name: name.parse().expect("a name"),
        max_bytes: MIB,
        sink: Box::new(Vec::new()),
    };
    Guest {
        args: vec!["guest".to_owned()],
        env: Vec::new(),
        inputs: vec![InputFile {
            name: "data".parse().expect("a name"),
            size: data.len() as u64,
            data: Box::new(Cursor::new(data.to_vec())),
        }],
        outputs: vec![output("other"), output("result")],
        stdout: None,
        stderr: None,
        clock: Clock::None,
        rng: Box::new(os_rng()),
    }
}

/// Runs a guest made by [`guest`] with 4 MiB of memory.
pub(crate) fn run(start: &str, surroundings: Guest) -> Outcome {
    prepare(&guest(start), 4 * MIB)
        .run(surroundings, || {})
        .expect("it starts")
}

pub(crate) fn exit_code(outcome: &Outcome) -> u8 {
    match &outcome.ending {
        Ending::Exited { code } => *code,
        other => panic!("the guest did not exit: {other:?}"),
    }
}

/// What the output of that name got.
pub(crate) fn written(outcome: Outcome, name: &str) -> Vec<u8> {
    let find = |output: &FinishedOutput| output.name.as_str() == name;
    let output = outcome.outputs.into_iter().find(find).expect("that output");
    let sink: Box<dyn Any> = output.sink;
    let bytes = *sink.downcast::<Vec<u8>>().expect("the sink handed in");
    assert_eq!(bytes.len() as u64, output.written);
    bytes
}

/// A file of any size that is made while it is read: zeroes.
pub(crate) struct Endless {
    pub(crate) position: u64,
    /// From here on reading gives an error.
    pub(crate) broken_at: u64,
    /// From here on there is nothing.
    pub(crate) ends_at: u64,
}

impl Read for Endless {
    fn read(&mut self, buffer: &mut [u8]) -> std::io::Result<usize> {
        assert!(buffer.len() <= 65536, "a buffer of {}", buffer.len());
        if self.position >= self.broken_at {
            return Err(std::io::Error::other("not authentic"));
        }
        if self.position >= self.ends_at {
            return Ok(0);
        }
        buffer.fill(0);
        self.position += buffer.len() as u64;
        Ok(buffer.len())
    }
}

impl Seek for Endless {
    fn seek(&mut self, to: SeekFrom) -> std::io::Result<u64> {
        let SeekFrom::Start(position) = to else {
            panic!("only absolute seeks are made");
        };
        self.position = position;
        Ok(position)
    }
}
