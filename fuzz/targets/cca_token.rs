#![no_main]
//! CCA tokens. The first byte says what the rest is: the token as received, or the claims of the
//! platform's or the realm's half, signed by the right key.

use std::sync::LazyLock;

use adyton_codec::Value;
use adyton_fuzz::bound_heap;
use adyton_tee_arm_cca::forge::{ForgedToken, payload};
use adyton_tee_arm_cca::{CcaEndorsements, CcaToken, verify};
use adyton_types::UnixTime;
use libfuzzer_sys::fuzz_target;

struct Forged {
    token: ForgedToken,
    endorsements: CcaEndorsements,
}

static FORGED: LazyLock<Forged> = LazyLock::new(|| {
    let token = ForgedToken::default();
    let endorsements = token.endorsements();
    Forged {
        token,
        endorsements,
    }
});

fuzz_target!(|data: &[u8]| {
    LazyLock::force(&FORGED);
    let _bound = bound_heap(data);
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let empty = || Value::Map(Vec::new());
    let token = &FORGED.token;
    let bytes = match mode % 3 {
        0 => rest.to_vec(),
        1 => {
            let realm = token.rak.sign1(&payload(&token.realm), empty());
            ForgedToken::wrap(mode & 4 != 0, &token.cpak.sign1(rest, empty()), &realm)
        }
        _ => {
            let platform = token.cpak.sign1(&payload(&token.platform), empty());
            ForgedToken::wrap(mode & 4 != 0, &platform, &token.rak.sign1(rest, empty()))
        }
    };
    if let Ok(token) = CcaToken::parse(&bytes) {
        assert!(token.fields().len() >= 20);
    }
    let verified = verify(&bytes, &FORGED.endorsements, UnixTime::from_secs(150));
    if let Ok(verified) = verified {
        let claims = verified.claims();
        assert_eq!(claims.instance, ForgedToken::INSTANCE);
        assert!((0x3000..=0x30ff).contains(&claims.lifecycle));
    }
});
