//! Every attack of the release protocol, over the network, against a broker that would release.

use adyton_broker::AdminCommand;
use adyton_crypto::os_rng;
use adyton_protocol::{Freshness, LeafType, RunKeys};
use adyton_tee_software::PlatformKey;
use adyton_types::{Evidence, ProgramMeasurement, ReportData, Sha256Digest, TeeKind};

use crate::enclave::{Enclave, challenge, connect, send};
use crate::world::{World, allow, count_of, document, log, put, releases};

#[test]
fn the_same_request_again_brings_the_same_release_and_counts_once() {
    let enclave = Enclave::new();
    let world = World::with(&enclave.platform, 1);
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let pending = enclave.fresh(&mut client, &["a"]);
    let first = send(&mut client, &pending).released();
    // Recorded traffic, sent again by somebody else: sealed to the same enclave as before.
    let again = send(&mut connect(&daemon.broker_address()), &pending).released();
    assert_eq!(first, again);
    assert_eq!(releases(&mut world.control()), 1);
    assert_eq!(count_of(&log(&mut world.control()), LeafType::Release), 1);
    // Too late, it is nothing.
    world.later(61);
    assert_eq!(send(&mut client, &pending).failed(), 409);
    daemon.stop();
}

#[test]
fn a_used_binding_serves_no_other_request() {
    let enclave = Enclave::new();
    let world = World::with(&enclave.platform, 10);
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let asked = challenge(&mut client);
    let id = daemon.card().id();
    let first = enclave.request(id, asked.clone(), &["a"]);
    drop(send(&mut client, &first).released());
    // The same binding under Evidence that differs: a report that names fewer protections.
    let draft = enclave.draft(id, asked, &["a"]);
    let mut other = Enclave::new();
    other.platform = PlatformKey::parse(enclave.platform.encode().expose()).unwrap();
    other.protections.pop_first();
    let evidence = other.evidence(draft.report_data());
    let second = draft.finish(&evidence);
    assert_eq!(send(&mut client, &second).denied(), ["replay"]);
    assert_eq!(releases(&mut world.control()), 1);
    daemon.stop();
}

#[test]
fn a_request_that_was_answered_before_a_restart_is_stale() {
    let enclave = Enclave::new();
    let world = World::with(&enclave.platform, 10);
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let pending = enclave.fresh(&mut client, &["a"]);
    drop(send(&mut client, &pending).released());
    drop(client);
    daemon.stop();
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    assert_eq!(send(&mut client, &pending).failed(), 409);
    assert_eq!(releases(&mut world.control()), 1);
    daemon.stop();
}

#[test]
fn a_request_for_one_broker_serves_no_other() {
    let enclave = Enclave::new();
    let (mine, yours) = (
        World::with(&enclave.platform, 10),
        World::with(&enclave.platform, 10),
    );
    let (mine_runs, yours_runs) = (mine.start(), yours.start());
    let mut to_mine = connect(&mine_runs.broker_address());
    let mut to_yours = connect(&yours_runs.broker_address());
    // Forwarded as it is: the token is not of this broker.
    let forwarded = enclave.fresh(&mut to_mine, &["a"]);
    assert_eq!(send(&mut to_yours, &forwarded).failed(), 409);
    // With a token fetched from the other broker, as a man in the middle would: bound to mine.
    let mut relayed = challenge(&mut to_mine);
    relayed.token = challenge(&mut to_yours).token;
    let relayed = enclave.request(mine_runs.card().id(), relayed, &["a"]);
    assert_eq!(send(&mut to_yours, &relayed).failed(), 403);
    assert_eq!(send(&mut to_mine, &relayed).failed(), 409);
    assert_eq!(releases(&mut yours.control()), 0);
    mine_runs.stop();
    yours_runs.stop();
}

#[test]
fn a_token_is_good_for_sixty_seconds_and_nobody_elses_is() {
    let enclave = Enclave::new();
    let world = World::with(&enclave.platform, 10);
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let late = enclave.fresh(&mut client, &["a"]);
    world.later(60);
    drop(send(&mut client, &late).released());
    let too_late = enclave.fresh(&mut client, &["a"]);
    world.later(61);
    assert_eq!(send(&mut client, &too_late).failed(), 409);
    // The owner's clock goes back: what was too late stays so.
    world.earlier(61);
    assert_eq!(send(&mut client, &too_late).failed(), 409);
    let mut forged = challenge(&mut client);
    let mut token = forged.token.as_bytes().to_vec();
    token[56] ^= 1;
    forged.token = Freshness::new(&token).unwrap();
    let forged = enclave.request(daemon.card().id(), forged, &["a"]);
    assert_eq!(send(&mut client, &forged).failed(), 409);
    assert_eq!(releases(&mut world.control()), 1);
    daemon.stop();
}

