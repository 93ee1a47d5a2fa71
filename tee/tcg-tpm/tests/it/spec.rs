//! `specs/vectors/tpm/`: a text file a case, one deviation each, read by every test run. To write
//! them anew: `cargo test -p adyton-tee-tcg-tpm -- --ignored rewrite`.

use std::collections::BTreeMap;
use std::path::PathBuf;

use adyton_codec::{hex_decode, hex_encode};
use adyton_tee_tcg_tpm::forge::{ForgedAk, LogForge, QuoteForge, enrolled};
use adyton_tee_tcg_tpm::{
    EnrolledAk, Expected, HashAlg, PcrSelection, PcrSet, PcrValues, TpmEndorsements, TpmEvidence,
    TpmPublic, verify,
};
use adyton_types::UnixTime;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const NONCE: [u8; 32] = [0x0D; 32];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../specs/vectors/tpm")
}

#[test]
fn vectors_give_their_class() {
    let mut cases = 0;
    for entry in std::fs::read_dir(folder()).unwrap() {
        let path = entry.unwrap().path();
        let text = std::fs::read_to_string(&path).unwrap();
        let fields: BTreeMap<&str, &str> = text
            .lines()
            .skip(1)
            .map(|line| line.split_once(": ").unwrap())
            .collect();
        let bytes = |name: &str| hex_decode(fields[name]).unwrap();
        let record = EnrolledAk::danger_from_store(&bytes("enrolment")).unwrap();
        let trusted = TpmEndorsements::new(Vec::new()).with_enrolled(record);
        let (bank, set) = fields["pcrs"].split_once(':').unwrap();
        let set = set.split(',').map(|index| index.parse().unwrap());
        let nonce = bytes("nonce");
        let expected = Expected {
            nonce: &nonce,
            selection: PcrSelection::new(
                HashAlg::from_name(bank).unwrap(),
                PcrSet::new(set).unwrap(),
            ),
        };
        let now = UnixTime::from_secs(fields["now"].parse().unwrap());
        let found = match verify(&bytes("evidence"), &trusted, &expected, now) {
            Ok(_) => ("ok".to_owned(), "none".to_owned()),
            Err(error) => (error.class().to_string(), error.check().to_owned()),
        };
        let wanted = (fields["class"].to_owned(), fields["check"].to_owned());
        assert_eq!(found, wanted, "{}", path.display());
        cases += 1;
    }
    assert_eq!(cases, CASES.len());
}

type Deviation = fn(&mut QuoteForge, &mut ForgedAk);
type Change = fn(&mut TpmEvidence);
type Case = (
    &'static str,
    &'static str,
    Deviation,
    Change,
    &'static str,
    &'static str,
);

const CASES: [Case; 10] = [
    ("good", "none", |_, _| {}, |_| {}, "ok", "none"),
    (
        "other-nonce",
        "a quote for another nonce",
        |q, _| q.nonce[31] ^= 1,
        |_| {},
        "rejected",
        "nonce",
    ),
    (
        "resettable-pcrs",
        "a quote over PCRs 16, 22 and 23, their values under other indices",
        |q, _| {
            let set = PcrSet::new([16, 22, 23]).unwrap();
            q.selection = Some(vec![(HashAlg::Sha256.id(), set)]);
        },
        |_| {},
        "rejected",
        "pcr-selection",
    ),
    (
        "unrestricted-key",
        "a key without `restricted`",
        |_, ak| ak.attributes &= !(1 << 16),
        |_| {},
        "rejected",
        "ak-attributes",
    ),
    (
        "magic",
        "another magic, signed by the key all the same",
        |q, _| q.magic = 0xFF54_4348,
        |_| {},
        "malformed",
        "attest-structure",
    ),
    (
        "sha1-signature",
        "a signature that says SHA-1",
        |_, _| {},
        |e| e.signature[3] = 0x04,
        "rejected",
        "signature-scheme",
    ),
    (
        "flipped",
        "a flipped bit in the quote",
        |_, _| {},
        |e| e.quote[60] ^= 1,
        "rejected",
        "signature",
    ),
    (
        "other-value",
        "another value of PCR 7",
        |_, _| {},
        |e| {
            let values = e.pcrs.iter().map(|(index, value)| {
                (
                    index,
                    if index == 7 {
                        vec![1; 32]
                    } else {
                        value.to_vec()
                    },
                )
            });
            e.pcrs = PcrValues::new(HashAlg::Sha256, values).unwrap();
        },
        "rejected",
        "pcr-digest",
    ),
    (
        "other-log",
        "a log whose events add up to another value",
        |q, _| q.log = Some(log().event(7, 4, &[0; 4]).event(7, 4, &[0; 4]).bytes),
        |_| {},
        "rejected",
        "event-log",
    ),
    (
        "silent-log",
        "a log without what was measured into PCR 7",
        |q, _| q.log = Some(log().bytes),
        |_| {},
        "rejected",
        "event-log",
    ),
];

/// What was measured into PCR 4.
fn log() -> LogForge {
    LogForge::new(&[HashAlg::Sha256]).event(4, 4, &[0; 4])
}

#[test]
#[ignore = "rewrites specs/vectors/tpm"]
fn rewrite() {
    std::fs::create_dir_all(folder()).unwrap();
    for (name, deviation, deviate, change, class, check) in CASES {
        let sha = |parts: &[&[u8]]| HashAlg::Sha256.digest(parts);
        let value = sha(&[&[0; 32], &sha(&[&[0; 4]])]);
        let pcrs = [(0, vec![0; 32]), (4, value.clone()), (7, value)];
        let pcrs = PcrValues::new(HashAlg::Sha256, pcrs).unwrap();
        let (mut quote, mut ak) = (QuoteForge::new(&NONCE, pcrs), ForgedAk::ecc());
        quote.log = Some(log().event(7, 4, &[0; 4]).bytes);
        deviate(&mut quote, &mut ak);
        let mut evidence = quote.evidence(&ak);
        change(&mut evidence);
        let record = enrolled(&TpmPublic::parse(&ak.public()).unwrap(), NOW);
        let text = format!(
            "# {deviation}\nnow: {}\nnonce: {}\npcrs: sha256:0,4,7\nenrolment: {}\nevidence: {}\nclass: {class}\ncheck: {check}\n",
            NOW.as_secs(),
            hex_encode(&NONCE),
            hex_encode(&record.encode()),
            hex_encode(&evidence.encode()),
        );
        std::fs::write(folder().join(format!("{name}.txt")), text).unwrap();
    }
}
