mod tdx;

use std::sync::LazyLock;

use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS, NOW};
use adyton_tee_amd_snp::{Generation, SnpEndorsements, VekKind};
use adyton_tee_tcg_tpm::forge::{ForgedAk, QuoteForge};
use adyton_tee_tcg_tpm::{HashAlg, PcrSelection, PcrSet, PcrValues, Scheme};
use adyton_types::{ErrorClass, NamedCheck};

use crate::forge::HclForge;
use crate::{
    AzureEndorsements, AzureError, AzureEvidence, Expected, Hardware, HardwareClaims, HardwareKind,
    HclReport, RuntimeClaims, UserData, VerifiedAzure, checks, verify,
};

const NONCE: &[u8] = b"a nonce";
const USER_DATA: [u8; 64] = [0xAB; 64];

static AK: LazyLock<ForgedAk> = LazyLock::new(|| ForgedAk::rsa(Scheme::RsaSsa));
static ENDORSEMENTS: LazyLock<SnpEndorsements> = LazyLock::new(|| amd().endorsements(NOW).unwrap());
static OTHER: LazyLock<ForgedAk> = LazyLock::new(|| ForgedAk::rsa(Scheme::RsaSsa));

fn selection() -> PcrSelection {
    PcrSelection::new(HashAlg::Sha256, PcrSet::new([0, 7]).unwrap())
}

fn quote() -> QuoteForge {
    let pcrs = [(0, vec![0; 32]), (7, vec![7; 32])];
    QuoteForge::new(NONCE, PcrValues::new(HashAlg::Sha256, pcrs).unwrap())
}

fn hcl() -> HclForge {
    HclForge::new(HardwareKind::Snp, &AK, &USER_DATA)
}

fn amd() -> ForgedAmd {
    ForgedAmd::new(Generation::Milan, VekKind::Vcek)
}

/// An SNP report over report data, asked for at a privilege level.
fn report(report_data: &[u8; 64], vmpl: u8) -> Vec<u8> {
    let mut report = amd().report();
    report.set(0x50, report_data).set(0x30, &[vmpl]);
    report.sign(&KEYS.vek)
}

fn evidence_of(hcl: &HclForge, report: &[u8]) -> AzureEvidence {
    hcl.evidence(report, Hardware::Snp { vek: None }, &quote(), &AK)
}

fn right() -> AzureEvidence {
    evidence_of(&hcl(), &report(&hcl().report_data(), 0))
}

fn judge(evidence: &AzureEvidence) -> Result<VerifiedAzure, AzureError> {
    judge_for(evidence, UserData::Exactly(&USER_DATA))
}

fn judge_for(
    evidence: &AzureEvidence,
    user_data: UserData<'_>,
) -> Result<VerifiedAzure, AzureError> {
    let expected = Expected {
        nonce: NONCE,
        selection: selection(),
        user_data,
    };
    verify(
        evidence,
        AzureEndorsements::Snp(&ENDORSEMENTS),
        &expected,
        NOW,
    )
}

fn refused_by(evidence: &AzureEvidence) -> &'static str {
    judge(evidence).unwrap_err().check()
}

#[test]
fn right_evidence_verifies_through_its_container() {
    let bytes = right().encode();
    let parsed = AzureEvidence::parse(&bytes).unwrap();
    assert_eq!(parsed, right_with(&parsed));
    assert_eq!(parsed.encode(), bytes);
    let verified = judge(&parsed).unwrap();
    let names: Vec<&str> = verified.checks().iter().map(|check| check.name).collect();
    for check in [
        checks::HCL,
        checks::HARDWARE,
        checks::VMPL,
        checks::BINDING,
        checks::RUNTIME,
        checks::USER_DATA,
    ] {
        assert!(names.contains(&check.name), "{}", check.name);
    }
    assert!(
        names.contains(&"pcr-selection") && names.contains(&"report-signature"),
        "{names:?}"
    );
    let claims = verified.into_claims();
    assert!(matches!(claims.hardware, HardwareClaims::Snp(_)));
    assert_eq!(claims.runtime.vm.secure_boot, Some(true));
    assert_eq!(claims.runtime.user_data, Some(USER_DATA));
    assert_eq!(claims.quote.pcrs.value(7), Some([7; 32].as_slice()));
}

