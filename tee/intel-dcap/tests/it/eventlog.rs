//! Event logs: real ones against their quote, and made ones with one deviation each.

use adyton_crypto::sha384;
use adyton_tee_intel_dcap::eventlog::{Event, EventLog, Origin, VerifiedEventLog};
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{Quote, QuoteBody, TdReport};
use adyton_types::ErrorClass;
use serde_json::{Value, json};

use crate::vectors::Vectors;

const SEPARATOR: u32 = 4;
const IPL: u32 = 0x0d;
const FIRMWARE_BLOB: u32 = 0x8000_000a;
const VARIABLE_BOOT: u32 = 0x8000_0002;

/// A log in the crypto-agile form; register as the log counts, RTMR0 is 1.
fn log(events: &[(u32, u32, [u8; 48], &[u8])]) -> Vec<u8> {
    let spec = [
        b"Spec ID Event03\0".as_slice(),
        &[0, 0, 0, 0, 0, 2, 0, 2],
        &[1, 0, 0, 0, 0x0c, 0, 48, 0, 0],
    ]
    .concat();
    let mut out = [1u32.to_le_bytes(), 3u32.to_le_bytes()].concat();
    out.extend([0; 20]);
    let len = |bytes: &[u8]| u32::try_from(bytes.len()).expect("short").to_le_bytes();
    out.extend(len(&spec));
    out.extend(&spec);
    for (register, kind, digest, data) in events {
        out.extend(register.to_le_bytes());
        out.extend(kind.to_le_bytes());
        out.extend(1u32.to_le_bytes());
        out.extend(0x0cu16.to_le_bytes());
        out.extend(digest);
        out.extend(len(data));
        out.extend(*data);
    }
    out
}

fn report(rtmr: [[u8; 48]; 4]) -> TdReport {
    let quote = IntelForge::tdx().quote();
    let QuoteBody::Td(report) = Quote::parse(&quote).expect("a quote").body else {
        panic!("a trust domain")
    };
    TdReport { rtmr, ..*report }
}

fn extended(digests: &[[u8; 48]]) -> [u8; 48] {
    digests
        .iter()
        .fold([0; 48], |register, digest| sha384(&[&register, digest]))
}

#[test]
fn a_log_gives_the_registers_and_says_what_is_bound() {
    let variable = [
        &[7; 16][..],
        &[1, 0, 0, 0, 0, 0, 0, 0],
        &[3, 0, 0, 0, 0, 0, 0, 0],
        b"a\0xyz",
    ];
    let variable = variable.concat();
    let (separator, opaque) = (sha384(&[&[0; 4]]), [0x5a; 48]);
    let (boot, command) = (sha384(&[b"xyz"]), sha384(&[b"linux /vmlinuz"]));
    let bytes = log(&[
        (1, FIRMWARE_BLOB, opaque, b"what the host likes to say"),
        (1, SEPARATOR, separator, &[0; 4]),
        (1, 3, [9; 48], b"no action"),
        (2, VARIABLE_BOOT, boot, &variable),
        (3, IPL, command, b"grub_cmd: linux /vmlinuz\0"),
    ]);
    let rtmr = [
        extended(&[opaque, separator]),
        extended(&[boot]),
        extended(&[command]),
        [0; 48],
    ];
    let filled = [&bytes[..], &[0xff; 100]].concat();
    let events = EventLog::parse(&filled).unwrap();
    assert_eq!(events, EventLog::parse(&bytes).unwrap());
    assert_eq!(events.replay(), rtmr);
    let verified = events.verify(&report(rtmr)).unwrap();
    let bound: Vec<_> = verified.events().iter().map(Event::bound).collect();
    let expected: [Option<&[u8]>; 4] = [None, Some(&[0; 4]), Some(b"xyz"), Some(b"linux /vmlinuz")];
    assert_eq!(bound, expected);
    assert_eq!(verified.opaque().count(), 1);
}

