#![no_main]
//! HCL reports, runtime claims, and the container of Azure Evidence.

use adyton_fuzz::bound_heap;
use adyton_tee_azure_cvm::{AzureEvidence, HclReport, RuntimeClaims};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _bound = bound_heap(data);
    if let Ok(hcl) = HclReport::parse(data) {
        assert_eq!(hcl.fields().len(), 5);
        let _ = RuntimeClaims::parse(hcl.claims());
        assert!(!hcl.is_bound_by(&[0; 64]));
    }
    if let Ok(claims) = RuntimeClaims::parse(data) {
        assert!(claims.ak.bytes().len() >= 256);
    }
    if let Ok(evidence) = AzureEvidence::parse(data) {
        assert_eq!(evidence.encode(), data);
    }
});
