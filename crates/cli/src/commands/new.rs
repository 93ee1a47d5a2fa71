use std::fs::DirBuilder;
use std::io::Write as _;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};

use adyton_client::{Access, Existing, FileError, NewFile};
use adyton_sealing::Recipient;
use adyton_types::Name;
use serde_json::json;

use crate::{Failure, Out};

const EXAMPLES: &str = "\
Examples:
  adyton keygen --out result.key
  adyton new my-program --lang c --to age1...
  cd my-program && sh build.sh && adyton build";

/// Starts a program from a template.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(crate) struct Args {
    /// The program's name, and its new directory
    name: PathBuf,
    /// The language
    #[arg(long, short, value_enum, default_value_t = Language::C)]
    lang: Language,
    /// For whom its output is sealed (age1..., as `adyton keygen` prints it)
    #[arg(long = "to", short, value_name = "RECIPIENT")]
    recipient: Recipient,
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
enum Language {
    C,
    Rust,
    RustOblivious,
    Go,
    Python,
    Js,
    Assemblyscript,
    Wat,
}

/// A template's file: its name, and its text.
type File = (&'static str, &'static str);

macro_rules! template {
    ($language:literal: $($file:literal),+) => {
        &[$(($file, include_str!(concat!("../../../../examples/", $language, "/", $file)))),+]
    };
}

impl Language {
    const fn files(self) -> &'static [File] {
        match self {
            Self::C => template!("c": "adyton.toml", "build.sh", "main.c"),
            Self::Rust => template!("rust": "adyton.toml", "build.sh", "Cargo.toml", "src/main.rs"),
            Self::RustOblivious => {
                template!("rust-oblivious": "adyton.toml", "build.sh", "Cargo.toml", "enclave.wit", "src/main.rs")
            }
            Self::Go => template!("go": "adyton.toml", "build.sh", "go.mod", "main.go"),
            Self::Python => template!("python": "adyton.toml", "build.sh", "app.py", "world.wit"),
            Self::Js => {
                template!("js": "adyton.toml", "build.sh", "app.js", "build.mjs", "package.json", "world.wit")
            }
            Self::Assemblyscript => {
                template!("assemblyscript": "adyton.toml", "build.sh", "files.ts", "main.ts", "package.json")
            }
            Self::Wat => template!("wat": "adyton.toml", "build.sh", "main.wat"),
        }
    }
}

pub(crate) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let name = args
        .name
        .file_name()
        .and_then(|name| name.to_str())
        .unwrap_or_default();
    let name: Name = name
        .parse()
        .map_err(|error: adyton_types::NameError| Failure::usage(error.to_string()))?;
    make_dir(&args.name)?;
    let mut written = Vec::new();
    for (file, text) in args.lang.files() {
        let text = text
            .replace("{{name}}", name.as_str())
            .replace("{{recipient}}", args.recipient.as_str());
        let path = args.name.join(file);
        write(&path, &text)?;
        written.push(path);
    }
    let dir = args.name.display();
    out.result(
        &format!(
            "wrote {} files to `{dir}`; next: cd {dir} && sh build.sh && adyton build",
            written.len()
        ),
        &json!({ "written": written }),
    )
}

/// A directory that is there already is nobody's to write into.
fn make_dir(path: &Path) -> Result<(), Failure> {
    DirBuilder::new()
        .mode(0o755)
        .create(path)
        .map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Failure::misuse(format!(
                "`{}` is there already, and is left as it is; choose another name",
                path.display()
            )),
            _ => FileError::io("create", path, error).into(),
        })
}

fn write(path: &Path, text: &str) -> Result<(), FileError> {
    let fail = |error| FileError::io("write", path, error);
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent).map_err(fail)?;
    }
    let file = NewFile::create(path, Access::Public, Existing::Refuse)?;
    file.file().write_all(text.as_bytes()).map_err(fail)?;
    file.publish()
}
