use std::io;

use adyton_tee_azure_cvm::{AzureEvidence, Hardware, HardwareKind, HclReport, rsassa_sha256};
use adyton_tee_tcg_tpm::{HashAlg, PcrValues};
use adyton_types::{Evidence, TeeKind};
use adyton_verifier::envelope::Found;

use crate::index::{Index, Row};
use crate::others::Vendors;
use crate::pieces::{Bincode, bincode};
use crate::table::{Outcome, Table};

/// Verifies what of Azure's lies in parts: reports of its paravisor by themselves (what the hardware
/// signed binds the claims), and TPM quotes together with the reports and quotes that they fit.
pub(crate) fn run(index: &Index, vendors: &Vendors, table: &mut Table) -> io::Result<()> {
    let parts = Parts::read(index)?;
    for row in index
        .rows()
        .iter()
        .filter(|row| row.file.starts_with("azure"))
    {
        let is_quote = row.file.ends_with("quote.bin") && row.kind.ends_with("-evidence");
        let outcome = if is_hcl(row) {
            bound(&index.bytes(&row.file)?)
        } else if let (true, Some(quote)) = (is_quote, bincode(&index.bytes(&row.file)?)) {
            parts.whole(&quote, row, vendors)
        } else {
            if index.evidence(row)?.is_none() && row.kind.ends_with("-evidence") {
                table.add_part(&row.kind);
            }
            continue;
        };
        table.add(&row.kind, &outcome);
        let accepted = matches!(outcome, Outcome::Accepted(_));
        table.compare(&row.file, accepted, &row.verdict, &outcome);
    }
    Ok(())
}

fn is_hcl(row: &Row) -> bool {
    row.kind.starts_with("azure-hcl") || row.file.contains("hcl-report")
}

/// Whether the report data of the hardware report inside are the hash of the claims.
fn bound(bytes: &[u8]) -> Outcome {
    let report_data = |hcl: &HclReport<'_>| {
        let at = match hcl.kind() {
            HardwareKind::Snp => 0x50,
            HardwareKind::Tdx => 128,
        };
        hcl.hardware_report().get(at..)?.first_chunk().copied()
    };
    match HclReport::parse(bytes) {
        Ok(hcl) if report_data(&hcl).is_some_and(|data| hcl.is_bound_by(&data)) => {
            Outcome::Accepted(String::new())
        }
        Ok(_) => Outcome::Refused("claims-bound".to_owned()),
        Err(error) => Outcome::Refused(error.check().to_owned()),
    }
}

/// What a quote of a TPM may belong to.
struct Parts {
    hcl: Vec<Vec<u8>>,
    td_quotes: Vec<Vec<u8>>,
}

impl Parts {
    fn read(index: &Index) -> io::Result<Self> {
        let all = |wanted: &dyn Fn(&Row) -> bool| {
            let rows = index.rows().iter().filter(|row| wanted(row));
            rows.map(|row| index.bytes(&row.file))
                .collect::<io::Result<_>>()
        };
        Ok(Self {
            hcl: all(&is_hcl)?,
            td_quotes: all(&|row| row.file.ends_with("td-quote.bin"))?,
        })
    }

    /// The first whole that verifies, or else why the last did not.
    fn whole(&self, quote: &Bincode, row: &Row, vendors: &Vendors) -> Outcome {
        let mut last = Outcome::Refused("unknown form".to_owned());
        for hcl in &self.hcl {
            let kind = HclReport::parse(hcl).map(|hcl| hcl.kind());
            let hardware = match kind {
                Ok(HardwareKind::Snp) => vec![Hardware::Snp { vek: None }],
                Ok(HardwareKind::Tdx) => {
                    let quotes = self.td_quotes.iter().cloned();
                    quotes.map(|quote| Hardware::Tdx { quote }).collect()
                }
                Err(_) => Vec::new(),
            };
            for hardware in hardware {
                let Some(found) = found(quote, hcl, hardware) else {
                    continue;
                };
                last = vendors.verify(&found, row);
                if matches!(last, Outcome::Accepted(_)) {
                    return last;
                }
            }
        }
        last
    }
}

fn found(quote: &Bincode, hcl: &[u8], hardware: Hardware) -> Option<Found> {
    let kind = match hardware {
        Hardware::Snp { .. } => TeeKind::AzureSnp,
        Hardware::Tdx { .. } => TeeKind::AzureTdx,
    };
    let evidence = AzureEvidence {
        hcl: hcl.to_vec(),
        quote: quote.message.clone(),
        signature: rsassa_sha256(&quote.signature),
        pcrs: PcrValues::new(HashAlg::Sha256, (0..).zip(quote.pcrs.iter().cloned())).ok()?,
        hardware,
    };
    Some(Found {
        evidence: Evidence {
            kind,
            bytes: evidence.encode(),
        },
        layers: Vec::new(),
        beside: Vec::new(),
    })
}
