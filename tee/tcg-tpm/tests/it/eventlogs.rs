use adyton_tee_tcg_tpm::HashAlg;
use adyton_tee_tcg_tpm::eventlog::{EventLog, Provenance, Registers};

use crate::vectors;

#[test]
fn real_logs_replay() {
    let Some(mut files) = vectors::folder("eventlog") else {
        return;
    };
    files.extend(
        vectors::folder("tpm")
            .unwrap()
            .into_iter()
            .filter(|(n, _)| n.contains("eventlog")),
    );
    for (name, bytes) in files {
        if name.ends_with(".json") {
            continue;
        }
        let short = &name[name.len().saturating_sub(55)..];
        match EventLog::parse(&bytes) {
            Err(e) => println!("{short}: {e}"),
            Ok(log) => {
                let banks: Vec<u16> = log.banks().collect();
                print!("{short}: {} events {banks:x?}", log.events().len());
                let registers =
                    if name.contains("CCEL") || name.contains("ccel") || name.contains("tdx") {
                        Registers::Cc
                    } else {
                        Registers::Tpm
                    };
                for bank in HashAlg::ALL {
                    if !banks.contains(&bank.id()) {
                        continue;
                    }
                    match log.replay(registers, bank) {
                        Err(e) => print!(" {bank}: {e}"),
                        Ok(r) => {
                            let regs: Vec<u32> = r.registers().collect();
                            let all: Vec<(u32, Vec<u8>)> = regs
                                .iter()
                                .map(|x| (*x, r.value(*x).unwrap().to_vec()))
                                .collect();
                            let v = r
                                .clone()
                                .confirm(all.iter().map(|(a, b)| (*a, b.as_slice())))
                                .unwrap();
                            let n = |p: Provenance| {
                                v.events().iter().filter(|e| e.provenance == p).count()
                            };
                            print!(
                                " {bank}: regs {regs:?} data {} var {} opaque {}",
                                n(Provenance::Data),
                                n(Provenance::VariableContents),
                                n(Provenance::Opaque)
                            );
                        }
                    }
                }
                println!();
            }
        }
    }
}
