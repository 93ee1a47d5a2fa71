use adyton_codec::{CodecError, Value};
use adyton_types::Field;

use crate::{HashAlg, PcrValues, Quote, Signature, TpmError, TpmPublic};

/// Version mark of the container.
const VERSION: &str = "adyton/tpm-evidence/v1";

/// TPM Evidence: a quote with everything that is needed to verify it, as an Attester sends it
/// (`specs/tpm-evidence.md`). Having one tells you nothing: [`verify`](crate::verify) it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TpmEvidence {
    /// `TPMS_ATTEST`, as signed.
    pub quote: Vec<u8>,
    /// `TPMT_SIGNATURE`.
    pub signature: Vec<u8>,
    /// The values of the quoted PCRs.
    pub pcrs: PcrValues,
    /// `TPMT_PUBLIC` of the Attestation Key.
    pub ak: Vec<u8>,
    /// The AK's certificate and those of its CAs without the root, in DER; empty for a key that
    /// the Verifier has enrolled.
    pub chain: Vec<Vec<u8>>,
    /// The crypto-agile event log, if the Attester has one.
    pub log: Option<Vec<u8>>,
}

impl TpmEvidence {
    /// Reads Evidence.
    ///
    /// # Errors
    /// [`TpmError::Container`] and the others of the check `container`.
    pub fn parse(bytes: &[u8]) -> Result<Self, TpmError> {
        let mut fields = Value::decode(bytes)?.into_fields("TPM Evidence")?;
        fields.version("v", VERSION)?;
        let bank = fields.text("bank")?;
        let evidence = Self {
            quote: fields.bytes("quote")?.into_owned(),
            signature: fields.bytes("signature")?.into_owned(),
            pcrs: PcrValues::from_items(&bank, fields.items("pcrs")?)?,
            ak: fields.bytes("ak")?.into_owned(),
            chain: parse_chain(fields.items("chain")?)?,
            log: match fields.nullable("log")? {
                Some(log) => Some(log.into_bytes("log")?.into_owned()),
                None => None,
            },
        };
        fields.finish()?;
        Ok(evidence)
    }

    /// Its one encoding.
    #[must_use]
    pub fn encode(&self) -> Vec<u8> {
        let chain = self.chain.iter().map(|der| Value::bytes(der));
        Value::map([
            ("v", Value::text(VERSION)),
            ("bank", Value::text(self.pcrs.bank().as_str())),
            ("quote", Value::bytes(&self.quote)),
            ("signature", Value::bytes(&self.signature)),
            ("pcrs", self.pcrs.to_items()),
            ("ak", Value::bytes(&self.ak)),
            ("chain", Value::Array(chain.collect())),
            ("log", self.log.as_deref().map_or(Value::Null, Value::bytes)),
        ])
        .encode()
    }

    /// Every field of the quote, the signature, the key and the values, decoded for a person to
    /// read and judged by nobody.
    ///
    /// # Errors
    /// If one of them is malformed.
    pub fn fields(&self) -> Result<Vec<Field>, TpmError> {
        let mut fields = Quote::parse(&self.quote)
            .map_err(TpmError::Attest)?
            .fields();
        let signature = Signature::parse(&self.signature).map_err(TpmError::SignatureForm)?;
        fields.extend(signature.fields());
        fields.extend(TpmPublic::parse(&self.ak)?.fields());
        for (index, value) in self.pcrs.iter() {
            let name = format!("pcrs.{}.{index}", self.pcrs.bank());
            fields.push(Field::new(name, adyton_codec::hex_encode(value)));
        }
        fields.push(Field::new("chain.certificates", self.chain.len()));
        let log = self.log.as_ref().map_or(0, Vec::len);
        fields.push(Field::new("log.bytes", log));
        Ok(fields)
    }
}

impl PcrValues {
    /// Reads the values of a bank of that name from an array of pairs of index and value, as all
    /// containers have it.
    ///
    /// # Errors
    /// [`TpmError`] of the check `container`.
    pub fn from_items(bank: &str, items: Vec<Value<'_>>) -> Result<Self, TpmError> {
        let bank = HashAlg::from_name(bank).ok_or_else(|| TpmError::Bank {
            name: bank.chars().take(40).collect(),
        })?;
        let mut values: Vec<(u8, Vec<u8>)> = Vec::new();
        for item in items {
            let wrong = CodecError::WrongKind {
                field: "pcrs",
                expected: "an array of pairs of a PCR's index and its value",
            };
            let Value::Array(pair) = item else {
                return Err(wrong.into());
            };
            let [index, value] = <[Value<'_>; 2]>::try_from(pair).map_err(|_| wrong.clone())?;
            let index = u8::try_from(index.into_uint("pcrs.index")?).map_err(|_| wrong)?;
            if values.last().is_some_and(|(last, _)| *last >= index) {
                return Err(TpmError::PcrOrder);
            }
            values.push((index, value.into_bytes("pcrs.value")?.into_owned()));
        }
        Ok(Self::new(bank, values)?)
    }

    /// The values as such an array.
    #[must_use]
    pub fn to_items(&self) -> Value<'_> {
        let pair = |(index, value): (u8, _)| vec![Value::Uint(index.into()), Value::bytes(value)];
        Value::Array(self.iter().map(pair).map(Value::Array).collect())
    }
}

fn parse_chain(items: Vec<Value<'_>>) -> Result<Vec<Vec<u8>>, TpmError> {
    let chain = items.into_iter().map(|item| item.into_bytes("chain"));
    Ok(chain
        .map(|der| der.map(std::borrow::Cow::into_owned))
        .collect::<Result<_, _>>()?)
}
