mod activation;
mod chains;
mod keys;
mod quotes;

use adyton_crypto::os_rng;
use adyton_pki::TrustAnchor;
use adyton_pki::forge::{CertificateForge, ForgeKey};
use adyton_types::{ErrorClass, NamedCheck, UnixTime};

use crate::forge::{ForgedAk, LogForge, QuoteForge};
use crate::{
    AkSource, Attributes, Expected, HashAlg, Hierarchy, PcrSelection, PcrSet, PcrValues, Scheme,
    TpmEndorsements, TpmError, TpmEvidence, TpmPublic, VerifiedQuote, checks, verify,
};

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const NONCE: &[u8] = b"the Verifier's nonce, 32 bytes..";

fn values(bank: HashAlg, indices: &[u8]) -> PcrValues {
    let value = |index: u8| (index, vec![index; bank.digest_len()]);
    PcrValues::new(bank, indices.iter().map(|index| value(*index))).unwrap()
}

fn selection(indices: &[u8]) -> PcrSelection {
    let set = PcrSet::new(indices.iter().copied()).unwrap();
    PcrSelection::new(HashAlg::Sha256, set)
}

fn forge() -> QuoteForge {
    QuoteForge::new(NONCE, values(HashAlg::Sha256, &[0, 4, 7]))
}

fn enrolled(ak: &ForgedAk) -> TpmEndorsements {
    let none = TpmEndorsements::new(Vec::new());
    match TpmPublic::parse(&ak.public()) {
        Ok(public) => none.with_enrolled(crate::forge::enrolled(&public, NOW)),
        Err(_) => none,
    }
}

fn judge(
    evidence: &TpmEvidence,
    endorsements: &TpmEndorsements,
) -> Result<VerifiedQuote, TpmError> {
    judge_bytes(&evidence.encode(), endorsements)
}

fn judge_bytes(evidence: &[u8], endorsements: &TpmEndorsements) -> Result<VerifiedQuote, TpmError> {
    let expected = Expected {
        nonce: NONCE,
        selection: selection(&[0, 4, 7]),
    };
    verify(evidence, endorsements, &expected, NOW)
}

#[test]
fn right_quotes_of_every_kind_of_key_verify() {
    let keys = [
        ForgedAk::ecc(),
        ForgedAk::rsa(Scheme::RsaSsa),
        ForgedAk::rsa(Scheme::RsaPss),
    ];
    for ak in keys {
        let verified = judge(&forge().evidence(&ak), &enrolled(&ak)).unwrap();
        let made: Vec<&str> = verified.checks().iter().map(|check| check.name).collect();
        let expected = [
            checks::CONTAINER,
            checks::AK_PUBLIC,
            checks::AK_ATTRIBUTES,
            checks::AK_ENDORSED,
            checks::ATTEST,
            checks::SCHEME,
            checks::SIGNATURE,
            checks::NONCE,
            checks::SELECTION,
            checks::VALUES,
            checks::PCR_DIGEST,
        ];
        assert_eq!(made, expected.map(|check| check.name));
        let claims = verified.into_claims();
        assert_eq!(claims.hierarchy, Some(Hierarchy::Endorsement));
        assert_eq!(claims.pcrs.value(4), Some([4; 32].as_slice()));
        assert_eq!(
            (claims.reset_count, claims.firmware_version),
            (3, 0x2024_0101)
        );
    }
}

