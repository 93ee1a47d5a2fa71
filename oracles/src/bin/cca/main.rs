//! CCA tokens: speed beside the two signatures alone, in one run, and, where the program `ccatoken`
//! is named, verdicts beside its.
//!
//! `cargo run --release --bin cca -- FOLDER`, the folder of real Evidence; then
//! `cargo run --release --bin cca -- FOLDER PROGRAM`, for the verdicts alone

mod cases;
mod peer;

use std::collections::BTreeMap;
use std::hint::black_box;

use adyton_oracles::{Vectors, median_ns, peak_of, table};
use adyton_tee_arm_cca::{
    CcaEndorsements, CcaToken, ComponentReference, Curve, EcKey, PlatformReference, verify,
};
use adyton_types::UnixTime;
use aws_lc_rs::signature::{ECDSA_P384_SHA384_FIXED, UnparsedPublicKey};

use cases::{Case, World};
use peer::{Peer, Stores};

const TOKEN: &str = "cca/veraison_rust-ccatoken__testdata_cca-token-draft-ffm-00.cbor";
const KEY: &str = "cca/veraison_rust-ccatoken__testdata_cpak.json";
const NOW: UnixTime = UnixTime::from_secs(1_750_000_000);

/// The key of the platform, and Reference Values that are the token's own.
fn endorse(token: &CcaToken<'_>, key: &EcKey) -> CcaEndorsements {
    let platform = &token.platform;
    let mut endorsements = CcaEndorsements::new(NOW, NOW);
    endorsements
        .add_key(platform.implementation, platform.instance, Ok(key.clone()))
        .expect("on its curve");
    let reference = |component: &adyton_tee_arm_cca::SwComponent| ComponentReference {
        kind: component.kind.clone(),
        measurement: component.measurement.clone(),
        signer: component.signer.clone(),
        version: component.version.clone(),
    };
    let reference = PlatformReference {
        config: platform.config.clone(),
        components: platform.components.iter().map(reference).collect(),
        required: platform
            .components
            .iter()
            .filter_map(|c| c.kind.clone())
            .collect(),
    };
    endorsements.set_reference(platform.implementation, reference);
    endorsements
}

fn main() {
    let vectors = Vectors::open();
    match std::env::args().nth(2) {
        Some(program) => differential(&vectors, &Peer::new(program)),
        None => speed(&vectors),
    }
}

/// Verdicts of both sides, by what is odd about the token and why each refuses it.
struct Tally<'a> {
    peer: &'a Peer,
    accepted: usize,
    refused: usize,
    differ: BTreeMap<String, usize>,
}

impl Tally<'_> {
    fn note(&mut self, what: &str, token: &[u8], endorsements: &CcaEndorsements) {
        let ours = verify(token, endorsements, NOW);
        let ours = ours.map(drop).map_err(|error| error.check().to_owned());
        let theirs = self.peer.verdict(token);
        match (ours.is_ok(), theirs.is_ok()) {
            (true, true) => self.accepted += 1,
            (false, false) => self.refused += 1,
            _ => {
                let word = |verdict: Result<(), String>| match verdict {
                    Ok(()) => "accepts".to_owned(),
                    Err(why) => format!("refuses ({why})"),
                };
                let (ours, theirs) = (word(ours), word(theirs));
                let line = format!("{what}: adyton {ours}, ccatoken {theirs}");
                *self.differ.entry(line).or_default() += 1;
            }
        }
    }

    /// The world's token, the cases, and the token with a bit flipped in each byte.
    fn world(&mut self, world: &World, cases: &[Case]) {
        let token = CcaToken::parse(&world.token).expect("well-formed");
        let endorsements = endorse(&token, &world.key);
        self.peer.trust(&Stores::of(&token, &world.key));
        self.note(
            &format!("{}, as it is", world.name),
            &world.token,
            &endorsements,
        );
        for (what, token) in cases {
            self.note(what, token, &endorsements);
        }
        for at in 0..world.token.len() {
            let mut flipped = world.token.clone();
            flipped[at] ^= 1 << (at % 8);
            self.note("a bit flipped", &flipped, &endorsements);
        }
    }
}

fn differential(vectors: &Vectors, peer: &Peer) {
    let mut tally = Tally {
        peer,
        accepted: 0,
        refused: 0,
        differ: BTreeMap::new(),
    };
    for world in cases::recorded(vectors) {
        let tail = [&world.token[..], &[0]].concat();
        tally.world(&world, &[("a byte after its end", tail)]);
    }
    for curve in Curve::ALL {
        let (world, cases) = cases::forged(curve);
        tally.world(&world, &cases);
    }
    let (accepted, refused) = (tally.accepted, tally.refused);
    println!("both accept {accepted}, both refuse {refused}");
    for (line, count) in tally.differ {
        println!("  {count} x {line}");
    }
}

fn speed(vectors: &Vectors) {
    let token = vectors.read(TOKEN);
    let key = vectors.read(KEY);
    let key = EcKey::from_jwk(std::str::from_utf8(&key).expect("text")).expect("a public key");
    let parsed = CcaToken::parse(&token).expect("well-formed");
    let endorsements = endorse(&parsed, &key);
    let message = vec![7; 1500];
    // What one verification costs does not depend on whether the signature holds.
    let floor = || {
        for _ in 0..2 {
            let key = UnparsedPublicKey::new(&ECDSA_P384_SHA384_FIXED, key.point());
            let _ = black_box(key.verify(black_box(&message), &token[token.len() - 96..]));
        }
    };
    let times = median_ns(
        30,
        10,
        [&mut || floor(), &mut || {
            let verified = verify(black_box(&token), &endorsements, NOW);
            let _ = black_box(verified.expect("verifies"));
        }],
    );
    table(&[
        ("two P-384 signatures alone", times[0]),
        ("adyton", times[1]),
    ]);
    println!(
        "{:.0} tokens/s; floor ratio {:.2}",
        1e9 / times[1],
        times[0] / times[1]
    );
    let (_, peak) = peak_of(|| verify(&token, &endorsements, NOW).expect("verifies"));
    println!("peak heap of one verification: {peak} bytes");
}
