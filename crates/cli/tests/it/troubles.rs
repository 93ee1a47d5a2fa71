use std::net::TcpListener;
use std::os::unix::process::ExitStatusExt as _;
use std::path::PathBuf;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::support::{Said, SmallDisk, descendants, is_alive, names, until};
use crate::world::World;

#[test]
fn a_broker_that_is_not_there_is_unavailable() {
    let mut world = World::new();
    world.count();
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let id = world.broker.id().to_owned();
    let run = world.run_words("count");
    let to = |authority: &str, id: &str| {
        run.replace(&world.broker.address, &format!("{authority}#{id}"))
    };
    let authority = world.broker.address.split_once('#').unwrap().0;
    let stranger = to(authority, &"0".repeat(64));
    world
        .adyton(&stranger)
        .fails(3, &["another broker than the pinned one"]);
    world
        .adyton(&to("nowhere.invalid:1", &id))
        .fails(5, &["cannot connect to nowhere.invalid:1"]);
    // It accepts, by the system's hand, and never answers.
    let silent = silent.local_addr().unwrap().to_string();
    world
        .adyton(&to(&silent, &id))
        .fails(5, &["did not answer within 10 s"]);
    let down = to(authority, &id);
    world.broker.stop();
    world
        .adyton(&down)
        .fails(5, &["cannot connect", "adyton broker serve"]);
    assert!(world.home.names("out").is_empty());
}

#[test]
fn whatever_ends_the_runner_leaves_nothing_behind() {
    let world = World::new();
    world.hold("[limits]\ntime = \"60s\"");
    for (times, signal) in [(1, Signal::KILL), (2, Signal::INT), (3, Signal::TERM)] {
        let run = world.run_words("hold");
        let mut runner = world
            .home
            .command_of_a_terminal(&run)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("the key is released", || world.releases() == times);
        let enclave = descendants(runner.id());
        assert_eq!(enclave.len(), 2, "guardian and enclave");
        kill_process(Pid::from_child(&runner), signal).unwrap();
        assert_eq!(runner.wait().unwrap().signal(), Some(signal.as_raw()));
        until("no process is left", || {
            !enclave.iter().any(|pid| is_alive(*pid))
        });
        assert!(world.home.names("out").is_empty());
        let hidden = world.home.names(".");
        assert!(
            !hidden.iter().any(|name| name.ends_with(".tmp")),
            "{hidden:?}"
        );
    }
    // An enclave that somebody kills is told of, and takes its guardian along.
    let run = world.run_words("hold");
    let runner = world
        .home
        .command(&run)
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    until("the key is released", || world.releases() == 4);
    let enclave = descendants(runner.id());
    let inner = enclave.iter().max().unwrap();
    kill_process(Pid::from_raw(inner.cast_signed()).unwrap(), Signal::KILL).unwrap();
    let said = Said::of(&run, &runner.wait_with_output().unwrap());
    said.fails(5, &["the enclave ended without a result"]);
    until("no process is left", || {
        !enclave.iter().any(|pid| is_alive(*pid))
    });
    assert!(world.home.names("out").is_empty());
}

