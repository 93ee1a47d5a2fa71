use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::{Home, text};
use crate::world::{Terms, World};

#[test]
fn the_demonstration_withstands_every_attack() {
    let home = Home::new();
    let demo = home.adyton("demo --json").done().json();
    let attacks = demo["attacks"].as_array().unwrap();
    let refused = |attack: &&Value| attack["refused"] == true;
    assert_eq!(
        attacks.iter().filter(refused).count(),
        attacks.len(),
        "{demo:#}"
    );
    let as_root = rustix::process::geteuid().is_root();
    assert!(attacks.len() >= if as_root { 16 } else { 6 }, "{demo:#}");
    assert!(
        text(&demo, "report").contains("CORONARY HEART DISEASE"),
        "{demo:#}"
    );
    assert!(home.names(".").is_empty(), "it cleans up");
}

#[test]
fn the_demonstration_can_be_kept() {
    let home = Home::new();
    std::fs::create_dir(home.path("there")).unwrap();
    home.adyton("demo --keep there")
        .fails(70, &["`there` is there already"]);
    home.adyton("demo --keep no/where").fails(70, &["no/where"]);
    assert!(home.names("there").is_empty());
}

/// The demonstration's program, with one byte of it changed in 24 places, is never given a key:
/// as a bundle it is refused, and made into a proper bundle it is another program.
#[test]
fn the_demonstration_s_program_is_the_only_one_that_gets_the_keys() {
    const HEART: &[u8] = include_bytes!("../../../../demo/guest/heart.wasm");
    const PLACES: usize = 24;
    let world = World::new();
    let measurement = world.program("heart", HEART, &["data"], "");
    world.allow("heart", &measurement, &Terms::default());
    let bundle = world.home.read("heart.adyton");
    let run = world.run_words("heart");
    for place in 0..PLACES {
        let mut altered = bundle.clone();
        altered[place * bundle.len() / PLACES + 7] ^= 1;
        world.home.write("heart.adyton", altered);
        let said = world.adyton(&run);
        assert!(matches!(said.code(), Some(2 | 3)), "{said:#?}");
    }
    let toml = "build heart.toml --force";
    let mut ended: BTreeMap<&str, usize> = BTreeMap::new();
    // Text that the program prints is at the end: what is altered there still compiles.
    let first = HEART.len() * 3 / 4;
    for place in 0..PLACES {
        let mut altered = HEART.to_vec();
        altered[first + place * (HEART.len() - first) / PLACES] ^= 1;
        world.home.write("heart.wasm", altered);
        let built = world.adyton(toml);
        let how = if built.code() == Some(0) {
            world
                .adyton(&format!("{run} --no-cache"))
                .fails(3, &["denies the release", "program"]);
            "denied"
        } else {
            built.fails(2, &["`heart.wasm`"]);
            "not even a program"
        };
        *ended.entry(how).or_default() += 1;
    }
    assert!(
        ended
            .get("denied")
            .is_some_and(|denied| *denied >= PLACES / 2),
        "{ended:?}"
    );
    assert_eq!(world.releases(), 0);
    assert!(world.home.names("out").is_empty());
    let status = world.adyton("broker status broker --json").done().json();
    assert_eq!(text(&status, "address"), world.broker.address);
}
