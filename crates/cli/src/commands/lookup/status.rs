use std::path::PathBuf;

use adyton_lookupd::{Status, status};
use serde_json::json;

use crate::{Failure, Out};

/// Shows what a service counts.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Examples:
  adyton lookup status lookup
  adyton lookup status lookup --prometheus > /var/lib/node_exporter/lookup.prom

Only what whoever runs the machine can count from outside: sessions, queries by class, times of passes.")]
pub(crate) struct Args {
    /// The front's directory
    dir: PathBuf,
    /// In the text format of Prometheus
    #[arg(long)]
    prometheus: bool,
}

pub(super) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let status = status(&args.dir)?;
    if args.prometheus {
        return out.raw(status.stats.prometheus().as_bytes());
    }
    let stats = &status.stats;
    let passes = stats.passes.iter().map(|(keys, class)| {
        let mean = class.micros / class.count.max(1);
        let (count, longest) = (class.count, class.longest);
        format!("passes    {count} of {keys} keys, {mean} us each, {longest} us the longest")
    });
    let refused = stats.refused.iter();
    let refused = refused.map(|(class, count)| format!("refused   {count} {class}"));
    let mut lines = vec![
        format!("address   {}", status.address),
        format!("table     {} records, epoch {}", stats.records, stats.epoch),
        format!("sessions  {} ({} begun)", stats.sessions, stats.greeted),
        format!("queries   {} ({} keys)", stats.queries, stats.keys),
    ];
    if status.busy {
        lines
            .push("enclave   at work, as at the end of a load: these numbers are older".to_owned());
    }
    lines.extend(passes.chain(refused));
    out.result(&lines.join("\n"), &document(&status))
}

fn document(status: &Status) -> serde_json::Value {
    let stats = &status.stats;
    let passes = stats.passes.iter().map(|(keys, class)| {
        json!({ "keys": keys, "count": class.count, "micros": class.micros, "longest": class.longest })
    });
    json!({
        "address": status.address,
        "guardian": status.guardian,
        "busy": status.busy,
        "records": stats.records,
        "epoch": stats.epoch,
        "sessions": stats.sessions,
        "sessions-begun": stats.greeted,
        "queries": stats.queries,
        "keys": stats.keys,
        "refused": stats.refused,
        "passes": passes.collect::<Vec<_>>(),
    })
}
