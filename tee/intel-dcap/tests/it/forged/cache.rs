//! The cache of PCK certificates.

use adyton_tee_intel_dcap::forge::IntelForge;
use adyton_tee_intel_dcap::{PckCache, verify_cached};

#[test]
fn the_cache_saves_signatures_and_nothing_else() {
    let forge = IntelForge::tdx();
    let (quote, endorsements) = (forge.quote(), forge.endorsements().unwrap());
    let cache = PckCache::new(1);
    for _ in 0..2 {
        assert!(verify_cached(&quote, &endorsements, &cache, forge.now).is_ok());
        assert_eq!(cache.len(), 1);
    }
    // The same chain, now revoked: the bytes of the certificates are those of the quote above.
    let mut bundle = forge.bundle();
    bundle.pck_crl = forge.pck_crl.clone().revoke(&[3]).sign(&forge.ca_key);
    let revoking = forge.endorse(&bundle).unwrap();
    let error = verify_cached(&quote, &revoking, &cache, forge.now).unwrap_err();
    assert_eq!(error.check(), "pck-revocation");
    let mut broken = quote.clone();
    broken[100] ^= 1;
    let error = verify_cached(&broken, &endorsements, &cache, forge.now).unwrap_err();
    assert_eq!(error.check(), "quote-signature");
    let other = IntelForge::tdx();
    let error = verify_cached(&quote, &other.endorsements().unwrap(), &cache, forge.now);
    assert_eq!(error.unwrap_err().check(), "pck-chain", "another root");
    let second = other.endorsements().unwrap();
    let one_more = verify_cached(&other.quote(), &second, &cache, forge.now);
    assert!(one_more.is_ok() && cache.len() == 1, "it stays small");
}
