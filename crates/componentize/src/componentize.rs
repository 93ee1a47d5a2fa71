use std::error::Error;

use wasi_preview1_component_adapter_provider::{
    WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME, WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
};
use wasmparser::{Parser, Payload, Validator, WasmFeatures};
use wit_component::ComponentEncoder;

use crate::ComponentizeError;
use crate::enclave::name_interfaces;
use crate::exit::redirect_exit;
use crate::interfaces::{describe, is_of_enclave, is_provided, is_run};
use crate::own_pages::{REALLOC, give_own_pages};

/// Largest program in bytes, before and after: what a bundle may hold (specs/program-measurement.md).
pub const MAX_PROGRAM_BYTES: usize = 256 * 1024 * 1024;

/// Turns a program into a component: a WASI preview 1 core module gets the command adapter, and
/// pages for it that the program never takes for its own, within the `memory_bytes` that its
/// manifest allows; a component is verified and comes back unchanged. Deterministic.
///
/// What comes back exports `wasi:cli/run@0.2` and imports only interfaces that the sandbox
/// provides; it says nothing about what the program does.
///
/// # Errors
/// A [`ComponentizeError`] that says what the file is instead, and what to do.
pub fn componentize(program: &[u8], memory_bytes: u64) -> Result<Vec<u8>, ComponentizeError> {
    limit(program)?;
    if Parser::is_component(program) {
        Validator::new_with_features(component_features()).validate_all(program)?;
        accept(program)?;
        Ok(program.to_vec())
    } else if Parser::is_core_wasm(program) {
        adapt(program, memory_bytes)
    } else if program.trim_ascii_start().starts_with(b"(") {
        Err(ComponentizeError::Text)
    } else {
        Err(ComponentizeError::NotWebAssembly)
    }
}

const fn limit(program: &[u8]) -> Result<(), ComponentizeError> {
    if program.len() > MAX_PROGRAM_BYTES {
        return Err(ComponentizeError::TooLarge {
            size: program.len(),
            limit: MAX_PROGRAM_BYTES,
        });
    }
    Ok(())
}

/// WebAssembly 3 without what the sandbox's runtime has not: garbage collection, exceptions,
/// threads, 64-bit memories and asynchronous component functions.
fn component_features() -> WasmFeatures {
    WasmFeatures::default()
        & !(WasmFeatures::GC
            | WasmFeatures::GC_TYPES
            | WasmFeatures::CM_ASYNC
            | WasmFeatures::FUNCTION_REFERENCES
            | WasmFeatures::EXCEPTIONS
            | WasmFeatures::THREADS
            | WasmFeatures::MEMORY64)
}

fn accept(component: &[u8]) -> Result<(), ComponentizeError> {
    let interfaces = describe(component)?;
    if let Some(name) = interfaces.imports.iter().find(|name| !is_provided(name)) {
        return Err(ComponentizeError::ForeignInterface { name: name.clone() });
    }
    if !interfaces.exports.iter().any(|name| is_run(name)) {
        return Err(ComponentizeError::NoRun);
    }
    Ok(())
}

fn adapt(module: &[u8], memory_bytes: u64) -> Result<Vec<u8>, ComponentizeError> {
    Validator::new_with_features(component_features()).validate_all(module)?;
    accept_module(module)?;
    let component = encode(module, memory_bytes).map_err(ComponentizeError::Adapt)?;
    limit(&component)?;
    accept(&component)?;
    Ok(component)
}

fn encode(module: &[u8], memory_bytes: u64) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let module = give_own_pages(module, memory_bytes)?;
    let module = name_interfaces(redirect_exit(&module)?)?;
    let component = ComponentEncoder::default()
        .module(&module)?
        .adapter(
            WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME,
            WASI_SNAPSHOT_PREVIEW1_COMMAND_ADAPTER,
        )?
        .validate(true)
        .encode()?;
    Ok(component)
}

