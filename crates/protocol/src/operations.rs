use adyton_codec::{Fields, Value};
use adyton_crypto::sha256;
use adyton_types::{Name, Sha256Digest};

use crate::limits::MAX_OPERATIONS;
use crate::{WireError, wire};

/// What one operation of a request asks for: the release of a secret, for a purpose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operation {
    /// The secret.
    pub secret: Name,
    /// What for; the release document must state the same.
    pub purpose: Name,
}

/// 1 to [`MAX_OPERATIONS`] operations on distinct secrets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Operations(Vec<Operation>);

impl Operations {
    /// Puts them together, in the order in which they are sent.
    ///
    /// # Errors
    /// [`WireError`] if there are none or too many, or a secret is there twice.
    pub fn new(operations: Vec<Operation>) -> Result<Self, WireError> {
        wire::length("ops", operations.len(), MAX_OPERATIONS)?;
        let twice = operations
            .iter()
            .enumerate()
            .any(|(i, a)| operations.iter().skip(i + 1).any(|b| a.secret == b.secret));
        if twice {
            let (field, rule) = ("ops", "about distinct secrets");
            return Err(WireError::Rule { field, rule });
        }
        Ok(Self(operations))
    }

    /// The operations, in the order in which they are sent.
    #[must_use]
    pub fn as_slice(&self) -> &[Operation] {
        &self.0
    }

    /// The digest that goes into the binding.
    #[must_use]
    pub fn digest(&self) -> Sha256Digest {
        Sha256Digest::new(sha256(&[&self.to_value().encode()]))
    }

    pub(crate) fn to_value(&self) -> Value<'_> {
        let operations = self.0.iter().map(|operation| {
            Value::map([
                ("op", Value::text("release")),
                ("secret", Value::text(operation.secret.as_str())),
                ("purpose", Value::text(operation.purpose.as_str())),
            ])
        });
        Value::Array(operations.collect())
    }

    pub(crate) fn parse(fields: &mut Fields<'_>) -> Result<Self, WireError> {
        let operations = wire::items(fields, "ops", MAX_OPERATIONS)?
            .into_iter()
            .map(|item| {
                let mut fields = item.into_fields("ops")?;
                fields.version("op", "release")?;
                let operation = Operation {
                    secret: wire::name(&mut fields, "secret")?,
                    purpose: wire::name(&mut fields, "purpose")?,
                };
                fields.finish()?;
                Ok(operation)
            })
            .collect::<Result<_, WireError>>()?;
        Self::new(operations)
    }
}
