use std::collections::BTreeMap;

use adyton_codec::{base64url_decode, base64url_encode};
use adyton_types::UnixTime;
use serde::{Deserialize, Serialize};

use crate::ear::{FailedWord, Submod, VerifierId};
use crate::{Ear, EarError, EarSigningKey, EarVerifyingKey, MAX_TOKEN_BYTES, PROFILE, TrustVector};

/// The media type of an EAT that is a JWT (RFC 9782 section 6.1), as RFC 8725 section 3.11 asks for.
const TYPE: &str = "eat+jwt";
/// What others write there.
const PLAIN_TYPE: &str = "JWT";

/// The JOSE header. A key in it, a place of one, and extensions that one must understand are
/// refused with everything else that is not here.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    alg: String,
    typ: String,
    #[serde(default, skip_serializing)]
    #[expect(dead_code, reason = "others name their key; the pinned one is used")]
    kid: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    eat_profile: String,
    iss: String,
    aud: String,
    iat: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    nbf: Option<u64>,
    exp: u64,
    eat_nonce: String,
    ear_verifier_id: Verifier,
    submods: BTreeMap<String, SubmodClaims>,
}

#[derive(Serialize, Deserialize)]
struct Verifier {
    developer: String,
    build: String,
}

#[derive(Serialize, Deserialize)]
struct SubmodClaims {
    ear_status: String,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    ear_trustworthiness_vector: BTreeMap<String, i8>,
    ear_appraisal_policy_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    ear_attester_claims: BTreeMap<String, String>,
    #[serde(default, skip_serializing_if = "VerifierClaims::is_empty")]
    ear_verifier_claims: VerifierClaims,
}

#[derive(Serialize, Deserialize, Default)]
struct VerifierClaims {
    #[serde(default, rename = "adyton-failed")]
    failed: Vec<Failed>,
}

impl VerifierClaims {
    const fn is_empty(&self) -> bool {
        self.failed.is_empty()
    }
}

#[derive(Serialize, Deserialize)]
struct Failed {
    claim: String,
    expected: String,
    found: String,
}

impl Ear {
    /// Issues it as a JWT (RFC 7519) in compact form.
    ///
    /// # Errors
    /// [`EarError::Claim`] if it contradicts itself or goes beyond the limits.
    pub fn issue_jwt(&self, key: &EarSigningKey) -> Result<String, EarError> {
        let claims = Claims::from(self.clone().consistent()?);
        let header = Header {
            alg: key.algorithm().jose().to_owned(),
            typ: TYPE.to_owned(),
            kid: None,
        };
        let part = |json: Result<Vec<u8>, serde_json::Error>| json.map_err(|why| not_ear(&why));
        let header = part(serde_json::to_vec(&header))?;
        let claims = part(serde_json::to_vec(&claims))?;
        let mut token = [base64url_encode(&header), base64url_encode(&claims)].join(".");
        let signature = key.sign(token.as_bytes())?;
        token.push('.');
        token.push_str(&base64url_encode(&signature));
        require_short(token.len())?;
        Ok(token)
    }
}

/// Reads a JWT whose signature verifies under the key; whom it is from and for, and when, is not
/// looked at.
pub(crate) fn open(token: &str, key: &EarVerifyingKey) -> Result<Ear, EarError> {
    require_short(token.len())?;
    let wrong = |what| EarError::Jwt { what };
    let (signed, signature) = token.rsplit_once('.').ok_or(wrong("it has no signature"))?;
    let (header, claims) = signed
        .split_once('.')
        .filter(|(_, claims)| !claims.contains('.'))
        .ok_or(wrong("it has not three parts"))?;
    let decode = |part, what| base64url_decode(part).map_err(|_| EarError::Jwt { what });
    let header = decode(header, "its header is not in base64url")?;
    let header: Header = serde_json::from_slice(&header).map_err(|why| not_ear(&why))?;
    let expected = key.algorithm().jose();
    if header.alg != expected {
        let found = header.alg.chars().take(20).collect();
        return Err(EarError::Algorithm { expected, found });
    }
    if header.typ != TYPE && header.typ != PLAIN_TYPE {
        return Err(wrong("its `typ` is neither `eat+jwt` nor `JWT`"));
    }
    let signature = decode(signature, "its signature is not in base64url")?;
    key.verify(signed.as_bytes(), &signature)?;
    let claims = decode(claims, "its claims are not in base64url")?;
    let claims: Claims = serde_json::from_slice(&claims).map_err(|why| not_ear(&why))?;
    claims.into_ear()?.consistent()
}

