use std::collections::BTreeSet;

use adyton_crypto::{SecretArray, SigningKey};
use adyton_ear::{EarSigningKey, Pin, Tier, TrustVector, trust};
use adyton_types::{TeeKind, UnixTime};

use super::{NOW, claims};
use crate::{AppraisalPolicy, AttestationResult, Context, DEVELOPMENT, EarTerms, PRODUCTION};

fn result(change: fn(&mut adyton_verifier::Claims)) -> AttestationResult {
    let policy = AppraisalPolicy::production().unwrap();
    let mut claims = claims(TeeKind::Tdx);
    change(&mut claims);
    policy.result(&claims, &[3; 64], &Context::at(NOW))
}

fn terms() -> EarTerms {
    EarTerms {
        issuer: "v".to_owned(),
        audience: "rp".to_owned(),
        life_secs: 300,
        build: "0.1.0".to_owned(),
    }
}

#[test]
fn a_result_becomes_an_ear_that_verifies() {
    let key = SigningKey::from_seed(&SecretArray::fill_with(|bytes| bytes.fill(1)));
    let key = EarSigningKey::ed25519(key);
    let pin = Pin {
        key: key.verifying_key().unwrap(),
        issuer: "v".to_owned(),
        audience: "rp".to_owned(),
    };
    let good = result(|_| ());
    assert!(good.affirms());
    let jwt = good.to_ear(terms()).issue_jwt(&key).unwrap();
    let verified = pin.verify_jwt(&jwt, NOW).unwrap();
    assert!(verified.ear().affirms() && verified.answers(&[3; 64]));
    let cpu = &verified.ear().submods["cpu"];
    assert_eq!(cpu.attester_claims["status"], "UpToDate");
    assert_eq!(cpu.attester_claims["kind"], "tdx");
    assert!(cpu.policy_ids[0].starts_with("ni:///sha-256;"));
    assert_eq!(verified.ear().expires_at, NOW.plus_secs(300));

    let bad = result(|claims| {
        claims.debug = true;
        claims.standing.as_mut().unwrap().status = "OutOfDate".to_owned();
    });
    let cwt = bad.to_ear(terms()).issue_cwt(&key).unwrap();
    let verified = pin.verify_cwt(&cwt, NOW).unwrap();
    assert!(!verified.ear().affirms());
    let cpu = &verified.ear().submods["cpu"];
    let names: Vec<_> = cpu.failed.iter().map(|f| f.claim.as_str()).collect();
    assert_eq!(names, ["platform-3.debug", "platform-3.status"]);
    assert_eq!(cpu.attester_claims.get("concerns"), None);
    assert_eq!(cpu.status, Tier::Contraindicated);
}

#[test]
fn it_ends_when_the_endorsements_do() {
    let result = result(|claims| claims.valid_until = UnixTime::from_secs(NOW.as_secs() + 7));
    assert_eq!(result.to_ear(terms()).expires_at, NOW.plus_secs(7));
}

#[test]
fn each_claim_lowers_its_own_side() {
    let vector = |change| {
        let ear = result(change).to_ear(terms());
        ear.submods.values().next().unwrap().vector
    };
    let affirmed = vector(|_| ());
    assert_eq!(affirmed.tier(), Tier::Affirming);
    let status = vector(|claims| {
        claims.standing.as_mut().unwrap().status = "OutOfDate".to_owned();
    });
    let hardware = trust::UNSAFE_HARDWARE;
    assert_eq!(
        status,
        TrustVector {
            hardware,
            ..affirmed
        }
    );
    let debug = vector(|claims| claims.debug = true);
    let (configuration, runtime_opaque) = (trust::CONTRAINDICATED, trust::CONTRAINDICATED);
    assert_eq!(
        debug,
        TrustVector {
            configuration,
            runtime_opaque,
            ..affirmed
        }
    );
    let concern = vector(|claims| claims.concerns = BTreeSet::from(["sept-ve".to_owned()]));
    let configuration = trust::UNSAFE_CONFIG;
    assert_eq!(
        concern,
        TrustVector {
            configuration,
            ..affirmed
        }
    );
    let kind = vector(|claims| claims.kind = TeeKind::Tpm);
    assert_eq!(Tier::of(kind.hardware), Tier::Contraindicated);
}

/// A reader of the token has not read the policy: what that left open or put up with, the token may
/// not affirm.
#[test]
fn what_no_policy_asked_about_nobody_affirms() {
    let vector = |policy: &str, change: fn(&mut adyton_verifier::Claims)| {
        let policy: AppraisalPolicy = policy.parse().unwrap();
        let mut claims = claims(TeeKind::Tdx);
        change(&mut claims);
        let result = policy.result(&claims, &[3; 64], &Context::at(NOW));
        assert!(result.affirms(), "{:?}", result.failed);
        let ear = result.to_ear(terms());
        let cpu = ear.submods.values().next().unwrap();
        let concerns = claims.concerns.first().cloned();
        assert_eq!(cpu.attester_claims.get("concerns").cloned(), concerns);
        cpu.vector
    };
    let affirmed = trust::AFFIRMED;
    let all = TrustVector {
        instance_identity: affirmed,
        configuration: affirmed,
        executables: affirmed,
        hardware: affirmed,
        runtime_opaque: affirmed,
        ..TrustVector::default()
    };
    let exact = format!(
        "version = 1\nname = \"a\"\n[[platform]]\nkind = \"tdx\"\ntcb = {{}}\n\
         measurements = [\"{}\"]\nplatform-ids = [\"{}\"]\n",
        "08".repeat(48),
        "05".repeat(16)
    );
    assert_eq!(vector(&exact, |_| ()), all);
    let open = TrustVector {
        instance_identity: 0,
        executables: 0,
        ..all
    };
    assert_eq!(vector(PRODUCTION, |_| ()), open);
    let debug = vector(DEVELOPMENT, |claims| {
        claims.debug = true;
        claims.concerns = BTreeSet::from(["debug".to_owned()]);
    });
    let weak = TrustVector {
        configuration: 0,
        runtime_opaque: 0,
        ..open
    };
    assert_eq!(debug, weak);
    let old = vector(DEVELOPMENT, |claims| {
        claims.standing.as_mut().unwrap().status = "OutOfDate".to_owned();
    });
    assert_eq!(
        old,
        TrustVector {
            hardware: 0,
            ..open
        }
    );
}

#[test]
fn it_ends_when_a_grace_period_does() {
    let policy = PRODUCTION.replace(
        "kind = \"tdx\"",
        "kind = \"tdx\"\nstatuses = { OutOfDate = 101 }",
    );
    let policy: AppraisalPolicy = policy.parse().unwrap();
    let mut claims = claims(TeeKind::Tdx);
    let standing = claims.standing.as_mut().unwrap();
    standing.status = "OutOfDate".to_owned();
    claims.valid_until = UnixTime::MAX;
    let standing = claims.standing.as_mut().unwrap();
    let ends = standing.date.plus_secs(101 * super::DAY);
    let late = UnixTime::from_secs(ends.as_secs() - 7);
    let result = policy.result(&claims, &[3; 64], &Context::at(late));
    assert!(result.affirms());
    assert_eq!(result.to_ear(terms()).expires_at, ends);
}