/// Signatures are drawn anew each time; everything else is the same.
fn right_with(found: &AzureEvidence) -> AzureEvidence {
    AzureEvidence {
        hcl: found.hcl.clone(),
        signature: found.signature.clone(),
        ..right()
    }
}

#[test]
fn every_hash_of_the_claims_is_honoured() {
    for hash_type in [1, 2, 3] {
        let mut hcl = hcl();
        hcl.hash_type = hash_type;
        let right = report(&hcl.report_data(), 0);
        judge(&evidence_of(&hcl, &right)).unwrap();
        // Another hash than the one that the report names.
        hcl.hash_type = hash_type % 3 + 1;
        assert_eq!(refused_by(&evidence_of(&hcl, &right)), checks::BINDING.name);
    }
}

#[test]
fn every_check_refuses_its_own_forgery() {
    type Deviation = fn(&mut HclForge);
    let deviations: [(Deviation, NamedCheck); 12] = [
        (|h| h.signature[0] ^= 1, checks::HCL),
        (|h| h.version = 3, checks::HCL),
        (|h| h.request = 1, checks::HCL),
        (|h| h.status = 1, checks::HCL),
        (|h| h.report_type = 3, checks::HCL),
        (|h| h.hash_type = 4, checks::HCL),
        (|h| h.padding[63] = 1, checks::HCL),
        (|h| h.report_type = 4, checks::HARDWARE),
        (|h| h.claims.push(b'x'), checks::RUNTIME),
        (|h| replace(h, "HCLAkPub", "HCLEkPub"), checks::RUNTIME),
        (|h| replace(h, "AQAB", "AAAB"), checks::RUNTIME),
        (|h| replace(h, "ABABABAB", "ABABABAC"), checks::USER_DATA),
    ];
    for (n, (deviate, check)) in deviations.into_iter().enumerate() {
        let mut hcl = hcl();
        deviate(&mut hcl);
        let bound = report(&hcl.report_data(), 0);
        assert_eq!(
            refused_by(&evidence_of(&hcl, &bound)),
            check.name,
            "deviation {n}"
        );
    }
}

fn replace(hcl: &mut HclForge, from: &str, to: &str) {
    let claims = String::from_utf8(hcl.claims.clone()).unwrap();
    hcl.claims = claims.replacen(from, to, 1).into_bytes();
}

#[test]
fn links_that_do_not_hold_are_refused() {
    // Claims that no hardware attests: with the vTPM's key of the attacker's own.
    let own = HclForge::new(HardwareKind::Snp, &OTHER, &USER_DATA);
    let attested = report(&hcl().report_data(), 0);
    let swapped = own.evidence(&attested, Hardware::Snp { vek: None }, &quote(), &OTHER);
    assert_eq!(refused_by(&swapped), checks::BINDING.name);
    // The same attested from within the guest.
    let mut from_guest = own.evidence(
        &report(&own.report_data(), 2),
        Hardware::Snp { vek: None },
        &quote(),
        &OTHER,
    );
    assert_eq!(refused_by(&from_guest), checks::VMPL.name);
    from_guest.hardware = Hardware::Tdx { quote: Vec::new() };
    assert_eq!(refused_by(&from_guest), checks::HARDWARE.name);
    // Tails of the report data count.
    let mut data = hcl().report_data();
    data[63] = 1;
    assert_eq!(
        refused_by(&evidence_of(&hcl(), &report(&data, 0))),
        checks::BINDING.name
    );
    // A quote by another key than the one named.
    let other = hcl().evidence(&attested, Hardware::Snp { vek: None }, &quote(), &OTHER);
    assert_eq!(refused_by(&other), "signature");
    // A report that nobody signed.
    let mut unsigned = attested.clone();
    unsigned[0x90] ^= 1;
    assert_eq!(
        refused_by(&evidence_of(&hcl(), &unsigned)),
        "report-signature"
    );
}

