use std::io;

use adyton_types::{Evidence, TeeKind};
use adyton_verifier::envelope::Found;

use crate::index::Index;
use crate::others::Vendors;
use crate::table::{Outcome, Table};

/// A field of 1184 bytes in a Protocol Buffers message: the length's encoding.
const SNP_LEN: [u8; 2] = [0xa0, 0x09];
/// The bytes of a report of SEV-SNP.
const SNP_BYTES: usize = 1184;
/// How a TDX quote of version 4 begins, with an ECDSA P-256 key.
const TDX_QUOTE: [u8; 8] = [4, 0, 2, 0, 0x81, 0, 0, 0];
/// Bytes of a TDX quote of version 4 before its signature data, whose length is the last of them.
const TDX_FIXED: usize = 636;

/// Verifies the hardware Evidence inside Oak's messages, with the V*EK certificate of the
/// Endorsements beside it. Oak's own layers above the hardware are not judged.
pub(crate) fn run(index: &Index, vendors: &mut Vendors, table: &mut Table) -> io::Result<()> {
    let rows = || index.rows().iter().filter(|row| row.kind == "oak-evidence");
    for row in rows().filter(|row| row.file.contains("endorsements")) {
        certificates(&index.bytes(&row.file)?).for_each(|der| vendors.add_amd(der));
    }
    for row in rows() {
        let Some(found) = hardware(&index.bytes(&row.file)?) else {
            table.add_part(&row.kind);
            continue;
        };
        let outcome = vendors.verify(&found, row);
        table.add(&row.kind, &outcome);
        let accepted = matches!(outcome, Outcome::Accepted(_));
        table.compare(&row.file, accepted, &row.verdict, &outcome);
    }
    Ok(())
}

fn hardware(message: &[u8]) -> Option<Found> {
    let (kind, bytes) = snp(message)
        .map(|report| (TeeKind::Snp, report))
        .or_else(|| Some((TeeKind::Tdx, tdx(message)?)))?;
    Some(Found {
        evidence: Evidence {
            kind,
            bytes: bytes.to_vec(),
        },
        layers: Vec::new(),
        beside: Vec::new(),
    })
}

/// A field of a report's length that begins with a report's version.
fn snp(message: &[u8]) -> Option<&[u8]> {
    (0..message.len()).find_map(|at| {
        let report = message.get(at..)?.strip_prefix(&SNP_LEN)?;
        let [version, 0, 0, 0] = report.first_chunk()? else {
            return None;
        };
        (2..=5)
            .contains(version)
            .then_some(report.get(..SNP_BYTES)?)
    })
}

fn tdx(message: &[u8]) -> Option<&[u8]> {
    let at = (0..message.len()).find(|at| {
        message
            .get(*at..)
            .is_some_and(|m| m.starts_with(&TDX_QUOTE))
    })?;
    let quote = message.get(at..)?;
    let len = quote.get(TDX_FIXED.checked_sub(4)?..)?.first_chunk()?;
    let len = usize::try_from(u32::from_le_bytes(*len)).ok()?;
    quote.get(..TDX_FIXED.checked_add(len)?)
}

/// Everything that begins like a certificate, cut by its own length.
fn certificates(message: &[u8]) -> impl Iterator<Item = &[u8]> {
    (0..message.len()).filter_map(|at| {
        let [0x30, 0x82, high, low, 0x30, 0x82] = message.get(at..)?.first_chunk()? else {
            return None;
        };
        let len = usize::from(u16::from_be_bytes([*high, *low]));
        message.get(at..at.checked_add(len)?.checked_add(4)?)
    })
}
