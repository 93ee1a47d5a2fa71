use std::collections::{BTreeMap, BTreeSet};

use adyton_types::{PlatformId, TeeKind, UnixTime};
use adyton_verifier::{Attribute, Claims};

use super::{DAY, NOW, claims, hardware_rules, judged, names};
use crate::{Advisories, Grace, HardwareRules, Measurements, Wanted};

const KINDS: [TeeKind; 3] = [TeeKind::Snp, TeeKind::Tdx, TeeKind::Nitro];

fn set(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(ToString::to_string).collect()
}

#[test]
fn what_is_as_it_should_be_passes() {
    for kind in KINDS {
        assert_eq!(judged(&claims(kind), hardware_rules(kind)), []);
    }
}

type Change = fn(&mut Claims, &mut HardwareRules);

/// One deviation each, and the one claim that fails by it.
const DEVIATIONS: [(TeeKind, &str, Change); 24] = [
    (TeeKind::Snp, "measurement", |c, _| {
        c.measurement = super::measurement(9)
    }),
    (TeeKind::Snp, "generation", |_, r| {
        r.generations = set(&["Turin"])
    }),
    (TeeKind::Snp, "generation", |_, r| {
        r.deny_generations = set(&["Genoa"])
    }),
    (TeeKind::Snp, "platform-id", |_, r| {
        r.platform_ids = BTreeSet::from([PlatformId::new(&[6; 64]).unwrap()]);
    }),
    (TeeKind::Snp, "platform-id", |c, r| {
        r.deny_platform_ids = BTreeSet::from([c.platform_id.clone()]);
    }),
    (TeeKind::Snp, "debug", |c, _| {
        c.debug = true;
        c.concerns = set(&["debug"]);
    }),
    (TeeKind::Snp, "tcb.snp", |_, r| {
        r.tcb = BTreeMap::from([("snp".to_owned(), 24), ("microcode".to_owned(), 84)]);
    }),
    (TeeKind::Snp, "tcb.bootloader", |_, r| {
        r.tcb = BTreeMap::from([("bootloader".to_owned(), 0)]);
    }),
    (TeeKind::Snp, "concern.alias-check-missing", |c, _| {
        c.concerns = set(&["alias-check-missing"]);
    }),
    (TeeKind::Snp, "concern.migration-agent", |c, r| {
        c.concerns = set(&["alias-check-missing", "migration-agent"]);
        r.concerns = set(&["alias-check-missing"]);
    }),
    (TeeKind::Snp, "vmpl", |c, _| {
        c.attributes.insert("vmpl".to_owned(), Attribute::Number(1));
        c.concerns = set(&["requester"]);
    }),
    (TeeKind::Snp, "vmpl", |c, _| {
        c.attributes.remove("vmpl");
        c.concerns = set(&["requester"]);
    }),
    (TeeKind::Snp, "attribute.mr-signer", |_, r| {
        r.attributes = BTreeMap::from([("mr-signer".to_owned(), Wanted::Text("abce".to_owned()))]);
    }),
    (TeeKind::Snp, "attribute.smt", |_, r| {
        r.attributes = BTreeMap::from([("smt".to_owned(), Wanted::Flag(false))]);
    }),
    (TeeKind::Tdx, "status", |c, _| {
        c.standing.as_mut().unwrap().status = "OutOfDate".to_owned();
    }),
    (TeeKind::Tdx, "status", |c, r| {
        c.standing.as_mut().unwrap().status = "OutOfDate".to_owned();
        r.statuses = BTreeMap::from([("OutOfDate".to_owned(), Grace::Days(99))]);
    }),
    (TeeKind::Tdx, "status", |c, _| c.standing = None),
    (TeeKind::Tdx, "advisory.INTEL-SA-00001", |c, _| {
        c.standing.as_mut().unwrap().advisories = set(&["INTEL-SA-00001"]);
    }),
    (TeeKind::Tdx, "advisory.INTEL-SA-00002", |c, r| {
        c.standing.as_mut().unwrap().advisories = set(&["INTEL-SA-00001", "INTEL-SA-00002"]);
        r.statuses.insert("OutOfDate".to_owned(), Grace::Always);
        r.advisories = Advisories::Listed(BTreeMap::from([
            ("INTEL-SA-00001".to_owned(), Grace::Days(101)),
            ("INTEL-SA-00002".to_owned(), Grace::Days(99)),
        ]));
    }),
    (TeeKind::Tdx, "min-evaluation", |_, r| r.min_evaluation = 18),
    (TeeKind::Tdx, "concern.sept-ve", |c, _| {
        c.concerns = set(&["sept-ve"])
    }),
    (TeeKind::Tdx, "tcb.tdx.1", |_, r| {
        r.tcb = BTreeMap::from([("tdx.1".to_owned(), 6)]);
    }),
    (TeeKind::Nitro, "max-age", |_, r| r.max_age_secs = Some(59)),
    (TeeKind::Nitro, "max-age", |c, r| {
        c.made_at = None;
        r.max_age_secs = Some(59);
    }),
];

