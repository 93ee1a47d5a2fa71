//! Memory of a run whose input is large: the most that any of its processes had, sampled.

use std::collections::BTreeMap;
use std::fs::File;
use std::path::Path;
use std::process::{Child, Stdio};
use std::thread;
use std::time::Duration;

use super::bed::{Bed, at, failed, text};
use super::figures::{self, table};
use crate::error::XtaskError;
use crate::out;
use crate::repo::read;

const INPUT_BYTES: u64 = 2 << 30;

/// What the program may have: its stack alone is declared as 16 MiB, of which it uses a few pages.
const GUEST_MIB: u64 = 32;

const BAR_MIB: u64 = 256;

const EVERY: Duration = Duration::from_millis(10);

/// The most that a process had, in KiB.
#[derive(Default)]
struct Peak {
    what: &'static str,
    resident: u64,
    locked: u64,
}

pub(super) fn run(bed: &Bed<'_>) -> Result<(), XtaskError> {
    let manifest = format!(
        "args = [\"data\"]\n[[input]]\nname = \"data\"\n[limits]\nmemory = \"{GUEST_MIB}MiB\"\n"
    );
    let drain = bed.program("drain-2g", "drain.wasm", &manifest)?;
    let (recipient, identity) = bed.key_pair("memory")?;
    let (clear, sealed) = (bed.path("large"), bed.path("large.age"));
    let file = File::create(&clear).map_err(at(&clear))?;
    file.set_len(INPUT_BYTES).map_err(at(&clear))?;
    bed.adyton(&[
        "seal",
        text(&clear),
        "--to",
        &recipient,
        "--out",
        text(&sealed),
    ])?;
    let broker = bed.broker(&drain.bundle, &identity)?;
    let mut command = bed.command();
    command
        .arg("run")
        .arg(&drain.bundle)
        .args(["--force", "--broker", &broker.address, "--input"])
        .arg(format!("data={}", text(&sealed)))
        .stdout(Stdio::null());
    let mut runner = command.spawn().map_err(|source| XtaskError::Start {
        command: "adyton run".to_owned(),
        source,
    })?;
    let peaks = watch(&mut runner)?;
    if !runner.wait().is_ok_and(|status| status.success()) {
        return Err(failed(&command, "the run failed"));
    }
    // The file is large, and of no use any more.
    std::fs::remove_file(&sealed).map_err(at(&sealed))?;
    print(&peaks);
    Ok(())
}

fn print(peaks: &BTreeMap<u32, Peak>) {
    let mib = |kib: u64| format!("{:.1}", kib as f64 / 1024.0);
    let row = |peak: &Peak| vec![peak.what.to_owned(), mib(peak.resident), mib(peak.locked)];
    let rows: Vec<Vec<String>> = peaks.values().map(row).collect();
    table(
        &["process", "resident, MiB", "locked address space, MiB"],
        &rows,
    );
    let resident: u64 = peaks.values().map(|peak| peak.resident).sum();
    let locked: u64 = peaks.values().map(|peak| peak.locked).sum();
    out::line(&format!(
        "all together: {} MiB resident; locked address space without the program's {GUEST_MIB} MiB: {} MiB",
        mib(resident),
        mib(locked.saturating_sub(GUEST_MIB << 10))
    ));
    // Address space that is locked in advance is no memory until it is touched: then it is resident.
    figures::bar(
        &format!("at most {BAR_MIB} MiB resident, the program's own included"),
        resident <= BAR_MIB << 10,
    );
}

/// Looks at the runner and everything below it until it ends.
fn watch(runner: &mut Child) -> Result<BTreeMap<u32, Peak>, XtaskError> {
    let mut peaks: BTreeMap<u32, Peak> = BTreeMap::new();
    while matches!(runner.try_wait(), Ok(None)) {
        let guardian = child(runner.id());
        let enclave = guardian.and_then(child);
        let family = [
            (Some(runner.id()), "runner"),
            (guardian, "guardian"),
            (enclave, "enclave"),
        ];
        for (pid, what) in family {
            let Some(pid) = pid else { continue };
            let status = read(Path::new(&format!("/proc/{pid}/status"))).unwrap_or_default();
            let peak = peaks.entry(pid).or_default();
            peak.what = what;
            // The shared pages of the executable and of libraries count with each process.
            peak.resident = peak.resident.max(kib(&status, "VmHWM:"));
            peak.locked = peak.locked.max(kib(&status, "VmLck:"));
        }
        thread::sleep(EVERY);
    }
    Ok(peaks)
}

/// The one child of a process.
fn child(pid: u32) -> Option<u32> {
    let tasks = std::fs::read_dir(format!("/proc/{pid}/task")).ok()?;
    tasks.flatten().find_map(|task| {
        let children = read(&task.path().join("children")).ok()?;
        children.split_whitespace().next()?.parse().ok()
    })
}

fn kib(status: &str, field: &str) -> u64 {
    let value = status.lines().find_map(|line| line.strip_prefix(field));
    let value = value.and_then(|value| value.trim().strip_suffix(" kB"));
    value
        .and_then(|value| value.trim().parse().ok())
        .unwrap_or(0)
}
