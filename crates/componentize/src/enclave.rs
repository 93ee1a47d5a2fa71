use std::error::Error;

use wasmparser::{Parser, Payload};
use wit_component::{StringEncoding, embed_component_metadata};
use wit_parser::Resolve;

use crate::interfaces::is_of_enclave;

/// What `adyton:enclave` is, as authors read it.
const WIT: &str = include_str!("../../../specs/wit/enclave.wit");

/// What generators of bindings call the section in which a module says what its imports are.
const SECTION: &str = "component-type";

/// The module, saying what its imports of `adyton:enclave` are. One that has none, or that says it
/// itself, comes back unchanged.
pub(crate) fn name_interfaces(
    mut module: Vec<u8>,
) -> Result<Vec<u8>, Box<dyn Error + Send + Sync>> {
    if !is_silent(&module)? {
        return Ok(module);
    }
    let mut resolve = Resolve::default();
    let package = resolve.push_source("enclave.wit", WIT)?;
    let world = resolve.select_world(&[package], Some("imports"))?;
    embed_component_metadata(&mut module, &resolve, world, StringEncoding::UTF8)?;
    Ok(module)
}

fn is_silent(module: &[u8]) -> Result<bool, Box<dyn Error + Send + Sync>> {
    let (mut imports_it, mut says_it) = (false, false);
    for payload in Parser::new(0).parse_all(module) {
        match payload? {
            Payload::ImportSection(imports) => {
                for import in imports.into_imports() {
                    imports_it |= is_of_enclave(import?.module);
                }
            }
            Payload::CustomSection(section) => {
                says_it |= says_interface(section.name(), section.data())
            }
            _ => {}
        }
    }
    Ok(imports_it && !says_it)
}

/// The exit's redirection says its own, which is none of this.
fn says_interface(name: &str, data: &[u8]) -> bool {
    const PACKAGE: &[u8] = b"adyton:enclave";
    name.starts_with(SECTION) && data.windows(PACKAGE.len()).any(|window| window == PACKAGE)
}
