use adyton_sandbox::{Program, SandboxError};

use crate::support::{DIGEST, exit_code, key, prepare, sandbox, surroundings};

fn refused(text: &str) -> SandboxError {
    let component = wat::parse_str(text).expect("a component");
    let program = Program {
        component: &component,
        sha384: &DIGEST,
    };
    sandbox(1 << 20)
        .prepare(program, None, &key(1))
        .expect_err("it must not link")
}

/// A component whose `run` returns that, importing what the text says.
fn command(imports: &str, result: u32) -> String {
    format!(
        r#"(component {imports}
          (core module $m (func (export "run") (result i32) (i32.const {result})))
          (core instance $i (instantiate $m))
          (func $run (result (result)) (canon lift (core func $i "run")))
          (instance $r (export "run" (func $run)))
          (export "wasi:cli/run@0.2.3" (instance $r)))"#
    )
}

#[test]
fn a_component_of_an_older_wasi_runs() {
    for result in [0, 1] {
        let component = wat::parse_str(command(
            r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (func (param "status" (result))))))"#,
            result,
        ))
        .unwrap();
        let outcome = prepare(&component, 1 << 20)
            .run(surroundings(b""), || {})
            .unwrap();
        assert_eq!(u32::from(exit_code(&outcome)), result);
    }
}

#[test]
fn sockets_link_with_all_their_methods() {
    let component = wat::parse_str(command(
        r#"(import "wasi:sockets/tcp@0.2.3" (instance $tcp
             (export "tcp-socket" (type $socket (sub resource)))
             (export "[method]tcp-socket.hop-limit" (func
               (param "self" (borrow $socket)) (result (result u8))))))
           (alias export $tcp "tcp-socket" (type $socket))
           (import "wasi:sockets/tcp-create-socket@0.2.3" (instance
             (alias outer 1 $socket (type $outer))
             (export "tcp-socket" (type $inner (eq $outer)))))"#,
        0,
    ))
    .unwrap();
    let outcome = prepare(&component, 1 << 20)
        .run(surroundings(b""), || {})
        .unwrap();
    assert!(outcome.succeeded());
}

/// As the standard library of Python has it: interfaces of sockets that use other interfaces'
/// resources.
#[test]
fn sockets_link_with_the_resources_that_they_use() {
    let component = wat::parse_str(command(
        r#"(import "wasi:io/poll@0.2.9" (instance $poll
             (export "pollable" (type (sub resource)))))
           (import "wasi:io/error@0.2.9" (instance $error
             (export "error" (type (sub resource)))))
           (import "wasi:io/streams@0.2.9" (instance $streams
             (export "input-stream" (type (sub resource)))
             (export "output-stream" (type (sub resource)))))
           (import "wasi:sockets/network@0.2.9" (instance $network
             (export "network" (type (sub resource)))))
           (alias export $poll "pollable" (type $pollable))
           (alias export $streams "input-stream" (type $in))
           (alias export $streams "output-stream" (type $out))
           (alias export $network "network" (type $net))
           (import "wasi:sockets/tcp@0.2.9" (instance
             (alias outer 1 $pollable (type $p)) (export "pollable" (type (eq $p)))
             (alias outer 1 $in (type $i)) (export "input-stream" (type (eq $i)))
             (alias outer 1 $out (type $o)) (export "output-stream" (type (eq $o)))
             (alias outer 1 $net (type $n)) (export "network" (type (eq $n)))
             (export "tcp-socket" (type (sub resource)))))
           (import "wasi:sockets/udp@0.2.9" (instance
             (alias outer 1 $net (type $n)) (export "network" (type (eq $n)))
             (export "udp-socket" (type (sub resource)))
             (export "incoming-datagram-stream" (type (sub resource)))))"#,
        0,
    ))
    .unwrap();
    let outcome = prepare(&component, 1 << 20)
        .run(surroundings(b""), || {})
        .unwrap();
    assert!(outcome.succeeded());
}

#[test]
fn what_the_sandbox_lacks_is_refused_by_name() {
    let http = refused(&command(
        r#"(import "wasi:http/types@0.2.0" (instance))"#,
        0,
    ));
    assert!(
        matches!(&http, SandboxError::ForeignInterface { name } if name == "wasi:http/types@0.2.0")
    );
    assert!(matches!(refused("(component)"), SandboxError::Link(_)));
    let other_type = command(
        r#"(import "wasi:cli/exit@0.2.0" (instance (export "exit" (func (param "status" u8)))))"#,
        0,
    );
    assert!(matches!(refused(&other_type), SandboxError::Link(_)));
    assert!(matches!(
        {
            let program = Program {
                component: b"\0asm\x0d\0\x01\0junk",
                sha384: &DIGEST,
            };
            sandbox(1 << 20)
                .prepare(program, None, &key(1))
                .unwrap_err()
        },
        SandboxError::Compile(_)
    ));
}
