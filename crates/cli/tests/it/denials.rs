use crate::support::text;
use crate::world::{Terms, World};

/// The run is denied for that claim; nothing is released and nothing written.
#[track_caller]
fn denied(world: &World, claim: &str) {
    let before = world.releases();
    let said = world
        .adyton(&world.run_words("count"))
        .fails(3, &["denies the release", claim]);
    assert!(said.err.contains("expected"), "{said:#?}");
    assert_eq!(world.releases(), before);
    assert!(world.home.names("out").is_empty());
}

#[test]
fn what_the_document_does_not_allow_is_denied_by_name() {
    let world = World::new();
    let measurement = world.count();
    world.adyton("tee init --state other-tee").done();
    let terms = Terms::default;
    world.allow("count", &"0".repeat(96), &terms());
    denied(&world, "program");
    world.allow("other", &measurement, &terms());
    denied(&world, "purpose");
    world.allow(
        "count",
        &measurement,
        &Terms {
            to: "2021-01-01T00:00:00Z",
            ..terms()
        },
    );
    denied(&world, "not-after");
    world.allow(
        "count",
        &measurement,
        &Terms {
            from: "2098-01-01T00:00:00Z",
            ..terms()
        },
    );
    denied(&world, "not-before");
    let id = Some("0".repeat(64));
    world.allow(
        "count",
        &measurement,
        &Terms {
            platform_id: id,
            ..terms()
        },
    );
    denied(&world, "platform.platform-id");

    // What is spent is spent, however often it is asked for.
    world.allow(
        "count",
        &measurement,
        &Terms {
            times: 1,
            ..terms()
        },
    );
    world.adyton(&world.run_words("count")).done();
    for file in world.home.names("out") {
        std::fs::remove_file(world.home.path("out").join(file)).unwrap();
    }
    denied(&world, "releases");

    // All of it is in the log, and in words that a machine can read.
    let said = world
        .adyton(&format!("{} --json", world.run_words("count")))
        .fails(3, &[]);
    let details = &said.json()["error"]["details"];
    assert!(
        details[0]
            .as_str()
            .is_some_and(|line| line.contains("releases")),
        "{details:#}"
    );
    let log = world.adyton("log show --dir broker --json").done().json();
    let types = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| text(entry, "type"));
    assert_eq!(types.filter(|kind| kind == "deny").count(), 7);
}

#[test]
fn a_key_that_opens_nothing_cancels_the_run() {
    let world = World::new();
    world.count();
    world.adyton("keygen --out other.key").done();
    world
        .adyton("secret put data --dir broker --identity other.key")
        .done();
    world.adyton(&world.run_words("count")).fails(
        3,
        &[
            "the input `data` does not open",
            "not meant for this identity",
        ],
    );
    assert!(world.home.names("out").is_empty());
}
