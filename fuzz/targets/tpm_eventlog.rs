#![no_main]
//! Event logs of TPMs and of TDX: what replays confirms itself, and nothing else.

use adyton_fuzz::bound_heap;
use adyton_tee_tcg_tpm::HashAlg;
use adyton_tee_tcg_tpm::eventlog::{EventLog, EventLogError, Registers};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let _bound = bound_heap(data);
    let Ok(log) = EventLog::parse(data) else {
        return;
    };
    for registers in [Registers::Tpm, Registers::Cc] {
        for bank in HashAlg::ALL {
            let Ok(replay) = log.replay(registers, bank) else {
                continue;
            };
            let values: Vec<(u32, Vec<u8>)> = replay
                .registers()
                .filter_map(|register| Some((register, replay.value(register)?.to_vec())))
                .collect();
            let quoted = values
                .iter()
                .map(|(register, value)| (*register, value.as_slice()));
            let verified = replay.clone().confirm(quoted).expect("its own values");
            assert!(verified.events().len() <= log.events().len());
            if let Some((register, value)) = values.first() {
                let mut other = value.clone();
                other[0] ^= 1;
                let error = replay
                    .confirm([(*register, other.as_slice())])
                    .expect_err("another");
                assert_eq!(
                    error,
                    EventLogError::Mismatch {
                        register: *register
                    }
                );
            }
        }
    }
});
