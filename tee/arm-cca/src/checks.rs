pub use adyton_types::NamedCheck;

const fn named(name: &'static str, source: &'static str) -> NamedCheck {
    NamedCheck { name, source }
}

/// The bytes are a token and nothing else.
pub(crate) const FORM: NamedCheck = named(
    "form",
    "DEN0137 A7.2.1; draft-ffm-rats-cca-token 3; RFC 9999",
);
/// Every claim is known, there once, and of its type; none that is required is missing.
pub(crate) const CLAIM_SET: NamedCheck =
    named("claim-set", "DEN0137 A7.2.3.1, A7.2.3.2; RFC 8949 5.6");
/// The two claim sets are of profiles that go together.
pub(crate) const PROFILES: NamedCheck =
    named("profiles", "DEN0137 A7.2.3; draft-ffm-rats-cca-token 4");
/// The Endorsements are in force at the time of verification.
pub(crate) const ENDORSEMENTS: NamedCheck = named("endorsements", "RFC 9334 section 10");
/// A CPAK is endorsed for this implementation and instance.
pub(crate) const PLATFORM_KEY: NamedCheck = named(
    "platform-key",
    "draft-ffm-rats-cca-token 5; DEN0137 A7.2.3.2",
);
/// The CPAK signed the platform token.
pub(crate) const PLATFORM_SIGNATURE: NamedCheck =
    named("platform-signature", "RFC 9052 section 4.4");
/// The RAK is a key of the form that the realm's profile asks for.
pub(crate) const REALM_KEY: NamedCheck = named("realm-key", "DEN0137 A7.2.3.1; RFC 9053 7.1");
/// The RAK signed the realm token.
pub(crate) const REALM_SIGNATURE: NamedCheck = named("realm-signature", "RFC 9052 section 4.4");
/// The platform's challenge is the hash of the RAK claim.
pub(crate) const BINDING: NamedCheck = named("binding", "DEN0137 A7.2.2");
/// The platform is in a secured state.
pub(crate) const LIFECYCLE: NamedCheck = named("lifecycle", "DEN0137 A7.2.3.2.6");
/// Every software component is a referenced one, and every required one is there.
pub(crate) const SW_COMPONENTS: NamedCheck =
    named("software-components", "DEN0137 A7.2.3.2.7; RFC 9334 8.3");
/// The platform's configuration is the referenced one.
pub(crate) const PLATFORM_CONFIG: NamedCheck = named("platform-config", "DEN0137 A7.2.3.2.5");
/// The realm's measurements are of one length.
pub(crate) const REALM_MEASUREMENTS: NamedCheck =
    named("realm-measurements", "DEN0137 A7.2.3.1.5, A7.2.3.1.6");
/// The realm's challenge binds something.
pub(crate) const CHALLENGE: NamedCheck = named("challenge", "DEN0137 A7.2.3.1.2");

/// Every check, in the order in which they are made.
pub const ALL_CHECKS: [NamedCheck; 14] = [
    FORM,
    CLAIM_SET,
    PROFILES,
    ENDORSEMENTS,
    PLATFORM_KEY,
    PLATFORM_SIGNATURE,
    REALM_KEY,
    REALM_SIGNATURE,
    BINDING,
    LIFECYCLE,
    SW_COMPONENTS,
    PLATFORM_CONFIG,
    REALM_MEASUREMENTS,
    CHALLENGE,
];
