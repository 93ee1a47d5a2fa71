//! Tokens under keys of the test's own, each deviating as the test asks: for tests of this crate
//! and of those above it.

use adyton_codec::Value;
use adyton_pki::KeyKind;
use adyton_pki::forge::ForgeKey;
use adyton_types::UnixTime;

use crate::{
    CcaEndorsements, ComponentReference, Curve, EcKey, HashAlgorithm, ImplementationId, InstanceId,
    PlatformReference,
};

/// A key pair of a test.
#[derive(Debug)]
pub struct ForgedKey {
    curve: Curve,
    pair: ForgeKey,
}

impl ForgedKey {
    /// A fresh key.
    #[must_use]
    pub fn generate(curve: Curve) -> Self {
        let kind = match curve {
            Curve::P256 => KeyKind::P256,
            Curve::P384 => KeyKind::P384,
            Curve::P521 => KeyKind::P521,
        };
        let pair = ForgeKey::generate(kind);
        Self { curve, pair }
    }

    /// Its public half.
    ///
    /// # Panics
    /// Never: the provider writes uncompressed points.
    #[must_use]
    pub fn public(&self) -> EcKey {
        EcKey::from_point(self.pair.public().bytes()).expect("an uncompressed point")
    }

    /// Its public half as a COSE_Key.
    #[must_use]
    pub fn to_cose(&self) -> Vec<u8> {
        let public = self.public();
        let (x, y) = public
            .point()
            .get(1..)
            .unwrap_or_default()
            .split_at(self.curve.coordinate_bytes());
        let number = match self.curve {
            Curve::P256 => 1,
            Curve::P384 => 2,
            Curve::P521 => 3,
        };
        Value::Map(vec![
            (Value::Uint(1), Value::Uint(2)),
            (Value::Nint(0), Value::Uint(number)),
            (Value::Nint(1), Value::bytes(x)),
            (Value::Nint(2), Value::bytes(y)),
        ])
        .encode()
    }

    /// A COSE_Sign1 over any payload, with the protected header `{1: algorithm}` and the
    /// unprotected one given.
    #[must_use]
    pub fn sign1(&self, payload: &[u8], unprotected: Value<'_>) -> Vec<u8> {
        let algorithm = match self.curve {
            Curve::P256 => 6,
            Curve::P384 => 34,
            Curve::P521 => 35,
        };
        let protected = Value::Map(vec![(Value::Uint(1), Value::Nint(algorithm))]).encode();
        let signed = Value::Array(vec![
            Value::text("Signature1"),
            Value::bytes(&protected),
            Value::bytes(&[]),
            Value::bytes(payload),
        ])
        .encode();
        let signature = self.pair.sign(self.curve.algorithm(), &signed);
        let items = vec![
            Value::bytes(&protected),
            unprotected,
            Value::bytes(payload),
            Value::bytes(&signature),
        ];
        Value::Tag(18, Box::new(Value::Array(items))).encode()
    }
}

/// Claims by key.
pub type Claims = Vec<(u64, Value<'static>)>;

/// A token whose parts a test may change before it is put together: the claims of both halves, the
/// keys that sign them, and the wrapping.
#[derive(Debug)]
pub struct ForgedToken {
    /// The claims of the platform token; the challenge, where it is missing, is made to bind.
    pub platform: Claims,
    /// The claims of the realm token; the RAK, where it is missing, is `rak`'s.
    pub realm: Claims,
    /// Signs the platform token.
    pub cpak: ForgedKey,
    /// Signs the realm token.
    pub rak: ForgedKey,
    /// Whether it is wrapped as a CMW collection.
    pub cmw: bool,
}

fn owned(bytes: &[u8]) -> Value<'static> {
    Value::Bytes(bytes.to_vec().into())
}

fn text(text: &str) -> Value<'static> {
    Value::Text(text.to_owned().into())
}

fn component(kind: &str, byte: u8) -> Value<'static> {
    Value::Map(vec![
        (Value::Uint(1), text(kind)),
        (Value::Uint(2), owned(&[byte; 32])),
        (Value::Uint(5), owned(&[9; 32])),
    ])
}

impl Default for ForgedToken {
    fn default() -> Self {
        Self::new(Curve::P384, Curve::P384)
    }
}

impl ForgedToken {
    /// The implementation of every forged platform.
    pub const IMPLEMENTATION: ImplementationId = ImplementationId([3; 32]);
    /// The instance of every forged platform.
    pub const INSTANCE: InstanceId = InstanceId([1; 33]);

