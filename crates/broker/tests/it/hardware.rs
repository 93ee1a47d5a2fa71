//! Evidence of hardware, forged under roots of its own, through all steps: verify, appraise,
//! authorize, release. Every claim that fails is named.

use std::collections::BTreeMap;

use adyton_appraisal::{ReferenceDraft, ReferenceValues, References};
use adyton_broker::{Judging, ReleaseError};
use adyton_crypto::{SecretArray, SigningKey, sha384};
use adyton_tee_amd_snp::forge::{ForgedAmd, KEYS, NOW as AMD_NOW, ReportForge};
use adyton_tee_amd_snp::{Generation, VekKind};
use adyton_tee_intel_dcap::forge::{IntelForge, NOW as INTEL_NOW};
use adyton_types::{
    ErrorClass, Evidence, PlatformMeasurement, ProgramMeasurement, ReportData, TeeKind, UnixTime,
};
use adyton_verifier::Endorsements;
use serde_json::json;

use crate::support::{Asked, PROGRAM, World, claims, name};

const STUDY: [(&str, &str); 1] = [("a", "study")];

/// A document about `a` with one platform.
fn document(platform: &str) -> String {
    format!(
        "version = 1\nsecret = \"a\"\npurpose = \"study\"\nprograms = [\"{}\"]\n\
         not-before = \"2026-01-01T00:00:00Z\"\nnot-after = \"2027-01-01T00:00:00Z\"\n\
         max-releases = 100\n[[platform]]\n{platform}",
        ProgramMeasurement::new(PROGRAM)
    )
}

/// A broker whose clock stands at `now`, which judges by these Endorsements.
fn world(now: UnixTime, endorsements: Endorsements) -> World {
    let world = World::empty();
    world.at(&now.to_string());
    world.put("a", b"value-1");
    world.engine.set_judging(Judging {
        endorsements,
        references: References::default(),
    });
    world
}

fn ask(
    world: &World,
    evidence: impl FnOnce(ReportData) -> Evidence,
) -> Result<Asked, ReleaseError> {
    world.send(&world.request_with(world.challenge(), &STUDY, PROGRAM, evidence))
}

// AMD

fn amd() -> ForgedAmd {
    ForgedAmd::new(Generation::Genoa, VekKind::Vcek)
}

fn amd_world() -> World {
    let mut endorsements = Endorsements::new();
    endorsements.add_snp(amd().endorsements(AMD_NOW).expect("they verify"));
    world(AMD_NOW, endorsements)
}

/// What the forged report satisfies.
fn snp_platform() -> String {
    format!(
        "kind = \"snp\"\ngenerations = [\"Genoa\"]\nmeasurements = [\"{}\"]\n\
         platform-ids = [\"{}\"]\ntcb = {{ snp = 24, microcode = 219 }}\n",
        "3e".repeat(48),
        "c1".repeat(64)
    )
}

fn snp(alter: impl FnOnce(&mut ReportForge)) -> impl FnOnce(ReportData) -> Evidence {
    move |data| {
        let mut report = amd().report();
        alter(&mut report);
        report.set(0x50, data.as_bytes());
        Evidence {
            kind: TeeKind::Snp,
            bytes: report.sign(&KEYS.vek),
        }
    }
}

#[test]
fn a_secret_goes_to_a_machine_of_amd() {
    let world = amd_world();
    world.allow(&document(&snp_platform()));
    let released = ask(&world, snp(|_| ())).unwrap();
    assert_eq!(released, Asked::Released(vec![(b"value-1".to_vec(), 2)]));
    let platform = world.log().pop().unwrap().platform.unwrap();
    assert_eq!(platform.kind, TeeKind::Snp);
    assert_eq!(platform.measurement.as_bytes(), [0x3e; 48]);
    assert_eq!(platform.id.as_bytes(), [0xc1; 64]);
}

type Alter = fn(&mut ReportForge);

#[test]
fn each_weakness_of_a_report_is_named() {
    let world = amd_world();
    world.allow(&document(&snp_platform()));
    let cases: [(&[&str], Alter); 7] = [
        (&["platform.measurement"], |r| {
            r.set(0x90, &[1]);
        }),
        (&["platform.debug"], |r| {
            r.set(0x0a, &[0x0b]);
        }),
        (&["platform.concern.migration-agent"], |r| {
            r.set(0x0a, &[0x07]);
        }),
        (&["platform.vmpl"], |r| {
            r.set(0x30, &[1]);
        }),
        (&["platform.concern.alias-check-missing"], |r| {
            r.set(0x40, &[0x05]);
        }),
        (&["platform.concern.provisional-firmware"], |r| {
            r.set(0x1e0, &[3]);
        }),
        (
            &[
                "platform.measurement",
                "platform.debug",
                "platform.concern.alias-check-missing",
                "platform.concern.migration-agent",
                "platform.vmpl",
            ],
            |r| {
                r.set(0x90, &[1]).set(0x0a, &[0x0f]).set(0x30, &[2]);
                r.set(0x40, &[0x05]);
            },
        ),
    ];
    for (expected, alter) in cases {
        assert_eq!(claims(ask(&world, snp(alter)).unwrap()), expected);
    }
    let last = world.log_words().pop().unwrap();
    assert!(
        last.starts_with("deny platform.measurement,platform.debug"),
        "{last}"
    );
    assert_eq!(world.count(), 0);
}