#[test]
fn user_data_is_asked_for_by_the_verifier() {
    let evidence = right();
    assert!(judge_for(&evidence, UserData::Claim).is_ok());
    let other = judge_for(&evidence, UserData::Exactly(&[0; 64])).unwrap_err();
    assert_eq!(
        (other.check(), other.class()),
        (checks::USER_DATA.name, ErrorClass::Rejected)
    );
    let mut without = hcl();
    replace(&mut without, "user-data", "other-data");
    let attested = report(&without.report_data(), 0);
    assert_eq!(
        refused_by(&evidence_of(&without, &attested)),
        checks::USER_DATA.name
    );
}

#[test]
fn runtime_claims_name_one_key() {
    let hcl = hcl();
    let text = String::from_utf8(hcl.claims).unwrap();
    let refused = |text: &str| RuntimeClaims::parse(text.as_bytes()).unwrap_err().check();
    assert!(RuntimeClaims::parse(text.as_bytes()).is_ok());
    let (_, key) = text.split_once('[').unwrap();
    let (key, _) = key.split_once("],\"vm").unwrap();
    let twice = text.replacen(key, &format!("{key},{key}"), 1);
    for wrong in [
        twice.as_str(),
        &text.replace("RSA", "EC"),
        &text.replace("\"n\":\"", "\"n\":\"="),
        &text.replace("user-data\":\"AB", "user-data\":\"A"),
        "{}",
        "",
    ] {
        assert_eq!(refused(wrong), checks::RUNTIME.name);
    }
    let deep = format!("{}{}", "[".repeat(10_000), "]".repeat(10_000));
    assert_eq!(refused(&deep), checks::RUNTIME.name);
}

#[test]
fn hcl_reports_have_their_length() {
    let whole = hcl().build(&[0; 1184]);
    assert!(HclReport::parse(&whole).is_ok());
    for len in (0..whole.len() - 64).step_by(7) {
        assert!(HclReport::parse(&whole[..len]).is_err(), "{len}");
    }
    let padded = |len: usize| {
        let mut bytes = whole.clone();
        bytes.resize(len, 0);
        HclReport::parse(&bytes).map(|hcl| hcl.fields())
    };
    let fields = padded(65_536).unwrap();
    assert_eq!(padded(65_537).unwrap_err().check(), checks::HCL.name);
    let values = |name: &str| {
        let field = fields.iter().find(|field| field.name == name);
        field.unwrap().value.clone()
    };
    assert_eq!(values("hcl.header.version"), "2");
    assert_eq!(values("hcl.runtime.hashType"), "SHA-256");
    assert!(values("hcl.runtime.claims").contains("HCLAkPub"));
}

#[test]
fn hashes_are_named_as_they_are() {
    for (hash_type, name) in [(1, "SHA-256"), (2, "SHA-384"), (3, "SHA-512")] {
        let mut forged = hcl();
        forged.hash_type = hash_type;
        let bytes = forged.build(&[0; 1184]);
        assert_eq!(HclReport::parse(&bytes).unwrap().hash_name(), name);
    }
}

/// One bit of every fifth byte of Evidence: all refused, since SNP Evidence has no unsigned byte. The
/// tests with recorded evidence flip every byte.
#[test]
fn flipped_bytes_are_refused() {
    let bytes = right().encode();
    for at in (0..bytes.len()).step_by(5) {
        let mut flipped = bytes.clone();
        flipped[at] ^= 1 << (at % 8);
        let refused = match AzureEvidence::parse(&flipped) {
            Err(_) => true,
            Ok(evidence) => judge(&evidence).is_err(),
        };
        assert!(refused, "byte {at}");
    }
}