/// Each deviation, signed by the key all the same, and the check that must refuse it.
#[test]
fn every_check_refuses_its_own_forgery() {
    type Deviation = fn(&mut QuoteForge, &mut ForgedAk);
    let deviations: [(Deviation, NamedCheck); 16] = [
        (|q, _| q.magic ^= 1, checks::ATTEST),
        (|q, _| q.kind = 0x8017, checks::ATTEST),
        (|q, _| q.trailing = vec![0], checks::ATTEST),
        (|q, _| q.nonce[31] ^= 1, checks::NONCE),
        (|q, _| q.nonce.clear(), checks::NONCE),
        (
            |q, _| q.pcrs = values(HashAlg::Sha256, &[16, 23]),
            checks::SELECTION,
        ),
        (
            |q, _| q.pcrs = values(HashAlg::Sha256, &[0, 4]),
            checks::SELECTION,
        ),
        (
            |q, _| q.pcrs = values(HashAlg::Sha256, &[0, 4, 7, 16]),
            checks::SELECTION,
        ),
        (
            |q, _| q.pcrs = values(HashAlg::Sha384, &[0, 4, 7]),
            checks::SELECTION,
        ),
        (|q, _| q.digest = Some(vec![0; 32]), checks::PCR_DIGEST),
        (
            |_, ak| ak.attributes &= !Attributes::RESTRICTED,
            checks::AK_ATTRIBUTES,
        ),
        (
            |_, ak| ak.attributes &= !Attributes::FIXED_TPM,
            checks::AK_ATTRIBUTES,
        ),
        (
            |_, ak| ak.attributes |= Attributes::DECRYPT,
            checks::AK_ATTRIBUTES,
        ),
        (|_, ak| ak.attributes |= 1, checks::AK_PUBLIC),
        (|_, ak| ak.name_alg = 0x0004, checks::AK_PUBLIC),
        (
            |q, _| {
                let set = q.pcrs.set();
                q.selection = Some(vec![(0x000B, set), (0x0004, set)]);
            },
            checks::SELECTION,
        ),
    ];
    for (n, (deviate, check)) in deviations.into_iter().enumerate() {
        let (mut quote, mut ak) = (forge(), ForgedAk::ecc());
        deviate(&mut quote, &mut ak);
        let error = judge(&quote.evidence(&ak), &enrolled(&ak)).unwrap_err();
        assert_eq!(error.check(), check.name, "deviation {n}: {error}");
    }
}

/// The gap of many public verifiers: PCRs that a guest can reset, quoted, and their values handed in
/// under the indices that policy looks at.
#[test]
fn resettable_pcrs_presented_as_others_are_refused() {
    let ak = ForgedAk::ecc();
    let mut quote = forge();
    let set = PcrSet::new([16, 22, 23]).unwrap();
    quote.selection = Some(vec![(HashAlg::Sha256.id(), set)]);
    let evidence = quote.evidence(&ak);
    let error = judge(&evidence, &enrolled(&ak)).unwrap_err();
    assert_eq!(error.check(), checks::SELECTION.name);
    assert_eq!(error.class(), ErrorClass::Rejected);
    assert!(error.to_string().contains("sha256:16,22,23"), "{error}");
}

#[test]
fn values_beside_the_selection_are_refused() {
    let ak = ForgedAk::ecc();
    let mut evidence = forge().evidence(&ak);
    for indices in [[0, 4].as_slice(), &[0, 4, 7, 9], &[0, 4, 8]] {
        evidence.pcrs = values(HashAlg::Sha256, indices);
        let error = judge(&evidence, &enrolled(&ak)).unwrap_err();
        assert_eq!(error.check(), checks::VALUES.name);
    }
    evidence.pcrs = values(HashAlg::Sha384, &[0, 4, 7]);
    let error = judge(&evidence, &enrolled(&ak)).unwrap_err();
    assert_eq!(error.check(), checks::VALUES.name);
}