#[test]
fn forged_descriptions_and_digests_are_refused() {
    let separator = sha384(&[&[0; 4]]);
    let rtmr = [extended(&[separator]), [0; 48], [0; 48], [0; 48]];
    let refused = |register, digest, data: &[u8]| {
        let bytes = log(&[(register, SEPARATOR, digest, data)]);
        let error = EventLog::parse(&bytes)
            .unwrap()
            .verify(&report(rtmr))
            .unwrap_err();
        assert_eq!(error.class(), ErrorClass::Rejected);
        error.check()
    };
    assert_eq!(refused(1, separator, &[1; 4]), "event-digest");
    assert_eq!(refused(1, sha384(&[&[1; 4]]), &[1; 4]), "event-log-replay");
    assert_eq!(refused(2, separator, &[0; 4]), "event-log-replay");
    let twice = log(&[
        (1, SEPARATOR, separator, &[0; 4]),
        (1, SEPARATOR, separator, &[0; 4]),
    ]);
    let error = EventLog::parse(&twice)
        .unwrap()
        .verify(&report(rtmr))
        .unwrap_err();
    assert_eq!(error.check(), "event-log-replay");
}

#[test]
fn logs_of_other_forms_are_refused() {
    let good = log(&[(1, SEPARATOR, sha384(&[&[0; 4]]), &[0; 4])]);
    let header = log(&[]).len();
    for cut in (0..good.len()).filter(|cut| *cut != header) {
        assert!(EventLog::parse(&good[..cut]).is_err(), "{cut}");
    }
    let refused = |deviate: fn(&mut Vec<u8>, usize)| {
        let mut bytes = good.clone();
        deviate(&mut bytes, header);
        EventLog::parse(&bytes).unwrap_err().check()
    };
    for deviate in [
        (|b, at| b[at] = 5) as fn(&mut Vec<u8>, usize),
        |b, at| b[at + 8] = 2,
        |b, at| b[at + 12] = 0x0b,
        |b, _| b[32] = b'X',
        |b, _| b.extend([0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]),
        |b, _| b.extend([0, 0, 0, 0, 0, 0, 0, 0, 1]),
    ] {
        assert_eq!(refused(deviate), "event-log-form");
    }
}

/// Firmware sets a whole area aside for its log.
#[test]
fn only_filling_of_one_kind_follows_a_log() {
    let good = log(&[(1, SEPARATOR, sha384(&[&[0; 4]]), &[0; 4])]);
    let with = |tail: &[u8]| EventLog::parse(&[good.as_slice(), tail].concat());
    for filling in [0, 0xff] {
        for len in [1, 7, 8, 9, 100] {
            let mut tail = vec![filling; len];
            assert_eq!(with(&tail).unwrap().events.len(), 1, "{len} of {filling}");
            for other in [1, !filling] {
                *tail.last_mut().unwrap() = other;
                let passes = with(&tail).is_ok();
                // Under eight bytes no event begins, whichever filling it is.
                assert_eq!(passes, other != 1 && len < 8, "{len} of {filling}, {other}");
            }
        }
    }
}

#[test]
fn a_list_in_json_has_16384_events_at_the_most() {
    let event = |n: usize| {
        let digest = "00".repeat(48);
        let end = if n == 0 { "" } else { "," };
        format!(
            r#"{end}{{"imr":0,"event_type":1,"digest":"{digest}","event":"","event_payload":""}}"#
        )
    };
    let list = |count: usize| format!("[{}]", (0..count).map(event).collect::<String>());
    let most = EventLog::parse_json(list(16_384).as_bytes()).unwrap();
    assert_eq!(most.events.len(), 16_384);
    for count in [16_385, 16_386] {
        let error = EventLog::parse_json(list(count).as_bytes()).unwrap_err();
        let told = error.to_string();
        assert!(told.ends_with("more than 16384 events"), "{told}");
    }
}

#[test]
fn runtime_events_bind_name_and_payload() {
    let (kind, name, payload) = (0x0800_0001u32, "app-id", [1, 2, 3]);
    let digest = sha384(&[&kind.to_le_bytes(), b":", name.as_bytes(), b":", &payload]);
    let other = [0x33; 48];
    let json = |event: &str| {
        json!([
            { "imr": 0, "event_type": 1, "digest": hex(&other), "event": "", "event_payload": "" },
            { "imr": 3, "event_type": kind, "digest": hex(&digest), "event": event, "event_payload": "010203" },
        ])
        .to_string()
    };
    let rtmr = [extended(&[other]), [0; 48], [0; 48], extended(&[digest])];
    let log = EventLog::parse_json(json(name).as_bytes()).unwrap();
    let verified = log.verify(&report(rtmr)).unwrap();
    assert_eq!(verified.events()[1].bound(), Some(&payload[..]));
    let log = EventLog::parse_json(json("compose-hash").as_bytes()).unwrap();
    assert_eq!(
        log.verify(&report(rtmr)).unwrap_err().check(),
        "event-digest"
    );
    let error = EventLog::parse_json(b"{}").unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("event-log-form", ErrorClass::Malformed)
    );
}

