use adyton_pki::forge::{ForgeKey, name};
use adyton_pki::{KeyKind, PkiError, PublicKey, SignatureAlgorithm as A};

const EC: [(KeyKind, &[A]); 3] = [
    (
        KeyKind::P256,
        &[A::EcdsaP256Sha256, A::EcdsaP256Sha256Fixed],
    ),
    (
        KeyKind::P384,
        &[A::EcdsaP384Sha384, A::EcdsaP384Sha384Fixed],
    ),
    (
        KeyKind::P521,
        &[
            A::EcdsaP521Sha256,
            A::EcdsaP521Sha384,
            A::EcdsaP521Sha512,
            A::EcdsaP521Sha512Fixed,
        ],
    ),
];

const RSA: [A; 6] = [
    A::RsaPssSha256,
    A::RsaPssSha384,
    A::RsaPssSha512,
    A::RsaPkcs1Sha256,
    A::RsaPkcs1Sha384,
    A::RsaPkcs1Sha512,
];

fn holds_for_its_message_and_algorithm_alone(key: &ForgeKey, algorithms: &[A]) {
    for algorithm in algorithms {
        let signature = key.sign(*algorithm, b"message");
        let verify = |with: A, message: &[u8], signature: &[u8]| {
            key.public().verify(with, message, signature, "it")
        };
        assert_eq!(verify(*algorithm, b"message", &signature), Ok(()));
        let refused = Err(PkiError::Signature { what: "it" });
        assert_eq!(verify(*algorithm, b"massage", &signature), refused);
        let (cut, long) = (&signature[1..], [&signature[..], &[0]].concat());
        assert_eq!(verify(*algorithm, b"message", cut), refused);
        assert_eq!(verify(*algorithm, b"message", &long), refused);
        for other in algorithms.iter().filter(|other| *other != algorithm) {
            assert_eq!(verify(*other, b"message", &signature), refused, "{other}");
        }
    }
}

#[test]
fn elliptic_curves() {
    for (kind, algorithms) in EC {
        let key = ForgeKey::generate(kind);
        holds_for_its_message_and_algorithm_alone(&key, algorithms);
        let again = PublicKey::from_spki(key.spki()).unwrap();
        assert_eq!(&again, key.public());
        assert_eq!(again.bytes().len(), 2 * kind.coordinate_len() + 1);
        assert_eq!(PublicKey::from_sec1(kind, again.bytes()).unwrap(), again);
        let mut off = again.bytes().to_vec();
        *off.last_mut().unwrap() ^= 1;
        assert_eq!(PublicKey::from_sec1(kind, &off), Err(PkiError::PublicKey));
        let other = A::RsaPssSha384;
        let error = again.verify(other, b"", b"", "it").unwrap_err();
        assert_eq!(error.check(), "signature-algorithm");
    }
}

#[test]
fn rsa() {
    let key = ForgeKey::generate(KeyKind::Rsa);
    holds_for_its_message_and_algorithm_alone(&key, &RSA);
    assert_eq!(
        &PublicKey::from_spki(key.spki()).unwrap(),
        key.public(),
        "the same from its SubjectPublicKeyInfo"
    );
}

#[test]
fn weak_and_broken_keys_are_refused() {
    let modulus = |len: usize| [&[0xff], &vec![0x55; len - 2][..], &[0xff]].concat();
    assert!(PublicKey::from_rsa(&modulus(256), &[1, 0, 1]).is_ok());
    assert!(PublicKey::from_rsa(&modulus(128), &[1, 0, 1]).is_err());
    assert!(PublicKey::from_rsa(&modulus(1100), &[1, 0, 1]).is_err());
    assert!(PublicKey::from_rsa(&modulus(256), &[]).is_err());
    assert!(PublicKey::from_sec1(KeyKind::P256, &[4; 64]).is_err());
    assert!(PublicKey::from_sec1(KeyKind::Rsa, &[4; 65]).is_err());
    assert!(PublicKey::from_spki(&name("not a key")).is_err());
    let spki = ForgeKey::generate(KeyKind::P256).spki().to_vec();
    for cut in 0..spki.len() {
        assert!(PublicKey::from_spki(&spki[..cut]).is_err());
    }
    assert!(PublicKey::from_spki(&[&spki[..], &[0]].concat()).is_err());
}
