#![no_main]
//! TPM quotes. The first byte says whether the rest is Evidence in its container, a TPM's structure
//! of some kind, or a `TPMS_ATTEST` that the enrolled key signs.

use std::sync::LazyLock;

use adyton_fuzz::bound_heap;
use adyton_tee_tcg_tpm::forge::{ForgedAk, QuoteForge, enrolled};
use adyton_tee_tcg_tpm::{
    Expected, HashAlg, PcrSelection, PcrSet, PcrValues, Quote, Signature, TpmEndorsements,
    TpmEvidence, TpmPublic, verify,
};
use adyton_types::UnixTime;
use libfuzzer_sys::fuzz_target;

const NOW: UnixTime = UnixTime::from_secs(1_800_000_000);
const NONCE: &[u8] = b"nonce";

static AK: LazyLock<ForgedAk> = LazyLock::new(ForgedAk::ecc);
static TRUSTED: LazyLock<TpmEndorsements> = LazyLock::new(|| {
    let public = TpmPublic::parse(&AK.public()).expect("its own key");
    TpmEndorsements::new(Vec::new()).with_enrolled(enrolled(&public, NOW))
});
static RIGHT: LazyLock<TpmEvidence> = LazyLock::new(|| {
    let pcrs = PcrValues::new(HashAlg::Sha256, [(7, vec![7; 32])]).expect("a value");
    QuoteForge::new(NONCE, pcrs).evidence(&AK)
});

fn judge(evidence: &[u8]) {
    let expected = Expected {
        nonce: NONCE,
        selection: PcrSelection::new(HashAlg::Sha256, PcrSet::new([7]).expect("a PCR")),
    };
    if let Ok(verified) = verify(evidence, &TRUSTED, &expected, NOW) {
        let claims = verified.claims();
        assert_eq!(claims.nonce, NONCE);
        assert_eq!(claims.pcrs, RIGHT.pcrs);
    }
}

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&TRUSTED);
    LazyLock::force(&RIGHT);
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    match mode % 3 {
        0 => {
            if let Ok(evidence) = TpmEvidence::parse(rest) {
                assert_eq!(evidence.encode(), rest);
                let _ = evidence.fields();
            }
            judge(rest);
        }
        1 => {
            let _ = Signature::parse(rest).map(|signature| signature.fields());
            if let Ok(public) = TpmPublic::parse(rest) {
                assert_eq!(public.bytes(), rest);
                assert!(public.fields().len() >= 6);
            }
        }
        _ => {
            let fields = Quote::parse(rest).map(|quote| quote.fields());
            assert!(fields.map_or(true, |fields| fields.len() == 11));
            let mut evidence = RIGHT.clone();
            evidence.quote = rest.to_vec();
            evidence.signature = AK.sign(rest);
            judge(&evidence.encode());
        }
    }
});
