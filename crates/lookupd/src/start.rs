use adyton_codec::{CodecError, Value};
use adyton_lookup::{Terms, WireFault};

const VERSION: &str = "adyton/lookup-start/v1";

/// The front's first message, with which the platform key's descriptor comes. The front is
/// nobody's friend: the terms are in the Evidence, and how much memory there is only it can know.
#[derive(Debug, Clone)]
pub(crate) struct Start {
    pub(crate) terms: Terms,
    /// How many tables there is to be room for: one, or two so that one can be loaded while the
    /// other serves.
    pub(crate) tables: usize,
}

impl Start {
    pub(crate) fn encode(&self) -> Vec<u8> {
        Value::map([
            ("v", Value::text(VERSION)),
            ("terms", Value::bytes(&self.terms.encode())),
            ("tables", Value::Uint(self.tables as u64)),
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
        fields.finish()?;
        Ok(Self { terms, tables })
    }
}