#[test]
fn signatures_of_other_schemes_hashes_and_keys_are_refused() {
    let ak = ForgedAk::ecc();
    let right = forge().evidence(&ak);
    let refused = |change: fn(&mut TpmEvidence)| {
        let mut evidence = right.clone();
        change(&mut evidence);
        judge(&evidence, &enrolled(&ak)).unwrap_err().check()
    };
    // SHA-1, SHA-384 on P-256, RSASSA, ECDAA, a byte too many.
    assert_eq!(refused(|e| e.signature[3] = 0x04), checks::SCHEME.name);
    assert_eq!(refused(|e| e.signature[3] = 0x0C), checks::SCHEME.name);
    assert_eq!(refused(|e| e.signature[1] = 0x14), checks::SCHEME.name);
    assert_eq!(refused(|e| e.signature[1] = 0x1A), checks::SCHEME.name);
    assert_eq!(refused(|e| e.signature.push(0)), checks::SCHEME.name);
    assert_eq!(refused(|e| e.signature[9] ^= 1), checks::SIGNATURE.name);
    let other = forge().evidence(&ForgedAk::ecc());
    let mut stolen = right.clone();
    stolen.signature = other.signature;
    let error = judge(&stolen, &enrolled(&ak)).unwrap_err();
    assert_eq!(error, TpmError::Signature);
}

#[test]
fn keys_that_nobody_vouches_for_are_refused() {
    let (ak, other) = (ForgedAk::ecc(), ForgedAk::ecc());
    let error = judge(&forge().evidence(&ak), &enrolled(&other)).unwrap_err();
    assert_eq!(error, TpmError::AkUnknown);
    assert_eq!(error.check(), checks::AK_ENDORSED.name);
    let public = TpmPublic::parse(&ak.public()).unwrap();
    let old = TpmEndorsements::new(Vec::new()).with_enrolled(crate::forge::enrolled(
        &public,
        UnixTime::from_secs(1_700_000_001),
    ));
    let error = judge(&forge().evidence(&ak), &old).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        (checks::AK_ENDORSED.name, ErrorClass::Stale)
    );
    // Another attribute is another name: what was enrolled was another key.
    let mut relaxed = ak;
    relaxed.attributes |= 1 << 6;
    let error = judge(&forge().evidence(&relaxed), &old).unwrap_err();
    assert_eq!(error, TpmError::AkUnknown);
}

fn certified(ak: &ForgedAk) -> (TpmEndorsements, Vec<Vec<u8>>) {
    let root = ForgeKey::generate(adyton_pki::KeyKind::P256);
    let anchor = CertificateForge::ca("root", "root", &root, None).sign(&root);
    let public = TpmPublic::parse(&ak.public()).unwrap();
    let mut leaf = CertificateForge::end_entity("tpm", "root", &root);
    leaf.spki = public.key().spki().to_vec();
    let leaf = leaf.sign(&root);
    let anchor = adyton_pki::Certificate::parse(&anchor).unwrap();
    let trusted = TpmEndorsements::new(vec![TrustAnchor::from_certificate(&anchor)]);
    (trusted, vec![leaf])
}

#[test]
fn certificates_vouch_for_exactly_their_key() {
    let ak = ForgedAk::ecc();
    let (trusted, chain) = certified(&ak);
    let mut evidence = forge().evidence(&ak);
    evidence.chain.clone_from(&chain);
    let verified = judge(&evidence, &trusted).unwrap();
    assert!(matches!(
        verified.claims().ak_source,
        AkSource::Certificate { .. }
    ));
    // Under other roots, and for another key.
    let (others, _) = certified(&ak);
    let error = judge(&evidence, &others).unwrap_err();
    assert_eq!(error.check(), checks::AK_ENDORSED.name);
    let other = ForgedAk::ecc();
    let mut evidence = forge().evidence(&other);
    evidence.chain = chain;
    assert_eq!(
        judge(&evidence, &trusted).unwrap_err(),
        TpmError::AkCertificateKey
    );
}

#[test]
fn containers_have_one_encoding() {
    let ak = ForgedAk::ecc();
    let evidence = forge().evidence(&ak).encode();
    let parsed = TpmEvidence::parse(&evidence).unwrap();
    assert_eq!(parsed.encode(), evidence);
    assert!(parsed.fields().unwrap().len() > 15);
    let mut trailing = evidence.clone();
    trailing.push(0);
    for wrong in [trailing.as_slice(), &evidence[..evidence.len() - 1], &[]] {
        let error = judge_bytes(wrong, &enrolled(&ak)).unwrap_err();
        assert_eq!(
            (error.check(), error.class()),
            (checks::CONTAINER.name, ErrorClass::Malformed)
        );
    }
}

