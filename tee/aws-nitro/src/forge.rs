//! Forged documents under keys of its own: right in everything, until a test alters one thing.

use std::sync::LazyLock;

use adyton_codec::Value;
use adyton_pki::forge::{CertificateForge, ForgeKey};
use adyton_pki::{KeyKind, SignatureAlgorithm};
use adyton_types::UnixTime;

use crate::{Device, Roots};

/// The keys that forgeries are signed with.
#[derive(Debug)]
pub struct ForgeKeys {
    /// The root's.
    pub root: ForgeKey,
    /// The region's.
    pub region: ForgeKey,
    /// The instance's.
    pub instance: ForgeKey,
    /// The enclave's.
    pub leaf: ForgeKey,
    /// Somebody's.
    pub stranger: ForgeKey,
}

/// The shared keys.
pub static KEYS: LazyLock<ForgeKeys> = LazyLock::new(|| ForgeKeys {
    root: ForgeKey::generate(KeyKind::P384),
    region: ForgeKey::generate(KeyKind::P384),
    instance: ForgeKey::generate(KeyKind::P384),
    leaf: ForgeKey::generate(KeyKind::P384),
    stranger: ForgeKey::generate(KeyKind::P384),
});

/// 2026-01-01T00:00:00Z, at which forgeries are made.
pub const NOW: UnixTime = UnixTime::from_secs(1_767_225_600);

/// A forged document. Every part may be altered before it is signed.
#[derive(Debug, Clone)]
pub struct ForgedNitro {
    /// The certificates, root first, the leaf last.
    pub chain: [CertificateForge; 4],
    /// The payload's fields; `certificate` and `cabundle` are added from the chain.
    pub fields: Vec<(Value<'static>, Value<'static>)>,
    /// The protected header.
    pub protected: Value<'static>,
    /// The unprotected header.
    pub unprotected: Value<'static>,
    /// Write the payload as a map of indefinite length, as newer devices do.
    pub streamed: bool,
}

impl ForgedNitro {
    /// A document that verifies.
    #[must_use]
    pub fn new(device: Device) -> Self {
        let pcrs = match device {
            Device::Enclave => "pcrs",
            Device::NitroTpm => "nitrotpm_pcrs",
        };
        let values = [0, 1, 2, 3, 4, 8].map(|index| (Value::Uint(index), pcr(1)));
        let bytes = |byte: u8| Value::Bytes(vec![byte; 32].into());
        let fields = [
            (
                "module_id",
                Value::text("i-0123456789abcdef0-enc0123456789abcdef"),
            ),
            ("digest", Value::text("SHA384")),
            ("timestamp", Value::Uint(NOW.as_secs().saturating_mul(1000))),
            (pcrs, Value::Map(values.to_vec())),
            ("public_key", Value::Null),
            ("user_data", bytes(0xda)),
            ("nonce", bytes(0x9e)),
        ];
        let named = |(key, value)| (Value::text(key), value);
        Self {
            chain: [
                CertificateForge::ca("root", "root", &KEYS.root, None),
                CertificateForge::ca("region", "root", &KEYS.region, Some(1)),
                CertificateForge::ca("instance", "region", &KEYS.instance, Some(0)),
                CertificateForge::end_entity("enclave", "instance", &KEYS.leaf),
            ],
            fields: fields.into_iter().map(named).collect(),
            protected: Value::Map(vec![(Value::Uint(1), Value::Nint(34))]),
            unprotected: Value::Map(Vec::new()),
            streamed: false,
        }
    }

    /// The roots that pin the forged one.
    #[must_use]
    pub fn roots() -> Roots {
        Roots::danger_of(KEYS.root.public().fingerprint())
    }

    /// Puts a field in, in place of the one of that name.
    pub fn set(&mut self, field: &'static str, value: Value<'static>) -> &mut Self {
        self.remove(field);
        self.fields.push((Value::text(field), value));
        self
    }

    /// Takes a field out.
    pub fn remove(&mut self, field: &'static str) -> &mut Self {
        self.fields.retain(|(key, _)| *key != Value::text(field));
        self
    }

    /// The document, each certificate signed by the key above it and the whole by the leaf's.
    #[must_use]
    pub fn sign(&self) -> Vec<u8> {
        let [root, region, instance, leaf] = &self.chain;
        let certificates = [
            root.sign(&KEYS.root),
            region.sign(&KEYS.root),
            instance.sign(&KEYS.region),
            leaf.sign(&KEYS.instance),
        ];
        self.sign_with(certificates, &KEYS.leaf)
    }

    /// The document with these certificates, root first, signed by that key.
    #[must_use]
    pub fn sign_with(&self, certificates: [Vec<u8>; 4], key: &ForgeKey) -> Vec<u8> {
        let [root, region, instance, leaf] = certificates;
        let mut whole = self.clone();
        let bundle = [root, region, instance].map(|der| Value::Bytes(der.into()));
        let set = |whole: &mut Self, field, value| {
            if !whole
                .fields
                .iter()
                .any(|(key, _)| *key == Value::text(field))
            {
                whole.set(field, value);
            }
        };
        set(&mut whole, "certificate", Value::Bytes(leaf.into()));
        set(&mut whole, "cabundle", Value::Array(bundle.to_vec()));
        let payload = whole.payload();
        let protected = self.protected.encode();
        let signed = Value::Array(vec![
            Value::text("Signature1"),
            Value::bytes(&protected),
            Value::bytes(&[]),
            Value::bytes(&payload),
        ]);
        let algorithm = SignatureAlgorithm::EcdsaP384Sha384Fixed;
        let signature = key.sign(algorithm, &signed.encode());
        envelope(&protected, &self.unprotected, &payload, &signature).encode()
    }

    /// The payload, field by field, so that a field may be there twice.
    fn payload(&self) -> Vec<u8> {
        let mut bytes = if self.streamed {
            vec![0xbf]
        } else {
            vec![0xa0 | u8::try_from(self.fields.len()).unwrap_or(23)]
        };
        for (key, value) in &self.fields {
            bytes.extend(key.encode());
            bytes.extend(value.encode());
        }
        if self.streamed {
            bytes.push(0xff);
        }
        bytes
    }
}

/// A register's value: 48 bytes of one kind.
#[must_use]
pub fn pcr(byte: u8) -> Value<'static> {
    Value::Bytes(vec![byte; 48].into())
}

/// A COSE_Sign1 of these parts.
#[must_use]
pub fn envelope<'a>(
    protected: &'a [u8],
    unprotected: &Value<'a>,
    payload: &'a [u8],
    signature: &'a [u8],
) -> Value<'a> {
    Value::Array(vec![
        Value::bytes(protected),
        unprotected.clone(),
        Value::bytes(payload),
        Value::bytes(signature),
    ])
}
