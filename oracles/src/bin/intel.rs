//! Intel quotes: verdicts and speed beside dcap-qvl 0.7.1.

use std::collections::{BTreeMap, BTreeSet};
use std::hint::black_box;

use adyton_oracles::{Vectors, median_ns, peak_of, table};
use adyton_pki::{Certificate, KeyKind, PublicKey, SignatureAlgorithm, split_pem_chain};
use adyton_tee_intel_dcap::{
    IntelBundle, IntelEndorsements, IntelError, IntelTee, PckCache, Quote, Roots, VerifiedQuote,
    verify, verify_cached,
};
use adyton_types::UnixTime;
use dcap_qvl::QuoteCollateralV3;
use dcap_qvl::verify::ring;

/// A TDX quote of version 4 that is up to date under these Endorsements, for the measurements.
const QUOTE: &str = "tdx-v4/near_mpc__verify_quote_args.borsh__b9e238b2.bin";

struct Row {
    quote: String,
    bundle: String,
    now: u64,
    strict: String,
}

fn rows(vectors: &Vectors) -> Vec<Row> {
    vectors
        .table("INTEL_VERDICTS.tsv")
        .into_iter()
        .map(|row| Row {
            quote: row[0].clone(),
            bundle: row[1].clone(),
            now: row[3].parse().expect("seconds"),
            strict: row[6].trim().to_owned(),
        })
        .collect()
}

fn endorse(bundle: &IntelBundle, now: u64) -> Result<IntelEndorsements, IntelError> {
    let tdx = String::from_utf8_lossy(&bundle.tcb_info.body).contains("\"TDX\"");
    let tee = if tdx { IntelTee::Tdx } else { IntelTee::Sgx };
    IntelEndorsements::verify(tee, bundle, &Roots::intel(), 0, UnixTime::from_secs(now))
}

fn ours(quote: &[u8], bundle: &[u8], now: u64) -> Result<VerifiedQuote, IntelError> {
    let endorsements = endorse(&IntelBundle::from_json(bundle)?, now)?;
    verify(quote, &endorsements, UnixTime::from_secs(now))
}

fn theirs(quote: &[u8], bundle: &[u8], now: u64) -> Result<(String, BTreeSet<String>), String> {
    let collateral: QuoteCollateralV3 =
        serde_json::from_slice(bundle).map_err(|error| error.to_string())?;
    ring::verify(quote, &collateral, now)
        .map(|report| (report.status, report.advisory_ids.into_iter().collect()))
        .map_err(|error| format!("{error:#}"))
}

/// One line of comparison; `None` if both accept with the same status and advisories.
fn difference(quote: &[u8], bundle: &[u8], now: u64) -> Option<String> {
    match (ours(quote, bundle, now), theirs(quote, bundle, now)) {
        (Ok(ours), Ok((status, advisories))) => {
            let tcb = &ours.claims().tcb;
            let same = tcb.status.as_str() == status
                && tcb.advisories.iter().cloned().collect::<BTreeSet<_>>() == advisories;
            (!same).then(|| format!("ours {}, theirs {status}", tcb.status))
        }
        (Err(ours), Err(theirs)) => Some(format!(
            "both refuse: ours {}, theirs {theirs}",
            ours.check()
        )),
        (Ok(ours), Err(theirs)) => Some(format!(
            "ours accepts as a claim {:?}, theirs refuses: {theirs}",
            ours.claims().weaknesses()
        )),
        (Err(ours), Ok((status, _))) => Some(format!(
            "ours refuses by {}, theirs accepts: {status}",
            ours.check()
        )),
    }
}

fn compare(vectors: &Vectors) {
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    let rows = rows(vectors);
    for row in &rows {
        let (quote, bundle) = (vectors.read(&row.quote), vectors.read(&row.bundle));
        let text =
            difference(&quote, &bundle, row.now).unwrap_or("same status and advisories".into());
        *found.entry(text).or_default() += 1;
    }
    println!("{} rows of quote, Endorsements and time:", rows.len());
    for (text, count) in found {
        println!("{count:5}  {text}");
    }
}

