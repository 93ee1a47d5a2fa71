use adyton_crypto::{SecretArray, SigningKey};
use adyton_merkle::{LogKey, LogVerifier, MerkleError, Origin};
use adyton_types::Sha256Digest;

fn key(n: u8) -> LogKey {
    let seed = SecretArray::fill_with(|b| b.fill(n));
    LogKey::new(
        "broker.example/log".parse().expect("an origin"),
        SigningKey::from_seed(&seed),
    )
}

#[test]
fn a_signed_checkpoint_opens() {
    let key = key(1);
    let signed = key.sign(42, Sha256Digest::new([5; 32]));
    let checkpoint = key.verifier().open(&signed).unwrap();
    assert_eq!(checkpoint.size, 42);
    assert_eq!(checkpoint.root, Sha256Digest::new([5; 32]));
    assert!(signed.starts_with("broker.example/log\n42\nBQUF"));
}

#[test]
fn every_changed_byte_is_refused() {
    let key = key(1);
    let signed = key.sign(42, Sha256Digest::new([5; 32]));
    for i in 0..signed.len() {
        for flip in [1u8, 2, 0x20] {
            let mut bytes = signed.clone().into_bytes();
            bytes[i] ^= flip;
            if let Ok(altered) = String::from_utf8(bytes) {
                assert!(key.verifier().open(&altered).is_err(), "byte {i}");
            }
        }
        if signed.is_char_boundary(i) {
            assert!(key.verifier().open(&signed[..i]).is_err(), "cut at {i}");
        }
    }
}

#[test]
fn other_keys_and_doubled_signatures() {
    let (ours, other) = (key(1), key(2));
    let signed = ours.sign(42, Sha256Digest::new([5; 32]));
    assert_eq!(
        other.verifier().open(&signed),
        Err(MerkleError::NoteUnsigned)
    );
    let theirs = other.sign(42, Sha256Digest::new([5; 32]));
    let line = theirs.rsplit_once("\n\n").unwrap().1;
    let both = format!("{signed}{line}");
    assert!(ours.verifier().open(&both).is_ok(), "others are ignored");
    assert!(other.verifier().open(&both).is_ok());
    assert!(ours.verifier().open(&format!("{both}{line}")).is_ok());
    assert!(other.verifier().open(&format!("{both}{line}")).is_err());
}

#[test]
fn verifier_keys_of_running_logs_round_trip() {
    for vkey in [
        "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        let verifier: LogVerifier = vkey.parse().unwrap();
        assert_eq!(verifier.to_string(), vkey);
    }
    for bad in [
        "",
        "a+b",
        "sum.golang.org+033de0af+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "sum.golang.com+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8",
        "PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
    ] {
        assert!(bad.parse::<LogVerifier>().is_err(), "{bad}");
    }
}

#[test]
fn the_go_reference_s_note_verifies() {
    // From the documentation of golang.org/x/mod/sumdb/note: no checkpoint, so the signature is
    // accepted and the text then refused.
    let note = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
    let verifier: LogVerifier =
        "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
            .parse()
            .unwrap();
    assert!(matches!(
        verifier.open(note),
        Err(MerkleError::CheckpointFormat { .. })
    ));
    assert_eq!(
        verifier.open(&note.replace("answer", "Answer")),
        Err(MerkleError::NoteSignature)
    );
}

#[test]
fn origins() {
    assert!("broker.example/log".parse::<Origin>().is_ok());
    for bad in ["", "a b", "a\nb", "a+b", "a\u{a0}b", &"x".repeat(256)] {
        assert!(bad.parse::<Origin>().is_err(), "{bad}");
    }
}
