//! Look-ups: messages of sessions, what goes around them, lines, keys and tokens.

use std::time::Duration;

use adyton_codec::Value;
use adyton_crypto::KemKeyPair;
use adyton_fuzz::{FixedRng, signing_key, token_issuer};
use adyton_lookup::{
    Engine, KeyKind, Stats, Terms, encode_issuer, encode_owner_key, encode_pending, encode_tokens,
};
use adyton_tokens::{Challenge, PendingToken};
use adyton_types::{Evidence, TeeKind};

use crate::seed;

pub(crate) fn seeds() {
    sessions();
    wire();
    records();
    tokens();
}

/// Messages behind their lengths, as the target reads them.
fn session(name: &str, mode: u8, messages: &[&[u8]]) {
    let mut bytes = vec![mode];
    for message in messages {
        let length = u16::try_from(message.len()).expect("a short message");
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(message);
    }
    seed("lookup_service", name, &[&bytes]);
}

fn sessions() {
    /// Phone numbers with values of four bytes, in the owner's session.
    const OWNED: u8 = 4 | 4 << 3;
    let row = |key: u64, value: &[u8; 4]| [key.to_le_bytes().as_slice(), value].concat();
    let rows = [&[4], row(1, b"one ").as_slice(), &row(2, b"two ")].concat();
    let begin = [&[3], 2_u64.to_be_bytes().as_slice()].concat();
    let query = [&[1], [1_u64.to_le_bytes(); 16].as_flattened()].concat();
    let (put, remove) = (row(3, b"more"), row(1, &[0; 4]));
    let changes: [&[u8]; 4] = [&[6, 1], &put, &[0], &remove];
    let changes = changes.concat();
    let load: [&[u8]; 4] = [&begin, &rows, &[5], &query];
    session("load", OWNED, &load);
    let change: [&[u8]; 5] = [&begin, &rows, &[5], &changes, &query];
    session("change", OWNED, &change);
    session("query", 0, &[&query]);
}

fn wire() {
    let mut rng = FixedRng(1);
    let terms = Terms {
        keys: KeyKind::Phone,
        value_bytes: 4,
        capacity: 8,
        owner: signing_key(9).verifying_key(),
        quota: 16,
        window_ms: 4,
        tokens: None,
    };
    let fields = [
        ("v", Value::text("adyton/lookup-hello/v1")),
        ("fresh", Value::bytes(&[7; 32])),
    ];
    let hello = Value::map(fields).encode();
    seed("lookup_wire", "hello", &[&[0], &hello]);
    let mut engine = Engine::new(terms.clone(), 1, KemKeyPair::generate(&mut rng));
    let greeted = engine.hello(&hello, Duration::ZERO, &mut rng);
    let evidence = Evidence {
        kind: TeeKind::Software,
        bytes: vec![1, 2, 3],
    };
    let welcome = engine.welcome(&greeted.expect("a hello"), evidence);
    let request = Value::map([
        ("v", Value::text("adyton/lookup-request/v1")),
        ("session", Value::bytes(&[3; 16])),
        ("enc", Value::Null),
        ("ct", Value::bytes(&[5; 40])),
    ]);
    seed("lookup_wire", "request", &[&[1], &request.encode()]);
    seed("lookup_wire", "welcome", &[&[2], &welcome]);
    seed("lookup_wire", "terms", &[&[3], &terms.encode()]);
    let mut stats = Stats::default();
    stats.greeted += 1;
    seed("lookup_wire", "stats", &[&[4], &stats.encode()]);
    let owner = encode_owner_key(&signing_key(9));
    seed("lookup_wire", "owner-key", &[&[8], owner.expose()]);
}

fn records() {
    const FOUR: u8 = 1 << 5;
    for (name, mode, text) in [
        ("record", FOUR, "+49 151 23456789,\"a,\"\"b\""),
        ("put", FOUR | 1 << 3, "put,+4915123456789,a"),
        ("remove", FOUR | 1 << 3, "remove,+4915123456789,"),
        ("phone", 2 << 3, "+49 151-2345.6789"),
        ("email", 1 | 2 << 3, "Somebody@example.org"),
        ("bytes", 2 | 2 << 3, "00ff"),
        ("hex", FOUR | 2 | 4, "00ff,6162"),
        ("header", FOUR | 3 << 3, "key,value"),
    ] {
        seed("lookup_records", name, &[&[mode], text.as_bytes()]);
    }
}

fn tokens() {
    let mut rng = FixedRng(1);
    let issuer = token_issuer();
    let key = issuer.public();
    let challenge = Challenge {
        issuer: "issuer.example".to_owned(),
        context: [1; 32],
    };
    let pending = PendingToken::new(key, &challenge.digest(), &mut rng);
    let (pending, request) = pending.expect("a request");
    let response = issuer.issue(&request, &mut rng).expect("a response");
    let token = pending.finish(key, &response).expect("a token");
    seed("token", "token", &[&[0], token.as_bytes()]);
    seed("token", "key", &[&[1], key.spki()]);
    seed("token", "request", &[&[2], &request]);
    let both = [pending.to_bytes().expose(), &response].concat();
    seed("token", "response", &[&[3], &both]);
    let der = issuer.to_der().expect("a key file");
    seed("token", "issuer", &[&[4], der.expose()]);
    let name = "issuer.example";
    seed("lookup_wire", "issuer", &[&[5], &encode_issuer(name, key)]);
    let wallet = encode_tokens(&[token]);
    seed("lookup_wire", "tokens", &[&[6], wallet.expose()]);
    let waiting = encode_pending(key, &[pending]);
    seed("lookup_wire", "pending", &[&[7], waiting.expose()]);
}
