use adyton_crypto::{CryptoError, SecretBytes, SignedError};
use adyton_merkle::MerkleError;
use adyton_protocol::{
    Answer, AnswerError, Grant, LeafType, PendingRelease, ProofError, SealError, SealedRelease,
    policy_commitment, secret_commitment,
};
use adyton_types::{ErrorClass, ProgramMeasurement, Sha256Digest};

use crate::support::{NOW, POLICY, World, name};

type Change = fn(&mut Answer);

/// What the enclave says to an honest answer after `change`, signed by the honest key.
fn after(change: impl FnOnce(&mut Answer, &World)) -> Option<AnswerError> {
    let mut world = World::new(1);
    let pending = world.ask();
    let mut answer = world.answer(&pending);
    change(&mut answer, &world);
    pending.open(&answer.sign(&world.answer_key)).err()
}

/// The same, with a log that holds the changed leaves.
fn after_relog(change: Change) -> Option<AnswerError> {
    after(|answer, world| {
        change(answer);
        world.relog(answer);
    })
}

fn proof(why: ProofError) -> Option<AnswerError> {
    let secret = name("hospital-a");
    Some(AnswerError::Proof { secret, why })
}

fn sealed(secret: &str) -> Option<AnswerError> {
    let (secret, why) = (name(secret), CryptoError::Open);
    Some(AnswerError::Sealed { secret, why })
}

#[test]
fn an_honest_answer_opens() {
    let mut world = World::new(1);
    let pending = world.ask();
    let answer = world.answer(&pending);
    let released = pending.open(&answer.sign(&world.answer_key)).unwrap();
    let (secrets, proofs, token) = released.into_parts();
    assert_eq!(secrets[0].name, name("hospital-a"));
    assert_eq!(secrets[0].value.expose(), b"key of hospital-a");
    assert_eq!(secrets[1].value.expose(), b"key of hospital-b");
    assert_eq!(world.tokens.verify(&token, NOW), Ok(()));
    assert_eq!(proofs.len(), 2);
    assert_eq!(proofs[1].failures(&world.program), []);
    assert_eq!(proofs[1].card, world.card());
    let other = ProgramMeasurement::new([1; 48]);
    assert_eq!(proofs[1].failures(&other), [ProofError::LeafProgram]);
}

#[test]
fn identity_and_request_are_compared() {
    let other = World::new(2).card();
    let card = after(|answer, _| answer.card = World::new(2).card());
    let (expected, found) = (World::new(1).id(), other.id());
    assert_eq!(card, Some(AnswerError::Card { expected, found }));
    let request = after(|answer, _| answer.request = Sha256Digest::new([1; 32]));
    assert_eq!(request, Some(AnswerError::Request));
}

#[test]
fn each_secret_is_there_once() {
    let (a, b) = (name("hospital-a"), name("hospital-b"));
    let missing = after(|answer, _| answer.releases.truncate(1));
    assert_eq!(missing, Some(AnswerError::Missing { secret: b.clone() }));
    let twice = after(|answer, _| answer.releases.push(answer.releases[0].clone()));
    assert_eq!(twice, Some(AnswerError::Twice { secret: a.clone() }));
    let unasked = after(|answer, _| {
        let mut more = answer.releases[0].clone();
        more.secret = name("hospital-c");
        answer.releases.push(more);
    });
    let secret = name("hospital-c");
    assert_eq!(unasked, Some(AnswerError::Unasked { secret }));
    let renamed = after(|answer, _| answer.releases[1].secret = name("hospital-c"));
    assert_eq!(renamed, Some(AnswerError::Missing { secret: b }));
    let none = after(|answer, _| answer.releases.clear());
    assert_eq!(none.map(|e| e.class()), Some(ErrorClass::Malformed));
}