#[test]
fn each_rule_of_a_document_holds() {
    let world = amd_world();
    for (from, to, expected) in [
        ("\"Genoa\"", "\"Turin\"", "platform.generation"),
        ("c1c1", "c1c2", "platform.platform-id"),
        ("snp = 24", "snp = 25", "platform.tcb.snp"),
        ("tcb = {", "vmpl = [1]\ntcb = {", "platform.vmpl"),
        (
            "tcb = {",
            "attributes = { guest-svn = 1 }\ntcb = {",
            "platform.attribute.guest-svn",
        ),
        (
            "generations = [\"Genoa\"]",
            "deny-generations = [\"Genoa\"]",
            "platform.generation",
        ),
    ] {
        let platform = snp_platform().replacen(from, to, 1);
        assert_ne!(platform, snp_platform());
        world.allow(&document(&platform));
        assert_eq!(
            claims(ask(&world, snp(|_| ())).unwrap()),
            [expected],
            "{to}"
        );
    }
    let accepted = snp_platform() + "concerns = [\"provisional-firmware\"]\n";
    world.allow(&document(&accepted));
    let provisional = snp(|report| {
        report.set(0x1e0, &[3]);
    });
    assert!(matches!(ask(&world, provisional), Ok(Asked::Released(_))));
}

#[test]
fn evidence_without_endorsements_or_of_others_is_refused() {
    let world = world(AMD_NOW, Endorsements::new());
    world.allow(&document(&snp_platform()));
    let error = ask(&world, snp(|_| ())).unwrap_err();
    assert!(error.to_string().contains("are missing"), "{error}");
    assert_eq!(error.class(), ErrorClass::Unavailable);
    let world = amd_world();
    world.allow(&document(&snp_platform()));
    let strangers = |data: ReportData| Evidence {
        kind: TeeKind::Snp,
        bytes: amd()
            .report()
            .set(0x50, data.as_bytes())
            .clone()
            .sign(&KEYS.stranger),
    };
    let error = ask(&world, strangers).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Rejected);
    // Recorded for another session.
    let recorded = |_| snp(|_| ())(ReportData::new([9; 64]));
    let error = ask(&world, recorded).unwrap_err();
    assert!(
        error.to_string().contains("not that of this binding"),
        "{error}"
    );
    // Endorsements end.
    world.at("2126-01-01T00:00:00Z");
    let error = ask(&world, snp(|_| ())).unwrap_err();
    assert_eq!(error.class(), ErrorClass::Stale, "{error}");
}

// Reference values

fn signer() -> SigningKey {
    SigningKey::from_seed(&SecretArray::fill_with(|bytes| bytes.fill(1)))
}

fn list(serial: u64, measurement: [u8; 48]) -> ReferenceValues {
    let measurement = PlatformMeasurement::new(&measurement).unwrap();
    let draft = ReferenceDraft {
        name: name("adyton"),
        serial,
        not_before: AMD_NOW,
        not_after: AMD_NOW.plus_secs(86_400),
        values: BTreeMap::from([((TeeKind::Snp, measurement), "adyton 0.1".to_owned())]),
    };
    ReferenceValues::parse(&draft.sign(&signer()).unwrap()).unwrap()
}

#[test]
fn a_signed_list_says_which_adyton_may_run() {
    let world = amd_world();
    let source = format!(
        "reference-values = {{ name = \"adyton\", signer = \"{}\", min-serial = 2 }}",
        signer().verifying_key().fingerprint()
    );
    let listed = format!("measurements = [\"{}\"]", "3e".repeat(48));
    world.allow(&document(&snp_platform().replace(&listed, &source)));
    let judged_by = |lists: Vec<ReferenceValues>| {
        let mut endorsements = Endorsements::new();
        endorsements.add_snp(amd().endorsements(AMD_NOW).unwrap());
        let mut references = References::default();
        for list in lists {
            references.add(list).unwrap();
        }
        world.engine.set_judging(Judging {
            endorsements,
            references,
        });
        ask(&world, snp(|_| ())).unwrap()
    };
    assert_eq!(claims(judged_by(vec![])), ["platform.reference-values"]);
    let old = judged_by(vec![list(1, [0x3e; 48])]);
    assert_eq!(claims(old), ["platform.reference-values"]);
    let other = judged_by(vec![list(2, [0x3f; 48])]);
    assert_eq!(claims(other), ["platform.measurement"]);
    assert!(matches!(
        judged_by(vec![list(2, [0x3e; 48])]),
        Asked::Released(_)
    ));
    let withdrawn = judged_by(vec![list(2, [0x3e; 48]), list(3, [0x3f; 48])]);
    assert_eq!(claims(withdrawn), ["platform.measurement"]);
}