#[test]
fn each_deviation_fails_exactly_its_claim() {
    for (kind, name, change) in DEVIATIONS {
        let (mut claims, mut rules) = (claims(kind), hardware_rules(kind));
        change(&mut claims, &mut rules);
        let failed = judged(&claims, rules);
        assert_eq!(names(&failed), [name], "{failed:?}");
    }
}

#[test]
fn every_claim_that_fails_is_named() {
    let mut claims = claims(TeeKind::Tdx);
    claims.debug = true;
    claims.concerns = set(&["debug", "migratable", "sept-ve"]);
    let standing = claims.standing.as_mut().unwrap();
    standing.status = "OutOfDate".to_owned();
    standing.advisories = set(&["INTEL-SA-00001"]);
    let mut rules = hardware_rules(TeeKind::Tdx);
    rules.measurements = Measurements::Listed(BTreeSet::from([super::measurement(1)]));
    rules.generations = set(&["TDX 1.0"]);
    rules.tcb = BTreeMap::from([("sgx.1".to_owned(), 8)]);
    rules.min_evaluation = 20;
    assert_eq!(
        names(&judged(&claims, rules)),
        [
            "generation",
            "measurement",
            "debug",
            "tcb.sgx.1",
            "status",
            "advisory.INTEL-SA-00001",
            "min-evaluation",
            "concern.migratable",
            "concern.sept-ve",
        ]
    );
}

#[test]
fn grace_counts_from_the_date_of_the_tcb() {
    let mut claims = claims(TeeKind::Tdx);
    let standing = claims.standing.as_mut().unwrap();
    standing.status = "OutOfDate".to_owned();
    for (days_ago, fails) in [(30, false), (31, true)] {
        let standing = claims.standing.as_mut().unwrap();
        standing.date = UnixTime::from_secs(NOW.as_secs() - days_ago * DAY);
        let mut rules = hardware_rules(TeeKind::Tdx);
        rules
            .statuses
            .insert("OutOfDate".to_owned(), Grace::Days(30));
        assert_eq!(!judged(&claims, rules).is_empty(), fails, "{days_ago}");
    }
}

#[test]
fn what_is_accepted_by_name_passes() {
    let mut claims = claims(TeeKind::Snp);
    claims.debug = true;
    claims.concerns = set(&["debug", "provisional-firmware", "requester"]);
    claims
        .attributes
        .insert("vmpl".to_owned(), Attribute::Number(2));
    let mut rules = hardware_rules(TeeKind::Snp);
    rules.concerns = set(&["debug", "provisional-firmware"]);
    rules.vmpls = BTreeSet::from([0, 2]);
    rules.attributes = BTreeMap::from([("mr-signer".to_owned(), Wanted::Text("abcd".to_owned()))]);
    rules.measurements = Measurements::Any;
    assert_eq!(judged(&claims, rules), []);
}

#[test]
fn a_denied_machine_is_so_by_each_of_its_ids() {
    for (kind, name) in [
        (TeeKind::Tdx, "ppid"),
        (TeeKind::Tdx, "platform-instance-id"),
        (TeeKind::AzureTdx, "hardware.ppid"),
        (TeeKind::NvidiaGpu, "device1.key"),
        (TeeKind::Tpm, "ak"),
    ] {
        let len = crate::vocabulary::platform_id_lens(kind)[0];
        let denied = PlatformId::new(&vec![9; len]).unwrap();
        let mut rules = HardwareRules::new(kind, Measurements::Any);
        rules.deny_platform_ids = BTreeSet::from([denied]);
        let mut claims = claims(TeeKind::Tdx);
        claims.kind = kind;
        assert_eq!(judged(&claims, rules.clone()), [], "{kind}");
        let id = Attribute::Bytes(vec![9; len]);
        claims.attributes.insert(name.to_owned(), id);
        assert_eq!(names(&judged(&claims, rules)), ["platform-id"], "{kind}");
    }
}
