use crate::support::{Home, text};
use crate::world::{Broker, Terms, World};

#[test]
fn a_broker_is_made_once_and_served_once() {
    let home = Home::new();
    let made = home
        .adyton("broker init b --origin b.test --json")
        .done()
        .json();
    let before = home.read("b/broker.key");
    home.adyton("broker init b --origin b.test")
        .fails(70, &["there is a broker in `b` already"]);
    assert_eq!(home.read("b/broker.key"), before);
    let status = home.adyton("broker status b").done();
    assert!(status.out.contains("no daemon runs"), "{status:#?}");

    let serving = Broker::serve(&home, "b");
    assert_eq!(serving.id(), text(&made, "id"));
    home.adyton("broker serve b --listen 127.0.0.1:0")
        .fails(5, &["another process is using"]);
    let status = home.adyton("broker status b --json").done().json();
    assert_eq!(text(&status, "address"), serving.address);
    let port = serving.address.split_once('#').unwrap().0.to_owned();
    home.adyton("broker init c --origin c.test").done();
    home.adyton(&format!("broker serve c --listen {port}"))
        .fails(5, &["cannot listen on"]);
    drop(serving);
    for command in [
        "broker serve",
        "broker status",
        "secret list --dir",
        "log show --dir",
    ] {
        home.adyton(&format!("{command} nowhere"))
            .fails(70, &["no broker in `nowhere`", "adyton broker init"]);
    }
}

#[test]
fn secrets_and_documents_are_managed_while_it_serves() {
    let world = World::new();
    let shown = world.adyton("secret list --dir broker").done();
    assert!(shown.out.contains("released to nobody"), "{shown:#?}");
    let measurement = world.count();
    let shown = world.adyton("secret show data --dir broker").done();
    for words in [
        "released 0 of 1000 times",
        "`count`",
        &measurement,
        "WITHOUT special hardware",
    ] {
        assert!(shown.out.contains(words), "no `{words}` in {shown:#?}");
    }
    let listed = world
        .adyton("secret list --dir broker --json")
        .done()
        .json();
    assert_eq!(listed[0]["name"], "data");
    assert_eq!(listed[0]["has-value"], true);

    world
        .adyton("secret put other --dir broker --policy release.toml")
        .fails(70, &["about `data`, not about `other`"]);
    world
        .adyton("secret put data --dir broker --identity data.csv")
        .fails(2, &["`data.csv`"]);
    world
        .adyton("secret show nothing --dir broker")
        .fails(3, &["no secret `nothing`"]);
    world
        .adyton("secret delete nothing --dir broker")
        .fails(3, &["no secret `nothing`"]);
    world.adyton("secret delete data --dir broker").done();
    let shown = world.adyton("secret list --dir broker").done();
    assert!(shown.out.contains("no value"), "{shown:#?}");
    world
        .adyton(&world.run_words("count"))
        .fails(3, &["denies the release", "data"]);

    let log = world.adyton("log show --dir broker --json").done().json();
    let types: Vec<_> = log
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| text(entry, "type"))
        .collect();
    assert_eq!(types, ["secret", "boot", "policy", "secret", "deny"]);
    let two = world
        .adyton("log show --dir broker --from 1 --limit 2 --json")
        .done()
        .json();
    assert_eq!(two.as_array().unwrap().len(), 2);
    assert_eq!(two[0]["index"], 1);
}

#[test]
fn a_release_document_that_is_wrong_is_not_put() {
    let world = World::new();
    let good = world.document("data", "count", &"0".repeat(96), &Terms::default());
    world.home.write("good.toml", &good);
    let checked = world.adyton("policy check good.toml --json").done().json();
    let explained = world
        .adyton("policy explain good.toml --json")
        .done()
        .json();
    assert_eq!(text(&checked, "id"), text(&explained, "id"));
    let cases = [
        (good.replace("max-releases", "max_releases"), "max_releases"),
        (good.replace("= 1000", "= \"ten\""), "max-releases"),
        (
            good.replace("seccomp", "secomp"),
            "`secomp` is no protection",
        ),
        (good.replace("2099-01-01T00:00:00Z", "2099"), "2099"),
        (good.replace("2099-", "2019-"), "not-after"),
        (good.replace(&"0".repeat(96), "00"), "programs"),
        (good.replace("version = 1", "version = 2"), "version"),
        (good.replace("software", "hardware"), "hardware"),
    ];
    for (document, message) in cases {
        world.home.write("bad.toml", document);
        for words in [
            "policy check bad.toml",
            "policy explain bad.toml",
            "secret put data --dir broker --policy bad.toml",
        ] {
            world.adyton(words).fails(2, &["`bad.toml`", message]);
        }
    }
    world
        .adyton("policy check nothing.toml")
        .fails(70, &["`nothing.toml`"]);
    let shown = world
        .adyton("secret list --dir broker --json")
        .done()
        .json();
    assert!(shown[0]["policy"].is_null(), "{shown:#}");
}
