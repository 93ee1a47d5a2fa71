//! Certificates and lists with one thing wrong, and the check that each fails.

use super::*;

type Alteration = (&'static str, fn(&mut ForgedAmd));

/// What is wrong with the Endorsements, and the check that has to say so.
const ALTERATIONS: &[Alteration] = &[
    ("ark-signature", |amd| {
        amd.ark.algorithm = Some(SignatureAlgorithm::RsaPssSha256)
    }),
    ("ark-signature", |amd| {
        amd.ark.algorithm = Some(SignatureAlgorithm::RsaPkcs1Sha384)
    }),
    ("ark-profile", |amd| {
        amd.ark = amd.ark.clone().without(&oids::BASIC_CONSTRAINTS)
    }),
    ("ark-profile", |amd| {
        let usage = ExtensionForge::key_usage(KeyUsage::CERT_SIGN);
        amd.ark = amd.ark.clone().with(usage);
    }),
    ("ark-profile", |amd| {
        let (name, key) = ("ARK-Genoa", &KEYS.ark);
        amd.ark = CertificateForge::ca(name, name, key, None);
    }),
    ("ark-dates", |amd| {
        amd.ark.not_after = UnixTime::from_secs(NOW.as_secs() - 1)
    }),
    ("ark-dates", |amd| amd.ark.not_before = NOW.plus_secs(1)),
    ("ca-signature", |amd| {
        amd.ca.algorithm = Some(SignatureAlgorithm::RsaPkcs1Sha384)
    }),
    ("ca-signature", |amd| {
        amd.ca = CertificateForge::ca("SEV-Milan", "ARK-Turin", &KEYS.ca, Some(0));
    }),
    ("ca-profile", |amd| {
        amd.ca = amd.ca.clone().without(&oids::BASIC_CONSTRAINTS)
    }),
    ("ca-profile", |amd| {
        amd.ca = amd.ca.clone().without(&oids::KEY_USAGE)
    }),
    ("ca-profile", |amd| {
        amd.ca = amd
            .ca
            .clone()
            .with(ExtensionForge::basic_constraints(true, None));
    }),
    ("ca-profile", |amd| {
        amd.ca = amd
            .ca
            .clone()
            .with(ExtensionForge::basic_constraints(true, Some(1)));
    }),
    ("ca-profile", |amd| {
        amd.ca = CertificateForge::ca("SEV-Genoa", "ARK-Milan", &KEYS.ca, Some(0));
    }),
    ("ca-dates", |amd| {
        amd.ca.not_after = UnixTime::from_secs(NOW.as_secs() - 1)
    }),
    ("ca-dates", |amd| amd.ca.not_before = NOW.plus_secs(1)),
    ("crl-signature", |amd| amd.crl = CrlForge::new("SEV-Milan")),
    ("crl-signature", |amd| {
        amd.crl.algorithm = Some(SignatureAlgorithm::RsaPssSha256)
    }),
    ("crl-signature", |amd| amd.crl.version = None),
    ("crl-signature", |amd| {
        let delta = ExtensionForge::new(oids::DELTA_CRL, true, &[2, 1, 1]);
        amd.crl.extensions.push(delta);
    }),
    ("crl-dates", |amd| {
        amd.crl.next_update = Some(UnixTime::from_secs(NOW.as_secs() - 1))
    }),
    ("crl-dates", |amd| amd.crl.next_update = None),
    ("crl-dates", |amd| amd.crl.this_update = NOW.plus_secs(1)),
    ("ca-not-revoked", |amd| {
        amd.crl = amd.crl.clone().revoke(&[1, 0, 0])
    }),
    ("ca-not-revoked", |amd| {
        amd.crl = amd.crl.clone().revoke(&[9]).revoke(&[1, 0, 1])
    }),
    ("vek-signature", |amd| {
        amd.vek.algorithm = Some(SignatureAlgorithm::RsaPssSha512)
    }),
    ("vek-signature", |amd| {
        let other = CertificateForge::new("SEV-VCEK", "SEV-VLEK-Milan", &KEYS.vek);
        amd.vek.issuer = other.issuer;
    }),
    ("vek-profile", |amd| {
        let other = CertificateForge::new("SEV-VLEK", "SEV-Milan", &KEYS.vek);
        amd.vek.subject = other.subject;
    }),
    ("vek-profile", |amd| {
        amd.vek.spki = ForgeKey::generate(KeyKind::P256).spki().to_vec();
    }),
    ("vek-profile", |amd| {
        amd.vek = amd
            .vek
            .clone()
            .with(ExtensionForge::basic_constraints(true, None));
    }),
    ("vek-profile", |amd| {
        amd.vek = amd
            .vek
            .clone()
            .with(ExtensionForge::key_usage(KeyUsage::CRL_SIGN));
    }),
    ("vek-profile", |amd| {
        let unknown = ExtensionForge::new(oids::NAME_CONSTRAINTS, true, &[0x30, 0]);
        amd.vek = amd.vek.clone().with(unknown);
    }),
    ("vek-profile", |amd| amd.vek.version = 0),
    ("vek-dates", |amd| {
        amd.vek.not_after = UnixTime::from_secs(NOW.as_secs() - 1)
    }),
    ("vek-dates", |amd| amd.vek.not_before = NOW.plus_secs(1)),
    ("vek-not-revoked", |amd| {
        amd.crl = amd.crl.clone().revoke(&[0])
    }),
    ("vek-extensions", |amd| {
        amd.vek = amd.vek.clone().without(&oid("3.4"))
    }),
    ("vek-extensions", |amd| {
        amd.vek = amd.vek.clone().with(extension("3.8", &[2, 1, 219]))
    }),
    ("vek-extensions", |amd| {
        amd.vek = amd.vek.clone().with(extension("4", &[7; 63]))
    }),
    ("vek-extensions", |amd| {
        let cloud = extension("5", b"\x16\x02CN");
        amd.vek = amd.vek.clone().without(&oid("4")).with(cloud);
    }),
    ("vek-extensions", |amd| {
        amd.vek = amd.vek.clone().with(extension("1", &[2, 1, 1]));
    }),
    ("vek-product", |amd| {
        amd.vek = amd.vek.clone().with(extension("2", b"\x16\x05Genoa"));
    }),
    ("vek-product", |amd| {
        amd.vek = amd.vek.clone().with(extension("2", b"\x16\x04Rome"));
    }),
];

#[test]
fn endorsements_are_refused_by_exactly_the_check_that_they_fail() {
    for (index, (check, alter)) in ALTERATIONS.iter().enumerate() {
        let mut amd = milan();
        alter(&mut amd);
        let error = amd.endorsements(NOW).unwrap_err();
        assert_eq!(error.check(), *check, "alteration {index}: {error:?}");
    }
}
