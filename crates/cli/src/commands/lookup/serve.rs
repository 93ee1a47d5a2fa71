use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;

use adyton_lookup::{KeyKind, MAX_WINDOW_MS, Terms, TokenTerms};
use adyton_lookupd::{Config, Daemon};
use serde_json::json;

use super::keys::Owner;
use super::tokens::read_issuer;
use crate::machine::MachineArgs;
use crate::places::StateArgs;
use crate::{Failure, Out};

/// Serves look-ups.
#[derive(Debug, clap::Args)]
#[command(after_help = "\
Example:
  adyton lookup serve lookup --listen 0.0.0.0:7443 --owner HEX --capacity 20000000

The table is in the memory of an enclave and nowhere else: after a restart its owner loads it again.
It takes capacity * (8 + value bytes) bytes of locked memory, some more for keys other than phone
numbers, and some 200 MB; `ulimit -l` must allow that, or the user be root.")]
pub(crate) struct Args {
    /// The front's directory, for its TLS key and its socket; made if it is not there
    dir: PathBuf,
    /// Where to listen
    #[arg(long, value_name = "ADDRESS:PORT")]
    listen: SocketAddr,
    /// The owner of the table, as `adyton lookup owner-key` prints it
    #[arg(long, value_name = "HEX")]
    owner: Owner,
    /// The most records
    #[arg(long, value_name = "RECORDS", value_parser = clap::value_parser!(u32).range(1..))]
    capacity: u32,
    /// What the keys are: phone, email or bytes
    #[arg(long, value_name = "KIND", default_value = "phone")]
    keys: KeyKind,
    /// Bytes of each value, 0 to 64
    #[arg(long, value_name = "BYTES", default_value_t = 16, value_parser = clap::value_parser!(u8).range(..=64))]
    value_bytes: u8,
    /// The most keys that one session may ask, padding included
    #[arg(long, value_name = "KEYS", default_value_t = 65_536)]
    quota: u64,
    /// How long a query waits for others to share its pass, in milliseconds
    #[arg(long, value_name = "MS", default_value_t = 4, value_parser = clap::value_parser!(u64).range(..=MAX_WINDOW_MS))]
    window_ms: u64,
    /// Take tokens of this issuer, whose public half `adyton lookup tokens issuer-key` wrote
    #[arg(long, value_name = "FILE")]
    issuer: Option<PathBuf>,
    /// How many keys may be asked for a token, padding included
    #[arg(long, value_name = "KEYS", default_value_t = 6144, requires = "issuer", value_parser = clap::value_parser!(u32).range(1..))]
    keys_per_token: u32,
    /// Keep room for a second table, so that one can be loaded while the other serves
    #[arg(long)]
    room_for_reload: bool,
    /// Stop when standard input ends: for whoever starts a service as a part of itself
    #[arg(long, hide = true)]
    while_stdin_is_open: bool,
    #[command(flatten)]
    machine: MachineArgs,
    #[command(flatten)]
    state: StateArgs,
}

pub(super) fn run(args: &Args, out: Out) -> Result<(), Failure> {
    let issuer = args.issuer.as_deref().map(read_issuer).transpose()?;
    let tokens = issuer.map(|(issuer, key)| TokenTerms {
        issuer,
        key,
        keys: args.keys_per_token,
    });
    let config = Config {
        directory: args.dir.clone(),
        listen: args.listen,
        adyton: "/proc/self/exe".into(),
        tee: args.machine.source()?,
        platform_key: args.state.platform_key()?,
        terms: Terms {
            keys: args.keys,
            value_bytes: args.value_bytes.into(),
            capacity: usize::try_from(args.capacity).unwrap_or(usize::MAX),
            owner: args.owner.0,
            quota: args.quota,
            window_ms: args.window_ms,
            tokens,
        },
        room_for_reload: args.room_for_reload,
    };
    let daemon = Daemon::start(&config)?;
    let address = daemon.address().to_string();
    out.result(
        &format!("serving at {address}"),
        &json!({ "address": address, "guardian": daemon.guardian() }),
    )?;
    if args.while_stdin_is_open {
        thread::spawn(stop_with_stdin);
    }
    Ok(daemon.run_until_signal()?)
}

/// Whoever holds the other end of standard input need only go away.
fn stop_with_stdin() {
    // An error ends it just as well.
    let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
    let _ = rustix::process::kill_process(rustix::process::getpid(), rustix::process::Signal::TERM);
}
