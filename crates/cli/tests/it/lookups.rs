//! Private look-ups through the command: a table's owner, an operator, and people with address books.

use std::io::{BufRead as _, BufReader};
use std::process::{Child, Stdio};

use adyton_codec::hex_decode;
use adyton_memprobe::{Needle, Target, attack_all};

use crate::support::{Home, Said, descendants, is_alive, text, until};
use crate::world::executable;

/// A service of phone numbers that serves until this is dropped, in a home where `owner.key` is its
/// owner's.
pub(crate) struct Service {
    pub(crate) home: Home,
    process: Child,
    address: String,
    owner: String,
    /// The words that say which platform is trusted.
    pub(crate) platform: String,
}

impl Service {
    fn start(words: &str) -> Self {
        Self::start_in(Home::new(), words)
    }

    pub(crate) fn start_in(home: Home, words: &str) -> Self {
        let tee = home.adyton("tee init --json").done().json();
        let id = text(&tee, "platform-id");
        let owner = home.adyton("lookup owner-key owner.key").done();
        let owner = owner.out.trim().to_owned();
        let words = format!(
            "lookup serve front --listen 127.0.0.1:0 --owner {owner} --while-stdin-is-open {words}"
        );
        let mut process = home
            .command(&words)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the test's own step");
        let mut line = String::new();
        let out = process.stdout.take().expect("the test's own step");
        BufReader::new(out)
            .read_line(&mut line)
            .expect("the test's own step");
        let address = line.trim().strip_prefix("serving at ");
        let address = address.unwrap_or_else(|| panic!("the service says `{line}`"));
        Self {
            address: address.to_owned(),
            platform: format!("--platform-id {id} --platform-measurement {}", executable()),
            home,
            process,
            owner,
        }
    }

    /// With so many records: +4915100000000 and following, `user 0` and following.
    fn with_table(records: usize, words: &str) -> Self {
        let service = Self::start(words);
        let lines = (0..records).map(|n| format!("{},user {n}\n", number(n)));
        let table: String = std::iter::once("key,value\n".to_owned())
            .chain(lines)
            .collect();
        service.home.write("table.csv", table);
        service.load("table.csv", "").done();
        service
    }

    pub(crate) fn load(&self, file: &str, words: &str) -> Said {
        let (address, platform) = (&self.address, &self.platform);
        self.home.adyton(&format!(
            "lookup load {address} {file} --owner-key owner.key {platform} {words}"
        ))
    }

    pub(crate) fn query(&self, words: &str) -> Said {
        let (address, platform, owner) = (&self.address, &self.platform, &self.owner);
        self.home.adyton(&format!(
            "lookup query {address} --owner {owner} {platform} {words}"
        ))
    }

    fn status(&self) -> serde_json::Value {
        self.home.adyton("lookup status front --json").done().json()
    }

    fn guardian(&self) -> u32 {
        let guardian = self.status()["guardian"].as_u64();
        u32::try_from(guardian.expect("the test's own step")).expect("the test's own step")
    }

    /// The enclave's own process.
    fn enclave(&self) -> u32 {
        *descendants(self.guardian())
            .first()
            .expect("the test's own step")
    }
}

