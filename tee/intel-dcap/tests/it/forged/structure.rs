//! The form of a quote.

use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{IntelTee, verify};
use adyton_types::ErrorClass;

use super::{Deviations, all, refused_by};

pub(super) const DEVIATIONS: &[Deviations] = &[
    (
        IntelForge::tdx,
        &[
            ("quote-version", |f| f.quote.put_header(0, &[6])),
            ("quote-version", |f| f.quote.put_header(0, &[2])),
            ("attestation-key-type", |f| f.quote.put_header(2, &[3])),
            ("tee-type", |f| f.quote.put_header(4, &[0])),
            ("tee-type", |f| f.quote.put_header(4, &[0x82])),
            ("reserved-zero", |f| f.quote.put_header(8, &[1])),
            ("reserved-zero", |f| f.quote.put_qe(20, &[1])),
            ("qe-vendor-id", |f| f.quote.put_header(12, &[0])),
            ("quote-length", |f| f.quote.body.push(0)),
            ("certification-data", |f| f.quote.outer_kind = 5),
            ("certification-data", |f| f.quote.certification_kind = 7),
            ("certification-data", |f| f.quote.certification_kind = 3),
            ("certification-data", |f| {
                f.quote.certification_kind = 3;
                f.quote.certification = Some(vec![0; 404]);
            }),
        ],
    ),
    (
        IntelForge::tdx15,
        &[
            ("body-type", |f| f.quote.descriptor = Some((9, 648))),
            ("body-type", |f| f.quote.descriptor = Some((3, 649))),
            ("body-type", |f| f.quote.descriptor = Some((2, 648))),
            ("body-type", |f| f.quote.put_header(4, &[0])),
            ("body-type", |f| {
                f.quote.descriptor = Some((1, 384));
                f.quote.body.truncate(384);
            }),
        ],
    ),
    (
        IntelForge::sgx,
        &[
            ("tee-type", |f| f.quote.put_header(4, &[0x81])),
            ("reserved-zero", |f| f.quote.put_body(20, &[1])),
            ("reserved-zero", |f| f.quote.put_body(262, &[1])),
        ],
    ),
];

#[test]
fn structure() {
    all(DEVIATIONS);
}

#[test]
fn endorsements_of_the_other_tee_are_refused() {
    let (sgx, tdx) = (IntelForge::sgx(), IntelForge::tdx());
    let error = verify(&tdx.quote(), &sgx.endorsements().unwrap(), tdx.now).unwrap_err();
    assert_eq!(
        (error.check(), error.class()),
        ("tee-type", ErrorClass::Misuse)
    );
    let mut forge = IntelForge::tdx();
    forge.tee = IntelTee::Sgx;
    assert_eq!(refused_by(&forge), "tcb-info-kind");
}

#[test]
fn every_cut_and_every_trailing_byte_is_refused() {
    for forge in [IntelForge::tdx(), IntelForge::tdx15(), IntelForge::sgx()] {
        let (endorsements, quote) = (forge.endorsements().unwrap(), forge.quote());
        let refused = |bytes: &[u8]| verify(bytes, &endorsements, forge.now).unwrap_err();
        for cut in 0..quote.len() {
            assert_eq!(refused(&quote[..cut]).check(), "quote-length", "{cut}");
        }
        let longer = [&quote[..], &[0; 32]].concat();
        assert_eq!(refused(&longer).check(), "quote-length");
        assert_eq!(refused(&vec![0; 70_000]).check(), "quote-length");
    }
}

#[test]
fn a_body_of_the_other_tee_and_sgx_in_version_5() {
    let mut forge = IntelForge::sgx();
    forge.quote.put_header(0, &[5]);
    forge.quote.descriptor = Some((1, 384));
    assert_eq!(refused_by(&forge), "none", "version 5 holds enclaves, too");
    forge.quote.put_header(8, &[1]);
    assert_eq!(refused_by(&forge), "reserved-zero");
}
