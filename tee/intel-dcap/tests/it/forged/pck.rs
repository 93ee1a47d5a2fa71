//! The platform's certificate: its path, its extension, its revocation, and where it comes from.

use adyton_pki::forge::{
    CertificateForge, CrlForge, ExtensionForge, integer, name, null, octet_string, oid, pem,
    sequence,
};
use adyton_pki::{KeyUsage, Oid};
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{IntelError, verify};
use adyton_types::{ErrorClass, UnixTime};

use super::{Deviations, all, other_key, refused_by};

pub(super) const DEVIATIONS: &[Deviations] = &[(
    IntelForge::tdx,
    &[
        ("pck-chain", |f| {
            f.quote.certification = Some(f.pck_chain().replace("BEGIN", "BEGUN").into_bytes());
        }),
        ("pck-chain", |f| {
            let chain = f.pck_chain();
            let after = chain.find("-----END").expect("a certificate") + 26;
            f.quote.certification = Some(chain.as_bytes()[after..].to_vec());
        }),
        ("pck-chain", |f| {
            let (root, ca) = (&f.root, &f.ca);
            let key = other_key();
            let leaf = f.pck.clone().with(f.platform.extension()).sign(&key);
            let chain = [leaf, ca.sign(&f.root_key), root.sign(&f.root_key)];
            let chain = chain.each_ref().map(Vec::as_slice);
            f.quote.certification = Some(pem(&chain).into_bytes());
        }),
        ("pck-chain", |f| {
            let ca = ExtensionForge::basic_constraints(true, None);
            f.pck = f.pck.clone().with(ca);
        }),
        ("pck-chain", |f| {
            let usage = ExtensionForge::key_usage(KeyUsage::KEY_ENCIPHERMENT);
            f.pck = f.pck.clone().with(usage);
        }),
        ("pck-chain", |f| {
            let critical = ExtensionForge::new(Oid::new_unwrap("1.2.3.4"), true, &null());
            f.pck = f.pck.clone().with(critical);
        }),
        ("pck-validity", |f| {
            f.pck.not_after = UnixTime::from_secs(1_769_999_999)
        }),
        ("pck-validity", |f| {
            f.pck.not_before = UnixTime::from_secs(1_770_000_001)
        }),
        ("pck-revocation", |f| {
            f.pck_crl = f.pck_crl.clone().revoke(&[3])
        }),
        ("pck-subject", |f| {
            f.pck.subject = name("Intel SGX TCB Signing")
        }),
        ("pck-extension", |f| f.platform.ppid = vec![0; 15]),
        ("pck-extension", |f| f.platform.components.truncate(15)),
        ("pck-extension", |f| f.platform.sgx_type = 3),
        ("pck-extension", |f| {
            f.platform.sgx_type_tag = adyton_pki::tag::INTEGER
        }),
        ("pck-extension", |f| f.platform.fmspc = vec![0; 7]),
        ("pck-extension", |f| f.platform.extra = vec![1, 2, 3]),
        ("pck-extension", |f| {
            f.platform.extra = again(".1", &octet_string(&[1; 16]))
        }),
        ("pck-extension", |f| {
            f.platform.extra = again(".4", &octet_string(&[1; 6]))
        }),
        ("pck-extension", |f| {
            let pce_svn = again(".2.17", &integer(&[11]));
            f.platform.extra = again(".2", &sequence(&[&pce_svn]));
        }),
        ("pck-extension", |f| {
            // A component has 8 bits.
            f.platform.components.truncate(15);
            let component = again(".2.16", &integer(&[1, 5]));
            f.platform.extra = again(".2", &sequence(&[&component]));
        }),
        ("pck-chain", |f| {
            // The root allows no CA below itself that issues certificates.
            let root = "Intel SGX Root CA";
            f.root = CertificateForge::ca(root, root, &f.root_key, Some(0));
        }),
    ],
)];

/// A part of the SGX extension, as a second one of its kind.
fn again(arcs: &str, value: &[u8]) -> Vec<u8> {
    let id = format!("1.2.840.113741.1.13.1{arcs}").parse();
    sequence(&[&oid(&id.expect("an object identifier")), value])
}

#[test]
fn pck_certificate() {
    all(DEVIATIONS);
}