impl Drop for Service {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn number(n: usize) -> String {
    format!("+49151{n:08}")
}

#[test]
fn an_address_book_is_looked_up_and_nothing_else_shows() {
    let service = Service::with_table(2000, "--capacity 3000");
    // 5,000 contacts, of which each second one up to the table's end is in it.
    let book: String = (0..5000).map(|n| number(2 * n) + "\n").collect();
    service.home.write("book.txt", book);
    let said = service.query("--book book.txt --json").done().json();
    let found = said["found"].as_array().expect("the test's own step");
    assert_eq!((said["asked"].as_u64(), found.len()), (Some(5000), 1000));
    assert_eq!(found[7]["key"], number(14).as_str());
    assert_eq!(found[7]["value"], "user 14");

    let said = service.query("+49151-0000.0003 +4915199999999").done();
    assert_eq!(said.out, "+49151-0000.0003\tuser 3\n");
    assert!(said.err.contains("1 of 2 found"), "{said:#?}");

    // All that the operator can count: two sessions, two queries, by class.
    let status = service.status();
    assert_eq!(status["queries"], 2);
    assert_eq!(status["keys"], 6144 + 16);
    let classes = status["passes"].as_array().expect("the test's own step");
    let classes: Vec<_> = classes.iter().map(|pass| pass["keys"].as_u64()).collect();
    assert_eq!(classes, [Some(256), Some(8192)]);
    let metrics = service.home.adyton("lookup status front --prometheus");
    let metrics = metrics.done().out;
    assert!(
        metrics.contains("\nadyton_lookup_keys_total 6160\n"),
        "{metrics}"
    );
}

#[test]
fn a_table_changes_while_it_serves() {
    let service = Service::with_table(20, "--capacity 100 --room-for-reload");
    service.home.write(
        "changes.csv",
        "change,key,value\r\nput,+4915100000003,\"three, again\"\r\nremove,+4915100000004,\r\nput,+4915100000077,new\r\n",
    );
    let said = service.load("changes.csv", "--changes --json").done();
    let done = said.json();
    let count = |key: &str| done[key].as_u64();
    assert_eq!(count("inserted"), Some(1), "{said:#?}");
    assert_eq!((count("changed"), count("removed")), (Some(1), Some(1)));
    assert_eq!((count("records"), count("epoch")), (Some(20), Some(2)));
    let asked = "+4915100000003 +4915100000004 +4915100000077";
    let found = service.query(asked).done().out;
    let expected = "+4915100000003\tthree, again\n+4915100000077\tnew\n";
    assert_eq!(found, expected);
    // A whole new table takes the place of the old one.
    service
        .home
        .write("next.csv", "key,value\n+4915100000001,one\n");
    service.load("next.csv", "").done();
    let found = service.query("+4915100000001 +4915100000003").done().out;
    assert_eq!(found, "+4915100000001\tone\n");
}

#[test]
fn other_kinds_of_keys_are_looked_up_as_well() {
    let service = Service::start("--capacity 10 --keys email --value-bytes 0");
    service.home.write("table.csv", "key\nAlice@example.org\n");
    service.load("table.csv", "").done();
    let found = service.query("alice@example.org bob@example.org").done();
    assert_eq!(found.out, "alice@example.org\t\n");
    service.query("alice").fails(2, &["neither an address nor"]);
}

fn parquet(name: &str) -> Vec<u8> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/parquet");
    std::fs::read(format!("{folder}/{name}.parquet")).expect("the test's own step")
}

#[test]
fn a_table_comes_from_parquet() {
    let service = Service::start("--capacity 8 --room-for-reload");
    for name in ["table", "plain"] {
        service.home.write("users", parquet(name));
        let said = service.load("users", "--json").done().json();
        assert_eq!(said["inserted"], 3);
        let found = service.query("+4915100000003 +4915100000004").done().out;
        assert_eq!(found, "+4915100000003\tthree\n");
    }
    let whole = parquet("plain");
    let mut altered = whole.clone();
    altered[whole.len() / 4..whole.len() / 2].fill(0xff);
    let cases: [(Vec<u8>, i32, &[&str]); 11] = [
        (parquet("null"), 2, &["row 2", "`value` holds nothing"]),
        (parquet("number"), 2, &["`key` is not one of texts"]),
        (parquet("binary"), 2, &["`key` is not one of texts"]),
        (parquet("zstd"), 2, &["compressed with ZSTD", "Snappy"]),
        (parquet("keys"), 2, &["no column `value`"]),
        (parquet("twice"), 2, &["1 keys were loaded more than once"]),
        (parquet("national"), 2, &["row 2", "country code"]),
        (parquet("long"), 2, &["row 3", "17 bytes"]),
        (whole[..whole.len() - 1].to_vec(), 2, &["cut short"]),
        (whole[..8].to_vec(), 2, &["cut short"]),
        (altered, 2, &["`wrong`"]),
    ];
    for (file, code, words) in cases {
        service.home.write("wrong", file);
        service.load("wrong", "").fails(code, words);
    }
    service.load("users", "--changes").fails(2, &[]);
    let status = service.status();
    assert_eq!(status["epoch"], 2);
    assert_eq!(status["records"], 3);
    let keys_only = Service::start("--capacity 8 --value-bytes 0");
    keys_only.home.write("users", parquet("keys"));
    keys_only.load("users", "").done();
    let found = keys_only.query("+4915100000003").done().out;
    assert_eq!(found, "+4915100000003\t\n");
}