    /// A token of the current profiles that verifies under [`endorsements`](Self::endorsements).
    #[must_use]
    pub fn new(cpak: Curve, rak: Curve) -> Self {
        Self {
            platform: vec![
                (265, text("tag:arm.com,2023:cca_platform#1.0.0")),
                (2396, owned(&Self::IMPLEMENTATION.0)),
                (256, owned(&Self::INSTANCE.0)),
                (2401, owned(&[0xcf; 4])),
                (2395, Value::Uint(0x3003)),
                (
                    2399,
                    Value::Array(vec![component("AP_BL31", 5), component("RMM", 6)]),
                ),
                (2402, text("sha-256")),
            ],
            realm: vec![
                (265, text("tag:arm.com,2023:realm#1.0.0")),
                (10, owned(&[0xab; 64])),
                (44235, owned(&[0; 64])),
                (44238, owned(&[7; 32])),
                (44239, Value::Array(vec![owned(&[0; 32]); 4])),
                (44236, text("sha-256")),
                (44240, text("sha-256")),
            ],
            cpak: ForgedKey::generate(cpak),
            rak: ForgedKey::generate(rak),
            cmw: false,
        }
    }

    /// Replaces a claim, or removes it.
    pub fn set(claims: &mut Claims, key: u64, value: Option<Value<'static>>) {
        claims.retain(|(found, _)| *found != key);
        claims.extend(value.map(|value| (key, value)));
    }

    /// The token.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let mut realm = self.realm.clone();
        if !realm.iter().any(|(key, _)| *key == 44237) {
            let legacy = !realm.iter().any(|(key, _)| *key == 265);
            let public = self.rak.public();
            let rak = if legacy {
                public.point().to_vec()
            } else {
                self.rak.to_cose()
            };
            realm.push((44237, Value::Bytes(rak.into())));
        }
        let mut platform = self.platform.clone();
        if !platform.iter().any(|(key, _)| *key == 10) {
            let rak = realm.iter().find(|(key, _)| *key == 44237);
            if let Some((_, Value::Bytes(rak))) = rak {
                let digest = HashAlgorithm::Sha256.digest(rak);
                platform.push((10, Value::Bytes(digest.into())));
            }
        }
        let empty = || Value::Map(Vec::new());
        Self::wrap(
            self.cmw,
            &self.cpak.sign1(&payload(&platform), empty()),
            &self.rak.sign1(&payload(&realm), empty()),
        )
    }

    /// Two halves put together.
    #[must_use]
    pub fn wrap(cmw: bool, platform: &[u8], realm: &[u8]) -> Vec<u8> {
        let record = |bytes| {
            if cmw {
                Value::Array(vec![Value::Uint(263), Value::bytes(bytes)])
            } else {
                Value::bytes(bytes)
            }
        };
        let map = vec![
            (Value::Uint(44234), record(platform)),
            (Value::Uint(44241), record(realm)),
        ];
        Value::Tag(if cmw { 907 } else { 399 }, Box::new(Value::Map(map))).encode()
    }

    /// Endorsements of the platform that an unchanged token is of, in force from 100 to 200.
    ///
    /// # Panics
    /// Never: the key is on its curve.
    #[must_use]
    pub fn endorsements(&self) -> CcaEndorsements {
        let mut endorsements =
            CcaEndorsements::new(UnixTime::from_secs(100), UnixTime::from_secs(200));
        endorsements
            .add_key(Self::IMPLEMENTATION, Self::INSTANCE, Ok(self.cpak.public()))
            .expect("a key on its curve");
        let component = |kind: &str, byte| ComponentReference {
            kind: Some(kind.to_owned()),
            measurement: vec![byte; 32],
            signer: vec![9; 32],
            version: None,
        };
        endorsements.set_reference(
            Self::IMPLEMENTATION,
            PlatformReference {
                config: vec![0xcf; 4],
                components: vec![component("AP_BL31", 5), component("RMM", 6)],
                required: vec!["RMM".to_owned()],
            },
        );
        endorsements
    }
}

/// The encoding of a claim set, keys in the order of the encoding.
#[must_use]
pub fn payload(claims: &Claims) -> Vec<u8> {
    let entries = claims
        .iter()
        .map(|(key, value)| (Value::Uint(*key), value.clone()));
    Value::Map(entries.collect()).encode()
}