/// Every quote against every bundle at the bundle's time, whether they go together or not.
fn cross(vectors: &Vectors) {
    let rows = rows(vectors);
    let bundles: BTreeMap<&str, u64> = rows.iter().map(|row| (&row.bundle[..], row.now)).collect();
    let quotes: Vec<Vec<String>> = vectors.table("INDEX.tsv");
    let quotes = quotes.iter().filter(|row| row[1].starts_with("quote-v"));
    let quotes: Vec<(&str, Vec<u8>)> = quotes
        .map(|row| (&row[0][..], vectors.read(&row[0])))
        .collect();
    let mut agree = 0;
    let mut found: BTreeMap<String, usize> = BTreeMap::new();
    for (bundle, now) in &bundles {
        let bundle = vectors.read(bundle);
        for (name, quote) in &quotes {
            match difference(quote, &bundle, *now) {
                Some(text) if !text.starts_with("both refuse") => {
                    // A claim that the policy reads is told in sum, another difference by name.
                    let named = text.contains("claim []") || !text.contains("claim");
                    let text = if named {
                        format!("{text} ({name})")
                    } else {
                        text
                    };
                    *found.entry(text).or_default() += 1;
                }
                _ => agree += 1,
            }
        }
    }
    println!(
        "{} quotes x {} bundles: {agree} agree",
        quotes.len(),
        bundles.len()
    );
    for (text, count) in found {
        println!("{count:5}  {text}");
    }
}

fn bench(vectors: &Vectors) {
    let rows = rows(vectors);
    let row = rows
        .iter()
        .find(|row| row.quote == QUOTE && row.strict == "OK UpToDate")
        .expect("a row for the measurements");
    let (quote, json) = (vectors.read(&row.quote), vectors.read(&row.bundle));
    let now = UnixTime::from_secs(row.now);
    let bundle = IntelBundle::from_json(&json).expect("a bundle");
    let endorsements = endorse(&bundle, row.now).expect("Endorsements");
    let cache = PckCache::new(16);
    verify_cached(&quote, &endorsements, &cache, now).expect("the quote verifies");
    let collateral: QuoteCollateralV3 = serde_json::from_slice(&json).expect("collateral");
    let parsed = Quote::parse(&quote).expect("a quote");
    let point = [&[4], &parsed.attestation_key[..]].concat();
    let key = PublicKey::from_sec1(KeyKind::P256, &point).expect("a key");

    let one = || {
        let algorithm = SignatureAlgorithm::EcdsaP256Sha256Fixed;
        black_box(key.verify(algorithm, parsed.signed, parsed.signature, "it"))
            .expect("it verifies");
    };
    let times = median_ns(
        41,
        20,
        [
            &mut || {
                black_box(verify(&quote, &endorsements, now)).expect("it verifies");
            },
            &mut || {
                black_box(verify_cached(&quote, &endorsements, &cache, now)).expect("it verifies");
            },
            &mut || {
                black_box(ring::verify(&quote, &collateral, row.now)).expect("it verifies");
            },
            &mut || {
                one();
                one();
                one();
            },
            &mut || {
                black_box(endorse(&bundle, row.now)).expect("Endorsements");
            },
            &mut || {
                black_box(Quote::parse(&quote)).expect("a quote");
            },
        ],
    );
    let pem = parsed.certification.pck_chain().expect("a chain");
    let ders = split_pem_chain(pem).expect("PEM");
    let parts = median_ns(
        41,
        50,
        [
            &mut || {
                black_box(split_pem_chain(pem)).expect("PEM");
            },
            &mut || {
                black_box(Certificate::parse(&ders[0])).expect("a certificate");
            },
            &mut || {
                black_box(PublicKey::from_sec1(KeyKind::P256, &point)).expect("a key");
            },
            &mut || one(),
        ],
    );
    table(&[
        ("part: PEM of the PCK chain", parts[0]),
        ("part: PCK certificate parsed", parts[1]),
        ("part: P-256 key parsed", parts[2]),
        ("part: one P-256 verification", parts[3]),
    ]);
    table(&[
        ("TDX v4 quote, Endorsements at hand", times[0]),
        ("the same, PCK certificate known", times[1]),
        ("dcap-qvl 0.7.1 (ring), quote and collateral", times[2]),
        ("floor: 3 P-256 verifications by aws-lc-rs", times[3]),
        ("Endorsements, verified once", times[4]),
        ("parsing of the quote alone", times[5]),
    ]);
    println!("times dcap-qvl: {:.2}", times[2] / times[0]);
    println!("of the floor:   {:.2}", times[3] / times[0]);
    let (_, peak) = peak_of(|| verify(&quote, &endorsements, now).expect("it verifies"));
    println!("peak heap of one verification: {peak} bytes");
    let (_, peak) = peak_of(|| endorse(&bundle, row.now).expect("Endorsements"));
    println!("peak heap of verifying Endorsements: {peak} bytes");
}

fn main() {
    let vectors = Vectors::open();
    match std::env::args().nth(2).as_deref() {
        Some("bench") => bench(&vectors),
        _ => {
            compare(&vectors);
            cross(&vectors);
        }
    }
}