#[test]
fn a_second_table_needs_room_for_it() {
    let service = Service::with_table(5, "--capacity 8");
    service
        .load("table.csv", "")
        .fails(70, &["memory for one table only", "--room-for-reload"]);
    assert_eq!(
        service.query(&number(4)).done().out,
        "+4915100000004\tuser 4\n"
    );
}

#[test]
fn what_is_wrong_with_a_file_is_said_and_the_table_stays() {
    let service = Service::with_table(5, "--capacity 8 --room-for-reload");
    let cases: [(&str, i32, &[&str]); 9] = [
        (
            "key,value\n015112345678,a\n",
            2,
            &["line 2", "country code"],
        ),
        (
            "key,value\n+49 (0)151 2345678,a\n",
            2,
            &["line 2", "`(` at character"],
        ),
        (
            "key,value\n+4915112345678,12345678901234567\n",
            2,
            &["17 bytes", "have 16"],
        ),
        ("key,value\n+4915112345678\n", 2, &["1 fields instead of 2"]),
        (
            "number,name\n+4915112345678,a\n",
            2,
            &["the first line", "`key,value`"],
        ),
        ("key,value\n+4915112345678,a\n+49151123", 2, &["cut short"]),
        ("", 2, &["cut short"]),
        (
            "key,value\n+4915112345678,a\n+49 151 12345678,b\n",
            2,
            &["1 keys were loaded more than once"],
        ),
        (
            "key,value\n+4915100001,a\n+4915100002,a\n+4915100003,a\n+4915100004,a\n+4915100005,a\n+4915100006,a\n+4915100007,a\n+4915100008,a\n+4915100009,a\n",
            5,
            &["room for 8 records only"],
        ),
    ];
    for (file, code, words) in cases {
        service.home.write("wrong.csv", file);
        service.load("wrong.csv", "").fails(code, words);
    }
    service
        .home
        .write("wrong.csv", b"key,value\n+4915112345678,\xff\n");
    service.load("wrong.csv", "").fails(2, &["not in UTF-8"]);
    service.load("none.csv", "").fails(70, &["no such file"]);
    // None of it named what stood in the file, and none of it did anything.
    let status = service.status();
    assert_eq!(
        (status["records"].as_u64(), status["epoch"].as_u64()),
        (Some(5), Some(1))
    );
    assert_eq!(
        service.query(&number(4)).done().out,
        "+4915100000004\tuser 4\n"
    );
}

#[test]
fn nobody_is_asked_who_is_not_trusted() {
    let service = Service::with_table(5, "--capacity 8");
    let (address, owner) = (&service.address, &service.owner);
    let ask = |words: String| {
        service
            .home
            .adyton(&format!("lookup query {address} {words} +4915100000001"))
    };
    let (executable, zeros) = (executable(), "0".repeat(64));
    let id = format!("--platform-id {zeros} --platform-measurement {executable}");
    ask(format!("--owner {owner} {id}")).fails(3, &["not accepted", "platform-id: expected"]);
    let platform = service.platform.replace(executable, &zeros);
    ask(format!("--owner {owner} {platform}")).fails(3, &["not accepted", "measurement: expected"]);
    let other = service.home.adyton("lookup owner-key other.key").done();
    let (other, platform) = (other.out.trim(), &service.platform);
    ask(format!("--owner {other} {platform}")).fails(3, &["serves the table of owner"]);

    // Whoever has another key than the owner's is not even let in; the front may be anybody.
    service
        .home
        .write("more.csv", "key,value\n+4915112345678,a\n");
    let said = service.home.adyton(&format!(
        "lookup load {address} more.csv --owner-key other.key {platform}"
    ));
    said.fails(3, &["serves the table of owner"]);
    let elsewhere = address.split_once('#').expect("the test's own step").0;
    let said = service.home.adyton(&format!(
        "lookup query {elsewhere}#{zeros} --owner {owner} {platform} +4915100000001"
    ));
    said.fails(3, &["another server than the pinned one"]);
    assert_eq!(service.status()["queries"], 0);
}

