//! Certificates of Attestation Keys: how chains are completed, and revocation lists.

use adyton_pki::forge::{CrlForge, ExtensionForge, explicit, sequence, tlv};
use adyton_pki::{Certificate, Crl, KeyKind, KeyUsage, PkiError, oids};

use super::*;
use crate::forge::{Numbers, public_area};

const URL: &str = "http://example.org/ca.crl";

struct World {
    ak: ForgedAk,
    root: ForgeKey,
    ca: ForgeKey,
}

impl World {
    fn new() -> Self {
        let key = || ForgeKey::generate(KeyKind::P256);
        Self {
            ak: ForgedAk::ecc(),
            root: key(),
            ca: key(),
        }
    }

    fn public(&self) -> TpmPublic {
        TpmPublic::parse(&self.ak.public()).unwrap()
    }

    fn root(&self) -> Certificate {
        // A root that names a list, too: nobody revokes a root by its own list.
        let root = CertificateForge::ca("root", "root", &self.root, None);
        root.with(listed_at(URL)).certificate(&self.root)
    }

    fn ca(&self, listed: bool) -> Certificate {
        let ca = CertificateForge::ca("ca", "root", &self.ca, None).serial(&[2]);
        let ca = if listed { ca.with(listed_at(URL)) } else { ca };
        ca.certificate(&self.root)
    }

    fn leaf(&self, listed: bool) -> Vec<u8> {
        let mut leaf = CertificateForge::end_entity("tpm", "ca", &self.ca).serial(&[3]);
        leaf.spki = self.public().key().spki().to_vec();
        let leaf = if listed {
            leaf.with(listed_at(URL))
        } else {
            leaf
        };
        leaf.sign(&self.ca)
    }

    fn list(&self, of: &str, revoked: &[u8]) -> Crl {
        let mut list = CrlForge::new(of);
        for serial in revoked {
            list = list.revoke(&[*serial]);
        }
        let key = if of == "root" { &self.root } else { &self.ca };
        Crl::parse(&list.sign(key)).unwrap()
    }

    fn endorsements(&self) -> TpmEndorsements {
        TpmEndorsements::new(vec![TrustAnchor::from_certificate(&self.root())])
    }

    fn trusts(&self, endorsements: &TpmEndorsements, chain: &[Vec<u8>]) -> Result<(), TpmError> {
        let found = endorsements.trusted_ak(self.public(), chain, NOW)?;
        assert!(matches!(found.source(), AkSource::Certificate { .. }));
        assert!(found.not_before() < NOW && found.not_after() > NOW);
        Ok(())
    }
}

fn listed_at(url: &str) -> ExtensionForge {
    let name = explicit(0, &explicit(0, &tlv(0x86, url.as_bytes())));
    let points = sequence(&[&sequence(&[&name])]);
    ExtensionForge::new(oids::CRL_DISTRIBUTION_POINTS, false, &points)
}

#[test]
fn a_chain_is_completed_by_what_is_known() {
    let world = World::new();
    let (leaf, ca, root) = (world.leaf(false), world.ca(false), world.root());
    let alone = world.trusts(&world.endorsements(), std::slice::from_ref(&leaf));
    assert_eq!(alone.unwrap_err().check(), checks::AK_ENDORSED.name);
    let der = |certificate: &Certificate| certificate.der().to_vec();
    let knowing = world.endorsements().with_intermediates(vec![ca.clone()]);
    for chain in [
        vec![leaf.clone()],
        vec![leaf.clone(), der(&ca)],
        vec![leaf.clone(), der(&ca), der(&root)],
    ] {
        world.trusts(&knowing, &chain).unwrap();
    }
    // The CA's own key is pinned.
    let pinned = TpmEndorsements::new(vec![TrustAnchor::from_certificate(&ca)]);
    world.trusts(&pinned, std::slice::from_ref(&leaf)).unwrap();
    // Two that certify each other lead nowhere, and to an end.
    let other = CertificateForge::ca("other", "ca", &world.root, None).certificate(&world.ca);
    let circular = CertificateForge::ca("ca", "other", &world.ca, None).certificate(&world.root);
    let nowhere = ForgeKey::generate(KeyKind::P256);
    let nowhere = CertificateForge::ca("x", "x", &nowhere, None).certificate(&nowhere);
    let lost = TpmEndorsements::new(vec![TrustAnchor::from_certificate(&nowhere)]);
    let lost = lost.with_intermediates(vec![other, circular]);
    let error = world.trusts(&lost, &[leaf]).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        (checks::AK_ENDORSED.name, ErrorClass::Rejected)
    );
}