/// Looks for what would make the adapter's own message hard to understand.
fn accept_module(module: &[u8]) -> Result<(), ComponentizeError> {
    let (mut has_start, mut has_realloc, mut wants_realloc) = (false, false, false);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    let import = import?;
                    if is_of_enclave(import.module) {
                        wants_realloc = true;
                    } else if import.module != WASI_SNAPSHOT_PREVIEW1_ADAPTER_NAME {
                        return Err(ComponentizeError::ForeignImport {
                            module: import.module.to_owned(),
                            name: import.name.to_owned(),
                        });
                    }
                }
            }
            Payload::ExportSection(exports) => {
                for export in exports {
                    let name = export?.name;
                    has_start |= name == "_start";
                    has_realloc |= name == REALLOC;
                }
            }
            _ => {}
        }
    }
    if !has_start {
        return Err(ComponentizeError::NoStart);
    }
    // Without it the adapter's would be used, which has pages and no bytes.
    if wants_realloc && !has_realloc {
        return Err(ComponentizeError::NoRealloc);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(text: &str) -> ComponentizeError {
        componentize(&wat::parse_str(text).unwrap(), MEMORY).unwrap_err()
    }

    const MEMORY: u64 = 1 << 20;

    const HELLO: &str = r#"(module
        (import "wasi_snapshot_preview1" "proc_exit" (func $exit (param i32)))
        (memory (export "memory") 1)
        (func (export "_start") (call $exit (i32.const 3))))"#;

    #[test]
    fn a_preview_1_module_becomes_a_component_which_passes_through() {
        let module = wat::parse_str(HELLO).unwrap();
        let component = componentize(&module, MEMORY).unwrap();
        assert_eq!(component, componentize(&module, MEMORY).unwrap());
        assert_eq!(component, componentize(&component, MEMORY).unwrap());
        let interfaces = describe(&component).unwrap();
        assert!(interfaces.exports.iter().any(|name| is_run(name)));
        assert!(!interfaces.imports.is_empty());
        assert!(interfaces.imports.iter().all(|name| is_provided(name)));
    }

    #[test]
    fn what_is_no_program_is_told_what_it_is() {
        assert!(matches!(
            componentize(b"\x7fELF", MEMORY).unwrap_err(),
            ComponentizeError::NotWebAssembly
        ));
        assert!(matches!(
            componentize(b"\n(module)", MEMORY).unwrap_err(),
            ComponentizeError::Text
        ));
        assert!(matches!(
            componentize(b"", MEMORY).unwrap_err(),
            ComponentizeError::NotWebAssembly
        ));
        assert!(matches!(
            componentize(&vec![0; MAX_PROGRAM_BYTES + 1], MEMORY).unwrap_err(),
            ComponentizeError::TooLarge { .. }
        ));
        let foreign = refused(r#"(module (import "env" "foo" (func)) (func (export "_start")))"#);
        assert!(foreign.to_string().contains("imports `env.foo`"));
        assert!(matches!(refused("(module)"), ComponentizeError::NoStart));
        assert!(matches!(refused("(component)"), ComponentizeError::NoRun));
        let http = refused(r#"(component (import "wasi:http/types@0.2.0" (instance)))"#);
        assert!(http.to_string().contains("`wasi:http/types@0.2.0`"));
        assert!(matches!(
            refused(
                r#"(module (import "wasi_snapshot_preview1" "no_such" (func))
                    (memory (export "memory") 1) (func (export "_start")))"#
            ),
            ComponentizeError::Adapt(_)
        ));
    }

    #[test]
    fn a_module_gets_what_the_enclave_has() {
        let module = |realloc: &str| {
            wat::parse_str(format!(
                r#"(module
                    (import "adyton:enclave/oblivious-map@0.1.0" "[method]map.get"
                      (func (param i32 i32 i32 i32)))
                    (memory (export "memory") 1)
                    (func (export "{realloc}") (param i32 i32 i32 i32) (result i32) unreachable)
                    (func (export "_start")))"#
            ))
            .unwrap()
        };
        let component = componentize(&module("cabi_realloc"), MEMORY).unwrap();
        let imports = describe(&component).unwrap().imports;
        let map = "adyton:enclave/oblivious-map@0.1.0";
        assert!(imports.iter().any(|name| name == map), "{imports:?}");
        let silent = componentize(&module("other"), MEMORY).unwrap_err();
        assert!(matches!(silent, ComponentizeError::NoRealloc));
        let unknown = refused(
            r#"(module (import "adyton:enclave/oblivious-map@0.1.0" "no-such" (func))
                (memory (export "memory") 1) (func (export "_start"))
                (func (export "cabi_realloc") (param i32 i32 i32 i32) (result i32) unreachable))"#,
        );
        assert!(matches!(unknown, ComponentizeError::Adapt(_)));
    }

    #[test]
    fn broken_and_unsupported_webassembly_is_invalid() {
        let mut module = wat::parse_str(HELLO).unwrap();
        module.pop();
        for bytes in [
            module,
            wat::parse_str(r#"(module (memory i64 1) (func (export "_start")))"#).unwrap(),
            wat::parse_str(r#"(module (memory 1 1 shared) (func (export "_start")))"#).unwrap(),
            b"\0asm\x0d\0\x01\0garbage".to_vec(),
        ] {
            assert!(matches!(
                componentize(&bytes, MEMORY).unwrap_err(),
                ComponentizeError::Invalid(_)
            ));
        }
    }
}
