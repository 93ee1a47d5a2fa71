use adyton_codec::{Value, hex_encode};
use adyton_types::Field;

use crate::map::ClaimMap;
use crate::{CcaError, HashAlgorithm, ImplementationId, InstanceId, Part};

/// The lengths of the hashes that CCA uses, in bytes.
pub(crate) const DIGEST_BYTES: [usize; 3] = [32, 48, 64];

/// A profile of platform tokens (claim 265).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlatformProfile {
    /// `http://arm.com/CCA-SSD/1.0.0`.
    Legacy,
    /// `tag:arm.com,2023:cca_platform#1.0.0`.
    V1,
}

impl PlatformProfile {
    /// The profile of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        [Self::Legacy, Self::V1]
            .into_iter()
            .find(|profile| profile.as_str() == name)
    }

    /// Its name.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Legacy => "http://arm.com/CCA-SSD/1.0.0",
            Self::V1 => "tag:arm.com,2023:cca_platform#1.0.0",
        }
    }
}

/// A software component that was measured (an entry of claim 2399).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwComponent {
    /// Its type (1), such as `AP_BL31` or `RMM`.
    pub kind: Option<String>,
    /// Its measurement (2): of one of the three lengths; whether it is of the algorithm's is left
    /// to the Reference Value that it has to equal.
    pub measurement: Vec<u8>,
    /// Its version (4).
    pub version: Option<String>,
    /// Hash of the key that signed it (5).
    pub signer: Vec<u8>,
    /// The measurement's algorithm (6), if it is not the platform's.
    pub hash: Option<HashAlgorithm>,
}

impl SwComponent {
    fn parse(value: Value<'_>) -> Result<Self, CcaError> {
        let mut map = ClaimMap::of(Part::Platform, value, "software components")?;
        let component = Self {
            kind: map.optional_text(1, "component type")?,
            measurement: map
                .bytes(2, "component measurement", &DIGEST_BYTES)?
                .into_owned(),
            version: map.optional_text(4, "component version")?,
            signer: map
                .bytes(5, "component signer", &DIGEST_BYTES)?
                .into_owned(),
            hash: map.optional_hash(6, "component hash algorithm")?,
        };
        map.finish()?;
        Ok(component)
    }
}

/// The claims of a platform token, as received.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlatformClaims {
    /// The profile's name (265).
    pub profile: String,
    /// Hash of the RAK (10).
    pub challenge: Vec<u8>,
    /// Which implementation (2396).
    pub implementation: ImplementationId,
    /// Which machine (256).
    pub instance: InstanceId,
    /// The system properties that are fixed at manufacture (2401).
    pub config: Vec<u8>,
    /// The security lifecycle state (2395).
    pub lifecycle: u64,
    /// What was measured (2399).
    pub components: Vec<SwComponent>,
    /// Where the vendor's Verifier is (2400): a hint, not to be followed unasked.
    pub service: Option<String>,
    /// The algorithm of measurements (2402).
    pub hash: HashAlgorithm,
}

impl PlatformClaims {
    pub(crate) fn parse(payload: &[u8]) -> Result<Self, CcaError> {
        let mut map = ClaimMap::parse(Part::Platform, payload)?;
        let components = map.items(2399, "software components")?.into_iter();
        let claims = Self {
            profile: map.text(265, "profile")?,
            challenge: map.bytes(10, "challenge", &DIGEST_BYTES)?.into_owned(),
            implementation: ImplementationId(map.array(2396, "implementation id")?),
            instance: InstanceId(map.array(256, "instance id")?),
            config: map.bytes(2401, "configuration", &[])?.into_owned(),
            lifecycle: map.uint(2395, "lifecycle")?,
            components: components
                .map(SwComponent::parse)
                .collect::<Result<_, _>>()?,
            service: map.optional_text(2400, "verification service")?,
            hash: map.hash(2402, "hash algorithm")?,
        };
        if claims.instance.0.first() != Some(&1) {
            return Err(map.bad("instance id"));
        }
        if claims.lifecycle > 0xffff {
            return Err(map.bad("lifecycle"));
        }
        if claims.components.is_empty() {
            return Err(map.bad("software components"));
        }
        map.finish()?;
        Ok(claims)
    }

    /// Every claim, for a person to read.
    pub(crate) fn fields(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::new("platform.profile", &self.profile),
            Field::new("platform.challenge", hex_encode(&self.challenge)),
            Field::new("platform.implementation-id", self.implementation),
            Field::new("platform.instance-id", self.instance),
            Field::new("platform.config", hex_encode(&self.config)),
            Field::new(
                "platform.lifecycle",
                format_args!("{:#06x}", self.lifecycle),
            ),
            Field::new("platform.hash-algo-id", self.hash),
        ];
        if let Some(service) = &self.service {
            fields.push(Field::new("platform.service-indicator", service));
        }
        for (index, component) in self.components.iter().enumerate() {
            let mut push = |name: &str, value: String| {
                fields.push(Field::new(
                    format!("platform.sw-components.{index}.{name}"),
                    value,
                ));
            };
            push(
                "measurement-type",
                component.kind.clone().unwrap_or_default(),
            );
            push("measurement-value", hex_encode(&component.measurement));
            push("version", component.version.clone().unwrap_or_default());
            push("signer-id", hex_encode(&component.signer));
            push(
                "hash-algo-id",
                component.hash.unwrap_or(self.hash).to_string(),
            );
        }
        fields
    }
}
