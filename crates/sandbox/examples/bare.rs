//! The yardstick of the benchmarks: a program under wasmtime and nothing else. Ordinary process,
//! ordinary memory, wasmtime's own settings, and of WASI only what the benchmarks' programs use.
//!
//! ```text
//! bare compile MODULE CODE      makes a component of a preview 1 module, and compiles it
//! bare run CODE [ARGUMENT]...   runs it; an empty line on standard output says that its memory
//!                               stands and that its first instruction is next
//! ```
#![expect(
    clippy::print_stdout,
    reason = "what a bare program has to say it prints"
)]

use std::error::Error;
use std::io::{self, Write as _};

use adyton_componentize::{componentize, describe, is_run};
use wasmtime::component::types::ComponentItem;
use wasmtime::component::{
    Component, ComponentType, Linker, LinkerInstance, Lower, Resource, ResourceType,
};
use wasmtime::{Config, Engine, Store};

type Failure = Box<dyn Error>;

/// Arguments of the program.
type Arguments = Vec<String>;

/// A resource that is nothing but its name.
struct Thing;

#[derive(ComponentType, Lower)]
#[component(variant)]
enum StreamError {
    #[component(name = "last-operation-failed")]
    #[expect(dead_code, reason = "standard output does not fail here")]
    Failed(Resource<Thing>),
    #[component(name = "closed")]
    Closed,
}

fn main() -> Result<(), Failure> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    match words.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["compile", module, code] => compile(module, code),
        ["run", code, ref arguments @ ..] => run(code, arguments),
        _ => Err("bare compile MODULE CODE | bare run CODE [ARGUMENT]...".into()),
    }
}

fn engine() -> Result<Engine, Failure> {
    Ok(Engine::new(&Config::new())?)
}

/// Writes the compiled code, and before it the name of the component's entry point and the component.
fn compile(module: &str, code: &str) -> Result<(), Failure> {
    let component = componentize(&std::fs::read(module)?, 256 << 20)?;
    let exports = describe(&component)?.exports;
    let run = exports.iter().find(|name| is_run(name));
    std::fs::write(format!("{code}.run"), run.ok_or("no entry point")?)?;
    std::fs::write(format!("{code}.component"), &component)?;
    std::fs::write(code, engine()?.precompile_component(&component)?)?;
    Ok(())
}

#[expect(unsafe_code, reason = "compiled code is native code")]
fn run(code: &str, arguments: &[&str]) -> Result<(), Failure> {
    let engine = engine()?;
    // SAFETY: the file is what `compile` wrote, on this very machine, for a benchmark.
    let component = unsafe { Component::deserialize_file(&engine, code) }?;
    let mut linker = Linker::new(&engine);
    provide(&mut linker, &component, &engine)?;
    linker.define_unknown_imports_as_traps(&component)?;
    let arguments = std::iter::once("bare").chain(arguments.iter().copied());
    let mut store = Store::new(&engine, arguments.map(str::to_owned).collect());
    let instance = linker
        .instantiate(&mut store, &component)
        .map_err(|error| format!("{error:?}"))?;
    let name = std::fs::read_to_string(format!("{code}.run"))?;
    let interface = instance.get_export_index(&mut store, None, &name);
    let interface = interface.ok_or("no such interface")?;
    let function = instance.get_export_index(&mut store, Some(&interface), "run");
    let function = function.ok_or("no such function")?;
    let function = instance.get_typed_func::<(), (Result<(), ()>,)>(&mut store, function)?;
    println!();
    function
        .call(&mut store, ())?
        .0
        .map_err(|()| "the program failed".into())
}

/// What the benchmarks' programs use: arguments, and a standard output.
fn provide(
    linker: &mut Linker<Arguments>,
    component: &Component,
    engine: &Engine,
) -> Result<(), Failure> {
    for (name, item) in component.component_type().imports(engine) {
        let ComponentItem::ComponentInstance(interface) = item.ty else {
            continue;
        };
        let mut root = linker.root();
        let mut instance = root.instance(name)?;
        for (export, item) in interface.exports(engine) {
            if matches!(item.ty, ComponentItem::Resource(_)) {
                instance.resource(export, ResourceType::host::<Thing>(), |_, _| Ok(()))?;
            }
        }
        match name.split('@').next().unwrap_or(name) {
            "wasi:cli/environment" => {
                instance.func_wrap("get-arguments", |store, ()| Ok((store.data().clone(),)))?;
            }
            "wasi:cli/stdin" => thing(&mut instance, "get-stdin")?,
            "wasi:cli/stdout" => thing(&mut instance, "get-stdout")?,
            "wasi:cli/stderr" => thing(&mut instance, "get-stderr")?,
            "wasi:cli/terminal-stdout" => {
                instance.func_wrap("get-terminal-stdout", |_, ()| {
                    Ok((None::<Resource<Thing>>,))
                })?;
            }
            "wasi:io/streams" => streams(&mut instance)?,
            "wasi:filesystem/preopens" => {
                instance.func_wrap("get-directories", |_, ()| {
                    Ok((Vec::<(Resource<Thing>, String)>::new(),))
                })?;
            }
            _ => {}
        }
    }
    Ok(())
}

fn thing(instance: &mut LinkerInstance<'_, Arguments>, name: &str) -> wasmtime::Result<()> {
    instance.func_wrap(name, |_, ()| Ok((Resource::<Thing>::new_own(1),)))
}

fn streams(instance: &mut LinkerInstance<'_, Arguments>) -> wasmtime::Result<()> {
    instance.func_wrap(
        "[method]output-stream.check-write",
        |_, (_,): (Resource<Thing>,)| Ok((Ok::<u64, StreamError>(4096),)),
    )?;
    for name in ["write", "blocking-write-and-flush"] {
        instance.func_wrap(
            &format!("[method]output-stream.{name}"),
            |_, (_, bytes): (Resource<Thing>, Vec<u8>)| {
                let written = io::stdout().write_all(&bytes);
                Ok((written.map_err(|_| StreamError::Closed),))
            },
        )?;
    }
    instance.func_wrap(
        "[method]output-stream.blocking-flush",
        |_, (_,): (Resource<Thing>,)| Ok((Ok::<(), StreamError>(()),)),
    )
}
