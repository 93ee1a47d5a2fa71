//! Writes the seed corpora: `cargo run --example seeds` in `fuzz/`. Each seed is one well-formed
//! document; the fuzzer takes it apart.

mod hardware;
mod lookups;
mod references;

use std::collections::BTreeSet;
use std::fs;
use std::io::Write as _;
use std::path::Path;

use adyton_appraisal::{Appraised, Context, FailedClaim, PlatformPolicy, appraise};
use adyton_broker::{AdminCommand, ReleaseDocument};
use adyton_codec::Value;
use adyton_crypto::{SecretBytes, VerifyingKey, verify_labelled};
use adyton_fuzz::{Broker, FixedRng, broker, identity, pending_release, platform_key, run_keys};
use adyton_hatch::{Failed, FromEnclave, InputFile, Start, ToEnclave};
use adyton_merkle::leaf_hash;
use adyton_program::{Bundle, ManifestSource};
use adyton_protocol::{
    Answer, Challenge, Denial, Denied, ErrorBody, Freshness, Grant, InputRecord, Leaf, LeafType,
    ReceiptDraft, ReceiptPayload, ReleaseProof, Request, SealedRelease, secret_commitment,
};
use adyton_sealing::{Recipients, SealWriter};
use adyton_tee_software::SoftwareReport;
use adyton_types::{
    ErrorClass, Evidence, Name, PlatformId, PlatformMeasurement, Sha256Digest, TeeKind, UnixTime,
};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const SALT: [u8; 16] = [11; 16];

fn main() {
    let request = pending_release().request().to_vec();
    let parsed = Request::parse(&request).expect("its own request");
    let broker = broker();
    evidence(&parsed);
    requests(&request, &parsed, &broker);
    let release = answers(&parsed, &broker);
    receipts(&release);
    sealed();
    hatch();
    programs();
    documents();
    hardware::seeds();
    references::seeds();
    lookups::seeds();
    let leaf = Sha256Digest::new([1; 32]);
    let note = broker.log_key.sign(1, leaf);
    seed("checkpoint", "signed", &[note.as_bytes()]);
    let body = note.split("\n\n").next().expect("a body");
    seed("checkpoint", "text", &[body.as_bytes(), b"\n"]);
}

fn seed(target: &str, name: &str, parts: &[&[u8]]) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("corpus")
        .join(target);
    fs::create_dir_all(&folder).expect("the corpus can be written");
    fs::write(folder.join(name), parts.concat()).expect("the corpus can be written");
}

fn name(text: &str) -> Name {
    text.parse().expect("a name")
}

fn digest(byte: u8) -> Sha256Digest {
    Sha256Digest::new([byte; 32])
}

fn payload(label: &'static str, key: &VerifyingKey, signed: &[u8]) -> Vec<u8> {
    verify_labelled(label, key, signed)
        .expect("its own signature")
        .into_owned()
}

fn field(bytes: &[u8], key: &'static str) -> Vec<u8> {
    let mut fields = Value::decode(bytes)
        .and_then(|v| v.into_fields("seed"))
        .expect("a map");
    fields.required(key).expect("a field").encode()
}

fn byte_field(bytes: &[u8], key: &'static str) -> Vec<u8> {
    match Value::decode(&field(bytes, key)) {
        Ok(Value::Bytes(bytes)) => bytes.into_owned(),
        _ => panic!("`{key}` is no byte string"),
    }
}

fn evidence(request: &Request) {
    let bytes = &request.evidence().bytes;
    seed("evidence", "received", &[&[0], bytes]);
    let key: [u8; 32] = byte_field(bytes, "key").try_into().expect("a key");
    let key = VerifyingKey::from_bytes(&key).expect("a key");
    let report = payload(
        "adyton/software-evidence/v1",
        &key,
        &byte_field(bytes, "sign1"),
    );
    seed("evidence", "payload", &[&[1], &report]);
    seed("cbor", "report", &[&report]);
}

fn leaf(request: &Request) -> Leaf {
    Leaf {
        leaf_type: LeafType::Release,
        time: NOW,
        request: Some(*request.digest()),
        secret: Some(secret_commitment(&SALT, &name("hospital-a"))),
        version: Some(1),
        policy: Some(digest(12)),
        program: Some(request.binding().program),
        platform: None,
        detail: String::new(),
    }
}

