use std::collections::BTreeSet;

use adyton_codec::{CodecError, base64_decode, hex_array, hex_decode};
use adyton_tee_arm_cca::{
    CcaEndorsements, CcaError, ComponentReference, EcKey, ImplementationId, InstanceId,
    PlatformReference,
};
use adyton_types::{ErrorClass, TimeError, UnixTime};
use serde::Deserialize;
use thiserror::Error;

/// The most bytes of a text about CCA platforms: some thousand machines.
pub const MAX_CCA_TEXT_BYTES: usize = 1 << 20;

/// Why a text says nothing about CCA platforms.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum CcaTextError {
    /// It is longer than any.
    #[error(
        "{found} bytes are more than the {MAX_CCA_TEXT_BYTES} of the longest text about CCA platforms"
    )]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// It is no TOML, lacks a key, or has one that these texts do not have.
    #[error("not a text about CCA platforms: {0}")]
    Toml(#[from] toml::de::Error),
    /// It is of another version.
    #[error("`version` is {found}; this is about version 1")]
    Version {
        /// What it says.
        found: u64,
    },
    /// A time is none.
    #[error("`{key}`: {error}")]
    Time {
        /// Which.
        key: &'static str,
        /// What is wrong with it.
        error: TimeError,
    },
    /// Bytes are not in hexadecimal, or not as many as they have to be.
    #[error("`{key}`: {error}")]
    Bytes {
        /// Which.
        key: &'static str,
        /// What is wrong with them.
        error: CodecError,
    },
    /// An implementation has two lists of Reference Values: which counts?
    #[error(
        "implementation {implementation} has two `[[reference]]`; write all components into one"
    )]
    TwoReferences {
        /// Which.
        implementation: ImplementationId,
    },
    /// Components have types, and none of them has to be there.
    #[error(
        "`required` of implementation {implementation} is empty, so that a token may leave out what it runs; name the types that have to run, such as `RMM`"
    )]
    NothingRequired {
        /// Which.
        implementation: ImplementationId,
    },
    /// A type has to be there that no component may be.
    #[error("`required` names `{kind}`, which no component is of")]
    Unreferenced {
        /// The type, cut to 80 characters.
        kind: String,
    },
    /// A key is none, or a machine has two.
    #[error(transparent)]
    Cca(#[from] CcaError),
}

