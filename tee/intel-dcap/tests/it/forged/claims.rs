//! What verifies, and is for the owner to judge.

use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{TcbStatus, Weakness, verify};

#[test]
fn untouched_forgeries_verify() {
    for forge in [IntelForge::tdx(), IntelForge::tdx15(), IntelForge::sgx()] {
        let endorsements = forge.endorsements().unwrap();
        assert_eq!(endorsements.fmspc(), [0xb0, 0xc0, 0x6f, 0, 0, 0]);
        let verified = verify(&forge.quote(), &endorsements, forge.now).unwrap();
        let claims = verified.claims();
        assert_eq!(claims.tcb.status, TcbStatus::UpToDate);
        assert_eq!(claims.tcb.date.to_string(), "2025-05-14T00:00:00Z");
        assert_eq!(claims.report_data.as_bytes(), &[0xab; 64]);
        assert_eq!(claims.platform.ppid, [0x99; 16]);
        assert_eq!(claims.platform.platform_instance_id, Some([0x77; 16]));
        assert_eq!(claims.platform.dynamic_platform, Some(true));
        assert_eq!(claims.platform.cached_keys, Some(false));
        assert_eq!(claims.tcb_evaluation_number, 18);
        assert_eq!(claims.weaknesses(), []);
        assert_eq!(claims.valid_until, endorsements.not_after());
    }
}

#[test]
fn weaknesses_are_claims() {
    let of = |forge: &IntelForge| forge.verify().unwrap().claims().weaknesses();
    let with = |at: usize, byte: u8| {
        let mut forge = IntelForge::tdx15();
        forge.quote.put_body(at, &[byte]);
        of(&forge)
    };
    assert_eq!(with(120, 1), [Weakness::Debug]);
    assert_eq!(with(120, 0x20), [Weakness::Profiling]);
    assert_eq!(with(121, 1), [Weakness::ReservedAttributes]);
    assert_eq!(with(123, 0), [Weakness::SeptVe]);
    assert_eq!(with(123, 0x30), [Weakness::Migratable]);
    assert_eq!(with(122, 2), [Weakness::ServtdExt]);
    assert_eq!(with(600, 1), [Weakness::ServiceTd]);
    let mut forge = IntelForge::sgx();
    forge.quote.put_body(48, &[0x17]);
    assert_eq!(of(&forge), [Weakness::Debug, Weakness::ProvisionKey]);
}

/// Intel TDX Module ABI Specification 348551-008US, table 3.23.
#[test]
fn each_attribute_bit_of_a_td_is_told_by_its_meaning() {
    for bit in 0..64_u8 {
        let expected = match bit {
            0 => vec![Weakness::Debug],
            4..=6 => vec![Weakness::Profiling],
            // ICSSD, LASS, SEPT_VE_DISABLE, PKS, KL, TPA, PERFMON.
            16 | 27 | 28 | 30 | 31 | 62 | 63 => vec![],
            17 => vec![Weakness::ServtdExt],
            29 => vec![Weakness::Migratable],
            _ => vec![Weakness::ReservedAttributes],
        };
        let mut forge = IntelForge::tdx15();
        let attributes = (1 << bit) | (1_u64 << 28);
        forge.quote.put_body(120, &attributes.to_le_bytes());
        let found = forge.verify().unwrap().claims().weaknesses();
        assert_eq!(found, expected, "bit {bit}");
    }
}
