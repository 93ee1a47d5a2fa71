use adyton_codec::Value;
use adyton_crypto::{KemPublicKey, VerifyingKey, sha256, sha512};
use adyton_types::{Fingerprint, ProgramMeasurement, ReportData, Sha256Digest};

use crate::{Freshness, WireError, wire};

const LABEL: &[u8] = b"adyton/bind/v1\0";

/// What the binding is for. Evidence made for one role is refused in the other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    /// An enclave asks a broker for secrets.
    Enclave,
    /// An enclave vouches for what it did.
    Receipt,
}

impl Role {
    /// Its name on the wire.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Enclave => "enclave",
            Self::Receipt => "receipt",
        }
    }
}

/// What a TEE's report data is the digest of (`specs/binding.md`). Having one tells you nothing:
/// Evidence must carry its [`report_data`](Self::report_data), and every field must be compared
/// with what the verifier itself knows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Binding {
    /// What it is for.
    pub role: Role,
    /// Whom it is for: a broker's id, or [`receipt_relying_party`].
    pub relying_party: Fingerprint,
    /// The Relying Party's own token, or for a receipt the run's id.
    pub fresh: Freshness,
    /// Key to which secrets are sealed.
    pub kem: KemPublicKey,
    /// Key that signs for the enclave.
    pub signing: VerifyingKey,
    /// TLS exporter, where the enclave ends TLS itself. Release requests and receipts of version 1
    /// have none.
    pub channel: Option<[u8; 32]>,
    /// Which program runs.
    pub program: ProgramMeasurement,
    /// Digest of the request's operations, or of the receipt's payload.
    pub ops: Sha256Digest,
}

impl Binding {
    /// The 64 bytes that the TEE must have signed.
    #[must_use]
    pub fn report_data(&self) -> ReportData {
        ReportData::new(sha512(&[LABEL, &self.encode()]))
    }

    pub(crate) fn to_value(&self) -> Value<'_> {
        Value::map([
            ("role", Value::text(self.role.as_str())),
            ("rp", Value::bytes(self.relying_party.as_bytes())),
            ("fresh", Value::bytes(self.fresh.as_bytes())),
            ("kem", Value::Bytes(self.kem.to_bytes().into())),
            ("sig", Value::Bytes(self.signing.to_bytes().to_vec().into())),
            (
                "channel",
                self.channel
                    .as_ref()
                    .map_or(Value::Null, |c| Value::bytes(c)),
            ),
            ("program", Value::bytes(self.program.as_bytes())),
            ("ops", Value::bytes(self.ops.as_bytes())),
        ])
    }

    /// Reads a binding.
    ///
    /// # Errors
    /// [`WireError`].
    pub fn parse(bytes: &[u8]) -> Result<Self, WireError> {
        Self::from_value(Value::decode(bytes)?)
    }

    /// Its one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        self.to_value().encode()
    }

    pub(crate) fn from_value(value: Value<'_>) -> Result<Self, WireError> {
        let mut fields = value.into_fields("binding")?;
        let role = match fields.text("role")?.as_ref() {
            "enclave" => Role::Enclave,
            "receipt" => Role::Receipt,
            _ => {
                return Err(WireError::Rule {
                    field: "role",
                    rule: "`enclave` or `receipt`",
                });
            }
        };
        let kem: [u8; adyton_crypto::KEM_PUBLIC_KEY_BYTES] = fields.array("kem")?;
        let channel = fields.nullable("channel")?;
        let binding = Self {
            role,
            relying_party: Fingerprint::new(fields.array("rp")?),
            fresh: Freshness::new(&fields.bytes("fresh")?)?,
            kem: KemPublicKey::from_bytes(&kem).map_err(WireError::public_key("kem"))?,
            signing: wire::verifying_key(&mut fields, "sig")?,
            channel: channel.map(|c| c.into_array("channel")).transpose()?,
            program: ProgramMeasurement::new(fields.array("program")?),
            ops: wire::digest(&mut fields, "ops")?,
        };
        fields.finish()?;
        Ok(binding)
    }
}

/// The Relying Party of a receipt: whoever reads it, so a constant.
#[must_use]
pub fn receipt_relying_party() -> Fingerprint {
    Fingerprint::new(sha256(&[b"adyton/receipt/v1"]))
}