#[test]
fn of_authorities_of_one_name_that_which_signed_is_taken() {
    let world = World::new();
    let later = ForgeKey::generate(KeyKind::P256);
    let later = CertificateForge::ca("ca", "root", &later, None).certificate(&world.root);
    for known in [
        vec![later.clone(), world.ca(false)],
        vec![world.ca(false), later],
    ] {
        let knowing = world.endorsements().with_intermediates(known);
        world.trusts(&knowing, &[world.leaf(false)]).unwrap();
    }
}

#[test]
fn a_list_that_is_named_is_needed_and_looked_at() {
    let world = World::new();
    let chain = |leaf: bool, ca: bool| vec![world.leaf(leaf), world.ca(ca).der().to_vec()];
    let knowing = |lists: Vec<Crl>| world.endorsements().with_crls(lists);
    let (good, of_root) = (world.list("ca", &[9]), world.list("root", &[9]));
    let missing = |index| TpmError::RevocationList {
        index,
        url: URL.to_owned(),
    };
    world
        .trusts(&knowing(vec![]), &chain(false, false))
        .unwrap();
    for (leaf, ca, index) in [(true, false, 0), (true, true, 0), (false, true, 1)] {
        let error = world
            .trusts(&knowing(vec![]), &chain(leaf, ca))
            .unwrap_err();
        assert_eq!(error, missing(index));
        assert_eq!(
            (error.check(), error.class()),
            (checks::AK_ENDORSED.name, ErrorClass::Stale)
        );
    }
    // A list of another authority is none.
    let error = world.trusts(&knowing(vec![of_root.clone()]), &chain(true, true));
    assert_eq!(error.unwrap_err(), missing(0));
    let both = vec![of_root.clone(), good.clone()];
    let mut with_root = chain(true, true);
    with_root.push(world.root().der().to_vec());
    for chain in [chain(true, true), with_root] {
        world.trusts(&knowing(both.clone()), &chain).unwrap();
    }
    for (lists, index) in [
        (vec![of_root, world.list("ca", &[9, 3])], 0),
        (vec![good, world.list("root", &[2])], 1),
    ] {
        let revoking = knowing(lists);
        let error = world.trusts(&revoking, &chain(true, true)).unwrap_err();
        let TpmError::Certificate(PkiError::Revoked { index: found, .. }) = error else {
            panic!("{error}");
        };
        assert_eq!(found, index);
        assert_eq!(error.class(), ErrorClass::Rejected);
        let unlooked = revoking.danger_without_revocation();
        world.trusts(&unlooked, &chain(true, true)).unwrap();
    }
}

#[test]
fn a_forged_list_is_none_and_takes_no_others_place() {
    let world = World::new();
    let chain = [world.leaf(true), world.ca(false).der().to_vec()];
    let trusts = |lists: Vec<Crl>| world.trusts(&world.endorsements().with_crls(lists), &chain);
    let (good, revoking) = (world.list("ca", &[9]), world.list("ca", &[3]));
    let forged = Crl::parse(&CrlForge::new("ca").sign(&world.root)).unwrap();
    let error = trusts(vec![forged.clone()]).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        (checks::AK_ENDORSED.name, ErrorClass::Rejected)
    );
    for lists in [
        vec![forged.clone(), good.clone()],
        vec![good.clone(), forged.clone()],
    ] {
        trusts(lists).unwrap();
    }
    // Of several that the authority has signed each counts.
    for lists in [
        vec![forged, good.clone(), revoking.clone()],
        vec![revoking, good],
    ] {
        let error = trusts(lists).unwrap_err();
        assert!(
            matches!(error, TpmError::Certificate(PkiError::Revoked { .. })),
            "{error}"
        );
    }
}

#[test]
fn a_certificate_that_has_ended_is_stale() {
    let world = World::new();
    let chain = [world.leaf(false), world.ca(false).der().to_vec()];
    let late = UnixTime::from_secs(NOW.as_secs() * 2);
    let error = world
        .endorsements()
        .trusted_ak(world.public(), &chain, late);
    let error = error.unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        (checks::AK_ENDORSED.name, ErrorClass::Stale)
    );
}

/// An extKeyUsage of these purposes.
fn purposes(critical: bool, encoded: &[&[u8]]) -> ExtensionForge {
    let purposes: Vec<Vec<u8>> = encoded.iter().map(|oid| tlv(0x06, oid)).collect();
    let purposes: Vec<&[u8]> = purposes.iter().map(Vec::as_slice).collect();
    ExtensionForge::new(oids::EXT_KEY_USAGE, critical, &sequence(&purposes))
}

