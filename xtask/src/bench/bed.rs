//! What the benchmarks work with: release builds, and a folder with a platform key of its own.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::Value;

use crate::error::XtaskError;
use crate::repo::{Repo, output, succeeds};

/// Everything that is built, in one command, so that each crate is built once.
const BUILD: &[&str] = &[
    "build",
    "--release",
    "--locked",
    "--package=adyton",
    "--package=adyton-sandbox",
    "--package=adyton-sealing",
    "--bin=adyton",
    "--example=bare",
    "--example=throughput",
];

/// Where a benchmark runs.
#[derive(Debug)]
pub(super) struct Bed<'a> {
    pub(super) repo: &'a Repo,
    pub(super) flags: Vec<String>,
    folder: PathBuf,
}

/// A program, bundled and compiled for both sides.
pub(super) struct Program {
    pub(super) bundle: PathBuf,
    /// Compiled code for `bare`.
    pub(super) code: PathBuf,
}

/// A broker in a process of its own, which ends with it.
pub(super) struct Broker {
    process: Child,
    pub(super) address: String,
}

impl<'a> Bed<'a> {
    pub(super) fn make(repo: &'a Repo, flags: &[&str]) -> Result<Self, XtaskError> {
        let mut cargo = Command::new("cargo");
        if !succeeds(cargo.current_dir(repo.root()).args(BUILD))? {
            return Err(failed(&cargo, ""));
        }
        let folder = repo.build_folder().join("bench");
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(at(&folder))?;
        }
        fs::create_dir_all(&folder).map_err(at(&folder))?;
        let bed = Self {
            repo,
            flags: flags.iter().map(|&flag| flag.to_owned()).collect(),
            folder,
        };
        bed.adyton(&["tee", "init"])?;
        Ok(bed)
    }

    /// A file in the benchmark's folder, which is emptied at the next benchmark's start.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) -> Result<PathBuf, XtaskError> {
        let path = self.path(name);
        fs::write(&path, text).map_err(at(&path))?;
        Ok(path)
    }

    pub(super) fn executable(&self) -> PathBuf {
        self.repo.built("release").join("adyton")
    }

    pub(super) fn example(&self, name: &str) -> PathBuf {
        self.repo.built("release").join("examples").join(name)
    }

    /// `adyton`, with a state and a cache of its own, in the benchmark's folder.
    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(self.executable());
        command
            .current_dir(&self.folder)
            .env("ADYTON_STATE", self.path("state"))
            .env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    /// What `adyton --json` says.
    pub(super) fn adyton(&self, args: &[&str]) -> Result<Value, XtaskError> {
        let text = output(self.command().arg("--json").args(args))?;
        serde_json::from_str(&text).map_err(|error| XtaskError::Parse {
            what: format!("what `adyton {}` says", args.join(" ")),
            why: error.to_string(),
        })
    }

    /// Makes a program of `demo/kernels` ready. `manifest` is what its `adyton.toml` says beyond
    /// name and component.
    pub(super) fn program(
        &self,
        name: &str,
        module: &str,
        manifest: &str,
    ) -> Result<Program, XtaskError> {
        let source = self.repo.root().join("demo/kernels").join(module);
        let copy = self.path(module);
        fs::copy(&source, &copy).map_err(at(&source))?;
        let text = format!("name = \"{name}\"\ncomponent = \"{module}\"\n{manifest}");
        let toml = self.write(&format!("{name}.toml"), &text)?;
        let bundle = self.path(&format!("{name}.adyton"));
        output(
            self.command()
                .arg("build")
                .arg(&toml)
                .arg("--out")
                .arg(&bundle),
        )?;
        let code = self.path(&format!("{name}.code"));
        output(
            Command::new(self.example("bare"))
                .arg("compile")
                .arg(&copy)
                .arg(&code),
        )?;
        Ok(Program { bundle, code })
    }

    /// A key pair: the recipient, and the file of the secret half.
    pub(super) fn key_pair(&self, name: &str) -> Result<(String, PathBuf), XtaskError> {
        let file = self.path(&format!("{name}.key"));
        let said = self.adyton(&["keygen", "--out", text(&file)])?;
        Ok((string(&said, "recipient"), file))
    }

    /// A broker that releases the key in `identity`, for the input `data` of a bundle, to this very
    /// build on this machine.
    pub(super) fn broker(&self, bundle: &Path, identity: &Path) -> Result<Broker, XtaskError> {
        let dir = self.path(&format!("{}.broker", file_name(bundle)));
        self.adyton(&["broker", "init", text(&dir), "--origin", "bench.example"])?;
        let platform = self.adyton(&["tee", "show"])?;
        let purpose = file_name(bundle);
        let purpose = purpose.trim_end_matches(".adyton");
        let policy = format!(
            "version = 1\nsecret = \"data\"\npurpose = \"{purpose}\"\nprograms = [\"{}\"]\n\
             not-before = \"2026-01-01T00:00:00Z\"\nnot-after = \"2126-01-01T00:00:00Z\"\nmax-releases = 1000000\n\n\
             [[platform]]\nkind = \"software\"\nmeasurements = [\"{}\"]\nplatform-ids = [\"{}\"]\nmin-svn = 1\n\
             require = [\"landlock\", \"no-core\", \"seccomp\", \"secret-memory\", \"traced\"]\n",
            string(&self.adyton(&["measure", text(bundle)])?, "measurement"),
            string(&platform, "platform-measurement"),
            string(&platform, "platform-id"),
        );
        let policy = self.write(&format!("{purpose}.policy"), &policy)?;
        let put = ["secret", "put", "data", "--dir", text(&dir)];
        let what = ["--identity", text(identity), "--policy", text(&policy)];
        self.adyton(&[&put[..], &what[..]].concat())?;
        Broker::start(
            self.command()
                .args(["broker", "serve", "--listen", "127.0.0.1:0"])
                .arg(&dir),
        )
    }
}

