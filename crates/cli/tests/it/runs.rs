use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use crate::support::text;
use crate::world::{Broker, HELLO, Terms, World};

#[test]
fn one_owner_one_program_one_result() {
    let world = World::new();
    let measurement = world.count();
    let report = world
        .adyton(&format!("{} --json", world.run_words("count")))
        .done()
        .json();
    assert_eq!(text(&report, "program"), measurement);
    assert_eq!(text(&report, "platform"), "software");
    assert_eq!(text(&report["outputs"][0], "path"), "out/result.age");
    let result = world
        .adyton("open out/result.age --identity study.key --out -")
        .done();
    assert_eq!(result.out, "3\n");
    world
        .adyton("open out/result.age --identity data.key --out -")
        .fails(3, &["not meant for this identity"]);

    let shown = world.adyton("receipt show out/count.receipt").done();
    assert!(shown.out.starts_with("NOT VERIFIED"), "{shown:#?}");
    let verify = format!(
        "receipt verify out/count.receipt --bundle count.adyton {}",
        world.pins()
    );
    let files = "--input data=data.csv.age --output result=out/result.age";
    let verified = world.adyton(&format!("{verify} {files}")).done();
    assert!(verified.out.starts_with("VERIFIED"), "{verified:#?}");
    assert!(verified.out.contains("no hardware root"), "{verified:#?}");
    let json = world.adyton(&format!("{verify} --json")).done().json();
    assert_eq!(json["verified"], true);
    assert_eq!(json["platform"]["hardware-root"], false);
    assert_eq!(text(&json, "run"), text(&report, "run"));
    wrong_receipts(&world, &verify);
    the_log_holds(&world, &measurement);
}

/// Each pin counts, and each byte.
fn wrong_receipts(world: &World, verify: &str) {
    let other = "0".repeat(64);
    let broker = world.broker.id();
    let cases = [
        (
            verify.replace(&world.platform_id, &other),
            "platform-id: expected 000",
        ),
        (
            verify.replace(
                "--platform-measurement ",
                &format!("--platform-measurement {other} --danger-without landlock --program "),
            ),
            "",
        ),
        (verify.replace(broker, &other), "expected a pinned broker"),
        (
            verify.replace(
                "--bundle count.adyton",
                &format!("--program {}", "0".repeat(96)),
            ),
            "program",
        ),
        (
            format!("{verify} --input data=out/result.age"),
            "is not the run's input `data`",
        ),
        (
            format!("{verify} --output nothing=out/result.age"),
            "has no output `nothing`",
        ),
    ];
    for (words, message) in cases {
        let said = world.adyton(&words);
        assert_ne!(said.code(), Some(0), "{said:#?}");
        if !message.is_empty() {
            said.fails(3, &[message]);
        }
    }
    let receipt = world.home.read("out/count.receipt");
    for step in 0..16 {
        let mut altered = receipt.clone();
        let at = step * receipt.len() / 16 + 5;
        altered[at] ^= 0x10;
        world.home.write("altered.receipt", altered);
        let said = world.adyton(&verify.replace("out/count.receipt", "altered.receipt"));
        assert!(matches!(said.code(), Some(2 | 3)), "byte {at}: {said:#?}");
    }
    for no_receipt in ["data.csv.age", "data.csv"] {
        let words = verify.replace("out/count.receipt", no_receipt);
        world.adyton(&words).fails(2, &[&format!("`{no_receipt}`")]);
    }
}

fn the_log_holds(world: &World, measurement: &str) {
    let log = world.adyton("log show --dir broker --json").done().json();
    let last = log
        .as_array()
        .expect("the test's own step")
        .last()
        .expect("the test's own step");
    assert_eq!(text(last, "type"), "release");
    assert_eq!(text(last, "program"), measurement);
    assert_eq!(text(last, "name"), "data");
    world.adyton("log export --dir broker published").done();
    let verify = format!(
        "log verify published --card broker/card --broker {}",
        world.broker.id()
    );
    let verified = world.adyton(&format!("{verify} --json")).done().json();
    assert_eq!(verified["releases"], 1);
    assert_eq!(
        verified["entries"].as_u64(),
        log.as_array().map(|log| log.len() as u64)
    );
    world
        .adyton(&verify.replace(world.broker.id(), &"0".repeat(64)))
        .fails(3, &["the card of another broker"]);
    let size = log.as_array().expect("the test's own step").len();
    let tile = format!("published/tile/entries/000.p/{size}");
    let mut entries = world.home.read(&tile);
    let middle = entries.len() / 2;
    entries[middle] ^= 1;
    world.home.write(&tile, entries);
    let said = world.adyton(&verify);
    assert!(matches!(said.code(), Some(2 | 3)), "{said:#?}");
    std::fs::remove_file(world.home.path(&tile)).expect("the test's own step");
    world.adyton(&verify).fails(70, &[&tile]);
}

