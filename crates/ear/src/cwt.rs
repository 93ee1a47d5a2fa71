use std::collections::BTreeMap;

use adyton_codec::{CodecError, Fields, Value};
use adyton_types::UnixTime;

use crate::ear::{FailedWord, Submod, VerifierId};
use crate::jwt::require_short;
use crate::{Ear, EarError, EarSigningKey, EarVerifyingKey, PROFILE, Tier, TrustVector};

/// COSE_Sign1 (RFC 9052 section 2), which a CWT is (RFC 8392 section 7.1).
const SIGN1_TAG: u64 = 18;
/// COSE header parameters `alg` and `kid` (RFC 9052 section 3.1).
const ALG: u64 = 1;
const KID: u64 = 4;

/// Claim keys: RFC 8392 section 4, RFC 9711 section 10.3, draft-ietf-rats-ear-04 section 3.
mod key {
    pub(super) const ISS: u64 = 1;
    pub(super) const AUD: u64 = 3;
    pub(super) const EXP: u64 = 4;
    pub(super) const NBF: u64 = 5;
    pub(super) const IAT: u64 = 6;
    pub(super) const NONCE: u64 = 10;
    pub(super) const PROFILE: u64 = 265;
    pub(super) const SUBMODS: u64 = 266;
    pub(super) const STATUS: u64 = 1000;
    pub(super) const VECTOR: u64 = 1001;
    pub(super) const POLICY_IDS: u64 = 1003;
    pub(super) const VERIFIER_ID: u64 = 1004;
    pub(super) const ATTESTER_CLAIMS: u64 = 1005;
    pub(super) const VERIFIER_CLAIMS: u64 = 1006;
    pub(super) const DEVELOPER: u64 = 0;
    pub(super) const BUILD: u64 = 1;
}

/// In `ear_verifier_claims`: the claims that failed.
const FAILED: &str = "adyton-failed";

impl Ear {
    /// Issues it as a CWT (RFC 8392): a tagged COSE_Sign1.
    ///
    /// # Errors
    /// [`EarError::Claim`] if it contradicts itself or goes beyond the limits.
    pub fn issue_cwt(&self, key: &EarSigningKey) -> Result<Vec<u8>, EarError> {
        let ear = self.clone().consistent()?;
        let payload = claims(&ear).encode();
        let alg = Value::Nint(key.algorithm().cose());
        let protected = Value::Map(vec![(Value::Uint(ALG), alg)]).encode();
        let signature = key.sign(&to_be_signed(&protected, &payload))?;
        let sign1 = Value::Array(vec![
            Value::bytes(&protected),
            Value::Map(Vec::new()),
            Value::bytes(&payload),
            Value::bytes(&signature),
        ]);
        let token = Value::Tag(SIGN1_TAG, Box::new(sign1)).encode();
        require_short(token.len())?;
        Ok(token)
    }
}

/// `Sig_structure` (RFC 9052 section 4.4).
fn to_be_signed(protected: &[u8], payload: &[u8]) -> Vec<u8> {
    Value::Array(vec![
        Value::text("Signature1"),
        Value::bytes(protected),
        Value::bytes(&[]),
        Value::bytes(payload),
    ])
    .encode()
}

fn claims(ear: &Ear) -> Value<'_> {
    let submods = ear.submods.iter();
    let submods = submods.map(|(name, one)| (Value::text(name), submod_value(one)));
    keyed([
        (key::PROFILE, Value::text(PROFILE)),
        (key::ISS, Value::text(&ear.issuer)),
        (key::AUD, Value::text(&ear.audience)),
        (key::IAT, Value::Uint(ear.issued_at.as_secs())),
        (key::NBF, Value::Uint(ear.issued_at.as_secs())),
        (key::EXP, Value::Uint(ear.expires_at.as_secs())),
        (key::NONCE, Value::bytes(&ear.nonce)),
        (
            key::VERIFIER_ID,
            keyed([
                (key::DEVELOPER, Value::text(&ear.verifier.developer)),
                (key::BUILD, Value::text(&ear.verifier.build)),
            ]),
        ),
        (key::SUBMODS, Value::Map(submods.collect())),
    ])
}

