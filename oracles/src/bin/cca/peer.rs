//! The program `ccatoken`, asked for one verdict at a time. It is not linked: it needs OpenSSL, which
//! is in no dependency tree here.

use std::path::{Path, PathBuf};
use std::process::Command;

use adyton_tee_arm_cca::{CcaToken, Curve, EcKey};
use serde_json::{Value, json};

/// What it is told to trust: the same that Adyton is told.
pub struct Stores {
    anchors: Value,
    references: Value,
}

impl Stores {
    /// The key of the token's machine, and the token's own values as Reference Values.
    pub fn of(token: &CcaToken<'_>, key: &EcKey) -> Self {
        let (platform, realm) = (&token.platform, &token.realm);
        let (implementation, hex) = (
            platform.implementation.to_string(),
            adyton_codec::hex_encode,
        );
        let components = platform.components.iter().map(|component| {
            json!({
                "component-type": component.kind,
                "measurement-value": hex(&component.measurement),
                "signer-id": hex(&component.signer),
                "version": component.version,
            })
        });
        let rems = realm.extensible_measurements.iter();
        Self {
            anchors: json!([{
                "implementation-id": implementation,
                "instance-id": platform.instance.to_string(),
                "pkey": jwk(key),
            }]),
            references: json!({
                "platform": [{
                    "implementation-id": implementation,
                    "platform-configuration": hex(&platform.config),
                    "sw-components": components.collect::<Vec<_>>(),
                }],
                "realm": [{
                    "initial-measurement": hex(&realm.initial_measurement),
                    "extensible-measurements": rems.map(|rem| hex(rem)).collect::<Vec<_>>(),
                    "personalization-value": hex(&realm.personalization),
                    "rak-hash-algorithm": realm.public_key_hash.as_str(),
                }],
            }),
        }
    }
}

fn jwk(key: &EcKey) -> Value {
    let (x, y) = key.point()[1..].split_at(key.curve().coordinate_bytes());
    let crv = match key.curve() {
        Curve::P256 => "P-256",
        Curve::P384 => "P-384",
        Curve::P521 => "P-521",
    };
    let base64 = adyton_codec::base64url_encode;
    json!({ "kty": "EC", "crv": crv, "x": base64(x), "y": base64(y) })
}

/// The program, and a folder for what it reads.
pub struct Peer {
    program: String,
    folder: PathBuf,
}

impl Peer {
    pub fn new(program: String) -> Self {
        let folder = std::env::temp_dir().join(format!("adyton-oracle-{}", std::process::id()));
        std::fs::create_dir_all(&folder).expect("a folder for tokens");
        Self { program, folder }
    }

    pub fn trust(&self, stores: &Stores) {
        self.write("anchors.json", stores.anchors.to_string().as_bytes());
        self.write("references.json", stores.references.to_string().as_bytes());
    }

    fn write(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.folder.join(name);
        std::fs::write(&path, bytes).expect("room for a file");
        path
    }

    /// Its verdict: what it verifies, and what it thinks of the state that the token states. It
    /// always exits with 0, and says what it found in two trust vectors (AR4SI): a token is
    /// accepted if both name the instances as known, and nothing in them warns.
    pub fn verdict(&self, token: &[u8]) -> Result<(), String> {
        let token = self.write("token.cbor", token);
        let [platform, realm] = self.ask("verify", &token, "--tastore", "anchors.json")?;
        for (of, vector) in [("platform", platform), ("realm", realm)] {
            require(of, &vector, "instance-identity", &[2])?;
        }
        let [platform, realm] = self.ask("appraise", &token, "--rvstore", "references.json")?;
        require("platform", &platform, "hardware", &[2])?;
        require("realm", &realm, "executables", &[2, 3])
    }

    fn ask(&self, what: &str, token: &Path, with: &str, store: &str) -> Result<[Value; 2], String> {
        let mut command = Command::new(&self.program);
        command.arg(what).arg("--evidence").arg(token);
        command.arg(with).arg(self.folder.join(store));
        let output = command.output().expect("ccatoken runs");
        let said = String::from_utf8_lossy(&output.stdout);
        let parts: Vec<&str> = said.split(" trust vector: ").collect();
        let [_, platform, realm] = parts.as_slice() else {
            let why = String::from_utf8_lossy(&output.stderr);
            let panicked = why.lines().find(|line| line.contains("panicked"));
            let line =
                panicked.map_or_else(|| why.lines().next().unwrap_or_default(), |_| "panics");
            return Err(first_words(line));
        };
        let vector = |text: &str| {
            let end = text.rfind('}').expect("a vector in JSON");
            serde_json::from_str(&text[..=end]).expect("a vector in JSON")
        };
        Ok([vector(platform), vector(realm)])
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Refuses a vector with a value that warns or worse, or without the one that has to be there. 32 is
/// what it says of the memory of every realm: isolated, and not encrypted.
fn require(of: &str, vector: &Value, claim: &str, good: &[i64]) -> Result<(), String> {
    let entries = vector.as_object().expect("a vector in JSON");
    let worst = entries.iter().find(|(name, value)| {
        let value = value.as_i64().unwrap_or(-1);
        !(matches!(value, 0 | 2..=31) || (value == 32 && *name == "runtime-opaque"))
    });
    if let Some((name, value)) = worst {
        return Err(format!("{of}: {name} {value}"));
    }
    match entries.get(claim).and_then(Value::as_i64) {
        Some(value) if good.contains(&value) => Ok(()),
        _ => Err(format!("{of}: no {claim}")),
    }
}

/// A reason without the bytes that are in it.
fn first_words(line: &str) -> String {
    let line = line.split(['[', '{', '"']).next().unwrap_or_default();
    let words = line.split(' ').take(9);
    words.collect::<Vec<_>>().join(" ")
}
