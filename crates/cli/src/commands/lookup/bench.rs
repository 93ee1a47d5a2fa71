use std::net::SocketAddr;
use std::path::Path;
use std::sync::Barrier;
use std::thread;
use std::time::{Duration, Instant};

use adyton_appraisal::Judging;
use adyton_attester::{create_platform_key, measure_running_executable};
use adyton_client::{LookupClient, LookupOwner, LookupPins};
use adyton_crypto::{SigningKey, os_rng};
use adyton_lookup::{Key, KeyKind, MAX_QUERY_KEYS, Terms, Update};
use adyton_lookupd::{Config, Daemon};
use adyton_transport::BrokerAddress;
use adyton_types::Protection;
use serde_json::{Value, json};

use crate::demo::Workspace;
use crate::platform::software_policy;
use crate::{Failure, Out};

/// Measures a service on this machine, over loopback.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  adyton lookup bench --users 16777216

It starts a service of its own with made-up numbers, and clients on the same machine, which take
their share of it. Half of what they ask is in the table.")]
pub(crate) struct Args {
    /// Records in the table
    #[arg(long, value_name = "RECORDS", default_value_t = 1 << 20, value_parser = clap::value_parser!(u32).range(1000..))]
    users: u32,
    /// Keys of each query
    #[arg(long, value_name = "KEYS", default_value_t = 5000, value_parser = clap::value_parser!(u32).range(1..=MAX_QUERY_KEYS as i64))]
    keys: u32,
    /// Bytes of each value
    #[arg(long, value_name = "BYTES", default_value_t = 16, value_parser = clap::value_parser!(u8).range(..=64))]
    value_bytes: u8,
    /// Queries of one client alone, one after the other
    #[arg(long, value_name = "QUERIES", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..))]
    queries: u32,
    /// Clients that ask at the same time
    #[arg(long, value_name = "CLIENTS", default_value_t = 100, value_parser = clap::value_parser!(u32).range(1..=1000))]
    clients: u32,
    /// How long they ask
    #[arg(long, value_name = "SECONDS", default_value_t = 10, value_parser = clap::value_parser!(u64).range(1..=3600))]
    seconds: u64,
    /// How long a query waits for others to share its pass, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 4, value_parser = clap::value_parser!(u64).range(..=1000))]
    window_ms: u64,
}

/// Changes of one message, and how many messages of them are measured.
const CHANGES: u64 = 10_000;
const CHANGE_MESSAGES: u64 = 20;

pub(super) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let place = Workspace::temporary()?;
    let owner = SigningKey::generate(&mut os_rng());
    let (daemon, pins) = serve(args, place.path(), &owner)?;
    let address = daemon.address().clone();
    out.note("loading the table");
    let mut session = LookupOwner::connect(&address, &pins, &owner)?;
    let users = u64::from(args.users);
    let value = vec![7; args.value_bytes.into()];
    let records = (0..users).map(|n| Ok::<_, Failure>((user(n), value.clone())));
    let begun = now();
    session.load(users, records, |_| {})?;
    let load = begun.elapsed();
    out.note("one client");
    let alone = one_client(args, &address, &pins)?;
    out.note("many clients");
    let (asked, all) = many_clients(args, &address, &pins)?;
    out.note("changes");
    let updates = changes(&mut session, users, &value)?;
    daemon.stop();
    let figures = Figures {
        load,
        alone,
        asked,
        all,
        updates,
    };
    out.result(&figures.text(args), &figures.document(args))
}

/// A telephone number that somebody may have; no two are the same.
fn user(n: u64) -> Key {
    Key::phone(49_150_000_000_000 + n * 977)
}

fn serve(args: &Args, place: &Path, owner: &SigningKey) -> Result<(Daemon, LookupPins), Failure> {
    let platform_key = place.join("platform.key");
    let key = create_platform_key(&platform_key, &mut os_rng())?;
    let config = Config {
        directory: place.join("front"),
        listen: SocketAddr::from(([127, 0, 0, 1], 0)),
        adyton: "/proc/self/exe".into(),
        tee: None,
        platform_key,
        terms: Terms {
            keys: KeyKind::Phone,
            value_bytes: args.value_bytes.into(),
            capacity: args.users as usize + 500_000,
            owner: owner.verifying_key(),
            quota: u64::MAX,
            window_ms: args.window_ms,
            tokens: None,
        },
        room_for_reload: false,
    };
    let policy = software_policy(
        [measure_running_executable()?],
        [key.fingerprint()],
        Protection::ALL,
    )?;
    let pins = LookupPins {
        owner: owner.verifying_key().fingerprint(),
        platforms: vec![policy],
        judging: Judging::default(),
    };
    Ok((Daemon::start(&config)?, pins))
}

/// An address book of which half is in the table.
fn book(args: &Args, client: u64) -> Vec<Key> {
    let (keys, users) = (u64::from(args.keys), u64::from(args.users));
    let contact = |n: u64| match n % 2 {
        0 => user((client * 7919 + n * 101) % users),
        _ => user(users + client + n),
    };
    (0..keys).map(contact).collect()
}

