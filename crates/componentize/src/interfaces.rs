use wasmparser::{Encoding, Parser, Payload};

use crate::ComponentizeError;

/// What a component asks of its surroundings and what it offers, by name, in the file's order.
///
/// Having it tells you what the file says, not that it is valid.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Interfaces {
    /// Interfaces that it imports, such as `wasi:cli/environment@0.2.12`.
    pub imports: Vec<String>,
    /// Interfaces that it exports, such as `wasi:cli/run@0.2.12`.
    pub exports: Vec<String>,
}

/// Reads a component's imports and exports.
///
/// # Errors
/// [`ComponentizeError::NotWebAssembly`] also for a core module, [`ComponentizeError::Invalid`].
pub fn describe(component: &[u8]) -> Result<Interfaces, ComponentizeError> {
    if !Parser::is_component(component) {
        return Err(ComponentizeError::NotWebAssembly);
    }
    let mut found = Interfaces::default();
    // Components nest; only what stands outside all others is the whole's.
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::Version { encoding, .. } => {
                depth = depth.saturating_add(1);
                debug_assert!(depth > 1 || encoding == Encoding::Component);
            }
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(imports) if depth == 1 => {
                for import in imports {
                    found.imports.push(import?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(exports) if depth == 1 => {
                for export in exports {
                    found.exports.push(export?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Whether the sandbox provides the interface of that name: those of the WASI 0.2 world
/// `wasi:cli/command` (sockets among them, where every operation is refused, because standard
/// libraries import them whether or not the program does), and that of `adyton:enclave`
/// (`specs/wit/enclave.wit`).
#[must_use]
pub fn is_provided(import: &str) -> bool {
    is_of_enclave(import) || is_of_command(import)
}

/// Whether the name is that of the interface of `adyton:enclave@0.1`.
pub(crate) fn is_of_enclave(import: &str) -> bool {
    import
        .strip_prefix("adyton:enclave/oblivious-map@0.1.")
        .is_some_and(|patch| patch.parse::<u32>().is_ok())
}

fn is_of_command(import: &str) -> bool {
    const PACKAGES: [&str; 6] = ["cli", "clocks", "filesystem", "io", "random", "sockets"];
    let Some((package, rest)) = import
        .strip_prefix("wasi:")
        .and_then(|name| name.split_once('/'))
    else {
        return false;
    };
    PACKAGES.contains(&package) && has_version_0_2(rest)
}

/// Whether the name is that of the entry point, `wasi:cli/run@0.2.x`.
#[must_use]
pub fn is_run(export: &str) -> bool {
    export
        .strip_prefix("wasi:cli/")
        .is_some_and(|name| name.starts_with("run@") && has_version_0_2(name))
}

fn has_version_0_2(interface: &str) -> bool {
    interface
        .split_once("@0.2.")
        .is_some_and(|(name, patch)| !name.is_empty() && patch.parse::<u32>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_command_world_and_the_enclaves_map_are_provided() {
        assert!(is_provided("wasi:cli/environment@0.2.0"));
        assert!(is_provided("wasi:sockets/tcp@0.2.12"));
        assert!(is_provided("adyton:enclave/oblivious-map@0.1.0"));
        for name in [
            "adyton:enclave/oblivious-map@0.2.0",
            "adyton:enclave/oblivious-map",
            "adyton:enclave/other@0.1.0",
            "wasi:http/types@0.2.12",
            "wasi:cli/environment@0.3.0",
            "wasi:cli/environment@0.2.0-rc-2023-11-10",
            "wasi:cli/environment",
            "environment",
        ] {
            assert!(!is_provided(name), "{name}");
        }
        assert!(is_run("wasi:cli/run@0.2.3"));
        assert!(!is_run("wasi:cli/run@0.3.0"));
        assert!(!is_run("wasi:cli/runner@0.2.3"));
    }

    #[test]
    fn describes_the_outermost_component_only() {
        let component = wat::parse_str(
            r#"(component
                (import "wasi:cli/exit@0.2.0" (instance))
                (component $inner (import "a:b/c" (instance)))
                (core module (import "env" "foo" (func)))
                (instance $run)
                (export "wasi:cli/run@0.2.0" (instance $run)))"#,
        )
        .unwrap();
        assert_eq!(
            describe(&component).unwrap(),
            Interfaces {
                imports: vec!["wasi:cli/exit@0.2.0".to_owned()],
                exports: vec!["wasi:cli/run@0.2.0".to_owned()],
            }
        );
    }
}