#[test]
fn a_broker_that_signs_two_histories_is_found_out() {
    let mut world = World::new();
    world.count();
    world.adyton("log export --dir broker early").done();
    world.broker.stop();
    let fork = world.home.path("fork");
    std::fs::create_dir(&fork).unwrap();
    std::fs::set_permissions(&fork, Permissions::from_mode(0o700)).unwrap();
    for file in world.home.names("broker") {
        // All but the socket, which cannot be copied.
        let _ = std::fs::copy(
            world.home.path("broker").join(&file),
            world.home.path("fork").join(&file),
        );
    }
    world.broker = Broker::serve(&world.home, "broker");
    world.adyton(&world.run_words("count")).done();
    world.adyton("log export --dir broker published").done();
    let id = world.broker.id().to_owned();
    let verify = |log: &str, more: &str| {
        let words = format!("log verify {log} --card broker/card --broker {id} {more}");
        world.adyton(&words)
    };
    let (receipt, early) = ("--receipt out/count.receipt", "--earlier early/checkpoint");
    let json = verify("published", &format!("{receipt} {early} --json"))
        .done()
        .json();
    assert_eq!(
        json["continues"],
        serde_json::json!(["out/count.receipt", "early/checkpoint"])
    );
    let said = verify("published", receipt).done();
    assert!(said.out.contains("`out/count.receipt`"), "{said:#?}");

    // What was published before the run does not have it yet.
    verify("early", receipt).fails(4, &["for a newer export"]);
    // The same broker's owner, or thief, goes on from a copy.
    for _ in 0..4 {
        world
            .adyton("secret put data --dir fork --identity data.key")
            .done();
    }
    world.adyton("log export --dir fork forked").done();
    verify("forked", early).done();
    verify("forked", receipt).fails(3, &["`out/count.receipt`", "another history"]);
    let checkpoint = "--earlier published/checkpoint";
    verify("forked", checkpoint).fails(3, &["`published/checkpoint`", "another history"]);

    world.home.write("no-checkpoint", "text");
    verify("published", "--earlier no-checkpoint").fails(2, &["`no-checkpoint`"]);
    verify("published", "--receipt data.csv").fails(2, &[]);
    let other = Broker::with_data(&world.home, "other", "1\n");
    let words = format!(
        "log verify published --card other/card --broker {} {receipt}",
        other.id()
    );
    world
        .adyton(&words)
        .fails(3, &["`out/count.receipt` has no release by the broker"]);
}

#[test]
fn three_owners_with_a_broker_each() {
    let world = World::new();
    let names = ["a", "b", "c"];
    let brokers = names.map(|name| Broker::with_data(&world.home, name, "1\n"));
    let measurement = world.program("hello", HELLO, &names, "args = [\"result\"]");
    let mut words = "run hello.adyton --out-dir out".to_owned();
    let mut pins = world.pins();
    for (name, broker) in names.iter().zip(&brokers) {
        let document = world.document(name, "hello", &measurement, &Terms::default());
        world.home.write("release.toml", document);
        world
            .adyton(&format!(
                "secret put {name} --dir {name} --policy release.toml"
            ))
            .done();
        let (address, id) = (&broker.address, broker.id());
        words += &format!(" --input {name}={name}.csv.age --broker {name}={address}");
        pins += &format!(" --broker {id}");
    }
    // Two of three are not enough.
    world.adyton("secret delete b --dir b").done();
    world
        .adyton(&words)
        .fails(3, &["denies the release", "b: "]);
    assert!(world.home.names("out").is_empty());
    world.adyton("secret put b --dir b --identity b.key").done();
    world.adyton(&words).done();
    let verify = format!("receipt verify out/hello.receipt --bundle hello.adyton {pins}");
    let receipt = world.adyton(&format!("{verify} --json")).done().json();
    assert_eq!(receipt["releases"].as_array().map(Vec::len), Some(3));
}

/// Words that ask for other than the manifest declares, with exit code and message.
fn misfits(run: &str, broker: &str) -> Vec<(String, i32, &'static str)> {
    vec![
        (
            run.replace("--input data=data.csv.age", ""),
            70,
            "say --input data=FILE",
        ),
        (
            format!("{run} --input more=data.csv.age"),
            70,
            "no input `more`; its inputs are: data",
        ),
        (format!("{run} {broker}"), 64, "--broker is given twice"),
        (
            format!("{run} --output more=x"),
            70,
            "no output `more`; its outputs are: result",
        ),
        (
            run.replace(broker, ""),
            70,
            "say --broker data=HOST:PORT#ID",
        ),
        (
            run.replace("data.csv.age", "nothing"),
            70,
            "`nothing`: there is no such file",
        ),
        (
            run.replace("data.csv.age", "dir"),
            70,
            "`dir` is no regular file",
        ),
        (run.replace("data.csv.age", "data.csv"), 2, "adyton seal"),
        (
            run.replace("count.adyton", "nothing"),
            70,
            "`nothing`: there is no such file",
        ),
        (
            run.replace("out-dir out", "out-dir nowhere"),
            70,
            "its directory is not there",
        ),
        (
            format!("{run} --output result=out/x --receipt out/x"),
            70,
            "give each a file of its own",
        ),
        (
            format!("{run} --output result=data.csv.age --force"),
            70,
            "the input `data`",
        ),
        (
            format!("{run} --receipt count.adyton --force"),
            70,
            "the bundle",
        ),
        (format!("{run} --state nowhere"), 70, "adyton tee init"),
        (
            format!("{run} --secret data=other"),
            3,
            "other: release-document",
        ),
    ]
}

#[test]
fn a_run_gets_exactly_what_its_manifest_declares() {
    let world = World::new();
    world.count();
    let run = world.run_words("count");
    let broker = format!("--broker {}", world.broker.address);
    std::fs::create_dir(world.home.path("dir")).unwrap();
    let before = world.home.names(".");
    for (words, code, message) in misfits(&run, &broker) {
        world.adyton(&words).fails(code, &[message]);
        assert!(world.home.names("out").is_empty(), "{words}");
    }
    // The last case came as far as the enclave, which keeps compiled code.
    let mut after = world.home.names(".");
    after.remove(".cache");
    assert_eq!(after, before);
    assert_eq!(world.releases(), 0);
    // The secret may have another name than the input, the results other names than usual.
    world
        .adyton(&format!(
            "{run} --secret data=data --output result=r --receipt c"
        ))
        .done();
    assert!(world.home.path("r").exists() && world.home.path("c").exists());
}