fn submod_value(submod: &Submod) -> Value<'_> {
    let policies = submod.policy_ids.iter().map(|id| Value::text(id));
    let mut entries = vec![
        (Value::Uint(key::STATUS), Value::Uint(submod.status.code())),
        (
            Value::Uint(key::POLICY_IDS),
            Value::Array(policies.collect()),
        ),
    ];
    let said = (0..).zip(submod.vector.values());
    let said: Vec<_> = said
        .filter(|(_, value)| *value != 0)
        .map(|(index, value)| (Value::Uint(index), integer(value)))
        .collect();
    if !said.is_empty() {
        entries.push((Value::Uint(key::VECTOR), Value::Map(said)));
    }
    if !submod.attester_claims.is_empty() {
        let claims = submod.attester_claims.iter();
        let claims = claims.map(|(name, value)| (Value::text(name), Value::text(value)));
        let claims = Value::Map(claims.collect());
        entries.push((Value::Uint(key::ATTESTER_CLAIMS), claims));
    }
    if !submod.failed.is_empty() {
        let failed = submod.failed.iter().map(|failed| {
            Value::map([
                ("claim", Value::text(&failed.claim)),
                ("expected", Value::text(&failed.expected)),
                ("found", Value::text(&failed.found)),
            ])
        });
        let failed = Value::map([(FAILED, Value::Array(failed.collect()))]);
        entries.push((Value::Uint(key::VERIFIER_CLAIMS), failed));
    }
    Value::Map(entries)
}

