//! The quoting enclave, and what it signs.

use adyton_tee_intel_dcap::forge::IntelForge;

use super::{Deviations, all, other_key, refused_by};

pub(super) const DEVIATIONS: &[Deviations] = &[(
    IntelForge::tdx,
    &[
        ("qe-report-signature", |f| {
            f.quote.qe_signer = Some(other_key())
        }),
        ("qe-report-data", |f| f.quote.qe_report_data = Some([0; 64])),
        ("qe-debug", |f| f.quote.put_qe(48, &[0x13])),
        ("qe-identity", |f| f.quote.put_qe(128, &[0])),
        ("qe-identity", |f| f.quote.put_qe(256, &[3])),
        ("qe-identity", |f| f.quote.put_qe(16, &[1])),
        ("qe-identity", |f| f.quote.put_qe(48, &[0x31])),
        ("qe-tcb-level", |f| f.quote.put_qe(258, &[0])),
        ("tcb-revoked", |f| f.quote.put_qe(258, &[1])),
        ("quote-signature", |f| {
            f.quote.quote_signer = Some(other_key())
        }),
    ],
)];

#[test]
fn quoting_enclave() {
    all(DEVIATIONS);
}

#[test]
fn report_data_of_the_qe_end_in_zeros() {
    let mut forge = IntelForge::tdx();
    let key = &forge.quote.attestation_key.public().bytes()[1..];
    let mut report_data = [0; 64];
    let digest = adyton_crypto::sha256(&[key, &forge.quote.qe_auth_data]);
    report_data[..32].copy_from_slice(&digest);
    forge.quote.qe_report_data = Some(report_data);
    assert_eq!(refused_by(&forge), "none");
    report_data[63] = 1;
    forge.quote.qe_report_data = Some(report_data);
    assert_eq!(refused_by(&forge), "qe-report-data");
}
