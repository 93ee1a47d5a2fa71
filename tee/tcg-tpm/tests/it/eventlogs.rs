use adyton_tee_tcg_tpm::HashAlg;
use adyton_tee_tcg_tpm::eventlog::{EventLog, EventLogError, Provenance, Registers};
use adyton_vectors::Vectors;

/// Files beside the logs, which are none: ACPI tables, a nonce, a quote.
const NO_LOGS: [&str; 5] = [
    "CCEL.bin",
    "table.bin",
    "ccel_table.dat",
    "nonce.dat",
    "tdx-quote.dat",
];
/// Logs of SHA-1 digests alone.
const OLD: [&str; 4] = [
    "debian-10.bin",
    "ebs_event_missing",
    "option_rom",
    "short_no_action",
];

fn registers(name: &str) -> Registers {
    if name.to_lowercase().contains("ccel") || name.contains("event_log.bin") {
        Registers::Cc
    } else {
        Registers::Tpm
    }
}

/// How many events each provenance has, after a replay that is compared with itself.
fn summary(
    log: &EventLog<'_>,
    registers: Registers,
    bank: HashAlg,
) -> Result<String, EventLogError> {
    let replay = log.replay(registers, bank)?;
    let values: Vec<(u32, Vec<u8>)> = replay
        .registers()
        .map(|register| (register, replay.value(register).unwrap().to_vec()))
        .collect();
    let quoted = values
        .iter()
        .map(|(register, value)| (*register, value.as_slice()));
    let verified = replay.confirm(quoted)?;
    let count = |wanted| {
        verified
            .events()
            .iter()
            .filter(|e| e.provenance == wanted)
            .count()
    };
    Ok(format!(
        "{bank}, {} registers, {} data, {} variables, {} opaque",
        values.len(),
        count(Provenance::Data),
        count(Provenance::VariableContents),
        count(Provenance::Opaque)
    ))
}

#[test]
fn real_logs_replay() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let mut files = vectors.folder("eventlog");
    let others = vectors.folder("tpm");
    files.extend(
        others
            .into_iter()
            .filter(|(name, _)| name.contains("eventlog")),
    );
    for (name, bytes) in files {
        if name.ends_with(".json") {
            continue;
        }
        let is = |list: &[&str]| list.iter().any(|part| name.contains(part));
        match EventLog::parse(&bytes) {
            Err(error) if is(&NO_LOGS) => println!("{name}: no log: {error}"),
            Err(error) if is(&OLD) => {
                println!("{name}: {error}");
                assert_eq!(error, EventLogError::NotCryptoAgile);
            }
            Err(error) => panic!("{name}: {error}"),
            Ok(log) => {
                assert!(!is(&NO_LOGS) && !is(&OLD), "{name}");
                let bank = HashAlg::ALL
                    .into_iter()
                    .rfind(|bank| log.banks().any(|id| id == bank.id()));
                match bank {
                    Some(bank) => {
                        println!("{name}: {}", summary(&log, registers(&name), bank).unwrap())
                    }
                    // Hygon's CSV logs SM3 digests alone.
                    None => assert!(name.contains("CCEL_data_csv"), "{name}"),
                }
            }
        }
    }
}

/// A COS machine's CCEL adds up to the RTMRs of its TDX quote.
#[test]
fn a_ccel_adds_up_to_the_quoted_rtmrs() {
    let Some(vectors) = Vectors::open() else {
        return;
    };
    let quote = vectors.ending("eventlog", "cos-113-tdx-quote.dat");
    let bytes = vectors.ending("eventlog", "ccel_data.dat");
    // RTMR0 stands at 328 in the TD report, which follows the header of 48 bytes.
    let rtmr = |n: usize| &quote[48 + 328 + 48 * n..][..48];
    let quoted = || (0..4).map(|n| (u32::try_from(n).unwrap() + 1, rtmr(n)));
    let replay = EventLog::parse(&bytes)
        .unwrap()
        .replay(Registers::Cc, HashAlg::Sha384)
        .unwrap();
    let verified = replay.clone().confirm(quoted()).unwrap();
    assert_eq!(verified.unlogged(), [4]);
    let swapped = quoted().map(|(n, _)| (n, rtmr(3)));
    assert!(matches!(
        replay.confirm(swapped),
        Err(EventLogError::Mismatch { register: 1 })
    ));
}
