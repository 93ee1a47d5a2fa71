//! What is issued verifies under its pin, in both forms and both algorithms; one thing off and it
//! does not, by that thing's name. Tokens that other implementations made are in `foreign`.

#[cfg(test)]
mod deviations;
#[cfg(test)]
mod foreign;
#[cfg(test)]
mod support;

use adyton_ear::{Ear, EarError, Tier, trust};
use proptest::prelude::*;
use support::{NOW, Signers, ear, pin};

#[test]
fn what_is_issued_is_what_is_read() {
    for signer in Signers::both() {
        let pin = pin(&signer);
        let jwt = ear().issue_jwt(&signer).unwrap();
        assert_eq!(pin.verify_jwt(&jwt, NOW).unwrap().ear(), &ear());
        let cwt = ear().issue_cwt(&signer).unwrap();
        let verified = pin.verify_cwt(&cwt, NOW).unwrap();
        assert_eq!(verified.ear(), &ear());
        assert!(verified.answers(&[7; 64]) && !verified.answers(&[7; 63]));
        assert!(!verified.ear().affirms());
    }
}

#[test]
fn results_that_contradict_themselves_are_not_issued() {
    let [signer, _] = Signers::both();
    let refused = |change: fn(&mut Ear)| {
        let mut ear = ear();
        change(&mut ear);
        let jwt = ear.issue_jwt(&signer).unwrap_err();
        assert_eq!(ear.issue_cwt(&signer).unwrap_err(), jwt);
        match jwt {
            EarError::Claim { claim, .. } => claim,
            other => panic!("{other}"),
        }
    };
    assert_eq!(refused(|ear| ear.expires_at = ear.issued_at), "exp");
    assert_eq!(refused(|ear| ear.nonce.truncate(7)), "eat_nonce");
    assert_eq!(refused(|ear| ear.nonce.push(0)), "eat_nonce");
    assert_eq!(refused(|ear| ear.submods.clear()), "submods");
    assert_eq!(refused(|ear| ear.audience.clear()), "iss");
    assert_eq!(refused(|ear| ear.issuer = "x".repeat(4097)), "submods");
    assert_eq!(
        refused(|ear| for one in ear.submods.values_mut() {
            one.status = Tier::Affirming;
            one.failed.clear();
        }),
        "ear_status"
    );
    assert_eq!(
        refused(|ear| for one in ear.submods.values_mut() {
            one.vector.executables = trust::AFFIRMED;
            one.status = Tier::Affirming;
        }),
        "ear_status"
    );
    assert_eq!(
        refused(|ear| for one in ear.submods.values_mut() {
            one.policy_ids.clear();
        }),
        "ear_appraisal_policy_ids"
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn every_vector_goes_there_and_back(values in prop::array::uniform8(any::<i8>())) {
        let [signer, _] = Signers::both();
        let mut ear = ear();
        for one in ear.submods.values_mut() {
            one.vector.instance_identity = values[0];
            one.vector.configuration = values[1];
            one.vector.executables = values[2];
            one.vector.file_system = values[3];
            one.vector.hardware = values[4];
            one.vector.runtime_opaque = values[5];
            one.vector.storage_opaque = values[6];
            one.vector.sourced_data = values[7];
        }
        let pin = pin(&signer);
        let jwt = ear.issue_jwt(&signer).unwrap();
        let read = pin.verify_jwt(&jwt, NOW).unwrap();
        prop_assert_eq!(read.ear(), &ear);
        let cwt = ear.issue_cwt(&signer).unwrap();
        let read = pin.verify_cwt(&cwt, NOW).unwrap();
        prop_assert_eq!(read.ear(), &ear);
    }

    #[test]
    fn any_bytes_are_refused_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let [signer, _] = Signers::both();
        let pin = pin(&signer);
        prop_assert!(pin.verify_cwt(&bytes, NOW).is_err());
        prop_assert!(pin.verify_jwt(&String::from_utf8_lossy(&bytes), NOW).is_err());
    }
}
