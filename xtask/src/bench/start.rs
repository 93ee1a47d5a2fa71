//! From exec to the program's first instruction, code compiled before, no broker.
//!
//! On both sides the clock starts before the process is made. The enclave says that its program is
//! about to start before it makes the program's memory: how long that took it says afterwards. The
//! bare program prints an empty line when its first instruction is next. It is the least that can embed
//! wasmtime: no WASI but what this program calls. What people have is the `wasmtime` tool, and where
//! it is installed, the bar is about that.

use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::bed::{self, Bed, Program, steps};
use super::figures::{self, median, now, percentile, table};
use crate::error::XtaskError;
use crate::out;
use crate::repo::output;

const ROUNDS: usize = 41;

const BAR: f64 = 3.0;

/// What the runner does before the program starts, and what the enclave does after it has said so.
const PARTS: [&str; 5] = [
    "runner: start the enclave",
    "runner: challenges",
    "runner: wait until measured",
    "runner: release",
    "enclave: make the memory",
];

pub(super) fn run(bed: &Bed<'_>) -> Result<(), XtaskError> {
    let hello = bed.program("hello", "hello.wasm", "")?;
    let (mut bare, mut enclave, mut all) = (Vec::new(), Vec::new(), Vec::new());
    let tool = compile_for_tool(bed, &hello)?;
    let mut tools = Vec::new();
    for round in 0..=ROUNDS {
        let one = outside(bed, &hello)?;
        let with_tool = tool.as_ref().map(|code| under_tool(code)).transpose()?;
        let steps = inside(bed, &hello)?;
        // The first compiles, and brings files into memory.
        if round > 0 {
            bare.push(one);
            tools.extend(with_tool);
            let parts = steps
                .iter()
                .filter(|(step, _)| PARTS.contains(&step.as_str()));
            enclave.push(parts.map(|(_, us)| us / 1e3).sum());
            all.push(steps);
        }
    }
    let row = |name: &str, figures: &[f64]| {
        let at = |percent| format!("{:.1}", percentile(figures, percent));
        vec![name.to_owned(), at(0), at(50), at(90)]
    };
    let mut rows = vec![row("bare wasmtime", &bare), row("enclave", &enclave)];
    if !tools.is_empty() {
        rows.insert(1, row("`wasmtime run`, to its end", &tools));
    }
    table(&["start, ms", "least", "median", "p90"], &rows);
    let ratio = |of: &[f64]| median(&enclave) / median(of);
    let against = if tools.is_empty() { &bare } else { &tools };
    out::line(&format!(
        "ratio of the medians: {:.2} to the embedding, {:.2} to the tool",
        ratio(&bare),
        ratio(&tools)
    ));
    let reached = ratio(against) <= BAR;
    figures::bar(&format!("at most {BAR} times bare wasmtime"), reached);
    print_steps(&all);
    Ok(())
}

/// Medians of every step, in order.
pub(super) fn print_steps(runs: &[Vec<(String, f64)>]) {
    let mut names: Vec<&str> = Vec::new();
    for (step, _) in runs.iter().flatten() {
        if !names.contains(&step.as_str()) {
            names.push(step);
        }
    }
    let row = |name: &&str| {
        let of = |run: &Vec<(String, f64)>| run.iter().find(|(step, _)| step == name).map(|s| s.1);
        let figures: Vec<f64> = runs.iter().filter_map(of).collect();
        let at = |percent| format!("{:.0}", percentile(&figures, percent));
        vec![(*name).to_owned(), at(0), at(50), at(90)]
    };
    let rows: Vec<Vec<String>> = names.iter().map(row).collect();
    table(&["step, us", "least", "median", "p90"], &rows);
}

/// The same component compiled by the `wasmtime` tool, if it is installed.
fn compile_for_tool(bed: &Bed<'_>, hello: &Program) -> Result<Option<PathBuf>, XtaskError> {
    let installed = Command::new("wasmtime").arg("--version").output();
    if !installed.is_ok_and(|found| found.status.success()) {
        out::line("the `wasmtime` tool is not installed: cargo install wasmtime-cli");
        return Ok(None);
    }
    let code = bed.path("hello.cwasm");
    let mut component = hello.code.clone().into_os_string();
    component.push(".component");
    let mut command = Command::new("wasmtime");
    output(command.arg("compile").arg(component).arg("-o").arg(&code))?;
    Ok(Some(code))
}

/// Milliseconds of a whole `wasmtime run`.
fn under_tool(code: &Path) -> Result<f64, XtaskError> {
    let start = now();
    let mut command = Command::new("wasmtime");
    output(command.args(["run", "--allow-precompiled"]).arg(code))?;
    Ok(start.elapsed().as_secs_f64() * 1e3)
}

fn inside(bed: &Bed<'_>, hello: &Program) -> Result<Vec<(String, f64)>, XtaskError> {
    let report = bed.adyton(&["run", bed::text(&hello.bundle), "--force"])?;
    Ok(steps(&report))
}

/// Milliseconds until a bare program says that it starts.
fn outside(bed: &Bed<'_>, hello: &Program) -> Result<f64, XtaskError> {
    let mut command = Command::new(bed.example("bare"));
    command.arg("run").arg(&hello.code).env_clear();
    command.stdin(Stdio::null()).stdout(Stdio::piped());
    let start = now();
    let started = |source| XtaskError::Start {
        command: "bare".to_owned(),
        source,
    };
    let mut process = command.spawn().map_err(started)?;
    let mut byte = [0; 1];
    let read = process.stdout.as_mut().map(|out| out.read_exact(&mut byte));
    let took = start.elapsed();
    let status = process.wait().map_err(started)?;
    if !status.success() || !matches!(read, Some(Ok(()))) {
        return Err(bed::failed(&command, "it did not start"));
    }
    Ok(took.as_secs_f64() * 1e3)
}
