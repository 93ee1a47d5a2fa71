//! `adyton verify --ear`: the result as a token for others.

use std::fs::Permissions;
use std::os::unix::fs::PermissionsExt as _;

use adyton_codec::{base64_decode, base64_encode, hex_encode};
use adyton_crypto::VerifyingKey;
use adyton_ear::{EarVerifyingKey, Pin};
use adyton_pki::{KeyKind, PublicKey};
use adyton_types::UnixTime;

use crate::evidence::software;
use crate::support::{Home, text};

const POLICY: &str =
    "version = 1\nname = \"one\"\n[[platform]]\nkind = \"software\"\nmin-svn = 1\nrequire = []\n";

/// A policy that accepts the software Evidence of [`software`], or another executable.
fn policy(home: &Home, measurement: u8) {
    let shown = home.adyton("verify evidence --json").done().json();
    let id = text(&shown, "platform-id");
    let measurement = hex_encode(&[measurement; 32]);
    let rules = format!("measurements = [\"{measurement}\"]\nplatform-ids = [\"{id}\"]\n");
    home.write("policy.toml", format!("{POLICY}{rules}"));
}

/// Makes a signing key `verifier.key`; gives what verifies.
fn key(home: &Home) -> EarVerifyingKey {
    let made = home
        .adyton("keygen --signing --out verifier.key --json")
        .done()
        .json();
    let pem = text(&made, "public-key");
    let inside: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let der = base64_decode(&inside).unwrap();
    let key = VerifyingKey::from_bytes(der[12..].try_into().unwrap()).unwrap();
    assert_eq!(key.fingerprint().to_string(), text(&made, "fingerprint"));
    EarVerifyingKey::ed25519(key)
}

fn pin(key: EarVerifyingKey) -> Pin {
    Pin {
        key,
        issuer: "verifier.example".to_owned(),
        audience: "hospital.example".to_owned(),
    }
}

const AT: &str = "2026-11-01T00:00:00Z";
const EAR: &str = "verify evidence --report-data 07070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707070707 --policy policy.toml --at 2026-11-01T00:00:00Z --ear-key verifier.key --ear-issuer verifier.example --ear-audience hospital.example";

#[test]
fn a_result_is_a_token_that_its_reader_accepts() {
    let home = software();
    policy(&home, 8);
    let pin = pin(key(&home));
    let mode = std::fs::metadata(home.path("verifier.key"))
        .unwrap()
        .permissions()
        .mode();
    assert_eq!(mode & 0o777, 0o600);
    home.adyton(&format!("{EAR} --ear result.jwt")).done();
    let token = String::from_utf8(home.read("result.jwt")).unwrap();
    let now: UnixTime = AT.parse().unwrap();
    let verified = pin.verify_jwt(&token, now).unwrap();
    assert!(verified.ear().affirms());
    assert!(verified.answers(&[7; 64]));
    assert!(pin.verify_jwt(&token, now.plus_secs(299)).is_ok());
    assert!(pin.verify_jwt(&token, now.plus_secs(300)).is_err());

    home.adyton(&format!(
        "{EAR} --ear result.cwt --ear-format cwt --ear-life 9"
    ))
    .done();
    let token = home.read("result.cwt");
    assert!(
        pin.verify_cwt(&token, now.plus_secs(8))
            .unwrap()
            .ear()
            .affirms()
    );
    assert!(pin.verify_cwt(&token, now.plus_secs(9)).is_err());
    let said = home.adyton(&format!("{EAR} --ear -")).done();
    assert!(pin.verify_jwt(&said.out, now).is_ok(), "{said:#?}");
    // Evidence that was made for another session gives no token, not even a bad one.
    let foreign = EAR.replacen("0707", "0708", 1);
    home.adyton(&format!("{foreign} --ear foreign"))
        .fails(3, &["check: report-data"]);
    assert!(!home.path("foreign").exists());
}

#[test]
fn a_result_that_does_not_affirm_is_told_to_its_reader_too() {
    let home = software();
    policy(&home, 9);
    let pin = pin(key(&home));
    home.adyton(&format!("{EAR} --ear result.jwt"))
        .fails(3, &["not accepted by the policy", "measurement: expected"]);
    let token = String::from_utf8(home.read("result.jwt")).unwrap();
    let verified = pin.verify_jwt(&token, AT.parse().unwrap()).unwrap();
    assert!(!verified.ear().affirms());
    let submod = verified.ear().submods.values().next().unwrap();
    assert_eq!(submod.failed[0].claim, "measurement");
}

#[test]
fn keys_of_other_tools_sign_and_bad_ones_are_refused() {
    let home = software();
    policy(&home, 8);
    let pair = rcgen::KeyPair::generate().unwrap();
    let base64 = base64_encode(&pair.serialize_der());
    let private = format!("-----BEGIN PRIVATE KEY-----\n{base64}\n-----END PRIVATE KEY-----\n");
    home.write("verifier.key", private);
    std::fs::set_permissions(home.path("verifier.key"), Permissions::from_mode(0o644)).unwrap();
    home.adyton(&format!("{EAR} --ear r"))
        .fails(70, &["others may read (mode 644)", "chmod 600"]);
    std::fs::set_permissions(home.path("verifier.key"), Permissions::from_mode(0o600)).unwrap();
    home.adyton(&format!("{EAR} --ear r")).done();
    let point = PublicKey::from_sec1(KeyKind::P256, pair.public_key_raw()).unwrap();
    let token = String::from_utf8(home.read("r")).unwrap();
    let pin = pin(EarVerifyingKey::es256(point).unwrap());
    assert!(pin.verify_jwt(&token, AT.parse().unwrap()).is_ok());
    for bad in [
        "",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ] {
        home.write("verifier.key", bad);
        home.adyton(&format!("{EAR} --ear r"))
            .fails(2, &["no signing key", "keygen --signing"]);
    }
    home.adyton("verify evidence --ear r").fails(
        64,
        &["--report-data <HEX>", "--policy <FILE>", "--ear-key <FILE>"],
    );
    home.adyton(&format!("{EAR} --ear r --danger-root root"))
        .fails(64, &["cannot be used with", "--danger-root"]);
    home.adyton("keygen --signing --out verifier.key")
        .fails(70, &["no key is ever replaced"]);
}
