//! What `adyton new` writes, taken all the way by whoever has the language's compiler: built, run
//! on sealed data, and its result opened.

use std::process::Command;

use crate::support::text;
use crate::world::{Terms, World};

/// Which languages a test can count on: their compilers need no network.
const LANGUAGES: [Language; 3] = [
    Language {
        name: "c",
        probe: &["python3", "-m", "ziglang", "version"],
        // What checks the demonstration's guests installs it.
        always: true,
    },
    Language {
        name: "go",
        probe: &["go", "version"],
        always: false,
    },
    Language {
        name: "rust",
        probe: &[
            "sh",
            "-c",
            "test -d \"$(rustc --print target-libdir --target wasm32-wasip1)\"",
        ],
        always: false,
    },
];

struct Language {
    name: &'static str,
    /// Ends well where the compiler is installed.
    probe: &'static [&'static str],
    /// Whether CI has it.
    always: bool,
}

impl Language {
    fn is_here(&self) -> bool {
        let (program, words) = self.probe.split_first().expect("a probe has a program");
        let probed = Command::new(program).args(words).output();
        let here = probed.is_ok_and(|output| output.status.success());
        let excused = !self.always || std::env::var_os("CI").is_none();
        assert!(here || excused, "no compiler for {}", self.name);
        if !here {
            eprintln!("skipped: no compiler for {} is installed", self.name);
        }
        here
    }
}

#[test]
fn templates_run_on_sealed_data() {
    let mut world = None;
    for language in LANGUAGES.iter().filter(|language| language.is_here()) {
        let world = world.get_or_insert_with(World::new);
        takes_its_way(world, language.name);
    }
}

fn takes_its_way(world: &World, language: &str) {
    let recipient = &world.recipient;
    world
        .adyton(&format!(
            "new {language} --lang {language} --to {recipient}"
        ))
        .done();
    let built = Command::new("sh")
        .arg(world.home.path(&format!("{language}/build.sh")))
        .env("CARGO_TARGET_DIR", world.home.path("cargo"))
        .output()
        .expect("the test's own step");
    assert!(built.status.success(), "{built:#?}");
    let built = world.adyton(&format!("build {language} --json")).done();
    let measurement = text(&built.json(), "measurement");
    world.allow(language, &measurement, &Terms::default());
    let run = world.run_words(&format!("{language}/{language}"));
    world.adyton(&format!("{run} --force")).done();
    let opened = world.adyton("open out/result.age --identity study.key --out -");
    assert_eq!(opened.done().out, "lines: 3\nbytes: 14\n", "{language}");
}
