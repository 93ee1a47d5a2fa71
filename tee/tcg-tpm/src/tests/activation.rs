//! Enrolment against a TPM in software, which opens credentials as part 1, section 24 and annexes
//! B.10.4 and C.6 say, with code of its own.

use adyton_pki::PublicKey;
use aws_lc_rs::agreement::{self, ECDH_P256, UnparsedPublicKey};
use aws_lc_rs::cipher::{
    AES_128, AES_192, AES_256, DecryptingKey, DecryptionContext, UnboundCipherKey,
};
use aws_lc_rs::encoding::AsDer as _;
use aws_lc_rs::hmac;
use aws_lc_rs::iv::FixedLength;
use aws_lc_rs::rsa::{
    KeySize, OAEP_SHA256_MGF1SHA256, OAEP_SHA384_MGF1SHA384, OAEP_SHA512_MGF1SHA512,
    OaepPrivateDecryptingKey, PrivateDecryptingKey,
};

use super::*;
use crate::forge::{Numbers, public_area};
use crate::{Credential, EnrolledAk, Enrolment, TrustedEk, make_credential};

const EK: u32 = Attributes::FIXED_TPM
    | Attributes::FIXED_PARENT
    | Attributes::SENSITIVE_DATA_ORIGIN
    | Attributes::RESTRICTED
    | Attributes::DECRYPT;

enum Private {
    Rsa(OaepPrivateDecryptingKey),
    Ecc(agreement::PrivateKey),
}

struct SoftTpm {
    private: Private,
    public: TpmPublic,
    key_bytes: usize,
}

/// Where the number of bits of the AES key stands in a public area without policy.
const KEY_BITS: usize = 12;

impl SoftTpm {
    fn new(private: Private, key: &Numbers, hash: HashAlg, key_bytes: usize) -> Self {
        let mut area = public_area(key, hash.id(), EK, None);
        let bits = u16::try_from(key_bytes * 8).unwrap();
        area[KEY_BITS..KEY_BITS + 2].copy_from_slice(&bits.to_be_bytes());
        Self {
            private,
            public: TpmPublic::parse(&area).unwrap(),
            key_bytes,
        }
    }

    fn rsa(hash: HashAlg, key_bytes: usize) -> Self {
        let pair = PrivateDecryptingKey::generate(KeySize::Rsa2048).unwrap();
        let spki = pair.public_key().as_der().unwrap();
        let numbers = Numbers::of(&PublicKey::from_spki(spki.as_ref()).unwrap());
        let private = Private::Rsa(OaepPrivateDecryptingKey::new(pair).unwrap());
        Self::new(private, &numbers, hash, key_bytes)
    }

    fn ecc(key_bytes: usize) -> Self {
        let pair = agreement::PrivateKey::generate(&ECDH_P256).unwrap();
        let point = pair.compute_public_key().unwrap().as_ref().to_vec();
        let numbers = Numbers::Point(point);
        Self::new(Private::Ecc(pair), &numbers, HashAlg::Sha256, key_bytes)
    }

    fn trusted(&self) -> TrustedEk {
        let pin = self.public.key().fingerprint();
        TrustedEk::pinned(self.public.clone(), &pin).unwrap()
    }

    fn seed(&self, encrypted: &[u8]) -> Option<Vec<u8>> {
        let hash = self.public.name_alg();
        let key = match &self.private {
            Private::Rsa(key) => {
                let algorithm = match hash {
                    HashAlg::Sha256 => &OAEP_SHA256_MGF1SHA256,
                    HashAlg::Sha384 => &OAEP_SHA384_MGF1SHA384,
                    HashAlg::Sha512 => &OAEP_SHA512_MGF1SHA512,
                };
                let mut out = vec![0; key.min_output_size()];
                let label = Some(&b"IDENTITY\0"[..]);
                let seed = key.decrypt(algorithm, encrypted, &mut out, label);
                return seed.ok().map(|seed| seed.to_vec());
            }
            Private::Ecc(key) => key,
        };
        let (x, y) = (take_sized(encrypted), take_sized(&encrypted[34..]));
        assert_eq!((x.len(), y.len(), encrypted.len()), (32, 32, 68));
        let own = key.compute_public_key().unwrap();
        let peer = UnparsedPublicKey::new(&ECDH_P256, [&[4], x, y].concat());
        agreement::agree(key, peer, (), |shared| {
            let parts = [
                &[0, 0, 0, 1],
                shared,
                b"IDENTITY\0",
                x,
                &own.as_ref()[1..33],
            ];
            Ok(hash.digest(&parts))
        })
        .ok()
    }