/// One event in JSON, its register's value after it, and what becomes of them.
fn json_event(event: &Value, digest: [u8; 48]) -> Result<VerifiedEventLog, &'static str> {
    let rtmr = [[0; 48], [0; 48], [0; 48], extended(&[digest])];
    let log = EventLog::parse_json(json!([event]).to_string().as_bytes());
    let verified = log.and_then(|log| log.verify(&report(rtmr)));
    verified.map_err(|error| error.check())
}

#[test]
fn runtime_events_of_both_versions_have_their_digest_computed() {
    let (kind, payload) = (0x0800_0001_u32, [0xab, 0xcd]);
    let joined = sha384(&[&kind.to_le_bytes(), b":", b"compose-hash", b":", &payload]);
    let canonical = br#"{"name":"compose-hash","payload":"abcd","type":134217729}"#;
    for (version, digest) in [(1, joined), (2, sha384(&[canonical]))] {
        let mut event = json!({
            "imr": 3, "event_type": kind, "event": "compose-hash", "event_payload": "abcd",
            "version": version,
        });
        let bound = |found: &VerifiedEventLog| found.events()[0].bound().map(<[u8]>::to_vec);
        // The guest agent leaves the digest out, empty, or writes it.
        let without = json_event(&event, digest).unwrap();
        assert_eq!(bound(&without), Some(payload.to_vec()));
        for text in [String::new(), hex(&digest)] {
            event["digest"] = json!(text);
            assert!(json_event(&event, digest).is_ok());
        }
        event["digest"] = json!(hex(&[7; 48]));
        assert_eq!(json_event(&event, [7; 48]), Err("event-digest"));
        event["digest"] = json!(hex(&digest));
        event["version"] = json!(3 - version);
        assert_eq!(json_event(&event, digest), Err("event-digest"));
        event["version"] = json!(3);
        assert_eq!(json_event(&event, digest), Err("event-log-form"));
    }
    // The one escaping of texts, RFC 8785 section 3.2.2.2.
    let name = "a\"\\\u{8}\u{1}\u{7f}\u{e9}";
    let canonical = [
        br#"{"name":"a\"\\\b\u0001"#.as_slice(),
        "\u{7f}\u{e9}".as_bytes(),
        br#"","payload":"","type":134217729}"#,
    ];
    let event = json!({
        "imr": 3, "event_type": kind, "event": name, "event_payload": "", "version": 2,
    });
    assert!(json_event(&event, sha384(&canonical)).is_ok());
}