/// One bit of every byte: all refused, since no byte of the container is without effect.
#[test]
fn every_flipped_byte_is_refused() {
    let ak = ForgedAk::ecc();
    let trusted = enrolled(&ak);
    let evidence = forge().evidence(&ak).encode();
    judge_bytes(&evidence, &trusted).unwrap();
    for at in 0..evidence.len() {
        let mut flipped = evidence.clone();
        flipped[at] ^= 1 << (at % 8);
        assert!(judge_bytes(&flipped, &trusted).is_err(), "byte {at}");
    }
}

#[test]
fn logs_must_add_up_to_the_quoted_values() {
    let ak = ForgedAk::ecc();
    let log = LogForge::new(&[HashAlg::Sha256]).event(4, 4, &[0; 4]);
    let sha = |parts: &[&[u8]]| HashAlg::Sha256.digest(parts);
    let value = sha(&[&[0; 32], &sha(&[&[0; 4]])]);
    let quoting = |pcr7: &[u8]| {
        let pcrs = [(0, vec![0; 32]), (4, value.clone()), (7, pcr7.to_vec())];
        QuoteForge::new(NONCE, PcrValues::new(HashAlg::Sha256, pcrs).unwrap())
    };
    let mut quote = quoting(&[0; 32]);
    quote.log = Some(log.bytes.clone());
    let verified = judge(&quote.evidence(&ak), &enrolled(&ak)).unwrap();
    let claims = verified.into_claims();
    let events = claims.log.unwrap();
    assert_eq!(events.unlogged(), [0, 7]);
    assert_eq!(events.events_of(4).unwrap().len(), 1);
    assert!(events.events_of(7).is_err());
    // All that was measured into PCR 7 is left out of the log.
    let mut silent = quoting(&[7; 32]);
    silent.log = Some(log.bytes.clone());
    let error = judge(&silent.evidence(&ak), &enrolled(&ak)).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        (checks::EVENT_LOG.name, ErrorClass::Rejected)
    );
    quote.log = Some(log.event(7, 4, &[0; 4]).bytes);
    let error = judge(&quote.evidence(&ak), &enrolled(&ak)).unwrap_err();
    assert_eq!(error.check(), checks::EVENT_LOG.name);
}

#[test]
fn a_session_is_of_one_boot() {
    let ak = ForgedAk::ecc();
    let quote = |change: fn(&mut QuoteForge)| {
        let mut quote = forge();
        change(&mut quote);
        judge(&quote.evidence(&ak), &enrolled(&ak)).unwrap()
    };
    let first = quote(|_| {});
    assert!(quote(|q| q.clock += 5).demand_same_boot(&first).is_ok());
    assert!(quote(|_| {}).demand_same_boot(&first).is_ok());
    for change in [
        (|q| q.reset_count += 1) as fn(&mut QuoteForge),
        |q| q.restart_count += 1,
        |q| q.firmware_version += 1,
        |q| q.clock -= 1,
    ] {
        let error = quote(change).demand_same_boot(&first).unwrap_err();
        assert_eq!(error.check(), checks::SESSION.name);
    }
}

#[test]
fn credentials_are_made_for_endorsement_keys_only() {
    let ak = TpmPublic::parse(&ForgedAk::ecc().public()).unwrap();
    let error = crate::make_credential(&ak, &ak.name(), b"secret", &mut os_rng()).unwrap_err();
    assert_eq!(error.check(), checks::ACTIVATION.name);
    let pin = ak.key().fingerprint();
    assert!(crate::TrustedEk::pinned(ak, &pin).is_err());
}