#[test]
fn every_leaf_field_is_compared_even_when_logged() {
    let cases: [(Change, ProofError); 11] = [
        (
            |a| a.releases[0].leaf.leaf_type = LeafType::Deny,
            ProofError::LeafType,
        ),
        (|a| a.releases[0].leaf.secret = None, ProofError::LeafSecret),
        (
            |a| a.releases[0].leaf.secret = a.releases[1].leaf.secret,
            ProofError::LeafSecret,
        ),
        (|a| a.releases[0].salt[15] ^= 1, ProofError::LeafSecret),
        (
            |a| a.releases[0].leaf.version = Some(4),
            ProofError::LeafVersion,
        ),
        (
            |a| a.releases[0].leaf.version = None,
            ProofError::LeafVersion,
        ),
        (|a| a.releases[0].version = 4, ProofError::LeafVersion),
        (|a| a.releases[0].leaf.policy = None, ProofError::LeafPolicy),
        (
            |a| a.releases[0].policy = Sha256Digest::new([1; 32]),
            ProofError::LeafPolicy,
        ),
        (
            |a| a.releases[0].leaf.request = Some(POLICY),
            ProofError::LeafRequest,
        ),
        (
            |a| a.releases[0].leaf.program = Some(ProgramMeasurement::new([1; 48])),
            ProofError::LeafProgram,
        ),
    ];
    for (index, (change, why)) in cases.into_iter().enumerate() {
        assert_eq!(after_relog(change), proof(why), "case {index}");
    }
}

#[test]
fn a_leaf_that_is_not_logged_is_refused() {
    let inclusion = || proof(ProofError::Inclusion(MerkleError::Proof));
    let cases: [Change; 7] = [
        |a| a.releases[0].leaf.time = NOW.plus_secs(1),
        |a| a.releases[0].leaf.detail = "forged".to_owned(),
        |a| a.releases[0].leaf.platform = None,
        |a| a.releases[0].index += 1,
        |a| a.releases[0].path.truncate(1),
        |a| a.releases[0].path[0] = POLICY,
        |a| a.releases[0].path.push(POLICY),
    ];
    for (index, change) in cases.into_iter().enumerate() {
        assert_eq!(
            after(|answer, _| change(answer)),
            inclusion(),
            "case {index}"
        );
    }
}

#[test]
fn the_checkpoint_is_the_brokers() {
    let is_checkpoint = |error: Option<AnswerError>| {
        let why = match error {
            Some(AnswerError::Proof { why, .. }) => why,
            other => panic!("{other:?}"),
        };
        assert!(matches!(why, ProofError::Checkpoint(_)), "{why:?}");
    };
    is_checkpoint(after(|answer, _| World::new(2).relog(answer)));
    is_checkpoint(after(|answer, _| {
        answer.checkpoint = answer
            .checkpoint
            .replacen("broker.example", "other.example", 1);
    }));
    is_checkpoint(after(|answer, _| {
        answer.checkpoint = answer.checkpoint.replacen("\n3\n", "\n4\n", 1);
    }));
    // Honest, but of the log before the release.
    let older = after(|answer, world| answer.checkpoint = world.log.sign(1, POLICY));
    assert_eq!(older, proof(ProofError::Inclusion(MerkleError::Proof)));
}

#[test]
fn secrets_open_only_as_what_they_were_released_as() {
    let swapped = after(|answer, _| {
        let first = answer.releases[0].sealed.clone();
        answer.releases[0].sealed = answer.releases[1].sealed.clone();
        answer.releases[1].sealed = first;
    });
    assert_eq!(swapped, sealed("hospital-a"));
    let version = after_relog(|answer| {
        answer.releases[1].version = 9;
        answer.releases[1].leaf.version = Some(9);
    });
    assert_eq!(version, sealed("hospital-b"));
    let policy = after_relog(|answer| {
        answer.releases[1].policy = Sha256Digest::new([1; 32]);
        let release = &mut answer.releases[1];
        release.leaf.policy = Some(policy_commitment(&release.salt, &release.policy));
    });
    assert_eq!(policy, sealed("hospital-b"));
    let renamed = after_relog(|answer| {
        let [a, b] = answer.releases.as_mut_slice() else {
            panic!("two releases");
        };
        std::mem::swap(&mut a.secret, &mut b.secret);
        a.leaf.secret = Some(secret_commitment(&a.salt, &a.secret));
        b.leaf.secret = Some(secret_commitment(&b.salt, &b.secret));
    });
    assert_eq!(renamed, sealed("hospital-b"));
    let flipped = after(|answer, _| answer.releases[0].sealed.ciphertext[0] ^= 1);
    assert_eq!(flipped, sealed("hospital-a"));
    let encapsulated = after(|answer, _| answer.releases[0].sealed.enc[0] ^= 1);
    assert_eq!(encapsulated, sealed("hospital-a"));
}