// Intel

/// Where a TD report has what (evidence format of TDX 1.0).
const TD_ATTRIBUTES: usize = 120;
const MR_TD: std::ops::Range<usize> = 136..184;
const RTMRS: std::ops::Range<usize> = 328..520;
const REPORT_DATA: usize = 520;

fn intel_world(forge: &IntelForge) -> World {
    let mut endorsements = Endorsements::new();
    endorsements.add_intel(forge.endorsements().unwrap());
    world(INTEL_NOW, endorsements)
}

/// What the untouched forgery satisfies.
fn tdx_platform(forge: &IntelForge) -> String {
    let body = &forge.quote.body;
    let measurement = sha384(&[&body[MR_TD], &body[RTMRS]]);
    let measurement = PlatformMeasurement::new(&measurement).unwrap();
    format!("kind = \"tdx\"\nmeasurements = [\"{measurement}\"]\ntcb = {{}}\n")
}

fn tdx(forge: &mut IntelForge) -> impl FnOnce(ReportData) -> Evidence {
    move |data| {
        forge.quote.put_body(REPORT_DATA, data.as_bytes());
        Evidence {
            kind: TeeKind::Tdx,
            bytes: forge.quote(),
        }
    }
}

#[test]
fn a_secret_goes_to_a_machine_of_intel() {
    for mut forge in [IntelForge::tdx(), IntelForge::tdx15()] {
        let world = intel_world(&forge);
        world.allow(&document(&tdx_platform(&forge)));
        let released = ask(&world, tdx(&mut forge)).unwrap();
        assert!(matches!(released, Asked::Released(_)), "{released:?}");
    }
}

#[test]
fn each_weakness_of_a_quote_is_named() {
    let mut forge = IntelForge::tdx();
    let world = intel_world(&forge);
    let platform = tdx_platform(&forge);
    world.allow(&document(&platform));
    let attributes = forge.quote.body[TD_ATTRIBUTES..TD_ATTRIBUTES + 8].to_vec();
    let mut with = |bit: usize, on: bool| {
        let mut altered = attributes.clone();
        let mask = 1 << (bit % 8);
        altered[bit / 8] = if on {
            altered[bit / 8] | mask
        } else {
            altered[bit / 8] & !mask
        };
        forge.quote.put_body(TD_ATTRIBUTES, &altered);
        claims(ask(&world, tdx(&mut forge)).unwrap())
    };
    assert_eq!(with(0, true), ["platform.debug"]);
    assert_eq!(with(28, false), ["platform.concern.sept-ve"]);
    forge.quote.put_body(TD_ATTRIBUTES, &attributes);
    // Another kernel: a register that the guest extended.
    forge.quote.put_body(RTMRS.start, &[0x77; 48]);
    let altered = claims(ask(&world, tdx(&mut forge)).unwrap());
    assert_eq!(altered, ["platform.measurement"]);
}

#[test]
fn what_intel_says_of_the_tcb_counts() {
    let mut forge = IntelForge::tdx();
    for level in forge.tcb_info["tcbLevels"].as_array_mut().unwrap() {
        level["tcbStatus"] = json!("OutOfDate");
        level["tcbDate"] = json!("2026-01-01T00:00:00Z");
        level["advisoryIDs"] = json!(["INTEL-SA-00001", "INTEL-SA-00002"]);
    }
    let world = intel_world(&forge);
    let platform = tdx_platform(&forge) + "min-evaluation = 4000000000\n";
    world.allow(&document(&platform));
    let failed = claims(ask(&world, tdx(&mut forge)).unwrap());
    assert_eq!(
        failed,
        [
            "platform.status",
            "platform.advisory.INTEL-SA-00001",
            "platform.advisory.INTEL-SA-00002",
            "platform.min-evaluation",
        ]
    );
    // Days from the date of the TCB to the forgery's time, 2026-02-02.
    for (days, accepted) in [(30, false), (400, true)] {
        let more = format!(
            "statuses = {{ OutOfDate = {days} }}\n\
             advisories = {{ INTEL-SA-00001 = {days}, INTEL-SA-00002 = \"always\" }}\n"
        );
        world.allow(&document(&(tdx_platform(&forge) + &more)));
        let asked = ask(&world, tdx(&mut forge)).unwrap();
        if accepted {
            assert!(matches!(asked, Asked::Released(_)), "{asked:?}");
        } else {
            let expected = ["platform.status", "platform.advisory.INTEL-SA-00001"];
            assert_eq!(claims(asked), expected);
        }
    }
}