#[test]
fn evidence_about_something_else_is_refused() {
    let enclave = Enclave::new();
    let world = World::with(&enclave.platform, 10);
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let id = daemon.card().id();
    // Report data of nothing, and of another run's keys: Evidence that was made for others.
    let mut other = Enclave::new();
    other.keys = RunKeys::generate(&mut os_rng());
    let theirs = other
        .draft(id, challenge(&mut client), &["a"])
        .report_data();
    for report_data in [ReportData::new([0; 64]), theirs] {
        let draft = enclave.draft(id, challenge(&mut client), &["a"]);
        let pending = draft.finish(&enclave.evidence(report_data));
        assert_eq!(send(&mut client, &pending).failed(), 403);
    }
    // Of another kind than it is, and cut.
    for evidence in [
        Evidence {
            kind: TeeKind::Snp,
            ..enclave.evidence(theirs)
        },
        Evidence {
            kind: TeeKind::Software,
            bytes: b"\xa0".to_vec(),
        },
    ] {
        let draft = enclave.draft(id, challenge(&mut client), &["a"]);
        let status = send(&mut client, &draft.finish(&evidence)).failed();
        assert!((400..500).contains(&status));
    }
    // One byte of a good request changed.
    let mut bytes = enclave.fresh(&mut client, &["a"]).request().to_vec();
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    let answer = client.post("/v1/release", bytes).unwrap();
    assert!((400..500).contains(&answer.status));
    assert_eq!(releases(&mut world.control()), 0);
    daemon.stop();
}

#[test]
fn each_claim_that_fails_is_named() {
    let enclave = Enclave::new();
    let world = World::with(&enclave.platform, 10);
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let mut denied = |bent: &Enclave, secrets: &[&str]| {
        let pending = bent.fresh(&mut client, secrets);
        send(&mut client, &pending).denied()
    };
    let like = || {
        let mut like = Enclave::new();
        like.platform = PlatformKey::parse(enclave.platform.encode().expose()).unwrap();
        like
    };
    let mut program = like();
    program.program = ProgramMeasurement::new([0xac; 48]);
    assert_eq!(denied(&program, &["a"]), ["program"]);
    let mut executable = like();
    executable.executable = Sha256Digest::new([0xce; 32]);
    assert_eq!(denied(&executable, &["a"]), ["platform.measurement"]);
    // Another machine: same claims, another key.
    assert_eq!(denied(&Enclave::new(), &["a"]), ["platform.platform-id"]);
    let mut open = like();
    open.protections.pop_first();
    assert_eq!(denied(&open, &["a"]).len(), 1);
    // All or none, and a stranger learns nothing of what there is.
    assert_eq!(denied(&like(), &["a", "unheard-of"]), ["release-document"]);
    assert_eq!(denied(&like(), &["unheard-of"]), ["release-document"]);
    assert_eq!(releases(&mut world.control()), 0);
    daemon.stop();
    let leaves = log(&mut world.control());
    assert_eq!(count_of(&leaves, LeafType::Release), 0);
    assert!(count_of(&leaves, LeafType::Deny) > 0);
}

#[test]
fn budgets_dates_and_deletions_end_releases() {
    let mut enclave = Enclave::new();
    let world = World::with(&enclave.platform, 2);
    let mut control = world.control();
    put(&mut control, "deleted", b"value");
    allow(&mut control, document("deleted", &enclave.platform, 9));
    drop(control);
    let daemon = world.start();
    let mut client = connect(&daemon.broker_address());
    let mut ask = |enclave: &Enclave, secret: &str| {
        let pending = enclave.fresh(&mut client, &[secret]);
        send(&mut client, &pending)
    };
    assert_eq!(ask(&enclave, "a").released().len(), 1);
    assert_eq!(ask(enclave.again(), "a").released().len(), 1);
    assert_eq!(ask(enclave.again(), "a").denied(), ["max-releases"]);
    assert_eq!(ask(enclave.again(), "deleted").released().len(), 1);
    let name = || "deleted".parse().unwrap();
    let delete = AdminCommand::PolicyDelete { secret: name() };
    world.control().execute(delete).unwrap();
    assert_eq!(
        ask(enclave.again(), "deleted").denied(),
        ["release-document"]
    );
    allow(
        &mut world.control(),
        document("deleted", &enclave.platform, 9),
    );
    assert_eq!(ask(enclave.again(), "deleted").released().len(), 1);
    // A hundred years on, the document has expired.
    world.later(101 * 366 * 86_400);
    assert_eq!(ask(enclave.again(), "deleted").denied(), ["not-after"]);
    daemon.stop();
}
