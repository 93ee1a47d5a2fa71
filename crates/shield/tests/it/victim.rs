//! The process under attack.

use adyton_types::Protections;
use std::cell::RefCell;
use std::io::{Read as _, Write as _};
use std::process::ExitCode;
use std::time::Duration;

use adyton_shield::{
    Enclosed, SecretAlloc, SecretMode, SecretRegion, close_inherited, enclose, lock_down,
    run_on_secret_stack,
};

use crate::spawn::{ROLE, SECRET, unmask};
use crate::{cost, filter};

/// Within what a user may lock by default, 8 MiB, beside the stack and all that is moved.
const HEAP: usize = 3 << 20;
const STACK: usize = 1 << 20;

thread_local! {
    static KEPT: RefCell<[u8; 32]> = const { RefCell::new([0; 32]) };
}

/// Plays the part that the environment names.
pub(crate) fn run_if_asked(allocator: &'static SecretAlloc) -> Option<ExitCode> {
    let role = std::env::vars_os().find(|(name, _)| name == ROLE)?.1;
    let role = role.into_string().ok()?;
    let (part, argument) = role.split_once(':').unwrap_or((&role, ""));
    Some(match part {
        "control" => control(),
        "runner" => runner(),
        "cost" => cost::measure(allocator),
        "doctor" => doctor(),
        "no-memory" => no_memory(allocator),
        _ => enclave(allocator, part, argument),
    })
}

/// An enclave that does what `part` says once it is locked down.
fn enclave(allocator: &'static SecretAlloc, part: &str, argument: &str) -> ExitCode {
    let limit = if part == "slow" { 50 } else { 60_000 };
    let enclosed = match enclose(Duration::from_millis(limit)) {
        Ok(enclosed) => enclosed,
        Err(error) => return speak(&format!("refused {error}")),
    };
    close_inherited(&[0, 1, 2]).expect("descriptors close");
    let memory = match allocator.enter_secret_mode(HEAP) {
        Ok(memory) => memory,
        Err(error) => return speak(&format!("refused {error}")),
    };
    let work = || locked_down(&enclosed, &memory, part, argument);
    run_on_secret_stack(STACK, work).expect("a secret stack")
}

fn locked_down(enclosed: &Enclosed, memory: &SecretMode, part: &str, argument: &str) -> ExitCode {
    let masked = masked();
    // A guest's memory, with the addresses behind it that must stay empty.
    let mut linear = SecretRegion::reserve(64 << 10, 4 << 30).expect("secret memory");
    linear.grow(4096).expect("within its capacity");
    let protections = lock_down(enclosed, memory).expect("lock-down");
    match part {
        "exit" => ExitCode::from(argument.parse::<u8>().unwrap_or(0)),
        "slow" => loop {
            std::hint::spin_loop();
        },
        "trap" => filter::trap(),
        "abort" => std::process::abort(),
        "forbidden" => filter::forbidden(argument),
        _ => {
            // SAFETY: the accessible part of a region that nothing else uses.
            let memory = unsafe {
                std::slice::from_raw_parts_mut(linear.base().as_ptr(), linear.accessible())
            };
            hold(&masked, enclosed.guardian(), Some(&protections), memory)
        }
    }
}

/// The same with no protection, and a copy in a memory file besides.
fn control() -> ExitCode {
    let masked = masked();
    let mut copy = Vec::new();
    unmask(&masked, &mut copy);
    // SAFETY: the name is a string that outlives the call.
    let fd = unsafe { libc::memfd_create(c"control".as_ptr(), 0) };
    // SAFETY: a whole vector; the descriptor was just made.
    unsafe { libc::write(fd, copy.as_ptr().cast(), copy.len()) };
    // SAFETY: a fresh mapping of an open file.
    let mapped = unsafe {
        libc::mmap(
            std::ptr::null_mut(),
            4096,
            libc::PROT_READ,
            libc::MAP_SHARED,
            fd,
            0,
        )
    };
    assert_ne!(mapped, libc::MAP_FAILED);
    hold(&masked, 0, None, &mut [0; 32])
}

/// Keeps the secret in every kind of memory, with the copies that programs leave behind, until
/// standard input ends.
fn hold(
    masked: &[u8],
    guardian: u32,
    protections: Option<&Protections>,
    memory: &mut [u8],
) -> ExitCode {
    let mut heap = Vec::with_capacity(1);
    unmask(masked, &mut heap);
    let mut stack = [0; 32];
    stack.copy_from_slice(&heap);
    memory[..32].copy_from_slice(&heap);
    KEPT.with_borrow_mut(|kept| kept.copy_from_slice(&heap));
    // Growth moves; formatting copies; freed blocks linger.
    let mut grown = Vec::new();
    for _ in 0..1000 {
        grown.extend_from_slice(&heap);
    }
    let text = format!("{}!", String::from_utf8_lossy(&heap).repeat(3));
    let shared = std::hint::black_box((&heap, &stack, &grown, &text));
    let names = protections.map_or_else(String::new, |holding| {
        let names: Vec<_> = holding.iter().map(|each| each.as_str()).collect();
        names.join(",")
    });
    let code = speak(&format!("ready {} {guardian} {names}", std::process::id()));
    wait_for_end();
    std::hint::black_box(shared);
    code
}

/// Starts an enclave as the runner does, tells about it, and waits.
fn runner() -> ExitCode {
    let victim = crate::spawn::Victim::start("hold");
    let code = speak(&victim.said.join(" "));
    wait_for_end();
    code
}

/// What the doctor finds for this user: words.
fn doctor() -> ExitCode {
    let findings = adyton_shield::probe(4 << 20);
    let words = findings
        .iter()
        .map(|each| format!("{}={}", each.protection(), each.holds()));
    speak(&words.collect::<Vec<_>>().join(" "))
}

/// More secret memory than the user may lock.
fn no_memory(allocator: &'static SecretAlloc) -> ExitCode {
    match allocator.enter_secret_mode(1 << 30) {
        Ok(_) => speak("got it"),
        Err(error) => speak(&format!("refused {error}")),
    }
}

fn masked() -> Vec<u8> {
    let text = std::env::vars_os().find(|(name, _)| name == SECRET);
    let text = text.expect("the secret is handed over").1;
    let text = text.to_string_lossy();
    text.split(',')
        .map(|byte| byte.parse().expect("a byte"))
        .collect()
}

pub(crate) fn speak(line: &str) -> ExitCode {
    let mut out = std::io::stdout();
    let _ = writeln!(out, "{line}");
    let _ = out.flush();
    ExitCode::SUCCESS
}

fn wait_for_end() {
    let _ = std::io::stdin().read(&mut [0; 1]);
}