#[test]
fn an_answer_is_for_one_request() {
    let mut world = World::new(1);
    let (first, second) = (world.ask(), world.ask());
    let answer = world.answer(&first);
    let bytes = answer.sign(&world.answer_key);
    assert_eq!(second.open(&bytes).err(), Some(AnswerError::Request));
    // Even a broker that lies about the request cannot make it open.
    let mut relabelled = answer;
    relabelled.request = *second.digest();
    let error = second.open(&relabelled.sign(&world.answer_key)).err();
    assert_eq!(error, proof(ProofError::LeafRequest));
    for release in &mut relabelled.releases {
        release.leaf.request = Some(*second.digest());
    }
    world.relog(&mut relabelled);
    let error = second.open(&relabelled.sign(&world.answer_key)).err();
    assert_eq!(error, sealed("hospital-a"));
}

#[test]
fn only_the_answer_key_and_label_sign() {
    let mut world = World::new(1);
    let pending = world.ask();
    let answer = world.answer(&pending);
    let label = "adyton/release-answer/v1";
    let open = |bytes: &[u8]| pending.open(bytes).err();
    let signature = SignedError::Signature { label };
    let other = World::new(2);
    let error = Some(AnswerError::Signed(signature));
    assert_eq!(open(&answer.sign(&other.answer_key)), error);
    let denial = adyton_protocol::Denial {
        card: world.card(),
        request: *pending.digest(),
        denied: Vec::new(),
        token: world.token(),
    };
    let header = SignedError::Header { expected: label };
    let error = Some(AnswerError::Signed(header));
    assert_eq!(open(&denial.sign(&world.answer_key)), error);
}

#[test]
fn every_flipped_byte_is_refused() {
    let mut world = World::new(1);
    let pending: PendingRelease = world.ask_for(&["hospital-a"]);
    let good = world.answer(&pending).sign(&world.answer_key);
    for i in 0..good.len() {
        let mut altered = good.clone();
        altered[i] ^= 1;
        assert!(pending.open(&altered).is_err(), "byte {i}");
    }
    assert!(pending.open(&good[..good.len() - 1]).is_err());
    assert!(pending.open(&[good.as_slice(), &[0]].concat()).is_err());
}

#[test]
fn nothing_is_sealed_without_its_own_witness() {
    let mut world = World::new(1);
    let (first, second) = (world.ask(), world.ask());
    let (request, appraised) = world.admit(first.request()).unwrap();
    let (_, of_second) = world.admit(second.request()).unwrap();
    let secret = name("hospital-a");
    let leaf = world.leaf(&secret, 1, *first.digest());
    let grant = |value: usize| Grant {
        secret: secret.clone(),
        salt: [0; 16],
        version: 1,
        policy: POLICY,
        value: SecretBytes::new(vec![1; value]),
        leaf: leaf.clone(),
        index: 0,
        path: Vec::new(),
    };
    let rng = &mut world.rng;
    let refused = SealedRelease::seal(grant(1), &request, &of_second, rng);
    assert_eq!(refused, Err(SealError::AnotherRequest));
    let empty = SealedRelease::seal(grant(0), &request, &appraised, rng);
    assert_eq!(empty.map_err(|e| e.class()), Err(ErrorClass::Misuse));
    assert!(SealedRelease::seal(grant(65_537), &request, &appraised, rng).is_err());
    assert!(SealedRelease::seal(grant(65_536), &request, &appraised, rng).is_ok());
}