fn requests(bytes: &[u8], request: &Request, broker: &Broker) {
    let challenge = Challenge {
        card: broker.card.clone(),
        token: Freshness::new(&[1; 57]).expect("a token's length"),
    };
    let error = ErrorBody {
        class: ErrorClass::Stale,
        error: "the token is too old".to_owned(),
    };
    seed("request", "request", &[&[0], bytes]);
    seed("request", "binding", &[&[1], &request.binding().encode()]);
    seed("request", "card", &[&[2], &broker.card.encode()]);
    seed("request", "challenge", &[&[3], &challenge.encode()]);
    seed("request", "leaf", &[&[4], &leaf(request).encode()]);
    seed("request", "error", &[&[5], &error.encode()]);
    seed("cbor", "leaf", &[&leaf(request).encode()]);
}

/// The witness that a broker needs before it seals.
fn appraised(request: &Request) -> Appraised {
    let expected = request.binding().report_data();
    let none = adyton_verifier::Endorsements::new();
    let verified = adyton_verifier::verify(request.evidence(), &none, &expected, NOW);
    let verified = verified.expect("Evidence");
    let measurement = PlatformMeasurement::new(&[9; 32]).expect("a measurement");
    let id = PlatformId::new(platform_key().fingerprint().as_bytes()).expect("an id");
    let policy = PlatformPolicy::software(
        BTreeSet::from([measurement]),
        BTreeSet::from([id]),
        1,
        [].into_iter().collect(),
    );
    let policies = [policy.expect("a policy")];
    appraise(&verified, &policies, &Context::at(NOW)).expect("a platform as pinned")
}

fn answers(request: &Request, broker: &Broker) -> ReleaseProof {
    let leaf = leaf(request);
    let checkpoint = broker.log_key.sign(1, leaf_hash(&leaf.encode()));
    let grant = Grant {
        secret: name("hospital-a"),
        salt: SALT,
        version: 1,
        policy: digest(12),
        value: SecretBytes::new(b"AGE-SECRET-KEY-1".to_vec()),
        leaf: leaf.clone(),
        index: 0,
        path: Vec::new(),
    };
    let release = SealedRelease::seal(grant, request, &appraised(request), &mut FixedRng(13));
    let token = Freshness::new(&[1; 57]).expect("a token's length");
    let answer = Answer {
        card: broker.card.clone(),
        request: *request.digest(),
        releases: vec![release.expect("sealed")],
        checkpoint: checkpoint.clone(),
        token: token.clone(),
    };
    let denial = Denial {
        card: broker.card.clone(),
        request: *request.digest(),
        denied: vec![Denied {
            secret: Some(name("hospital-a")),
            failed: FailedClaim::new("program", "one that is allowed", "another"),
        }],
        token,
    };
    let key = broker.answer_key.verifying_key();
    let (answer, denial) = (
        answer.sign(&broker.answer_key),
        denial.sign(&broker.answer_key),
    );
    seed("answer", "answer", &[&[0], &answer]);
    seed("answer", "denial", &[&[1], &denial]);
    let body = payload("adyton/release-answer/v1", &key, &answer);
    seed("answer", "answer-payload", &[&[2], &body]);
    let body = payload("adyton/release-denial/v1", &key, &denial);
    seed("answer", "denial-payload", &[&[3], &body]);
    ReleaseProof {
        card: broker.card.clone(),
        request: *request.digest(),
        secret: name("hospital-a"),
        salt: SALT,
        version: 1,
        policy: digest(12),
        index: 0,
        leaf,
        path: Vec::new(),
        checkpoint,
    }
}

