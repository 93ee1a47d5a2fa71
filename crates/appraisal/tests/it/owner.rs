use adyton_appraisal::{AppraisalPolicy, Context, appraise};
use adyton_types::{Evidence, ReportData, TeeKind, UnixTime};
use adyton_verifier::{Endorsements, verify};

/// The binding that Evidence is made for.
pub(crate) const BINDING: ReportData = ReportData::new([0xda; 64]);

/// A policy of one platform: what says which system runs, and what else its owner wrote.
pub(crate) fn policy(kind: TeeKind, measurement: &str, written: &str) -> AppraisalPolicy {
    let tcb = if written.contains("tcb =") {
        ""
    } else {
        "tcb = {}\n"
    };
    let text = format!(
        "version = 1\nname = \"owner\"\n[[platform]]\nkind = \"{kind}\"\n\
         measurements = [\"{measurement}\"]\n{tcb}{written}\n"
    );
    text.parse()
        .unwrap_or_else(|error| panic!("{text}: {error}"))
}

/// The claims of Evidence that the policy refuses; none if it accepts the Evidence.
pub(crate) fn refused(
    policy: &AppraisalPolicy,
    kind: TeeKind,
    bytes: Vec<u8>,
    endorsements: &Endorsements,
    now: UnixTime,
) -> Vec<String> {
    let evidence = Evidence { kind, bytes };
    let verified = verify(&evidence, endorsements, &BINDING, now)
        .unwrap_or_else(|error| panic!("{kind}: {error}"));
    let appraised = appraise(&verified, policy.platforms(), &Context::at(now));
    let failed = appraised.err().unwrap_or_default();
    failed.into_iter().map(|failed| failed.claim).collect()
}
