use adyton_codec::{CodecError, Value};
use adyton_lookup::{Terms, WireFault};
use adyton_types::TeeKind;

const VERSION: &str = "adyton/lookup-start/v1";

/// The front's first message. With it comes the platform key's descriptor, where the software TEE
/// vouches for the service. The front is nobody's friend: the terms are in the Evidence, and how
/// much memory there is only it can know.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) terms: Terms,
    /// How many tables there is to be room for: one, or two so that one can be loaded while the
    /// other serves.
    pub(crate) tables: usize,
    /// The TEE that vouches for the service.
    pub(crate) tee: TeeKind,
}

impl Start {
    pub(crate) fn encode(&self) -> Vec<u8> {
        Value::map([
            ("v", Value::text(VERSION)),
            ("terms", Value::bytes(&self.terms.encode())),
            ("tables", Value::Uint(self.tables as u64)),
            ("tee", Value::text(self.tee.as_str())),
        ])
        .encode()
    }

    pub(crate) fn parse(bytes: &[u8]) -> Result<Self, WireFault> {
        let mut fields = Value::decode(bytes)?.into_fields("start")?;
        fields.version("v", VERSION)?;
        let terms = Terms::parse(&fields.bytes("terms")?)?;
        let tables = match fields.uint("tables")? {
            1 => 1,
            2 => 2,
            _ => {
                let (field, expected) = ("tables", "1 or 2");
                return Err(CodecError::WrongKind { field, expected }.into());
            }
        };
        let tee = fields.text("tee")?.parse();
        let tee = tee.map_err(|_| WireFault::Field { field: "tee" })?;
        fields.finish()?;
        Ok(Self { terms, tables, tee })
    }
}