fn keyed<const N: usize>(entries: [(u64, Value<'_>); N]) -> Value<'_> {
    let entries = entries.into_iter();
    Value::Map(entries.map(|(k, v)| (Value::Uint(k), v)).collect())
}

fn integer(value: i8) -> Value<'static> {
    let value = i64::from(value);
    match u64::try_from(value) {
        Ok(value) => Value::Uint(value),
        // -1 - n, which is !n in two's complement.
        Err(_) => Value::Nint((!value).unsigned_abs()),
    }
}

/// Reads a CWT whose signature verifies under the key; whom it is from and for, and when, is not
/// looked at.
pub(crate) fn open(token: &[u8], key: &EarVerifyingKey) -> Result<Ear, EarError> {
    require_short(token.len())?;
    let wrong = CodecError::WrongKind {
        field: "token",
        expected: "a tagged COSE_Sign1 with an attached payload",
    };
    let Value::Tag(SIGN1_TAG, sign1) = Value::decode_unordered(token)? else {
        return Err(wrong.into());
    };
    let Value::Array(parts) = *sign1 else {
        return Err(wrong.into());
    };
    let Ok(
        [
            Value::Bytes(protected),
            Value::Map(unprotected),
            Value::Bytes(payload),
            Value::Bytes(signature),
        ],
    ) = <[Value<'_>; 4]>::try_from(parts)
    else {
        return Err(wrong.into());
    };
    require_header(&protected, &unprotected, key)?;
    key.verify(&to_be_signed(&protected, &payload), &signature)?;
    read_ear(Map::new(Value::decode_unordered(&payload)?, "claims")?)?.consistent()
}

/// `alg` is protected and that of the key; a `kid` may stand beside it, and nothing else.
fn require_header(
    protected: &[u8],
    unprotected: &[(Value<'_>, Value<'_>)],
    key: &EarVerifyingKey,
) -> Result<(), EarError> {
    let expected = key.algorithm();
    let mut header = Map::new(Value::decode_unordered(protected)?, "protected")?;
    match header.take(ALG, "alg")? {
        Value::Nint(n) if n == expected.cose() => {}
        other => {
            return Err(EarError::Algorithm {
                expected: expected.jose(),
                found: match other {
                    Value::Nint(n) => format!("-{}", n.saturating_add(1)),
                    _ => "something else".to_owned(),
                },
            });
        }
    }
    let extra = header.entries.iter().chain(unprotected);
    let extra = extra.map(|(name, _)| name);
    if extra.into_iter().any(|name| *name != Value::Uint(KID)) {
        return Err(EarError::Claim {
            claim: "header",
            rule: "`alg`, and `kid` at most",
        });
    }
    Ok(())
}

/// A map with integers for keys, read entry by entry. What nobody takes is somebody's extension.
struct Map<'a> {
    entries: Vec<(Value<'a>, Value<'a>)>,
}

impl<'a> Map<'a> {
    fn new(value: Value<'a>, field: &'static str) -> Result<Self, CodecError> {
        match value {
            Value::Map(entries) => Ok(Self { entries }),
            _ => Err(CodecError::WrongKind {
                field,
                expected: "a map",
            }),
        }
    }

    fn optional(&mut self, key: u64) -> Option<Value<'a>> {
        let mut entries = self.entries.iter();
        let at = entries.position(|(name, _)| *name == Value::Uint(key))?;
        Some(self.entries.swap_remove(at).1)
    }

    fn take(&mut self, key: u64, field: &'static str) -> Result<Value<'a>, CodecError> {
        self.optional(key).ok_or(CodecError::MissingField { field })
    }

    fn text(&mut self, key: u64, field: &'static str) -> Result<String, CodecError> {
        Ok(self.take(key, field)?.into_text(field)?.into_owned())
    }

    fn time(&mut self, key: u64, field: &'static str) -> Result<UnixTime, CodecError> {
        Ok(UnixTime::from_secs(
            self.take(key, field)?.into_uint(field)?,
        ))
    }
}

fn read_ear(mut claims: Map<'_>) -> Result<Ear, EarError> {
    if claims.text(key::PROFILE, "eat_profile")? != PROFILE {
        return Err(EarError::Claim {
            claim: "eat_profile",
            rule: PROFILE,
        });
    }
    let issued_at = claims.time(key::IAT, "iat")?;
    let not_before = match claims.optional(key::NBF) {
        Some(time) => UnixTime::from_secs(time.into_uint("nbf")?),
        None => issued_at,
    };
    let verifier = claims.take(key::VERIFIER_ID, "ear_verifier_id")?;
    let mut verifier = Map::new(verifier, "ear_verifier_id")?;
    let submods = claims.take(key::SUBMODS, "submods")?;
    let submods = Map::new(submods, "submods")?.entries.into_iter();
    let submods = submods.map(|(name, one)| {
        let name = name.into_text("submods")?.into_owned();
        Ok((name, read_submod(Map::new(one, "submods")?)?))
    });
    Ok(Ear {
        issuer: claims.text(key::ISS, "iss")?,
        audience: claims.text(key::AUD, "aud")?,
        issued_at: issued_at.max(not_before),
        expires_at: claims.time(key::EXP, "exp")?,
        nonce: claims
            .take(key::NONCE, "eat_nonce")?
            .into_bytes("eat_nonce")?
            .into_owned(),
        verifier: VerifierId {
            developer: verifier.text(key::DEVELOPER, "developer")?,
            build: verifier.text(key::BUILD, "build")?,
        },
        submods: submods.collect::<Result<BTreeMap<_, _>, EarError>>()?,
    })
}

fn read_submod(mut submod: Map<'_>) -> Result<Submod, EarError> {
    let status = submod.take(key::STATUS, "ear_status")?;
    let status = Tier::from_code(status.into_uint("ear_status")?);
    let status = status.ok_or(EarError::Claim {
        claim: "ear_status",
        rule: "0, 2, 32 or 96",
    })?;
    let policies = match submod.take(key::POLICY_IDS, "ear_appraisal_policy_ids")? {
        Value::Array(items) => items,
        _ => Vec::new(),
    };
    let policies = policies.into_iter();
    let policies = policies.map(|id| Ok(id.into_text("ear_appraisal_policy_ids")?.into_owned()));
    let attester_claims = match submod.optional(key::ATTESTER_CLAIMS) {
        Some(claims) => read_texts(claims)?,
        None => BTreeMap::new(),
    };
    let failed = match submod.optional(key::VERIFIER_CLAIMS) {
        Some(claims) => read_failed(claims.into_fields("ear_verifier_claims")?)?,
        None => Vec::new(),
    };
    Ok(Submod {
        status,
        vector: match submod.optional(key::VECTOR) {
            Some(vector) => read_vector(Map::new(vector, "ear_trustworthiness_vector")?)?,
            None => TrustVector::default(),
        },
        policy_ids: policies.collect::<Result<_, CodecError>>()?,
        attester_claims,
        failed,
    })
}

fn read_texts(claims: Value<'_>) -> Result<BTreeMap<String, String>, CodecError> {
    const FIELD: &str = "ear_attester_claims";
    let claims = Map::new(claims, FIELD)?.entries.into_iter();
    claims
        .map(|(name, value)| {
            let (name, value) = (name.into_text(FIELD)?, value.into_text(FIELD)?);
            Ok((name.into_owned(), value.into_owned()))
        })
        .collect()
}

fn read_failed(mut claims: Fields<'_>) -> Result<Vec<FailedWord>, CodecError> {
    let Some(failed) = claims.optional(FAILED) else {
        return Ok(Vec::new());
    };
    let Value::Array(failed) = failed else {
        return Err(CodecError::WrongKind {
            field: FAILED,
            expected: "an array",
        });
    };
    failed
        .into_iter()
        .map(|failed| {
            let mut failed = failed.into_fields(FAILED)?;
            Ok(FailedWord {
                claim: failed.text("claim")?.into_owned(),
                expected: failed.text("expected")?.into_owned(),
                found: failed.text("found")?.into_owned(),
            })
        })
        .collect()
}

fn read_vector(mut vector: Map<'_>) -> Result<TrustVector, EarError> {
    let refuse = |rule| EarError::Claim {
        claim: "ear_trustworthiness_vector",
        rule,
    };
    let mut values = [0_i8; 8];
    for (index, value) in (0..).zip(&mut values) {
        let found = match vector.optional(index) {
            None => continue,
            Some(Value::Uint(n)) => i8::try_from(n).ok(),
            Some(Value::Nint(n)) => i8::try_from(n).ok().map(|n| !n),
            Some(_) => None,
        };
        *value = found.ok_or_else(|| refuse("of values from -128 to 127"))?;
    }
    if vector.entries.is_empty() {
        Ok(TrustVector::from_values(values))
    } else {
        Err(refuse("of AR4SI's eight"))
    }
}
