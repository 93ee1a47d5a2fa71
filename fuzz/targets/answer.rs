#![no_main]
//! What an enclave reads from a broker. The first byte says whether the rest is an answer or a
//! denial as received, or the payload of one, signed by the broker: a broker may be malicious too.

use std::sync::LazyLock;

use adyton_crypto::sign_labelled;
use adyton_fuzz::{Broker, broker, pending_release};
use adyton_protocol::PendingRelease;
use libfuzzer_sys::fuzz_target;

static PENDING: LazyLock<PendingRelease> = LazyLock::new(pending_release);
static BROKER: LazyLock<Broker> = LazyLock::new(broker);

fuzz_target!(|data: &[u8]| {
    let Some((mode, rest)) = data.split_first() else {
        return;
    };
    let signed = |label| sign_labelled(label, &BROKER.answer_key, rest);
    match mode % 4 {
        0 => drop(PENDING.open(rest)),
        1 => drop(PENDING.open_denial(rest)),
        2 => drop(PENDING.open(&signed("adyton/release-answer/v1"))),
        _ => drop(PENDING.open_denial(&signed("adyton/release-denial/v1"))),
    }
});