pub(crate) const fn require_short(found: usize) -> Result<(), EarError> {
    if found > MAX_TOKEN_BYTES {
        return Err(EarError::TooLong { found });
    }
    Ok(())
}

fn not_ear(why: &serde_json::Error) -> EarError {
    let why = why.to_string().chars().take(200).collect();
    EarError::Json { why }
}

impl From<Ear> for Claims {
    fn from(ear: Ear) -> Self {
        let submods = ear.submods.into_iter();
        Self {
            eat_profile: PROFILE.to_owned(),
            iss: ear.issuer,
            aud: ear.audience,
            iat: ear.issued_at.as_secs(),
            nbf: Some(ear.issued_at.as_secs()),
            exp: ear.expires_at.as_secs(),
            eat_nonce: base64url_encode(&ear.nonce),
            ear_verifier_id: Verifier {
                developer: ear.verifier.developer,
                build: ear.verifier.build,
            },
            submods: submods.map(|(name, one)| (name, one.into())).collect(),
        }
    }
}

impl Claims {
    fn into_ear(self) -> Result<Ear, EarError> {
        if self.eat_profile != PROFILE {
            return Err(EarError::Claim {
                claim: "eat_profile",
                rule: PROFILE,
            });
        }
        let nonce = base64url_decode(&self.eat_nonce).map_err(|_| EarError::Claim {
            claim: "eat_nonce",
            rule: "one nonce in base64url",
        })?;
        let submods = self.submods.into_iter();
        let submods = submods.map(|(name, one)| Ok((name, one.into_submod()?)));
        Ok(Ear {
            issuer: self.iss,
            audience: self.aud,
            issued_at: UnixTime::from_secs(self.iat.max(self.nbf.unwrap_or_default())),
            expires_at: UnixTime::from_secs(self.exp),
            nonce,
            verifier: VerifierId {
                developer: self.ear_verifier_id.developer,
                build: self.ear_verifier_id.build,
            },
            submods: submods.collect::<Result<_, EarError>>()?,
        })
    }
}

impl From<Submod> for SubmodClaims {
    fn from(submod: Submod) -> Self {
        let values = TrustVector::NAMES.into_iter().zip(submod.vector.values());
        let said = values.filter(|(_, value)| *value != 0);
        let failed = submod.failed.into_iter().map(|failed| Failed {
            claim: failed.claim,
            expected: failed.expected,
            found: failed.found,
        });
        Self {
            ear_status: submod.status.as_str().to_owned(),
            ear_trustworthiness_vector: said.map(|(n, v)| (n.to_owned(), v)).collect(),
            ear_appraisal_policy_ids: submod.policy_ids,
            ear_attester_claims: submod.attester_claims,
            ear_verifier_claims: VerifierClaims {
                failed: failed.collect(),
            },
        }
    }
}

impl SubmodClaims {
    fn into_submod(mut self) -> Result<Submod, EarError> {
        let refuse = |claim, rule| EarError::Claim { claim, rule };
        let status = self.ear_status.parse().map_err(|()| {
            let rule = "none, affirming, warning or contraindicated";
            refuse("ear_status", rule)
        })?;
        let mut vector = &mut self.ear_trustworthiness_vector;
        let values = TrustVector::NAMES.map(|name| vector.remove(name).unwrap_or_default());
        vector = &mut self.ear_trustworthiness_vector;
        if !vector.is_empty() {
            return Err(refuse("ear_trustworthiness_vector", "of AR4SI's eight"));
        }
        let failed = self.ear_verifier_claims.failed.into_iter();
        Ok(Submod {
            status,
            vector: TrustVector::from_values(values),
            policy_ids: self.ear_appraisal_policy_ids,
            attester_claims: self.ear_attester_claims,
            failed: failed
                .map(|failed| FailedWord {
                    claim: failed.claim,
                    expected: failed.expected,
                    found: failed.found,
                })
                .collect(),
        })
    }
}