#[test]
fn a_running_program_has_neither_platform_key_nor_code_cache_open() {
    if !rustix::process::geteuid().is_root() {
        eprintln!("skipped: the descriptors of an enclave are root's to list");
        return;
    }
    let world = World::new();
    world.hold("[limits]\ntime = \"60s\"");
    // Its code is written to the cache by the first run, and read from it by the second.
    for times in 1..=2 {
        let mut runner = world
            .home
            .command(&world.run_words("hold"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("the key is released", || world.releases() == times);
        let enclave = *descendants(runner.id()).last().unwrap();
        let open = open_files(enclave);
        runner.kill().unwrap();
        runner.wait().unwrap();
        let names = |part: &str| open.iter().any(|path| path.contains(part));
        assert!(names("data.csv.age"), "{open:?}");
        for closed in ["platform.key", ".cache"] {
            assert!(!names(closed), "{closed} among {open:?}");
        }
    }
    assert!(!world.home.names(".cache/adyton/code").is_empty());
}

/// What the descriptors of a process lead to.
fn open_files(pid: u32) -> Vec<String> {
    let dir = PathBuf::from(format!("/proc/{pid}/fd"));
    let target = |name: &String| std::fs::read_link(dir.join(name));
    names(&dir)
        .iter()
        .filter_map(|name| Some(target(name).ok()?.to_string_lossy().into_owned()))
        .collect()
}

#[test]
fn of_two_runs_into_one_place_one_wins_whole() {
    let world = World::new();
    world.count();
    let run = world.run_words("count");
    let both = [(), ()].map(|()| {
        let mut command = world.home.command(&run);
        command
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap()
    });
    let mut codes = both
        .map(|runner| Said::of(&run, &runner.wait_with_output().unwrap()))
        .map(|said| {
            if said.code() == Some(70) {
                assert!(said.err.contains("is there already"), "{said:#?}");
            }
            said.code()
        });
    codes.sort_unstable();
    assert_eq!(codes, [Some(0), Some(70)]);
    whole(&world);
    let before = world.home.read("out/result.age");
    world
        .adyton(&run)
        .fails(70, &["`out/result.age` is there already", "--force"]);
    assert_eq!(world.home.read("out/result.age"), before);
    world.adyton(&format!("{run} --force")).done();
    assert_ne!(world.home.read("out/result.age"), before);
    whole(&world);
}

#[test]
fn a_directory_in_the_place_of_a_file_is_refused_before_anything_is_replaced() {
    let world = World::new();
    world.count();
    let run = format!("{} --force", world.run_words("count"));
    world.adyton(&run).done();
    let result = world.home.read("out/result.age");
    for place in ["", "/"] {
        let into_a_directory = format!("{run} --receipt out{place}");
        world
            .adyton(&into_a_directory)
            .fails(70, &["`out", "directory"]);
        assert_eq!(world.home.read("out/result.age"), result);
    }
    std::fs::remove_file(world.home.path("out/count.receipt")).unwrap();
    std::fs::create_dir(world.home.path("out/count.receipt")).unwrap();
    let releases = world.releases();
    world
        .adyton(&run)
        .fails(70, &["`out/count.receipt`", "directory"]);
    assert_eq!(world.home.read("out/result.age"), result);
    assert_eq!(world.releases(), releases, "no key was asked for");
}

#[test]
fn versions_of_a_program_have_receipts_of_their_own() {
    let world = World::new();
    world.count();
    let bundle = world.home.read("count.adyton");
    for name in ["model.v1", "model.v2"] {
        world.home.write(&format!("{name}.adyton"), &bundle);
        world
            .adyton(&format!("{} --force", world.run_words(name)))
            .done();
    }
    let left: Vec<_> = world.home.names("out").into_iter().collect();
    assert_eq!(left, ["model.v1.receipt", "model.v2.receipt", "result.age"]);
}

/// The receipt is about the result beside it.
fn whole(world: &World) {
    let (pins, files) = (world.pins(), "--output result=out/result.age");
    world
        .adyton(&format!(
            "receipt verify out/count.receipt --bundle count.adyton {pins} {files}"
        ))
        .done();
    assert_eq!(world.home.names("out").len(), 2);
}

#[test]
fn compiled_code_that_is_not_the_enclave_s_own_is_made_anew() {
    let world = World::new();
    world.count();
    world.program(
        "other",
        &wat::parse_str("(module (memory (export \"memory\") 1) (func (export \"_start\")))")
            .unwrap(),
        &[],
        "",
    );
    world.adyton("run other.adyton --out-dir out").done();
    let cache = ".cache/adyton/code";
    let other = world.home.names(cache).pop_first().unwrap();
    let run = format!("{} --force --json", world.run_words("count"));
    world.adyton(&run).done();
    let mine = world
        .home
        .names(cache)
        .into_iter()
        .find(|name| *name != other)
        .unwrap();
    let path = format!("{cache}/{mine}");
    let code = world.home.read(&path);
    let mut altered = code.clone();
    altered[code.len() / 2] ^= 1;
    let swapped = world.home.read(&format!("{cache}/{other}"));
    for wrong in [
        altered,
        swapped,
        code[..code.len() / 2].to_vec(),
        Vec::new(),
    ] {
        world.home.write(&path, &wrong);
        world.adyton(&run).done();
        assert_eq!(world.home.read(&path).len(), code.len(), "it was made anew");
        let result = world
            .adyton("open out/result.age --identity study.key --out -")
            .done();
        assert_eq!(result.out, "3\n");
    }
    // A place that cannot be used is none.
    std::fs::remove_dir_all(world.home.path(".cache")).unwrap();
    std::fs::create_dir_all(world.home.path(&path)).unwrap();
    world.adyton(&run).done();
    std::fs::remove_dir_all(world.home.path(".cache")).unwrap();
    world.home.write(".cache", "");
    world.adyton(&run).done();
}

#[test]
fn a_full_disk_stops_everything_and_nothing_stays_half() {
    let world = World::new();
    world.count();
    let Some(disk) = SmallDisk::mount(world.home.path("full")) else {
        eprintln!("skipped: mounting a small file system takes root");
        return;
    };
    disk.fill();
    let run = world
        .run_words("count")
        .replace("out-dir out", "out-dir full");
    let recipient = &world.recipient;
    let cases = [
        run,
        format!("seal data.csv --to {recipient} --out full/sealed"),
        "open data.csv.age --identity data.key --out full/opened".to_owned(),
        "keygen --out full/key".to_owned(),
        "build count.toml --out full/bundle".to_owned(),
        "tee init --state full".to_owned(),
        "broker init full/broker --origin full.test".to_owned(),
        "log export --dir broker full/log".to_owned(),
        "man full".to_owned(),
    ];
    for words in cases {
        world.adyton(&words).fails(5, &["full"]);
        let mut left = world.home.names("full");
        // Directories may stay; there is nothing in them.
        left.retain(|name| world.home.path("full").join(name).is_file());
        assert_eq!(left.into_iter().collect::<Vec<_>>(), ["filler"], "{words}");
    }
    assert!(!world.home.path("full/broker").exists());
    assert!(world.home.names("full/log/tile/entries/000.p").is_empty());

    // The compiled code is a convenience.
    let full = world.home.path("full");
    let mut run = world.home.command(&world.run_words("count"));
    Said::of("run", &run.env("XDG_CACHE_HOME", &full).output().unwrap()).done();
}
