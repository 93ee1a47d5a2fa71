//! What a refusal says: what was expected, and what was found.

use adyton_pki::forge::CrlForge;
use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_types::UnixTime;
use serde_json::json;

type Refusal = (
    fn() -> IntelForge,
    fn(&mut IntelForge),
    &'static [&'static str],
);

const REFUSALS: &[Refusal] = &[
    (
        IntelForge::tdx,
        |f| f.quote.put_header(12, &[0]),
        &["id 009a7233f79c4ca9940a0db3957f0607 is not Intel's, 939a7233f79c4ca9940a0db3957f0607"],
    ),
    (
        IntelForge::tdx,
        |f| f.quote.certification_kind = 7,
        &["type 7", "type 5 is", "1 to 3"],
    ),
    (
        IntelForge::tdx,
        |f| f.quote.put_qe(128, &[0]),
        &["MRSIGNER is 00dcdc", "identity is dcdcdc"],
    ),
    (
        IntelForge::tdx,
        |f| f.quote.put_qe(256, &[3]),
        &["ISVPRODID is 0003, that of Intel's identity is 0002"],
    ),
    (
        IntelForge::tdx,
        |f| f.quote.put_qe(16, &[1]),
        &["MISCSELECT is 01000000, that of Intel's identity is 00000000"],
    ),
    (
        IntelForge::tdx,
        // The bit that the mask leaves out, and one that it has.
        |f| f.quote.put_qe(48, &[0x35]),
        &["ATTRIBUTES is 3100", "identity is 1100"],
    ),
    (
        IntelForge::tdx,
        |f| f.quote.put_qe(258, &[0]),
        &["ISVSVN 0 meets no TCB level; the lowest is 1"],
    ),
    (
        IntelForge::sgx,
        |f| f.platform.pce_svn = 4,
        &[
            "the platform meets no level",
            "it has SGX components 05050505050505050505050505050505, PCESVN 4;",
            "asks for SGX components 02020202020202020202020202020202, PCESVN 5",
        ],
    ),
    (
        IntelForge::tdx15,
        |f| f.quote.put_body(586, &[1]),
        &[
            "the platform, as of now, meets no level",
            "TDX components 05010105",
        ],
    ),
    (
        IntelForge::tdx,
        |f| f.quote.put_body(0, &[1]),
        &["ISVSVN is 1, which meets no TCB level; the lowest is 2"],
    ),
    (
        IntelForge::tdx15,
        |f| f.quote.put_body(584, &[1]),
        &["ISVSVN, as of now, is 1"],
    ),
    (
        IntelForge::tdx,
        |f| f.quote.put_body(1, &[9]),
        &["no TDX module of version 9"],
    ),
    (
        IntelForge::tdx,
        |f| f.quote.put_body(112, &[1]),
        &["SEAMATTRIBUTES is 0100000000000000, that of Intel's identity is 0000000000000000"],
    ),
    (
        IntelForge::tdx,
        |f| f.platform.fmspc = vec![0; 6],
        &["is 000000000000, TCB info is for b0c06f000000: fetch"],
    ),
    (
        IntelForge::tdx,
        |f| f.platform.pce_id = vec![0, 1],
        &["id is 0001, TCB info is for 0000"],
    ),
    (
        IntelForge::tdx,
        |f| f.min_evaluation_number = 19,
        &["of TCB evaluation 18, at least 19 is needed: fetch it anew"],
    ),
    (
        IntelForge::tdx,
        |f| f.tcb_info["nextUpdate"] = json!("2026-02-01T00:00:00Z"),
        &["to 2026-02-01T00:00:00Z, now is 2026-02-02T02:40:00Z: fetch it anew"],
    ),
    (
        IntelForge::tdx,
        |f| f.qe_identity["id"] = json!("QE"),
        &["is `QE` version 2, not `TD_QE` version 2"],
    ),
    (
        IntelForge::tdx,
        |f| f.pck_crl.next_update = Some(UnixTime::from_secs(1_769_999_999)),
        &["PCK CRL", "2026-02-02T02:39:59Z", "2026-02-02T02:40:00Z"],
    ),
    (
        IntelForge::tdx,
        |f| f.root_crl = CrlForge::new("Somebody"),
        &["root CRL"],
    ),
];

#[test]
fn a_refusal_says_what_was_expected_and_what_was_found() {
    for (make, deviate, words) in REFUSALS {
        let mut forge = make();
        deviate(&mut forge);
        let said = forge.verify().unwrap_err().to_string();
        for word in *words {
            assert!(said.contains(word), "`{word}` in `{said}`");
        }
    }
}