/// dstack leaves the bytes of boot events out, and their digests in.
#[test]
fn boot_events_without_their_bytes_have_a_digest_alone() {
    let digest = sha384(&[&[0; 4]]);
    let mut event = json!({
        "imr": 3, "event_type": SEPARATOR, "digest": hex(&digest), "event": "", "event_payload": "",
    });
    let verified = json_event(&event, digest).unwrap();
    assert_eq!(verified.events()[0].bound(), None);
    assert_eq!(verified.opaque().count(), 1);
    event["event_payload"] = json!("00000000");
    let verified = json_event(&event, digest).unwrap();
    assert_eq!(verified.events()[0].bound(), Some(&[0; 4][..]));
    // Bytes that are there have to be those that were measured.
    event["event_payload"] = json!("00000001");
    assert_eq!(json_event(&event, digest), Err("event-digest"));
    // A name is nobody's word but the log's: only runtime events are digested with theirs.
    event["event_payload"] = json!("");
    event["event"] = json!("app-id");
    let verified = json_event(&event, digest).unwrap();
    assert_eq!(verified.events()[0].origin, Origin::BootStripped);
    event["digest"] = json!("");
    assert_eq!(json_event(&event, digest), Err("event-log-form"));
    // In the binary form nothing is left out.
    let rtmr = [extended(&[digest]), [0; 48], [0; 48], [0; 48]];
    let binary = EventLog::parse(&log(&[(1, SEPARATOR, digest, &[])])).unwrap();
    let error = binary.verify(&report(rtmr)).unwrap_err();
    assert_eq!(error.check(), "event-digest");
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn real_logs() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let folder = "eventlog/google_go-tdx-guest__testing_testdata_ccel_";
    let quote = vectors.read("tdx-v4/google_go-tdx-guest__cos-113-tdx-quote.dat__00b2526a.bin");
    let QuoteBody::Td(report) = Quote::parse(&quote).unwrap().body else {
        panic!("a trust domain")
    };
    let log = EventLog::parse(&vectors.read(&format!("{folder}ccel_data.dat"))).unwrap();
    let verified = log.verify(&report).unwrap();
    println!(
        "{} events, {} opaque",
        verified.events().len(),
        verified.opaque().count()
    );
    for row in vectors.table("INDEX.tsv") {
        if row[1] != "eventlog" || row[0].ends_with(".json") {
            continue;
        }
        match EventLog::parse(&vectors.read(&row[0])) {
            Ok(log) => {
                let bound = log.events.iter().filter(|e| e.bound().is_some()).count();
                println!("{}: {} events, {bound} bound", row[0], log.events.len());
            }
            Err(error) => println!("{}: {error}", row[0]),
        }
    }
}

/// A log whose header lists these banks, with one event at this register that has these digests.
fn listed(banks: &[(u16, u16)], register: u32, digests: &[(u16, usize)]) -> bool {
    let count = |n: usize| u32::try_from(n).expect("short").to_le_bytes();
    let mut spec = b"Spec ID Event03\0\0\0\0\0\0\x02\0\x02".to_vec();
    spec.extend(count(banks.len()));
    for (id, size) in banks {
        spec.extend(id.to_le_bytes());
        spec.extend(size.to_le_bytes());
    }
    spec.push(0);
    let mut out = [1u32.to_le_bytes(), 3u32.to_le_bytes()].concat();
    out.extend([0; 20]);
    out.extend(count(spec.len()));
    out.extend(&spec);
    out.extend(register.to_le_bytes());
    out.extend(SEPARATOR.to_le_bytes());
    out.extend(count(digests.len()));
    for (id, size) in digests {
        out.extend(id.to_le_bytes());
        out.extend(vec![7; *size]);
    }
    out.extend([0; 4]);
    EventLog::parse(&out).is_ok()
}

#[test]
fn a_header_lists_sha384_among_sane_banks() {
    const SHA384: (u16, u16) = (0x0c, 48);
    let one = [(0x0c, 48)];
    let header = |banks: &[(u16, u16)]| listed(banks, 1, &one);
    let more = |n: u16| -> Vec<(u16, u16)> {
        let others = (0..n).map(|n| (0x100 + n, 32));
        others.chain([SHA384]).collect()
    };
    assert!(header(&[SHA384]) && header(&more(15)));
    assert!(!header(&more(16)) && !header(&[]) && !header(&[(0x0b, 32)]));
    assert!(!header(&[(0x0c, 32)]));
    for (size, right) in [(0, false), (1, true), (64, true), (65, false)] {
        assert_eq!(header(&[SHA384, (0x100, size)]), right, "{size}");
    }
}

#[test]
fn an_event_has_digests_of_listed_banks() {
    let banks = [(0x0b, 32), (0x0c, 48)];
    let event = |register: u32, digests: &[(u16, usize)]| listed(&banks, register, digests);
    assert!(event(1, &[(0x0c, 48)]) && event(4, &[(0x0b, 32), (0x0c, 48)]));
    assert!(event(0, &[(0x0c, 48)]) && !event(5, &[(0x0c, 48)]));
    for wrong in [
        &[][..],
        &[(0x0b, 32)],
        &[(0x0c, 48), (0x0c, 48)],
        &[(0x0d, 64)],
        &[(0x0b, 32), (0x0b, 32), (0x0c, 48)],
    ] {
        assert!(!event(1, wrong), "{wrong:?}");
    }
}
