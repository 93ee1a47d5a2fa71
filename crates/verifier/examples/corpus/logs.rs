use std::io;

use adyton_tee_tcg_tpm::HashAlg;
use adyton_tee_tcg_tpm::eventlog::{EventLog, EventLogError, Registers, Replay};

use crate::index::{Index, Row};
use crate::table::{Outcome, Table};

/// Where RTMR0 is in a TDX quote of version 4: in the TD report, behind the header.
const RTMR0: usize = 48 + 328;
/// The bytes of a register of TDX.
const RTMR_LEN: usize = 48;

/// Replays every event log. One that lies beside a quote has to add up to its registers.
pub(crate) fn run(index: &Index, table: &mut Table) -> io::Result<()> {
    for row in index.rows() {
        let name = row.file.to_lowercase();
        if !row.kind.contains("eventlog") || name.ends_with("shielded_vm.json") {
            continue;
        }
        let beside = [
            "_out.json",
            "table.bin",
            "table.dat",
            "nonce.dat",
            "quote.dat",
        ];
        // Tables of ACPI, which say where a log is, are 56 bytes.
        if beside.iter().any(|end| name.ends_with(end)) || name.ends_with("ccel_ccel.bin") {
            table.add_part(&row.kind);
            continue;
        }
        let bytes = index.bytes(&row.file)?;
        let quoted = match row.kind.as_str() {
            "eventlog+tdx" => Some(quote(index)?),
            _ => None,
        };
        let outcome = judge(&bytes, registers(&name), quoted.as_deref());
        let accepted = matches!(outcome, Outcome::Accepted(_));
        table.add(&row.kind, &outcome);
        table.compare(&row.file, accepted, listed(row), &outcome);
    }
    Ok(())
}

/// No verdict is listed for most: a log of a real machine replays.
fn listed(row: &Row) -> &str {
    match row.verdict.as_str() {
        "-" => "a log of a real machine",
        verdict => verdict,
    }
}

fn registers(name: &str) -> Registers {
    match name.contains("ccel") || name.contains("event_log.bin") {
        true => Registers::Cc,
        false => Registers::Tpm,
    }
}

/// The quote beside a log.
fn quote(index: &Index) -> io::Result<Vec<u8>> {
    let quotes = index.rows().iter();
    let mut quotes = quotes.filter(|row| row.kind == "eventlog+tdx" && row.file.contains("quote"));
    quotes
        .next()
        .map_or(Ok(Vec::new()), |row| index.bytes(&row.file))
}

fn judge(log: &[u8], registers: Registers, quote: Option<&[u8]>) -> Outcome {
    match replay(log, registers).and_then(|replay| confirm(&replay, quote)) {
        Ok(()) => Outcome::Accepted(String::new()),
        Err(NotReplayed::Log(EventLogError::NotCryptoAgile)) => refused("SHA-1 digests alone"),
        Err(NotReplayed::Log(_)) => refused("event-log"),
        Err(NotReplayed::Bank) => refused("no bank of SHA-2"),
    }
}

fn refused(why: &str) -> Outcome {
    Outcome::Refused(why.to_owned())
}

enum NotReplayed {
    Log(EventLogError),
    Bank,
}

impl From<EventLogError> for NotReplayed {
    fn from(error: EventLogError) -> Self {
        Self::Log(error)
    }
}

fn replay(log: &[u8], registers: Registers) -> Result<Replay, NotReplayed> {
    let log = EventLog::parse(log)?;
    let mut banks = HashAlg::ALL.into_iter().rev();
    let bank = banks.find(|bank| log.banks().any(|id| id == bank.id()));
    Ok(log.replay(registers, bank.ok_or(NotReplayed::Bank)?)?)
}

/// Against the quote, or else against itself: the events' digests count there alone.
fn confirm(replay: &Replay, quote: Option<&[u8]>) -> Result<(), NotReplayed> {
    let own = replay.registers().filter_map(|register| {
        let value = replay.value(register)?;
        Some((register, value.to_vec()))
    });
    let values: Vec<(u32, Vec<u8>)> = match quote {
        None => own.collect(),
        Some(quote) => {
            let rtmrs = quote.get(RTMR0..).unwrap_or_default();
            let rtmrs = rtmrs.chunks(RTMR_LEN).take(4).map(<[u8]>::to_vec);
            // Registers of a log begin with 1 for RTMR0.
            (1..).zip(rtmrs).collect()
        }
    };
    let values = values
        .iter()
        .map(|(register, value)| (*register, value.as_slice()));
    replay.clone().confirm(values)?;
    Ok(())
}