    /// One block is enough for every key here.
    fn derive(&self, seed: &[u8], label: &[u8], context: &[u8], bytes: usize) -> Vec<u8> {
        let bits = u32::try_from(bytes * 8).unwrap().to_be_bytes();
        let text = [&[0, 0, 0, 1], label, &[0], context, &bits].concat();
        let mut key = self.hmac(seed, &text);
        key.truncate(bytes);
        key
    }

    fn hmac(&self, key: &[u8], text: &[u8]) -> Vec<u8> {
        let algorithm = match self.public.name_alg() {
            HashAlg::Sha256 => hmac::HMAC_SHA256,
            HashAlg::Sha384 => hmac::HMAC_SHA384,
            HashAlg::Sha512 => hmac::HMAC_SHA512,
        };
        let tag = hmac::sign(&hmac::Key::new(algorithm, key), text);
        tag.as_ref().to_vec()
    }

    /// `TPM2_ActivateCredential` for the object of that name.
    fn activate(&self, credential: &Credential, name: &[u8]) -> Option<Vec<u8>> {
        let seed = self.seed(&credential.encrypted_seed)?;
        let digest_len = self.public.name_alg().digest_len();
        let mac = take_sized(&credential.id_object);
        let mut encrypted = credential.id_object[2 + mac.len()..].to_vec();
        let integrity = self.derive(&seed, b"INTEGRITY", &[], digest_len);
        if self.hmac(&integrity, &[&encrypted[..], name].concat()) != mac {
            return None;
        }
        let storage = self.derive(&seed, b"STORAGE", name, self.key_bytes);
        let algorithm = match self.key_bytes {
            16 => &AES_128,
            24 => &AES_192,
            _ => &AES_256,
        };
        let key = UnboundCipherKey::new(algorithm, &storage).unwrap();
        let key = DecryptingKey::cfb128(key).unwrap();
        let zeros = DecryptionContext::Iv128(FixedLength::from([0; 16]));
        key.decrypt(&mut encrypted, zeros).unwrap();
        let secret = take_sized(&encrypted);
        assert_eq!(encrypted.len(), 2 + secret.len());
        Some(secret.to_vec())
    }
}

fn take_sized(bytes: &[u8]) -> &[u8] {
    let len = usize::from(u16::from_be_bytes([bytes[0], bytes[1]]));
    &bytes[2..2 + len]
}

#[test]
fn only_the_tpm_with_both_keys_enrols() {
    let ak = ForgedAk::ecc();
    let public = TpmPublic::parse(&ak.public()).unwrap();
    let stranger = SoftTpm::ecc(16);
    for tpm in [
        SoftTpm::ecc(16),
        SoftTpm::ecc(24),
        SoftTpm::rsa(HashAlg::Sha256, 16),
        SoftTpm::rsa(HashAlg::Sha384, 32),
        SoftTpm::rsa(HashAlg::Sha512, 32),
    ] {
        let begin = || Enrolment::begin(&tpm.trusted(), public.clone(), &mut os_rng()).unwrap();
        let (enrolment, credential) = begin();
        let opened = tpm.activate(&credential, &public.name()).unwrap();
        let enrolled = enrolment.finish(&opened, NOW, 100).unwrap();
        assert_eq!(enrolled.name(), public.name());
        assert_eq!(enrolled.ek(), tpm.public.key().fingerprint());
        assert_eq!(
            (enrolled.enrolled(), enrolled.not_after()),
            (NOW, NOW.plus_secs(100))
        );
        // Not for another object, and not with another's answer.
        assert_eq!(tpm.activate(&credential, b"another name"), None);
        let (another, _) = begin();
        assert_eq!(another.finish(&opened, NOW, 100), Err(TpmError::Activation));
        let (short, _) = begin();
        let error = short.finish(&[], NOW, 100).unwrap_err();
        assert_eq!(
            (error.check(), error.class()),
            (checks::ACTIVATION.name, ErrorClass::Rejected)
        );
    }
    let other = SoftTpm::ecc(16);
    let (_, credential) =
        Enrolment::begin(&other.trusted(), public.clone(), &mut os_rng()).unwrap();
    assert_eq!(stranger.activate(&credential, &public.name()), None);
}

