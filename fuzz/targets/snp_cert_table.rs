#![no_main]
//! The certificate table that the host hands to an SNP guest.

use adyton_fuzz::bound_heap;
use adyton_tee_amd_snp::CertTable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _bound = bound_heap(data);
    if let Ok(table) = CertTable::parse(data) {
        for part in [table.ark, table.ask, table.vcek, table.vlek, table.crl] {
            assert!(part.is_none_or(|part| !part.is_empty() && part.len() < data.len()));
        }
    }
});