const EK: &[u8] = &[0x67, 0x81, 0x05, 0x08, 0x01];
const AK: &[u8] = &[0x67, 0x81, 0x05, 0x08, 0x03];
const ANY: &[u8] = &[0x55, 0x1d, 0x25, 0x00];
/// id-kp-serverAuth and id-kp-clientAuth.
const TLS: [&[u8]; 2] = [
    &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x01],
    &[0x2b, 0x06, 0x01, 0x05, 0x05, 0x07, 0x03, 0x02],
];

impl World {
    fn leaf_for(&self, extensions: Vec<ExtensionForge>) -> Vec<u8> {
        let mut leaf = CertificateForge::end_entity("tpm", "ca", &self.ca).serial(&[3]);
        leaf.spki = self.public().key().spki().to_vec();
        leaf.extensions.extend(extensions);
        leaf.sign(&self.ca)
    }

    fn trusts_for(
        &self,
        leaf: Vec<ExtensionForge>,
        ca: Vec<ExtensionForge>,
    ) -> Result<bool, TpmError> {
        let mut authority = CertificateForge::ca("ca", "root", &self.ca, None).serial(&[2]);
        authority.extensions.extend(ca);
        let chain = [self.leaf_for(leaf), authority.sign(&self.root)];
        let trusted = self.endorsements().trusted_ak(self.public(), &chain, NOW)?;
        let AkSource::Certificate { for_ek, .. } = trusted.source() else {
            panic!("{}", trusted.source());
        };
        Ok(*for_ek)
    }
}

#[test]
fn certificates_are_for_the_keys_that_they_say() {
    let world = World::new();
    for (leaf, for_ek) in [
        (vec![], false),
        (vec![purposes(false, &[AK])], false),
        (vec![purposes(true, &[AK])], false),
        (vec![purposes(false, &[TLS[1], AK])], false),
        (vec![purposes(false, &[EK, AK])], false),
        (vec![purposes(false, &[ANY])], false),
        (vec![purposes(false, &[EK])], true),
    ] {
        for ca in [
            vec![],
            vec![purposes(false, &[EK])],
            vec![purposes(true, &[AK])],
        ] {
            assert_eq!(world.trusts_for(leaf.clone(), ca), Ok(for_ek));
        }
    }
    // A machine's certificate for TLS, of an authority below the same root.
    for (leaf, ca, index) in [
        (vec![purposes(false, &TLS)], vec![], 0),
        (
            vec![purposes(true, &TLS[..1])],
            vec![purposes(false, &[AK])],
            0,
        ),
        (vec![purposes(false, &[])], vec![], 0),
        (vec![purposes(false, &[AK])], vec![purposes(false, &TLS)], 1),
        (vec![], vec![purposes(false, &TLS)], 1),
    ] {
        let error = world.trusts_for(leaf, ca).unwrap_err();
        assert_eq!(error, TpmError::Purpose { index });
        assert_eq!(
            (error.check(), error.class()),
            (checks::AK_ENDORSED.name, ErrorClass::Rejected)
        );
    }
}

/// An Endorsement Key decrypts: its certificate has to be for one, and for that use.
#[test]
fn an_endorsement_keys_certificate_is_for_one() {
    let world = World::new();
    let attributes = Attributes::FIXED_TPM
        | Attributes::FIXED_PARENT
        | Attributes::SENSITIVE_DATA_ORIGIN
        | Attributes::RESTRICTED
        | Attributes::DECRYPT;
    let numbers = Numbers::of(world.public().key());
    let area = public_area(&numbers, HashAlg::Sha256.id(), attributes, None);
    let trusted = |extensions: Vec<ExtensionForge>, usage: KeyUsage| {
        let leaf = CertificateForge::end_entity("tpm", "ca", &world.ca).without(&oids::KEY_USAGE);
        let mut leaf = leaf.with(ExtensionForge::key_usage(usage));
        leaf.spki = world.public().key().spki().to_vec();
        leaf.extensions.extend(extensions);
        let chain = [leaf.sign(&world.ca), world.ca(false).der().to_vec()];
        let public = TpmPublic::parse(&area).unwrap();
        world.endorsements().trusted_ek(public, &chain, NOW)
    };
    for purpose in [vec![], vec![purposes(false, &[EK])]] {
        for usage in [KeyUsage::KEY_AGREEMENT, KeyUsage::KEY_ENCIPHERMENT] {
            trusted(purpose.clone(), usage).unwrap();
        }
        trusted(purpose, KeyUsage::DIGITAL_SIGNATURE).unwrap_err();
    }
    let error = trusted(vec![purposes(false, &[AK])], KeyUsage::KEY_AGREEMENT).unwrap_err();
    assert_eq!(error, TpmError::Purpose { index: 0 });
}