#[test]
fn another_root_is_refused() {
    let (forge, other) = (IntelForge::tdx(), IntelForge::tdx());
    let endorsements = forge.endorsements().unwrap();
    let error = verify(&other.quote(), &endorsements, forge.now).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("pck-chain", ErrorClass::Rejected)
    );
    let error = forge.endorse(&other.bundle()).unwrap_err();
    assert_eq!(error.check(), "tcb-signer-chain");
}

#[test]
fn a_list_of_another_ca_says_nothing_of_this_pck() {
    let mut forge = IntelForge::tdx();
    let quote = forge.quote();
    // Endorsements for the same platform, whose list is of the Processor CA.
    let ca = "Intel SGX PCK Processor CA";
    forge.ca_key = other_key();
    forge.ca = CertificateForge::ca(ca, "Intel SGX Root CA", &forge.ca_key, Some(0)).serial(&[9]);
    forge.pck_crl = CrlForge::new(ca);
    let endorsements = forge.endorsements().unwrap();
    let error = verify(&quote, &endorsements, forge.now).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("pck-revocation", ErrorClass::Stale)
    );
}

/// The CA's text need not be the one that came with the Endorsements.
#[test]
fn the_chain_of_a_quote_may_be_written_otherwise() {
    let mut forge = IntelForge::tdx();
    let endorsements = forge.endorsements().unwrap();
    let chain = forge.pck_chain();
    let mut judge = |text: String| {
        forge.quote.certification = Some(text.into_bytes());
        match verify(&forge.quote(), &endorsements, forge.now) {
            Ok(_) => "none",
            Err(error) => error.check(),
        }
    };
    assert_eq!(judge(chain.clone()), "none");
    assert_eq!(judge(chain.replace('\n', "\r\n")), "none");
    assert_eq!(judge(chain.replace("-----BEGIN", "\n-----BEGIN")), "none");
    assert_eq!(judge(format!("{chain}\n\n")), "none");
    let (leaf, above) = chain.split_at(chain.find("-----END").unwrap() + 26);
    assert_eq!(judge(format!("{leaf}\n\n{above}")), "none");
    for other in [
        leaf.to_owned(),
        String::new(),
        format!("{leaf}x{above}"),
        format!("{leaf}{above} "),
        format!("{leaf} {above}"),
        format!("{leaf}{above}{above}"),
        above.to_owned(),
    ] {
        assert_ne!(judge(other.clone()), "none", "{other}");
    }
}

#[test]
fn a_quote_without_certificate_says_what_to_fetch() {
    let mut forge = IntelForge::tdx();
    let chain = forge.pck_chain();
    forge.quote.certification_kind = 3;
    forge.quote.certification = Some(vec![0; 404]);
    let quote = forge.quote();
    let error = verify(&quote, &forge.endorsements().unwrap(), forge.now).unwrap_err();
    assert_eq!(error, IntelError::PckNeeded { found: 3 });
    assert_eq!(error.class(), ErrorClass::Unavailable);
    let mut bundle = forge.bundle();
    bundle.pck_chain = Some(chain.into_bytes());
    let endorsements = forge.endorse(&bundle).unwrap();
    assert!(verify(&quote, &endorsements, forge.now).is_ok());
}

#[test]
fn parts_of_the_extension_may_stand_in_any_order() {
    let mut forge = IntelForge::tdx();
    forge.platform.components.truncate(15);
    let component = again(".2.16", &integer(&[5]));
    forge.platform.extra = again(".2", &sequence(&[&component]));
    assert_eq!(refused_by(&forge), "none");
}

/// No revocation list but the root's covers it, so it would never be revoked as a PCK certificate.
#[test]
fn a_pck_certificate_of_the_root_itself_is_refused() {
    let mut forge = IntelForge::tdx();
    forge.pck.issuer = name("Intel SGX Root CA");
    let leaf = forge.pck.clone().with(forge.platform.extension());
    let leaf = leaf.sign(&forge.root_key);
    let root = forge.root.sign(&forge.root_key);
    forge.quote.certification = Some(pem(&[&leaf, &root]).into_bytes());
    assert_eq!(refused_by(&forge), "pck-subject");
}
