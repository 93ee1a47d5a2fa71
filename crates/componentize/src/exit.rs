use std::error::Error;

use wasmparser::{BinaryReaderError, ImportSectionReader, Parser, Payload};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

/// The adapter turns every exit code but 0 into 1. So `proc_exit` goes past it, to the function of
/// WASI 0.2 that takes a code and has the same core type.
const OLD: (&str, &str) = ("wasi_snapshot_preview1", "proc_exit");
const NEW: (&str, &str) = ("wasi:cli/exit@0.2.12", "exit-with-code");

/// The interface of `NEW`, as WASI 0.2.12 has it.
const WIT: &str = "
    package adyton:exit;
    world exit { import wasi:cli/exit@0.2.12; }
    package wasi:cli@0.2.12 {
        @since(version = 0.2.0)
        interface exit {
            @since(version = 0.2.0)
            exit: func(status: result);
            @since(version = 0.2.12)
            exit-with-code: func(status-code: u8);
        }
    }";

/// Length of a module's magic number and version.
const PREAMBLE_BYTES: usize = 8;

/// Id of the import section (WebAssembly core specification, section 5.5.2).
const IMPORT_SECTION: u8 = 2;

/// The module, exiting through WASI 0.2. A module that never exits comes back unchanged.
pub(crate) fn redirect_exit(module: &[u8]) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let mut end_of_last = PREAMBLE_BYTES;
    for payload in Parser::new(0).parse_all(module) {
        let payload = payload?;
        if let Payload::ImportSection(imports) = &payload {
            let Some(contents) = renamed(module, imports)? else {
                break;
            };
            let mut changed = module[..end_of_last].to_vec();
            changed.push(IMPORT_SECTION);
            push_length(&mut changed, contents.len());
            changed.extend_from_slice(&contents);
            changed.extend_from_slice(&module[imports.range().end..]);
            return with_interface(changed);
        }
        if let Some((_, range)) = payload.as_section() {
            end_of_last = range.end;
        }
    }
    Ok(module.to_vec())
}

/// The import section's contents with the new name in the place of the old, if the old is there.
fn renamed(
    module: &[u8],
    imports: &ImportSectionReader<'_>,
) -> Result<Option<Vec<u8>>, BinaryReaderError> {
    let mut contents = Vec::new();
    push_length(&mut contents, imports.count() as usize);
    let mut found = false;
    let mut items = imports.clone().into_imports_with_offsets().peekable();
    while let Some(item) = items.next() {
        let (start, import) = item?;
        let end = match items.peek() {
            Some(Ok((next, _))) => *next,
            _ => imports.range().end,
        };
        if (import.module, import.name) == OLD {
            found = true;
            for name in [NEW.0, NEW.1] {
                push_length(&mut contents, name.len());
                contents.extend_from_slice(name.as_bytes());
            }
            // The type follows the name, which is a slice of the module.
            let after_name = import.name.as_bytes().as_ptr_range().end.addr();
            let of_type = after_name - module.as_ptr().addr();
            contents.extend_from_slice(&module[of_type..end]);
        } else {
            contents.extend_from_slice(&module[start..end]);
        }
    }
    Ok(found.then_some(contents))
}

fn with_interface(mut module: Vec<u8>) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    let mut resolve = Resolve::default();
    let package = resolve.push_source("exit.wit", WIT)?;
    let world = resolve.select_world(&[package], None)?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(module)
}

/// Unsigned LEB128 (WebAssembly core specification, section 5.2.2).
fn push_length(bytes: &mut Vec<u8>, mut length: usize) {
    loop {
        let low = u8::try_from(length & 0x7f).expect("seven bits");
        length >>= 7;
        if length == 0 {
            bytes.push(low);
            return;
        }
        bytes.push(low | 0x80);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn imports(module: &[u8]) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for payload in Parser::new(0).parse_all(module) {
            if let Payload::ImportSection(imports) = payload.unwrap() {
                for import in imports.into_imports() {
                    let import = import.unwrap();
                    found.push((import.module.to_owned(), import.name.to_owned()));
                }
            }
        }
        found
    }

    #[test]
    fn only_proc_exit_changes_its_name() {
        let many = (0..200)
            .map(|i| format!(r#"(import "a" "f{i}" (func (param i64)))"#))
            .collect::<String>();
        let before = wat::parse_str(format!(
            r#"(module {many}
                (import "wasi_snapshot_preview1" "proc_exit" (func (param i32)))
                (import "a" "proc_exit" (global i32))
                (memory 1) (data (i32.const 0) "proc_exit"))"#
        ))
        .unwrap();
        let after = redirect_exit(&before).unwrap();
        wasmparser::validate(&after).unwrap();
        let mut expected = imports(&before);
        expected[200] = (NEW.0.to_owned(), NEW.1.to_owned());
        assert_eq!(imports(&after), expected);
    }

    #[test]
    fn a_module_that_never_exits_is_unchanged() {
        for text in ["(module)", r#"(module (import "a" "b" (func)))"#] {
            let module = wat::parse_str(text).unwrap();
            assert_eq!(redirect_exit(&module).unwrap(), module);
        }
    }
}