impl Broker {
    fn start(command: &mut Command) -> Result<Self, XtaskError> {
        command.stdin(Stdio::null()).stdout(Stdio::piped());
        let mut process = command.spawn().map_err(|source| XtaskError::Start {
            command: format!("{command:?}"),
            source,
        })?;
        let mut line = String::new();
        if let Some(stdout) = process.stdout.take() {
            // An empty line is told below.
            let _ = BufReader::new(stdout).read_line(&mut line);
        }
        let address = line.trim().strip_prefix("serving at ").map(str::to_owned);
        let broker = Self {
            process,
            address: address.unwrap_or_default(),
        };
        if broker.address.is_empty() {
            return Err(failed(command, &line));
        }
        Ok(broker)
    }
}

impl Drop for Broker {
    fn drop(&mut self) {
        // A failure means that it has ended already.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A member of a JSON document that is a text.
pub(super) fn string(document: &Value, key: &str) -> String {
    document[key].as_str().unwrap_or_default().to_owned()
}

/// Microseconds of each step of a run, from what `adyton --json run` says.
pub(super) fn steps(report: &Value) -> Vec<(String, f64)> {
    let steps = report["timings-us"].as_object();
    steps
        .into_iter()
        .flatten()
        .map(|(step, us)| (step.clone(), us.as_f64().unwrap_or(f64::NAN)))
        .collect()
}

pub(super) fn text(path: &Path) -> &str {
    path.to_str().unwrap_or_default()
}

fn file_name(path: &Path) -> String {
    path.file_name()
        .map(|name| name.to_string_lossy().into_owned())
        .unwrap_or_default()
}

pub(super) fn failed(command: &Command, said: &str) -> XtaskError {
    XtaskError::Failed {
        command: format!("{command:?}"),
        stderr: said.to_owned(),
    }
}

pub(super) fn at(path: &Path) -> impl FnOnce(std::io::Error) -> XtaskError {
    let path = path.to_owned();
    move |source| XtaskError::Read { path, source }
}
