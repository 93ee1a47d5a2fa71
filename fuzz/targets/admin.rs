#![no_main]
//! What comes over a broker's admin socket, and what it answers: one encoding each.

use adyton_broker::{AdminCommand, AdminReply};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    if let Ok(command) = AdminCommand::parse(data) {
        assert_eq!(command.encode().expose(), data);
    }
    if let Ok(reply) = AdminReply::parse(data) {
        assert_eq!(reply.encode(), data);
    }
});
