use adyton_codec::hex_encode;
use adyton_crypto::ct_eq;
use adyton_types::{Check, UnixTime};

use crate::checks::{self, NamedCheck};
use crate::cose::Sign1;
use crate::{
    CcaClaims, CcaEndorsements, CcaError, CcaToken, EcKey, Part, PlatformClaims, PlatformProfile,
    PlatformReference, RealmClaims, RealmProfile,
};

/// A token that verified. Having one tells you that an endorsed machine in a secured state, running
/// the referenced software in the referenced configuration, states these claims of a realm; whether
/// it is the realm and the session that you mean is for you to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifiedToken {
    claims: CcaClaims,
    checks: Vec<Check>,
}

impl VerifiedToken {
    /// What the token says.
    #[must_use]
    pub const fn claims(&self) -> &CcaClaims {
        &self.claims
    }

    /// The checks that were made, in order.
    #[must_use]
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }

    /// What the token says, by value.
    #[must_use]
    pub fn into_claims(self) -> CcaClaims {
        self.claims
    }
}

/// Verifies a token at the time `now`.
///
/// # Errors
/// [`CcaError`]; its [`check`](CcaError::check) names the check that failed.
pub fn verify(
    evidence: &[u8],
    endorsements: &CcaEndorsements,
    now: UnixTime,
) -> Result<VerifiedToken, CcaError> {
    let token = CcaToken::parse(evidence)?;
    let (platform, realm) = (&token.platform, &token.realm);
    let (_, realm_profile) = profiles(platform, realm)?;
    in_force(endorsements, now)?;
    let cpak = endorsements.key(platform.implementation, platform.instance)?;
    signed(Part::Platform, &token.platform_envelope, cpak)?;
    let rak = realm_key(realm, realm_profile)?;
    signed(Part::Realm, &token.realm_envelope, &rak)?;
    binding(platform, realm)?;
    let lifecycle = lifecycle(platform)?;
    let reference = endorsements.reference(platform.implementation)?;
    components(platform, reference)?;
    config(platform, reference)?;
    realm_measurements(realm)?;
    challenge(realm)?;
    let checks = record(&token, endorsements, now, cpak, &rak);
    Ok(VerifiedToken {
        claims: CcaClaims::new(token, lifecycle),
        checks,
    })
}

/// Which profiles go together. A realm's profile says only how its RAK is written, so newer RMMs
/// run on platforms whose firmware still makes legacy tokens; no RMM without a profile runs on a
/// platform of the newer one.
fn profiles(
    platform: &PlatformClaims,
    realm: &RealmClaims,
) -> Result<(PlatformProfile, RealmProfile), CcaError> {
    let found = (
        PlatformProfile::parse(&platform.profile),
        RealmProfile::parse(realm.profile.as_deref()),
    );
    match found {
        (Some(platform @ PlatformProfile::Legacy), Some(realm))
        | (Some(platform @ PlatformProfile::V1), Some(realm @ RealmProfile::V1)) => {
            Ok((platform, realm))
        }
        _ => Err(CcaError::Profiles {
            platform: platform.profile.chars().take(80).collect(),
            realm: realm
                .profile
                .iter()
                .flat_map(|text| text.chars().take(80))
                .collect(),
        }),
    }
}

fn in_force(endorsements: &CcaEndorsements, now: UnixTime) -> Result<(), CcaError> {
    let (not_before, not_after) = (endorsements.not_before(), endorsements.not_after());
    if now < not_before || now > not_after {
        return Err(CcaError::Endorsements {
            not_before,
            not_after,
            now,
        });
    }
    Ok(())
}

fn signed(part: Part, envelope: &Sign1<'_>, key: &EcKey) -> Result<(), CcaError> {
    // The algorithm has to be the key's: a signature of another curve's form is no signature.
    if envelope.curve != key.curve() {
        return Err(CcaError::Signature(part));
    }
    key.verify(&envelope.signed_bytes(), envelope.signature)
        .map_err(|_| CcaError::Signature(part))
}

fn realm_key(realm: &RealmClaims, profile: RealmProfile) -> Result<EcKey, CcaError> {
    match profile {
        RealmProfile::Legacy => EcKey::from_point(&realm.public_key),
        RealmProfile::V1 => EcKey::from_cose(&realm.public_key),
    }
    .map_err(|what| CcaError::RealmKey { what })
}

fn binding(platform: &PlatformClaims, realm: &RealmClaims) -> Result<(), CcaError> {
    let expected = realm.public_key_hash.digest(&realm.public_key);
    if ct_eq(&expected, &platform.challenge) {
        Ok(())
    } else {
        Err(CcaError::Binding)
    }
}

