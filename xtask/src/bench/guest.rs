//! What a program's own work costs inside, in processor time.
//!
//! Each kernel runs once with few rounds and once with many; the difference is the program's own,
//! without what starting it costs. Both sides must print the same checksum.

use std::fs;
use std::process::Command;
use std::time::Duration;

use super::bed::{Bed, Program, at, failed, text};
use super::figures::{self, children_cpu, median, table};
use crate::error::XtaskError;
use crate::repo::output;

/// A kernel, and the rounds that take some three seconds.
const KERNELS: [(&str, u32); 4] = [
    ("hash", 900),
    ("sort", 450),
    ("matrix", 1500),
    ("parse", 15_000),
];

const TURNS: usize = 5;

const BAR: f64 = 1.03;

/// A kernel with a number of rounds, as a program.
struct Kernel {
    name: &'static str,
    rounds: u32,
    program: Program,
}

pub(super) fn run(bed: &Bed<'_>) -> Result<(), XtaskError> {
    let (recipient, identity) = bed.key_pair("guest")?;
    let (mut rows, mut worst) = (Vec::new(), 0.0_f64);
    for (name, rounds) in KERNELS {
        let few = Kernel::new(bed, name, 1, &recipient)?;
        let many = Kernel::new(bed, name, rounds, &recipient)?;
        many.compare(bed, text(&identity))?;
        let (mut ratios, mut inside, mut outside) = (Vec::new(), Vec::new(), Vec::new());
        for _ in 0..TURNS {
            let own = |of: &dyn Fn(&Kernel) -> Result<Duration, XtaskError>| {
                let start = of(&few)?;
                Ok::<f64, XtaskError>(of(&many)?.saturating_sub(start).as_secs_f64())
            };
            let bare = own(&|kernel| cpu(&mut kernel.outside(bed)))?;
            let enclave = own(&|kernel| cpu(&mut kernel.inside(bed)))?;
            ratios.push(enclave / bare);
            inside.push(enclave);
            outside.push(bare);
        }
        let ratio = median(&ratios);
        worst = worst.max(ratio);
        let secs = |figures: &[f64]| format!("{:.2}", median(figures));
        let ratio = format!("{ratio:.3}");
        rows.push(vec![name.to_owned(), secs(&outside), secs(&inside), ratio]);
    }
    table(&["kernel", "bare, s", "inside, s", "ratio"], &rows);
    figures::bar(&format!("each at most {BAR}"), worst <= BAR);
    Ok(())
}

impl Kernel {
    fn new(
        bed: &Bed<'_>,
        name: &'static str,
        rounds: u32,
        recipient: &str,
    ) -> Result<Self, XtaskError> {
        let manifest = format!(
            "args = [\"{name}\", \"{rounds}\"]\nstdout = \"sum\"\n\
             [[output]]\nname = \"sum\"\nrecipients = [\"{recipient}\"]\n"
        );
        let program = bed.program(&format!("{name}-{rounds}"), "kernels.wasm", &manifest)?;
        Ok(Self {
            name,
            rounds,
            program,
        })
    }

    fn inside(&self, bed: &Bed<'_>) -> Command {
        let mut command = bed.command();
        command.arg("run").arg(&self.program.bundle).arg("--force");
        command
    }

    fn outside(&self, bed: &Bed<'_>) -> Command {
        let mut command = Command::new(bed.example("bare"));
        command.arg("run").arg(&self.program.code);
        command.args([self.name, &self.rounds.to_string()]);
        command
    }

    /// Both sides do the same work. This also leaves compiled code behind.
    fn compare(&self, bed: &Bed<'_>, identity: &str) -> Result<(), XtaskError> {
        let outside = output(&mut self.outside(bed))?;
        output(&mut self.inside(bed))?;
        let (sealed, sum) = (bed.path("sum.age"), bed.path("sum"));
        let open = ["open", text(&sealed), "--identity", identity, "--force"];
        bed.adyton(&[&open[..], &["--out", text(&sum)]].concat())?;
        let inside = fs::read_to_string(&sum).map_err(at(&sum))?;
        if inside.trim() != outside.trim() || inside.trim().is_empty() {
            let told = format!("`{}` inside, `{}` outside", inside.trim(), outside.trim());
            return Err(failed(&self.inside(bed), &told));
        }
        Ok(())
    }
}

/// Processor time of a command and of all that it starts.
fn cpu(command: &mut Command) -> Result<Duration, XtaskError> {
    let before = children_cpu()?;
    output(command)?;
    Ok(children_cpu()?.saturating_sub(before))
}
