use adyton_codec::Value;
use adyton_types::{Fingerprint, Name};

use crate::{WireError, wire};

/// What a receipt's verifier compares with the manifest: the names of inputs and outputs, and which
/// broker each input's key comes from. The rest of the manifest was read by whoever pinned its
/// digest.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ManifestView {
    pub(super) inputs: Vec<(Name, Option<Fingerprint>)>,
    pub(super) outputs: Vec<Name>,
}

impl ManifestView {
    pub(super) fn parse(manifest: &[u8]) -> Result<Self, WireError> {
        let mut fields = Value::decode(manifest)?.into_fields("manifest")?;
        fields.version("v", "adyton/program/v1")?;
        let input = |item: Value<'_>| {
            let mut fields = item.into_fields("inputs")?;
            let broker = fields.nullable("broker")?;
            let broker = broker.map(|id| id.into_array("broker")).transpose()?;
            let name = wire::name(&mut fields, "name")?;
            Ok::<_, WireError>((name, broker.map(Fingerprint::new)))
        };
        let output = |item: Value<'_>| wire::name(&mut item.into_fields("outputs")?, "name");
        let inputs = fields.items("inputs")?.into_iter().map(input);
        let inputs = inputs.collect::<Result<_, _>>()?;
        let outputs = fields.items("outputs")?.into_iter().map(output);
        Ok(Self {
            inputs,
            outputs: outputs.collect::<Result<_, _>>()?,
        })
    }
}