#[test]
fn quotas_and_empty_tables_are_told() {
    let service = Service::start("--capacity 8 --quota 100");
    service
        .query("+4915100000001")
        .fails(5, &["not loaded yet"]);
    service
        .home
        .write("table.csv", "key,value\n+4915100000001,a\n");
    service.load("table.csv", "").done();
    let book: String = (0..101).map(|n| number(n) + "\n").collect();
    service.home.write("book.txt", book);
    let refused = service.query("--book book.txt");
    refused.fails(3, &["100 of 100 keys are left", "256 were asked"]);
    service.query("+4915100000001").done();
    service.query("").fails(64, &["no key was given"]);
    let refused = &service.status()["refused"];
    assert_eq!(
        (
            refused["unavailable"].as_u64(),
            refused["rejected"].as_u64()
        ),
        (Some(1), Some(1))
    );
}

#[test]
fn tokens_pay_for_queries_once() {
    let home = Home::new();
    home.adyton("lookup tokens issuer-key issuer.key --name issuer.example --public issuer.pub")
        .done();
    let words = "--capacity 8 --issuer issuer.pub --keys-per-token 16";
    let service = Service::start_in(home, words);
    service
        .home
        .write("table.csv", "key,value\n+4915100000001,a\n");
    service.load("table.csv", "").done();
    service
        .query("+4915100000001")
        .fails(5, &["takes 1 tokens"]);

    let (address, platform, owner) = (&service.address, &service.platform, &service.owner);
    let request = format!(
        "lookup tokens request {address} --count 2 --pending p --out r --owner {owner} {platform}"
    );
    service.home.adyton(&request).done();
    let issue = "lookup tokens issue r --key issuer.key --out s --most";
    let greedy = service.home.adyton(&format!("{issue} 1"));
    greedy.fails(3, &["2 tokens are requested, and at most 1"]);
    service.home.adyton(&format!("{issue} 2")).done();
    let finish = "lookup tokens finish s --pending p --out wallet";
    service.home.adyton(finish).done();

    let copy = service.home.read("wallet");
    let asked = service.query("--tokens wallet +4915100000001").done();
    assert_eq!(asked.out, "+4915100000001\ta\n");
    service.query("--tokens wallet +4915100000001").done();
    let empty = service.query("--tokens wallet +4915100000001");
    empty.fails(5, &["costs 1 tokens, and `wallet` has 0"]);
    service.home.write("wallet", copy);
    let again = service.query("--tokens wallet +4915100000001");
    again.fails(3, &["spent before"]);
}

#[test]
fn root_reads_nothing_of_the_enclave() {
    let service = Service::with_table(100, "--capacity 1000");
    // The owner's key is public; that the enclave has it in its memory is what counts.
    let known = hex_decode(&service.owner).expect("the test's own step");
    let masked = known.iter().map(|byte| byte ^ 0x55).collect();
    let needle = Needle::from_masked(masked, 0x55);
    let target = Target {
        pid: service.enclave(),
        guardian: Some(service.guardian()),
    };
    for outcome in attack_all(target, &needle) {
        assert!(
            !outcome.leaked(),
            "{}: {:?}",
            outcome.attack,
            outcome.verdict
        );
    }
}

#[test]
fn what_ends_with_its_enclave_says_so() {
    let home = Home::new();
    home.adyton("lookup owner-key owner.key").done();
    let words = "lookup serve front --listen 127.0.0.1:0 --capacity 8 --owner";
    let owner = "0".repeat(64);
    home.adyton(&format!("{words} {owner}"))
        .fails(64, &["is no owner"]);
    let own = home.adyton("lookup owner-key own.key").done().out;
    home.adyton(&format!("{words} {}", own.trim()))
        .fails(70, &["no platform key", "adyton tee init"]);
    home.adyton("lookup status front")
        .fails(5, &["front/admin.sock"]);

    let mut service = Service::with_table(5, "--capacity 8");
    let words = words.replace("8", "9");
    let twice = service.home.adyton(&format!("{words} {}", service.owner));
    twice.fails(5, &["a service runs in `front` already"]);
    let guardian = service.guardian();
    let pid = rustix::process::Pid::from_raw(guardian.cast_signed()).expect("the test's own step");
    rustix::process::kill_process(pid, rustix::process::Signal::KILL).expect("the test's own step");
    until("the service ends", || {
        service
            .process
            .try_wait()
            .expect("the test's own step")
            .is_some()
    });
    assert!(!is_alive(guardian));
    let status = service.process.wait().expect("the test's own step");
    assert_eq!(status.code(), Some(5));
    service
        .query("+4915100000001")
        .fails(5, &["cannot connect"]);
}
