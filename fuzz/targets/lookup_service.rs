#![no_main]
//! A look-up service and a client that seals whatever it likes: the messages of a session, as they
//! open. The first byte says which keys the table has and whether the session is its owner's; then
//! come messages, each behind its length.

use std::time::Duration;

use adyton_codec::Value;
use adyton_crypto::{HpkeSender, KemKeyPair};
use adyton_fuzz::{FixedRng, signing_key};
use adyton_lookup::{Engine, KeyKind, Terms, Welcome};
use adyton_oblivious::Alone;
use adyton_types::{Evidence, TeeKind};
use libfuzzer_sys::fuzz_target;

const OWNER: u8 = 9;
/// A length has two bytes.
const LENGTH: usize = 2;

fuzz_target!(|data: &[u8]| {
    let Some((mode, mut rest)) = data.split_first() else {
        return;
    };
    let rng = &mut FixedRng(1);
    let mut service = Service::new(*mode, rng);
    if mode & 4 != 0 {
        let claim = [
            b"adyton/lookup-owner/v1\0".as_slice(),
            service.report_data.as_bytes(),
        ];
        let signature = signing_key(OWNER).sign(&claim.concat());
        service.say(&[[2].as_slice(), &signature].concat(), rng);
        assert!(service.answered == 1, "the owner's own signature");
    }
    while let Some((length, behind)) = rest.split_first_chunk::<LENGTH>() {
        let length = usize::from(u16::from_be_bytes(*length)).min(behind.len());
        let (message, next) = behind.split_at(length);
        service.say(message, rng);
        rest = next;
    }
    // Whoever was put into the queue is answered, once.
    while service.engine.due().is_some() {
        let ran = service.engine.run(&Alone, rng);
        service.waiting -= ran.replies.len();
    }
    assert_eq!(service.waiting, 0);
});

struct Service {
    engine: Engine,
    sender: HpkeSender,
    session: [u8; 16],
    report_data: adyton_types::ReportData,
    said: u64,
    answered: u64,
    waiting: usize,
}

impl Service {
    fn new(mode: u8, rng: &mut FixedRng) -> Self {
        let terms = Terms {
            keys: [KeyKind::Phone, KeyKind::Email, KeyKind::Bytes][usize::from(mode & 3) % 3],
            value_bytes: usize::from(mode >> 3 & 7),
            capacity: 64,
            owner: signing_key(OWNER).verifying_key(),
            quota: 64,
            window_ms: 0,
            tokens: None,
        };
        let mut engine = Engine::new(terms, 2, KemKeyPair::generate(rng));
        let hello = [
            ("v", Value::text("adyton/lookup-hello/v1")),
            ("fresh", Value::bytes(&[7; 32])),
        ];
        let greeted = engine.hello(&Value::map(hello).encode(), Duration::ZERO, rng);
        let greeted = greeted.expect("a hello");
        let evidence = Evidence {
            kind: TeeKind::Software,
            bytes: Vec::new(),
        };
        let welcome = engine.welcome(&greeted, evidence);
        let welcome = Welcome::parse(&welcome).expect("its own welcome");
        let report_data = *greeted.report_data();
        let info = [
            b"adyton/lookup-session/v1\0".as_slice(),
            report_data.as_bytes(),
        ];
        let sender = HpkeSender::new(&welcome.kem, &info.concat(), rng).expect("a sender");
        Self {
            engine,
            sender,
            session: welcome.session,
            report_data,
            said: 0,
            answered: 0,
            waiting: 0,
        }
    }

    fn say(&mut self, message: &[u8], rng: &mut FixedRng) {
        let sealed = self.sender.seal(message, b"").expect("a message");
        let enc = self.sender.enc();
        let enc = if self.said == 0 {
            Value::bytes(enc)
        } else {
            Value::Null
        };
        let request = Value::map([
            ("v", Value::text("adyton/lookup-request/v1")),
            ("session", Value::bytes(&self.session)),
            ("enc", enc),
            ("ct", Value::bytes(&sealed)),
        ]);
        self.said += 1;
        let request = request.encode();
        match self
            .engine
            .request(self.said, &request, Duration::ZERO, rng)
        {
            Ok(Some(_)) => self.answered += 1,
            Ok(None) => self.waiting += 1,
            Err(error) => drop(error.to_string()),
        }
    }
}
