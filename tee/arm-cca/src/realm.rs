use adyton_codec::hex_encode;
use adyton_types::Field;

use crate::map::ClaimMap;
use crate::platform::DIGEST_BYTES;
use crate::{CcaError, HashAlgorithm, Part};

/// How many extensible measurements a realm has (DEN0137 section A7.1).
const REMS: usize = 4;

/// A profile of realm tokens (claim 265).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RealmProfile {
    /// Tokens of before there was one: they name none, and their RAK is a bare point.
    Legacy,
    /// `tag:arm.com,2023:realm#1.0.0`: the RAK is a COSE_Key.
    V1,
}

impl RealmProfile {
    /// The profile of that name, where a token names one.
    #[must_use]
    pub fn parse(name: Option<&str>) -> Option<Self> {
        match name {
            None => Some(Self::Legacy),
            Some("tag:arm.com,2023:realm#1.0.0") => Some(Self::V1),
            Some(_) => None,
        }
    }
}

/// The claims of a realm token, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RealmClaims {
    /// The profile's name (265), if it names one.
    pub profile: Option<String>,
    /// What the realm asked to have signed (10).
    pub challenge: [u8; 64],
    /// The realm personalisation value (44235): chosen by the host, measured into nothing else.
    pub personalization: [u8; 64],
    /// The realm initial measurement (44238).
    pub initial_measurement: Vec<u8>,
    /// The realm extensible measurements (44239).
    pub extensible_measurements: [Vec<u8>; REMS],
    /// The algorithm of measurements (44236).
    pub hash: HashAlgorithm,
    /// The RAK (44237), in the profile's form.
    pub public_key: Vec<u8>,
    /// The algorithm by which the platform hashes the RAK (44240).
    pub public_key_hash: HashAlgorithm,
}

impl RealmClaims {
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, CcaError> {
        let mut map = ClaimMap::parse(Part::Realm, payload)?;
        let mut rems = Vec::with_capacity(REMS);
        for value in map.items(44239, "extensible measurements")? {
            match value {
                adyton_codec::Value::Bytes(rem) if DIGEST_BYTES.contains(&rem.len()) => {
                    rems.push(rem.into_owned());
                }
                _ => return Err(map.bad("extensible measurements")),
            }
        }
        let claims = Self {
            profile: map.optional_text(265, "profile")?,
            challenge: map.array(10, "challenge")?,
            personalization: map.array(44235, "personalization value")?,
            initial_measurement: map
                .bytes(44238, "initial measurement", &DIGEST_BYTES)?
                .into_owned(),
            extensible_measurements: <[Vec<u8>; REMS]>::try_from(rems)
                .map_err(|_| map.bad("extensible measurements"))?,
            hash: map.hash(44236, "hash algorithm")?,
            public_key: map.bytes(44237, "public key", &[])?.into_owned(),
            public_key_hash: map.hash(44240, "public key hash algorithm")?,
        };
        map.finish()?;
        Ok(claims)
    }

    /// Every claim, for a person to read.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("realm.profile", self.profile.as_deref().unwrap_or_default()),
            Field::new("realm.challenge", hex_encode(&self.challenge)),
            Field::new(
                "realm.personalization-value",
                hex_encode(&self.personalization),
            ),
            Field::new(
                "realm.initial-measurement",
                hex_encode(&self.initial_measurement),
            ),
            Field::new("realm.hash-algo-id", self.hash),
            Field::new("realm.public-key", hex_encode(&self.public_key)),
            Field::new("realm.public-key-hash-algo-id", self.public_key_hash),
        ];
        for (index, rem) in self.extensible_measurements.iter().enumerate() {
            fields.push(Field::new(
                format!("realm.extensible-measurements.{index}"),
                hex_encode(rem),
            ));
        }
        fields
    }
}
