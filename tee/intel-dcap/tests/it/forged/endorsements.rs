//! Endorsements: chains, lists, signatures and times.

use adyton_pki::KeyUsage;
use adyton_pki::forge::{CrlForge, ExtensionForge, name};
use adyton_tee_intel_dcap::forge::{IntelForge, NOW};
use adyton_tee_intel_dcap::{IntelBundle, verify};
use adyton_types::{ErrorClass, UnixTime};
use serde_json::json;

use super::{Deviations, all, other_key, refused_by};

pub(super) const DEVIATIONS: &[Deviations] = &[(
    IntelForge::tdx,
    &[
        ("tcb-signer-chain", |f| {
            f.signer.subject = name("Intel SGX PCK Certificate")
        }),
        ("tcb-signer-chain", |f| {
            f.signer.issuer = name("Intel SGX PCK Platform CA")
        }),
        ("tcb-signer-chain", |f| {
            f.signer = f
                .signer
                .clone()
                .with(ExtensionForge::basic_constraints(true, None));
        }),
        ("tcb-signer-validity", |f| {
            f.signer.not_after = UnixTime::from_secs(1_769_999_999)
        }),
        ("tcb-signer-validity", |f| {
            f.root.not_before = UnixTime::from_secs(1_770_000_001)
        }),
        ("tcb-signer-revocation", |f| {
            f.root_crl = f.root_crl.clone().revoke(&[4])
        }),
        ("root-crl", |f| {
            f.root_crl.next_update = Some(UnixTime::from_secs(1_769_999_999))
        }),
        ("root-crl", |f| {
            f.root_crl.this_update = UnixTime::from_secs(1_770_000_001)
        }),
        ("root-crl", |f| f.root_crl.next_update = None),
        ("root-crl", |f| {
            f.root_crl = CrlForge::new("Intel SGX PCK Platform CA")
        }),
        ("pck-crl-issuer", |f| {
            f.root_crl = f.root_crl.clone().revoke(&[2])
        }),
        ("pck-crl-issuer", |f| f.ca.subject = name("Somebody")),
        ("pck-crl-issuer", |f| {
            f.ca.not_after = UnixTime::from_secs(1_769_999_999)
        }),
        ("pck-crl-issuer", |f| {
            let usage = ExtensionForge::key_usage(KeyUsage::CERT_SIGN);
            f.ca = f.ca.clone().with(usage);
        }),
        ("pck-crl", |f| {
            f.pck_crl.next_update = Some(UnixTime::from_secs(1_769_999_999))
        }),
        ("pck-crl", |f| f.pck_crl = CrlForge::new("Somebody")),
        ("pck-crl", |f| f.pck_crl.version = None),
    ],
)];

#[test]
fn chains_and_lists_of_the_endorsements() {
    all(DEVIATIONS);
}

/// How a bundle is altered.
type Spoil = fn(&mut IntelBundle, &IntelForge);

/// What the signers never signed: the bundle is altered, with the forgery that it comes from at hand.
pub(super) const SPOILED: &[(&str, Spoil)] = &[
    ("tcb-info-signature", |b, _| b.tcb_info.signature[5] ^= 1),
    // Not the same bytes.
    ("tcb-info-signature", |b, _| b.tcb_info.body.push(b' ')),
    ("qe-identity-signature", |b, _| {
        b.qe_identity.signature[5] ^= 1
    }),
    ("qe-identity-signature", |b, _| {
        b.qe_identity.body.push(b' ')
    }),
    ("root-crl", |b, f| {
        b.root_crl = f.root_crl.sign(&other_key())
    }),
    // A good list, of the root's, where that of the PCK CA has to be.
    ("pck-crl", |b, _| b.pck_crl = b.root_crl.clone()),
    ("pck-crl", |b, f| b.pck_crl = f.pck_crl.sign(&other_key())),
    // And the other way round.
    ("root-crl", |b, _| b.root_crl = b.pck_crl.clone()),
    // A PCK CA signs no documents, and a TCB signer no lists.
    ("tcb-signer-chain", |b, _| {
        b.qe_identity_chain = b.pck_crl_chain.clone()
    }),
    ("tcb-signer-chain", |b, _| {
        b.tcb_info_chain = b.pck_crl_chain.clone()
    }),
    ("pck-crl-issuer", |b, _| {
        b.pck_crl_chain = b.tcb_info_chain.clone()
    }),
    ("tcb-signer-chain", |b, _| b.tcb_info_chain = Vec::new()),
    ("pck-crl-issuer", |b, _| b.pck_crl_chain = Vec::new()),
];

#[test]
fn signatures_of_the_endorsements() {
    for (at, (check, spoil)) in SPOILED.iter().enumerate() {
        let forge = IntelForge::tdx();
        let mut bundle = forge.bundle();
        spoil(&mut bundle, &forge);
        let refused = forge.endorse(&bundle).unwrap_err().check();
        assert_eq!(refused, *check, "bundle {at}");
    }
}

/// What [`endorsements_have_their_time`] is refused by.
pub(super) const PERIOD: &str = "endorsement-period";

#[test]
fn endorsements_have_their_time() {
    let forge = IntelForge::tdx();
    let endorsements = forge.endorsements().unwrap();
    assert_eq!(
        endorsements.not_before().to_string(),
        "2026-01-20T00:00:00Z"
    );
    assert_eq!(endorsements.not_after().to_string(), "2026-02-20T00:00:00Z");
    let at = |now| verify(&forge.quote(), &endorsements, now);
    assert!(at(endorsements.not_before()).is_ok());
    assert!(at(endorsements.not_after()).is_ok());
    let error = at(endorsements.not_after().plus_secs(1)).unwrap_err();
    assert_eq!((error.check(), error.class()), (PERIOD, ErrorClass::Stale));
    assert!(at(UnixTime::from_secs(0)).is_err());
}

#[test]
fn the_first_and_the_last_second_of_everything_pass() {
    let text = || json!(NOW.to_string());
    let dates: [fn(&mut IntelForge); 12] = [
        |f| f.root_crl.this_update = NOW,
        |f| f.root_crl.next_update = Some(NOW),
        |f| f.pck_crl.this_update = NOW,
        |f| f.pck_crl.next_update = Some(NOW),
        |f| f.signer.not_before = NOW,
        |f| f.signer.not_after = NOW,
        |f| f.ca.not_before = NOW,
        |f| f.ca.not_after = NOW,
        |f| f.root.not_before = NOW,
        |f| f.root.not_after = NOW,
        |f| f.pck.not_before = NOW,
        |f| f.pck.not_after = NOW,
    ];
    for (at, set) in dates.into_iter().enumerate() {
        let mut forge = IntelForge::tdx();
        set(&mut forge);
        assert_eq!(refused_by(&forge), "none", "date {at}");
        // All but the PCK certificate's bound the Endorsements.
        let endorsements = forge.endorsements().unwrap();
        let period = [endorsements.not_before(), endorsements.not_after()];
        assert_eq!(period.contains(&NOW), at < 10, "date {at}");
    }
    for date in ["issueDate", "nextUpdate"] {
        let mut forge = IntelForge::tdx();
        forge.tcb_info[date] = text();
        forge.qe_identity[date] = text();
        assert_eq!(refused_by(&forge), "none", "{date}");
    }
}
