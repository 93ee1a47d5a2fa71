//! TPM quotes: speed beside the one signature alone, in one run. The quotes are forged under an
//! enrolled key, for recorded ones come without the public area of theirs. There is no peer here:
//! the tools that verify quotes need the TSS in C.
//!
//! `cargo run --release --bin tpm`

use std::hint::black_box;

use adyton_oracles::{median_ns, peak_of, table};
use adyton_pki::SignatureAlgorithm;
use adyton_tee_tcg_tpm::forge::{ForgedAk, QuoteForge, enrolled};
use adyton_tee_tcg_tpm::{
    Expected, HashAlg, PcrSelection, PcrSet, PcrValues, Scheme, TpmEndorsements, TpmPublic, verify,
};
use adyton_types::UnixTime;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const NONCE: &[u8] = b"a nonce of thirty-two bytes here";

fn measure(name: &str, ak: &ForgedAk, algorithm: SignatureAlgorithm) {
    let public = TpmPublic::parse(&ak.public()).expect("its own key");
    let key = public.key().clone();
    let trusted = TpmEndorsements::new(Vec::new()).with_enrolled(enrolled(&public, NOW));
    let pcrs = PcrValues::new(HashAlg::Sha256, (0..8).map(|n| (n, vec![n; 32]))).expect("values");
    let expected = Expected {
        nonce: NONCE,
        selection: PcrSelection::new(HashAlg::Sha256, PcrSet::new(0..8).expect("PCRs")),
    };
    let forged = QuoteForge::new(NONCE, pcrs).evidence(ak);
    let bytes = forged.encode();
    // A TPM frames R and S each; RSA signatures are one piece.
    let framed = ak.sign(&forged.quote);
    let bare = match algorithm {
        SignatureAlgorithm::EcdsaP256Sha256Fixed => [&framed[6..38], &framed[40..72]].concat(),
        _ => framed[6..].to_vec(),
    };
    let floor = || {
        key.verify(algorithm, black_box(&forged.quote), &bare, "a quote")
            .expect("signed");
    };
    let times = median_ns(
        40,
        50,
        [&mut || floor(), &mut || {
            let verified = verify(black_box(&bytes), &trusted, &expected, NOW);
            let _ = black_box(verified.expect("verifies"));
        }],
    );
    table(&[
        (&format!("{name}: one signature alone"), times[0]),
        (&format!("{name}: adyton, a quote of eight PCRs"), times[1]),
    ]);
    println!(
        "{name}: {:.0} quotes/s; floor ratio {:.2}",
        1e9 / times[1],
        times[0] / times[1]
    );
    let (_, peak) = peak_of(|| verify(&bytes, &trusted, &expected, NOW).expect("verifies"));
    println!("{name}: peak heap of one verification: {peak} bytes");
}

fn main() {
    measure(
        "RSA-2048",
        &ForgedAk::rsa(Scheme::RsaSsa),
        SignatureAlgorithm::RsaPkcs1Sha256,
    );
    measure(
        "P-256",
        &ForgedAk::ecc(),
        SignatureAlgorithm::EcdsaP256Sha256Fixed,
    );
}