#[test]
fn an_enrolment_is_good_for_its_time_and_is_kept_as_it_is() {
    let (tpm, ak) = (SoftTpm::ecc(16), ForgedAk::ecc());
    let public = TpmPublic::parse(&ak.public()).unwrap();
    let (enrolment, credential) =
        Enrolment::begin(&tpm.trusted(), public.clone(), &mut os_rng()).unwrap();
    let opened = tpm.activate(&credential, &public.name()).unwrap();
    let enrolled = enrolment.finish(&opened, NOW, 0).unwrap();
    let read = EnrolledAk::danger_from_store(&enrolled.encode()).unwrap();
    assert_eq!(read, enrolled);
    let trusted = TpmEndorsements::new(Vec::new()).with_enrolled(read);
    let evidence = forge().evidence(&ak).encode();
    let at = |now| {
        let expected = Expected {
            nonce: NONCE,
            selection: selection(&[0, 4, 7]),
        };
        verify(&evidence, &trusted, &expected, now).map_err(|error| (error.check(), error.class()))
    };
    let claims = at(NOW).unwrap().into_claims();
    assert!(matches!(claims.ak_source, AkSource::Enrolment { ek } if ek == enrolled.ek()));
    let stale = (checks::AK_ENDORSED.name, ErrorClass::Stale);
    assert_eq!(at(NOW.plus_secs(1)).unwrap_err(), stale);
    assert_eq!(
        at(UnixTime::from_secs(NOW.as_secs() - 1)).unwrap_err(),
        stale
    );
}

#[test]
fn a_credential_holds_a_secret_of_the_hash_length_at_most() {
    let tpm = SoftTpm::ecc(16);
    let make = |secret: &[u8]| make_credential(&tpm.public, b"name", secret, &mut os_rng());
    for len in [1, 32] {
        let secret = vec![7; len];
        let credential = make(&secret).unwrap();
        assert_eq!(tpm.activate(&credential, b"name"), Some(secret));
    }
    for len in [0, 33, 34] {
        let error = make(&vec![7; len]).unwrap_err();
        assert_eq!(
            (error.check(), error.class()),
            (checks::ACTIVATION.name, ErrorClass::Misuse)
        );
    }
}

#[test]
fn an_endorsement_key_is_pinned_and_has_its_attributes() {
    let tpm = SoftTpm::ecc(16);
    let pin = tpm.public.key().fingerprint();
    assert!(TrustedEk::pinned(tpm.public.clone(), &pin).is_ok());
    let other = SoftTpm::ecc(16).public.key().fingerprint();
    let refused = TrustedEk::pinned(tpm.public.clone(), &other);
    assert_eq!(refused.err(), Some(TpmError::EkPin));
    let numbers = Numbers::of(tpm.public.key());
    let with = |attributes| {
        let area = public_area(&numbers, HashAlg::Sha256.id(), attributes, None);
        TrustedEk::pinned(TpmPublic::parse(&area).unwrap(), &pin).is_ok()
    };
    assert!(with(EK));
    for bit in [
        Attributes::FIXED_TPM,
        Attributes::FIXED_PARENT,
        Attributes::SENSITIVE_DATA_ORIGIN,
        Attributes::RESTRICTED,
        Attributes::DECRYPT,
    ] {
        assert!(!with(EK & !bit), "without {bit:#x}");
    }
    for bit in [Attributes::SIGN, Attributes::ENCRYPTED_DUPLICATION] {
        assert!(!with(EK | bit), "with {bit:#x}");
    }
    // What is enrolled is an Attestation Key.
    let error = Enrolment::begin(&tpm.trusted(), tpm.public.clone(), &mut os_rng()).unwrap_err();
    assert_eq!(error.check(), checks::AK_ATTRIBUTES.name);
}