impl CcaTextError {
    /// Whose fault it is: who wrote the text's.
    #[must_use]
    pub const fn class(&self) -> ErrorClass {
        ErrorClass::Malformed
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Text {
    version: u64,
    not_before: String,
    not_after: String,
    #[serde(default)]
    key: Vec<KeyText>,
    #[serde(default)]
    reference: Vec<ReferenceText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct KeyText {
    implementation: String,
    instance: String,
    public: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ReferenceText {
    implementation: String,
    config: String,
    required: Vec<String>,
    component: Vec<ComponentText>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct ComponentText {
    kind: Option<String>,
    measurement: String,
    signer: String,
    version: Option<String>,
}

/// Reads what its writer knows of CCA platforms, in TOML: keys (CPAK) of machines and Reference
/// Values of implementations, which no vendor publishes in a signed form yet. Who names the text
/// vouches for it.
///
/// # Errors
/// [`CcaTextError`].
pub fn danger_cca_platforms(text: &str) -> Result<CcaEndorsements, CcaTextError> {
    if text.len() > MAX_CCA_TEXT_BYTES {
        let found = text.len();
        return Err(CcaTextError::TooLong { found });
    }
    let text: Text = toml::from_str(text)?;
    if text.version != 1 {
        let found = text.version;
        return Err(CcaTextError::Version { found });
    }
    let from = time("not-before", &text.not_before)?;
    let mut known = CcaEndorsements::new(from, time("not-after", &text.not_after)?);
    for key in text.key {
        let implementation = implementation(&key.implementation)?;
        let instance = InstanceId(array("instance", &key.instance)?);
        known.add_key(implementation, instance, public(&key.public))?;
    }
    let mut seen = BTreeSet::new();
    for reference in text.reference {
        let implementation = implementation(&reference.implementation)?;
        if !seen.insert(implementation) {
            return Err(CcaTextError::TwoReferences { implementation });
        }
        known.set_reference(implementation, references(implementation, reference)?);
    }
    Ok(known)
}

/// The Reference Values of one implementation. Where components have types, what has to run is named:
/// else a token that leaves out the RMM would be as good as one that states a good one.
fn references(
    implementation: ImplementationId,
    text: ReferenceText,
) -> Result<PlatformReference, CcaTextError> {
    let named = |kind: &String| {
        let mut kinds = text.component.iter().filter_map(|c| c.kind.as_ref());
        kinds.any(|found| found == kind)
    };
    if let Some(kind) = text.required.iter().find(|kind| !named(kind)) {
        let kind = kind.chars().take(80).collect();
        return Err(CcaTextError::Unreferenced { kind });
    }
    if text.required.is_empty() && text.component.iter().any(|c| c.kind.is_some()) {
        return Err(CcaTextError::NothingRequired { implementation });
    }
    let components = text.component.into_iter().map(component);
    Ok(PlatformReference {
        config: bytes("config", &text.config)?,
        components: components.collect::<Result<_, _>>()?,
        required: text.required,
    })
}

fn component(text: ComponentText) -> Result<ComponentReference, CcaTextError> {
    Ok(ComponentReference {
        kind: text.kind,
        measurement: bytes("measurement", &text.measurement)?,
        signer: bytes("signer", &text.signer)?,
        version: text.version,
    })
}

/// A public key as vendors' tools write it: PEM, JWK, or the uncompressed point in hexadecimal.
fn public(text: &str) -> Result<EcKey, &'static str> {
    let text = text.trim();
    if text.starts_with('{') {
        return EcKey::from_jwk(text);
    }
    if let Some((_, rest)) = text.split_once("-----BEGIN PUBLIC KEY-----") {
        let inside = rest.split("-----END").next().unwrap_or_default();
        let packed: String = inside.split_ascii_whitespace().collect();
        let der = base64_decode(&packed).map_err(|_| "no base64 in PEM")?;
        return EcKey::from_spki(&der);
    }
    let point = hex_decode(text).map_err(|_| "no PEM, JWK, or point in hexadecimal")?;
    EcKey::from_point(&point)
}

fn implementation(text: &str) -> Result<ImplementationId, CcaTextError> {
    Ok(ImplementationId(array("implementation", text)?))
}

fn array<const N: usize>(key: &'static str, text: &str) -> Result<[u8; N], CcaTextError> {
    hex_array(text).map_err(|error| CcaTextError::Bytes { key, error })
}

fn bytes(key: &'static str, text: &str) -> Result<Vec<u8>, CcaTextError> {
    hex_decode(text).map_err(|error| CcaTextError::Bytes { key, error })
}

fn time(key: &'static str, text: &str) -> Result<UnixTime, CcaTextError> {
    text.parse()
        .map_err(|error| CcaTextError::Time { key, error })
}

#[cfg(test)]
mod tests {
    use adyton_codec::hex_encode;
    use adyton_tee_arm_cca::Curve;
    use adyton_tee_arm_cca::forge::ForgedToken;
    use adyton_types::{Evidence, TeeKind};

    use super::*;
    use crate::material::{Material, Trust};
    use crate::{VerifyError, authenticate};

    fn text(token: &ForgedToken) -> String {
        let (implementation, instance) = (ForgedToken::IMPLEMENTATION, ForgedToken::INSTANCE);
        let public = hex_encode(token.cpak.public().point());
        let (bl31, rmm, signer) = ("05".repeat(32), "06".repeat(32), "09".repeat(32));
        format!(
            "version = 1\nnot-before = \"2020-01-01T00:00:00Z\"\nnot-after = \"2040-01-01T00:00:00Z\"\n\
             [[key]]\nimplementation = \"{implementation}\"\ninstance = \"{instance}\"\npublic = \"{public}\"\n\
             [[reference]]\nimplementation = \"{implementation}\"\nconfig = \"cfcfcfcf\"\nrequired = [\"RMM\"]\n\
             [[reference.component]]\nkind = \"AP_BL31\"\nmeasurement = \"{bl31}\"\nsigner = \"{signer}\"\n\
             [[reference.component]]\nkind = \"RMM\"\nmeasurement = \"{rmm}\"\nsigner = \"{signer}\"\n"
        )
    }

    fn judged(token: &ForgedToken, text: &str) -> Result<(), VerifyError> {
        let trust = Trust {
            cca: Some(danger_cca_platforms(text).unwrap()),
            ..Trust::vendors()
        };
        let now = UnixTime::from_secs(1_800_000_000);
        let evidence = Evidence {
            kind: TeeKind::Cca,
            bytes: token.encode(),
        };
        authenticate(&evidence, &Material::new().endorse(&trust, now), now).map(drop)
    }

    #[test]
    fn what_is_known_of_a_platform_endorses_its_tokens() {
        let token = ForgedToken::new(Curve::P384, Curve::P256);
        let text = text(&token);
        judged(&token, &text).unwrap();
        assert!(judged(&ForgedToken::default(), &text).is_err());
        let other = text.replace("cfcfcfcf", "cfcfcfce");
        assert!(judged(&token, &other).is_err());
    }

    #[test]
    fn what_is_wrong_in_a_text_is_named() {
        let text = text(&ForgedToken::default());
        let key = text.split_once("[[key]]").unwrap().1;
        let key = key.split_once("[[reference]]").unwrap().0;
        let another = self::text(&ForgedToken::default());
        let another = another.split_once("[[key]]").unwrap().1;
        let another = another.split_once("[[reference]]").unwrap().0;
        for (wrong, named) in [
            (text.replace("version = 1", "version = 2"), "`version` is 2"),
            (text.replace("required", "requires"), "requires"),
            (text.replace("2020-01-01", "2020-1-1"), "`not-before`"),
            (text.replace("cfcfcfcf", "cfc"), "`config`"),
            (
                text.replace("instance = \"01", "instance = \""),
                "`instance`",
            ),
            (text.replace("public = \"04", "public = \"05"), "point"),
            (text.replace("public = \"04", "public = \"04ff"), "point"),
            (
                text.replace("[[key]]", &format!("[[key]]{another}[[key]]")),
                "key",
            ),
        ] {
            assert_ne!(wrong, text);
            let error = danger_cca_platforms(&wrong).unwrap_err();
            assert!(error.to_string().contains(named), "{error} has no {named}");
        }
        let reference = text.split_once("[[reference]]").unwrap().1;
        for (wrong, named) in [
            // A second list would take the place of the first.
            (format!("{text}[[reference]]{reference}"), "two"),
            // What has to run is said, or a token may leave it out.
            (text.replace("required = [\"RMM\"]\n", ""), "required"),
            (text.replace("[\"RMM\"]", "[]"), "required"),
            (text.replace("[\"RMM\"]", "[\"RMX\"]"), "RMX"),
        ] {
            assert_ne!(wrong, text);
            let error = danger_cca_platforms(&wrong).unwrap_err();
            assert!(error.to_string().contains(named), "{error} has no {named}");
        }
        // Of components without a type none can be required.
        let nameless = text.replace("[\"RMM\"]", "[]");
        let nameless = nameless.replace("kind = \"AP_BL31\"\n", "");
        let nameless = nameless.replace("kind = \"RMM\"\n", "");
        assert!(danger_cca_platforms(&nameless).is_ok());
        // The same twice contradicts nothing.
        let twice = text.replace("[[key]]", &format!("[[key]]{key}[[key]]"));
        assert!(danger_cca_platforms(&twice).is_ok());
        let long = " ".repeat(MAX_CCA_TEXT_BYTES + 1);
        assert!(matches!(
            danger_cca_platforms(&long),
            Err(CcaTextError::TooLong { .. })
        ));
    }
}