/// Times of queries one after the other, sorted.
fn one_client(
    args: &Args,
    address: &BrokerAddress,
    pins: &LookupPins,
) -> Result<Vec<Duration>, Failure> {
    let mut client = LookupClient::connect(address, pins)?;
    let mut times = Vec::new();
    // The first one finds no memory that was touched before.
    for n in 0..=u64::from(args.queries) {
        let book = book(args, n);
        let begun = now();
        let found = client.look_up(&book)?;
        times.push(begun.elapsed());
        let hits = found.values.iter().filter(|value| value.is_some()).count();
        if hits != book.len().div_ceil(2) {
            return Err(Failure::unavailable("the service answers wrongly"));
        }
    }
    times.remove(0);
    times.sort_unstable();
    Ok(times)
}

/// Keys that many clients had looked up, and the time of each of their queries, sorted.
fn many_clients(
    args: &Args,
    address: &BrokerAddress,
    pins: &LookupPins,
) -> Result<(f64, Vec<Duration>), Failure> {
    let ready = Barrier::new(args.clients as usize);
    let limit = Duration::from_secs(args.seconds);
    let one = |n: u64| -> Result<(Vec<Duration>, Duration), Failure> {
        let client = LookupClient::connect(address, pins);
        ready.wait();
        let (mut client, book, mut times) = (client?, book(args, n), Vec::new());
        let begun = now();
        while begun.elapsed() < limit {
            let query = now();
            client.look_up(&book)?;
            times.push(query.elapsed());
        }
        Ok((times, begun.elapsed()))
    };
    let all = thread::scope(|scope| {
        let clients = (0..u64::from(args.clients)).map(|n| scope.spawn(move || one(n)));
        let clients: Vec<_> = clients.collect();
        let joined = clients.into_iter().map(|client| client.join());
        joined.collect::<Vec<_>>()
    });
    let (mut times, mut rate) = (Vec::new(), 0.0);
    for client in all {
        let client = client.map_err(|_| Failure::unavailable("a client failed"))?;
        let (own, took) = client?;
        rate += own.len() as f64 * f64::from(args.keys) / took.as_secs_f64();
        times.extend(own);
    }
    times.sort_unstable();
    Ok((rate, times))
}

/// Changes a second: new values, then new records.
fn changes(owner: &mut LookupOwner, users: u64, value: &[u8]) -> Result<[f64; 2], Failure> {
    let mut rates = [0.0; 2];
    for (rate, first) in rates.iter_mut().zip([0, users + 1_000_000]) {
        let begun = now();
        for message in 0..CHANGE_MESSAGES {
            let from = first + message * CHANGES;
            let keys = (from..from + CHANGES).map(|n| match first {
                0 => user(n * 31 % users),
                _ => user(n),
            });
            let updates: Vec<Update> = keys.map(|key| Update::Put(key, value.to_vec())).collect();
            owner.change(&updates)?;
        }
        *rate = (CHANGE_MESSAGES * CHANGES) as f64 / begun.elapsed().as_secs_f64();
    }
    Ok(rates)
}

struct Figures {
    load: Duration,
    alone: Vec<Duration>,
    asked: f64,
    all: Vec<Duration>,
    updates: [f64; 2],
}

impl Figures {
    fn text(&self, args: &Args) -> String {
        let Args {
            users,
            keys,
            clients,
            ..
        } = args;
        let ms = |times: &[Duration], part| at(times, part).as_secs_f64() * 1e3;
        [
            format!(
                "table     {users} records of {} bytes, loaded in {:.1} s",
                args.value_bytes,
                self.load.as_secs_f64()
            ),
            format!(
                "1 client  {keys} keys a query: median {:.1} ms, p99 {:.1} ms",
                ms(&self.alone, 0.5),
                ms(&self.alone, 0.99)
            ),
            format!(
                "{clients} clients  {:.0} look-ups/s; a query: median {:.0} ms, p99 {:.0} ms",
                self.asked,
                ms(&self.all, 0.5),
                ms(&self.all, 0.99)
            ),
            format!(
                "changes   {:.0} new values a second, {:.0} new records a second",
                self.updates[0], self.updates[1]
            ),
        ]
        .join("\n")
    }

    fn document(&self, args: &Args) -> Value {
        let us = |times: &[Duration], part| at(times, part).as_micros();
        json!({
            "users": args.users,
            "value-bytes": args.value_bytes,
            "keys-a-query": args.keys,
            "clients": args.clients,
            "load-ms": self.load.as_millis(),
            "alone-us": { "median": us(&self.alone, 0.5), "p99": us(&self.alone, 0.99) },
            "look-ups-a-second": self.asked,
            "all-us": { "median": us(&self.all, 0.5), "p99": us(&self.all, 0.99) },
            "values-a-second": self.updates[0],
            "records-a-second": self.updates[1],
        })
    }
}

/// The time within which that part of sorted times is.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "a place in a list"
)]
fn at(times: &[Duration], part: f64) -> Duration {
    let place = (times.len() as f64 * part) as usize;
    let last = times.last().copied().unwrap_or_default();
    times.get(place).copied().unwrap_or(last)
}

#[expect(clippy::disallowed_methods, reason = "a benchmark reads the clock")]
fn now() -> Instant {
    Instant::now()
}
