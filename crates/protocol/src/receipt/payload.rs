use adyton_codec::Value;
use adyton_types::{Name, ProgramMeasurement, Sha256Digest, UnixTime};

use crate::limits::{MAX_MANIFEST_BYTES, MAX_RECEIPT_ITEMS};
use crate::{ReleaseProof, WireError, wire};

/// Label of the signature, and version mark of receipt and payload.
pub(super) const LABEL: &str = "adyton/receipt/v1";

/// An input as the enclave read it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InputRecord {
    /// Its name in the manifest.
    pub name: Name,
    /// SHA-256 of the sealed file.
    pub sha256: Sha256Digest,
    /// Length of the sealed file.
    pub size: u64,
    /// Index of the release whose secret opened it.
    pub release: u64,
}

/// An output as the enclave wrote it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutputRecord {
    /// Its name in the manifest.
    pub name: Name,
    /// SHA-256 of the sealed file.
    pub sha256: Sha256Digest,
    /// Length of the sealed file.
    pub size: u64,
}

/// What a receipt states. Having one tells you nothing;
/// [`VerifiedReceipt`](crate::VerifiedReceipt) holds one that an enclave signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReceiptPayload {
    /// The run's id.
    pub run: [u8; 32],
    /// The program's manifest.
    pub manifest: Vec<u8>,
    /// The program's exit code.
    pub exit: u64,
    /// The host's clock at the end: the adversary's word.
    pub host_time: UnixTime,
    /// The inputs, in the manifest's order.
    pub inputs: Vec<InputRecord>,
    /// The outputs, in the manifest's order.
    pub outputs: Vec<OutputRecord>,
    /// The releases, with their proofs.
    pub releases: Vec<ReleaseProof>,
}

impl ReceiptPayload {
    /// Which program ran: the digest of its manifest.
    #[must_use]
    pub fn program(&self) -> ProgramMeasurement {
        ProgramMeasurement::new(adyton_crypto::sha384(&[&self.manifest]))
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let inputs = self.inputs.iter().map(|input| {
            Value::map([
                ("name", Value::text(input.name.as_str())),
                ("sha256", Value::bytes(input.sha256.as_bytes())),
                ("size", Value::Uint(input.size)),
                ("release", Value::Uint(input.release)),
            ])
        });
        let outputs = self.outputs.iter().map(|output| {
            Value::map([
                ("name", Value::text(output.name.as_str())),
                ("sha256", Value::bytes(output.sha256.as_bytes())),
                ("size", Value::Uint(output.size)),
            ])
        });
        let releases = self.releases.iter().map(ReleaseProof::to_value);
        Value::map([
            ("v", Value::text(LABEL)),
            ("run", Value::bytes(&self.run)),
            ("manifest", Value::bytes(&self.manifest)),
            ("exit", Value::Uint(self.exit)),
            ("host-time", Value::Uint(self.host_time.as_secs())),
            ("inputs", Value::Array(inputs.collect())),
            ("outputs", Value::Array(outputs.collect())),
            ("releases", Value::Array(releases.collect())),
        ])
        .encode()
    }

    pub(super) fn parse(payload: &[u8]) -> Result<Self, WireError> {
        let mut fields = Value::decode(payload)?.into_fields("receipt")?;
        fields.version("v", LABEL)?;
        let inputs = wire::items(&mut fields, "inputs", MAX_RECEIPT_ITEMS)?;
        let outputs = wire::items(&mut fields, "outputs", MAX_RECEIPT_ITEMS)?;
        let releases = wire::items(&mut fields, "releases", MAX_RECEIPT_ITEMS)?;
        let parsed = Self {
            run: fields.array("run")?,
            manifest: wire::bytes(&mut fields, "manifest", MAX_MANIFEST_BYTES)?,
            exit: fields.uint("exit")?,
            host_time: wire::time(&mut fields, "host-time")?,
            inputs: collect(inputs, input)?,
            outputs: collect(outputs, output)?,
            releases: collect(releases, ReleaseProof::parse)?,
        };
        fields.finish()?;
        Ok(parsed)
    }
}

fn collect<T>(
    items: Vec<Value<'_>>,
    parse: impl FnMut(Value<'_>) -> Result<T, WireError>,
) -> Result<Vec<T>, WireError> {
    items.into_iter().map(parse).collect()
}

fn input(value: Value<'_>) -> Result<InputRecord, WireError> {
    let mut fields = value.into_fields("inputs")?;
    let input = InputRecord {
        name: wire::name(&mut fields, "name")?,
        sha256: wire::digest(&mut fields, "sha256")?,
        size: fields.uint("size")?,
        release: fields.uint("release")?,
    };
    fields.finish()?;
    Ok(input)
}

fn output(value: Value<'_>) -> Result<OutputRecord, WireError> {
    let mut fields = value.into_fields("outputs")?;
    let output = OutputRecord {
        name: wire::name(&mut fields, "name")?,
        sha256: wire::digest(&mut fields, "sha256")?,
        size: fields.uint("size")?,
    };
    fields.finish()?;
    Ok(output)
}