fn receipts(release: &ReleaseProof) {
    let keys = run_keys();
    let stated = ReceiptPayload {
        run: [14; 32],
        manifest: vec![0xa0],
        exit: 0,
        host_time: NOW,
        inputs: vec![InputRecord {
            name: name("a"),
            sha256: digest(15),
            size: 1000,
            release: 0,
        }],
        outputs: Vec::new(),
        releases: vec![release.clone()],
    };
    let draft = ReceiptDraft::new(&keys, &stated).expect("within the limits");
    let report = SoftwareReport::new(draft.report_data(), digest(9), [].into_iter().collect());
    let receipt = draft.finish(&Evidence {
        kind: TeeKind::Software,
        bytes: report.sign(&platform_key()),
    });
    seed("receipt", "received", &[&[0], &receipt]);
    let sign1 = byte_field(&receipt, "sign1");
    let body = payload("adyton/receipt/v1", &keys.signing().verifying_key(), &sign1);
    seed("receipt", "payload", &[&[1], &body]);
}

fn sealed() {
    let recipients = Recipients::new([identity().recipient()]).expect("a recipient");
    let mut writer = SealWriter::new(Vec::new(), &recipients, &mut FixedRng(16)).expect("a header");
    writer
        .write_all(b"age,sex\n63,1\n")
        .expect("memory takes it");
    seed(
        "sealed_header",
        "x25519",
        &[&writer.finish().expect("memory takes it")],
    );
}

fn hatch() {
    let start = ToEnclave::Start(Start {
        inputs: vec![InputFile {
            name: name("a"),
            broker: [17; 32],
            secret: name("hospital-a"),
        }],
        outputs: vec![name("report")],
        cache_read: false,
        cache_write: true,
        tee: adyton_types::TeeKind::Software,
        host_time: NOW,
    });
    let failed = FromEnclave::Failed(Failed {
        class: ErrorClass::Rejected,
        message: "denied".to_owned(),
    });
    seed("hatch", "start", &[&start.encode()]);
    seed(
        "hatch",
        "challenges",
        &[&ToEnclave::Challenges(Vec::new()).encode()],
    );
    seed(
        "hatch",
        "answers",
        &[&ToEnclave::Answers(Vec::new()).encode()],
    );
    seed("hatch", "started", &[&FromEnclave::Started.encode()]);
    seed("hatch", "failed", &[&failed.encode()]);
}

fn programs() {
    let recipient = identity().recipient();
    let text = format!(
        "name = \"count\"\ncomponent = \"count.wasm\"\nargs = [\"a\"]\nstdout = \"report\"\n\n\
         [[input]]\nname = \"a\"\n\n[[output]]\nname = \"report\"\nrecipients = [\"{recipient}\"]\n"
    );
    seed("manifest", "toml", &[&[1], text.as_bytes()]);
    let source = ManifestSource::parse(&text).expect("a manifest");
    let component = b"\0asm\x0d\0\x01\0";
    let manifest = source.into_manifest(component).expect("a manifest");
    seed("manifest", "dcbor", &[&[0], &manifest.encode()]);
    let bundle = Bundle::build(&manifest, component).expect("its own component");
    seed("bundle", "bundle", &[&bundle]);
}

fn documents() {
    let text = format!(
        "version = 1\nsecret = \"hospital-a\"\npurpose = \"model\"\nprograms = [\"{}\"]\n\
         not-before = \"2026-01-01T00:00:00Z\"\nnot-after = \"2027-01-01T00:00:00Z\"\n\
         max-releases = 10\n\n[[platform]]\nkind = \"software\"\nmeasurements = [\"{}\"]\n\
         platform-ids = [\"{}\"]\nmin-svn = 1\nrequire = [\"seccomp\", \"traced\"]\n",
        "08".repeat(48),
        "09".repeat(32),
        platform_key().fingerprint(),
    );
    let document: ReleaseDocument = text.parse().expect("a release document");
    seed("release_document", "toml", &[&[1], text.as_bytes()]);
    seed("release_document", "dcbor", &[&[0], &document.encode()]);
    let put = AdminCommand::SecretPut {
        name: name("hospital-a"),
        value: SecretBytes::new(b"AGE-SECRET-KEY-1".to_vec()),
        note: "opens hospital-a.age".to_owned(),
    };
    seed("admin", "secret-put", &[put.encode().expose()]);
    let put = AdminCommand::PolicyPut { document };
    seed("admin", "policy-put", &[put.encode().expose()]);
}
