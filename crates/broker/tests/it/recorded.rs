//! Recorded Evidence of real machines, at the time at which it was good, before release documents
//! that were written for those machines. Its report data is of somebody else's session, so that no
//! request of ours can carry it: `vendors.rs` shows the whole way, with forged Evidence.

use adyton_appraisal::{Context, References, appraise};
use adyton_broker::ReleaseDocument;
use adyton_tee_amd_snp::{CaChain, Roots, SigningCa, SnpEndorsements};
use adyton_types::{Evidence, ReportData, TeeKind, UnixTime};
use adyton_vectors::Vectors;
use adyton_verifier::material::{Material, Trust};
use adyton_verifier::{Endorsements, VerifiedEvidence, VerifyError, authenticate, verify};

/// What the Evidence proves to those whose session it was made for; nothing, where it was made for
/// none.
fn verified(
    kind: TeeKind,
    bytes: Vec<u8>,
    endorsements: &Endorsements,
    now: UnixTime,
) -> Option<VerifiedEvidence> {
    let evidence = Evidence { kind, bytes };
    let authentic = authenticate(&evidence, endorsements, now).expect("it is authentic");
    let data = authentic.report_data().try_into().expect("64 bytes");
    let verified = verify(&evidence, endorsements, &ReportData::new(data), now);
    if data == [0; 64] {
        assert_eq!(verified, Err(VerifyError::EmptyReportData));
        return None;
    }
    Some(verified.expect("it is theirs"))
}

/// A document for a machine of this measurement.
fn document(evidence: &VerifiedEvidence, measurement: &str, concerns: &str) -> ReleaseDocument {
    let claims = evidence.claims();
    let text = format!(
        "version = 1\nsecret = \"a\"\npurpose = \"study\"\nprograms = [\"{}\"]\n\
         not-before = \"2020-01-01T00:00:00Z\"\nnot-after = \"2040-01-01T00:00:00Z\"\n\
         max-releases = 1\n[[platform]]\nkind = \"{}\"\nmeasurements = [\"{measurement}\"]\n\
         generations = [\"{}\"]\ntcb = {{}}\n{concerns}\n",
        "ab".repeat(48),
        claims.kind,
        claims.generation,
    );
    text.parse().expect("a document")
}

/// The claims that keep a machine from a document's secret.
fn refused(evidence: &VerifiedEvidence, document: &ReleaseDocument, now: UnixTime) -> Vec<String> {
    let references = References::default();
    let context = Context {
        now,
        references: &references,
    };
    match appraise(evidence, document.platforms(), &context) {
        Ok(_) => Vec::new(),
        Err(failed) => failed.into_iter().map(|failed| failed.claim).collect(),
    }
}

/// The document accepts this very machine, and with one digit changed no more.
fn judged(evidence: &VerifiedEvidence, concerns: &str, now: UnixTime) -> Vec<String> {
    let measurement = evidence.claims().measurement.to_string();
    let failed = refused(evidence, &document(evidence, &measurement, concerns), now);
    let digit = if measurement.starts_with('0') {
        "1"
    } else {
        "0"
    };
    let other = format!("{digit}{}", &measurement[1..]);
    let with_other = refused(evidence, &document(evidence, &other, concerns), now);
    assert_eq!(with_other[0], "measurement");
    assert_eq!(with_other[1..], failed);
    failed
}

#[test]
fn machines_of_intel() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let mut accepted = [0, 0];
    for row in vectors.table("INTEL_VERDICTS.tsv") {
        let (quote, bundle, time, verdict) = (&row[0], &row[1], &row[3], &row[6]);
        if !verdict.starts_with("OK UpToDate") {
            continue;
        }
        let now = UnixTime::from_secs(time.parse().unwrap());
        let mut material = Material::new();
        material.add(&vectors.read(bundle)).unwrap();
        let endorsements = material.endorse(&Trust::vendors(), now);
        let kind = if quote.starts_with("sgx") {
            TeeKind::Sgx
        } else {
            TeeKind::Tdx
        };
        let Some(evidence) = verified(kind, vectors.read(quote), &endorsements, now) else {
            continue;
        };
        assert_eq!(judged(&evidence, "", now), [""; 0], "{quote}");
        accepted[usize::from(kind == TeeKind::Sgx)] += 1;
    }
    println!("accepted: {} of TDX, {} of SGX", accepted[0], accepted[1]);
    assert!(accepted[0] > 0, "no quote of TDX was judged");
}

/// AMD's authority for a row of the index, `.. under amd-certs/VCEK_X.der (SEV-Milan) ..`, without
/// its revocation list, which nobody has recorded; and the certificate of the chip.
fn of_milan(vectors: &Vectors, verdict: &str, now: UnixTime) -> Option<SnpEndorsements> {
    let rest = verdict.strip_prefix("signature valid under ")?;
    let (vek, _) = rest.split_once(" (SEV-Milan)")?;
    let chain = CaChain {
        ark: &vectors.starting("amd-certs", "ARK-Milan_"),
        ca: &vectors.starting("amd-certs", "SEV-Milan_"),
    };
    let authority = SigningCa::danger_without_revocation_list(&Roots::amd(), &chain, now);
    let authority = authority.expect("a genuine authority");
    Some(SnpEndorsements::verify(&authority, &vectors.read(vek), now).expect("a genuine VCEK"))
}

#[test]
fn machines_of_amd() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let (mut accepted, mut judged_at_all) = (0, 0);
    for row in vectors.table("INDEX.tsv") {
        let (file, kind, verdict, time) = (&row[0], &row[1], &row[7], &row[8]);
        let day = time.split_once("..").map_or("", |(day, _)| day);
        let Ok(now) = format!("{day}T23:59:59Z").parse() else {
            continue;
        };
        if !kind.starts_with("snp-report") {
            continue;
        }
        let Some(known) = of_milan(&vectors, verdict, now) else {
            continue;
        };
        let mut endorsements = Endorsements::new();
        endorsements.add_snp(known);
        let Some(evidence) = verified(TeeKind::Snp, vectors.read(file), &endorsements, now) else {
            continue;
        };
        judged_at_all += 1;
        let failed = judged(&evidence, "concerns = [\"no-revocation-list\"]", now);
        accepted += usize::from(failed.is_empty());
        let without = judged(&evidence, "", now);
        let list = "concern.no-revocation-list".to_owned();
        assert!(without.contains(&list), "{file}");
        println!(
            "{file}: {}",
            if failed.is_empty() {
                "accepted".to_owned()
            } else {
                failed.join(", ")
            }
        );
    }
    println!("accepted: {accepted} of {judged_at_all} of AMD");
    assert!(accepted > 0, "no report was accepted");
}