fn lifecycle(platform: &PlatformClaims) -> Result<u16, CcaError> {
    match u16::try_from(platform.lifecycle) {
        Ok(state @ 0x3000..=0x30ff) => Ok(state),
        _ => Err(CcaError::Lifecycle {
            found: platform.lifecycle,
        }),
    }
}

fn components(platform: &PlatformClaims, reference: &PlatformReference) -> Result<(), CcaError> {
    for (index, component) in platform.components.iter().enumerate() {
        if !reference.components.iter().any(|r| r.matches(component)) {
            return Err(CcaError::Component {
                index,
                kind: component.kind.clone().unwrap_or_default(),
                measurement: hex_encode(&component.measurement),
            });
        }
    }
    let runs = |kind: &&String| {
        let mut kinds = platform.components.iter();
        kinds.any(|component| component.kind.as_ref() == Some(*kind))
    };
    match reference.required.iter().find(|kind| !runs(kind)) {
        Some(kind) => Err(CcaError::MissingComponent { kind: kind.clone() }),
        None => Ok(()),
    }
}

fn config(platform: &PlatformClaims, reference: &PlatformReference) -> Result<(), CcaError> {
    if platform.config == reference.config {
        Ok(())
    } else {
        Err(CcaError::PlatformConfig {
            found: hex_encode(&platform.config),
        })
    }
}

fn realm_measurements(realm: &RealmClaims) -> Result<(), CcaError> {
    let length = realm.initial_measurement.len();
    let mut rems = realm.extensible_measurements.iter();
    if rems.all(|rem| rem.len() == length) {
        Ok(())
    } else {
        Err(CcaError::RealmMeasurements)
    }
}

fn challenge(realm: &RealmClaims) -> Result<(), CcaError> {
    if ct_eq(&realm.challenge, &[0; 64]) {
        Err(CcaError::EmptyChallenge)
    } else {
        Ok(())
    }
}

fn check(named: NamedCheck, compared: impl Into<String>) -> Check {
    Check::new(named.name, named.source, compared)
}

/// What each check compared, for a person to audit: first who signed.
fn record(
    token: &CcaToken<'_>,
    endorsements: &CcaEndorsements,
    now: UnixTime,
    cpak: &EcKey,
    rak: &EcKey,
) -> Vec<Check> {
    let (platform, realm) = (&token.platform, &token.realm);
    let (from, to) = (endorsements.not_before(), endorsements.not_after());
    let (instance, implementation) = (platform.instance, platform.implementation);
    let form = format!("{:?} collection of two COSE_Sign1", token.wrapping);
    let profile = realm.profile.as_deref().unwrap_or("no realm profile");
    let algorithm =
        |key: &EcKey| format!("ECDSA on {} over the received bytes", key.curve().as_str());
    let mut made = vec![
        check(checks::FORM, form),
        check(checks::CLAIM_SET, "every claim known, once, of its type"),
        check(
            checks::PROFILES,
            format!("`{}` with `{profile}`", platform.profile),
        ),
        check(
            checks::ENDORSEMENTS,
            format!("{now} is within {from} to {to}"),
        ),
        check(
            checks::PLATFORM_KEY,
            format!("instance {instance} of implementation {implementation} has an endorsed key"),
        ),
        check(checks::PLATFORM_SIGNATURE, algorithm(cpak)),
        check(
            checks::REALM_KEY,
            format!("a point on {}", rak.curve().as_str()),
        ),
        check(checks::REALM_SIGNATURE, algorithm(rak)),
    ];
    made.extend(record_state(platform, realm));
    made
}

/// Then what they signed.
fn record_state(platform: &PlatformClaims, realm: &RealmClaims) -> [Check; 6] {
    let hash = realm.public_key_hash;
    let components = platform.components.len();
    let config = hex_encode(&platform.config);
    let length = realm.initial_measurement.len();
    [
        check(
            checks::BINDING,
            format!("platform challenge = {hash} of the RAK claim"),
        ),
        check(
            checks::LIFECYCLE,
            format!("{:#06x} is within 0x3000 to 0x30ff", platform.lifecycle),
        ),
        check(
            checks::SW_COMPONENTS,
            format!("{components} components, each a reference value"),
        ),
        check(
            checks::PLATFORM_CONFIG,
            format!("{config} is the reference value"),
        ),
        check(
            checks::REALM_MEASUREMENTS,
            format!("RIM and 4 REMs of {length} bytes"),
        ),
        check(checks::CHALLENGE, "64 bytes, not all zero"),
    ]
}
