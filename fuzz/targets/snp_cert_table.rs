#![no_main]
//! The certificate table that the host hands to an SNP guest.

use adyton_tee_amd_snp::CertTable;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(table) = CertTable::parse(data) {
        for part in [table.ark, table.ask, table.vcek, table.vlek, table.crl] {
            assert!(part.is_none_or(|part| !part.is_empty() && part.len() < data.len()));
        }
    }
});
