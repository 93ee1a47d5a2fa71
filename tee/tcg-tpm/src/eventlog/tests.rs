mod details;

use super::{EventLog, EventLogError, EventType, Provenance, Registers};
use crate::HashAlg;
use crate::forge::LogForge;

const SHA256: HashAlg = HashAlg::Sha256;

fn log() -> LogForge {
    LogForge::new(&[SHA256])
}

fn replay(log: &LogForge, registers: Registers) -> Result<super::Replay, EventLogError> {
    EventLog::parse(&log.bytes)?.replay(registers, SHA256)
}

fn extended(start: &[u8], measured: &[&[u8]]) -> Vec<u8> {
    measured.iter().fold(start.to_vec(), |value, data| {
        SHA256.digest(&[&value, &SHA256.digest(&[data])])
    })
}

#[test]
fn registers_begin_as_their_kind_does() {
    let all = log()
        .event_over(0, 3, b"", b"StartupLocality\0\x03")
        .event(0, 8, b"version")
        .event(17, 4, &[0; 4])
        .event(23, 4, &[0; 4]);
    let replayed = replay(&all, Registers::Tpm).unwrap();
    let mut locality = [0; 32];
    locality[31] = 3;
    assert_eq!(
        replayed.value(0).unwrap(),
        extended(&locality, &[b"version"])
    );
    assert_eq!(
        replayed.value(17).unwrap(),
        extended(&[0xFF; 32], &[&[0; 4]])
    );
    assert_eq!(replayed.value(23).unwrap(), extended(&[0; 32], &[&[0; 4]]));
    assert_eq!(replayed.value(1), None);
    let cc = log().event(1, 4, &[0; 4]);
    let replayed = replay(&cc, Registers::Cc).unwrap();
    assert_eq!(replayed.value(1).unwrap(), extended(&[0; 32], &[&[0; 4]]));
    for (log, registers) in [
        (log().event(24, 4, &[]), Registers::Tpm),
        (log().event(5, 4, &[]), Registers::Cc),
    ] {
        let error = replay(&log, registers).unwrap_err();
        assert!(matches!(error, EventLogError::Register { .. }));
    }
}

#[test]
fn startup_locality_is_said_once_and_first() {
    let said = |log: LogForge, locality: u8| {
        let mut data = b"StartupLocality\0".to_vec();
        data.push(locality);
        log.event_over(0, 3, b"", &data)
    };
    let wrong = [
        said(log(), 1),
        said(said(log(), 0), 3),
        said(log().event(0, 8, b"v"), 3),
        log().event_over(1, 3, b"", b"StartupLocality\0\x03"),
        log().event_over(0, 3, b"", b"StartupLocality\0"),
    ];
    for log in wrong {
        let error = replay(&log, Registers::Tpm).unwrap_err();
        assert!(matches!(error, EventLogError::StartupLocality { .. }));
    }
}

#[test]
fn digests_are_recomputed_where_they_are_over_the_data() {
    let forged = log().event_over(7, 0x8000_0001, b"SecureBoot off", b"SecureBoot on");
    let error = replay(&forged, Registers::Tpm).unwrap_err();
    let kind = EventType(0x8000_0001);
    assert!(matches!(error, EventLogError::Digest { kind: found, .. } if found == kind));
    let mut variable = vec![9; 16];
    variable.extend(1u64.to_le_bytes());
    variable.extend(3u64.to_le_bytes());
    variable.extend(b"d\0abc");
    let honest = log()
        .event(7, 0x8000_0001, b"data")
        .event_over(4, 0x8000_0003, b"a whole program", b"a path")
        .event_over(1, 0x8000_0002, b"abc", &variable)
        .event_over(5, 4, &1u32.to_le_bytes(), b"an error");
    let replayed = replay(&honest, Registers::Tpm).unwrap();
    let quoted: Vec<(u32, Vec<u8>)> = [7, 4, 1, 5]
        .map(|r| (r, replayed.value(r).unwrap().to_vec()))
        .to_vec();
    let quoted = quoted.iter().map(|(r, value)| (*r, value.as_slice()));
    let verified = replayed.clone().confirm(quoted).unwrap();
    let found: Vec<Provenance> = verified.events().iter().map(|e| e.provenance).collect();
    let expected = [
        Provenance::Data,
        Provenance::Opaque,
        Provenance::VariableContents,
        Provenance::Opaque,
    ];
    assert_eq!(found, expected);
}

#[test]
fn events_of_registers_that_are_not_quoted_are_left_out() {
    let all = log().event(4, 4, &[0; 4]).event(7, 4, &[0; 4]);
    let replayed = replay(&all, Registers::Tpm).unwrap();
    let value = replayed.value(4).unwrap().to_vec();
    let verified = replayed.confirm([(4, value.as_slice())]).unwrap();
    assert_eq!(verified.events().len(), 1);
    assert_eq!(
        verified.events_of(7),
        Err(EventLogError::Unlogged { register: 7 })
    );
}

#[test]
fn a_register_without_events_holds_what_it_begins_with() {
    let started = log().event_over(0, 3, b"", b"StartupLocality\0\x04");
    let confirm = |register: u32, value: &[u8]| {
        let replayed = replay(&started, Registers::Tpm).unwrap();
        replayed
            .confirm([(register, value)])
            .map(|log| log.unlogged().to_vec())
    };
    let mut locality = [0; 32];
    locality[31] = 4;
    for (register, start) in [(0, locality), (1, [0; 32]), (17, [0xFF; 32]), (23, [0; 32])] {
        assert_eq!(confirm(register, &start), Ok(vec![register]));
        let mut measured = start;
        measured[0] ^= 1;
        let error = EventLogError::Unexplained { register };
        assert_eq!(confirm(register, &measured), Err(error));
    }
    // A PCR 0 whose start from locality 4 is left out as well.
    assert!(confirm(0, &[0; 32]).is_err());
    assert!(confirm(24, &[0; 32]).is_err());
}

#[test]
fn malformed_logs_are_refused() {
    let good = log().event(4, 4, &[0; 4]).bytes;
    for len in 0..good.len() {
        // A cut before the last event leaves a shorter log.
        let header = log().bytes.len();
        assert_eq!(
            EventLog::parse(&good[..len]).is_ok(),
            len == header,
            "{len}"
        );
    }
    let mut padded = good.clone();
    padded.extend([0xFF; 64]);
    assert_eq!(EventLog::parse(&padded).unwrap().events().len(), 1);
    let mut twice = LogForge::new(&[SHA256, SHA256]);
    assert!(EventLog::parse(&twice.bytes).is_err());
    twice = log();
    twice.bytes[0] = 2;
    assert!(matches!(
        EventLog::parse(&twice.bytes),
        Err(EventLogError::Header { .. })
    ));
    let other = LogForge::new(&[HashAlg::Sha384]).event(4, 4, &[0; 4]);
    let error = replay(&other, Registers::Tpm).unwrap_err();
    assert!(matches!(error, EventLogError::NoDigest { .. }));
}
