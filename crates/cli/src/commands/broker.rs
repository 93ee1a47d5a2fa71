use std::net::SocketAddr;
use std::path::PathBuf;
use std::thread;

use adyton_brokerd::{Config, Control, Daemon, Endorsed, init};
use adyton_merkle::Origin;
use serde_json::json;

use crate::failure::failure_from;
use crate::{Failure, Out};

/// What can be done with a broker.
#[derive(Debug, clap::Subcommand)]
pub(crate) enum Command {
    /// Make a new broker in a directory of its own
    #[command(
        after_help = "Example:\n  adyton broker init /var/lib/adyton/broker --origin broker.hospital-a.example"
    )]
    Init(InitArgs),
    /// Serve a broker until it is told to stop (Ctrl-C, SIGTERM)
    #[command(
        after_help = "Example:\n  adyton broker serve /var/lib/adyton/broker --listen 0.0.0.0:7443"
    )]
    Serve(ServeArgs),
    /// Show a broker's id, address and log
    #[command(after_help = "Example:\n  adyton broker status /var/lib/adyton/broker --json")]
    Status(Dir),
}

/// Makes a broker.
#[derive(Debug, clap::Args)]
pub(crate) struct InitArgs {
    /// The broker's directory; it must be empty, or not be there yet
    dir: PathBuf,
    /// The log's name, unique in the world: a host name of the owner's
    #[arg(long, value_name = "NAME")]
    origin: Origin,
}

/// Serves a broker.
#[derive(Debug, clap::Args)]
pub(crate) struct ServeArgs {
    /// The broker's directory
    dir: PathBuf,
    /// Where to listen; port 0 lets the system choose
    #[arg(long, short, value_name = "ADDRESS", default_value = "127.0.0.1:7443")]
    listen: SocketAddr,
    /// Judge the proofs of hardware by the Endorsements in this directory: files of AMD, Intel and
    /// NVIDIA, and signed lists of reference values; inside it `tpm-roots` has roots of TPMs, and
    /// `tpm-enrolled` the records of TPMs that you have enrolled (`adyton tpm enrol`)
    #[arg(long, value_name = "DIR")]
    endorsements: Option<PathBuf>,
    /// Stop when standard input ends: for whoever starts a broker as a part of itself
    #[arg(long, hide = true)]
    while_stdin_is_open: bool,
}

/// A broker's directory.
#[derive(Debug, clap::Args)]
pub(crate) struct Dir {
    /// The broker's directory
    pub(super) dir: PathBuf,
}

failure_from!(adyton_brokerd::BrokerdError);

pub(crate) fn run(command: &Command, out: Out) -> Result<(), Failure> {
    match command {
        Command::Init(args) => {
            let card = init(&args.dir, &args.origin)?;
            let (dir, id) = (args.dir.display(), card.id());
            out.result(
                &format!("made a broker in `{dir}`\nid  {id}\nback up {dir}/broker.key: without it the broker's secrets are lost"),
                &json!({ "directory": args.dir.display().to_string(), "id": id.to_string() }),
            )
        }
        Command::Serve(args) => serve(args, out),
        Command::Status(args) => status(args, out),
    }
}

fn serve(args: &ServeArgs, out: Out) -> Result<(), Failure> {
    let mut config = Config::new(&args.dir, args.listen);
    config.endorsements.clone_from(&args.endorsements);
    let daemon = Daemon::start(&config)?;
    let address = daemon.broker_address();
    out.result(
        &format!("serving at {address}"),
        &json!({ "address": address.to_string(), "id": address.id().to_string() }),
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

fn status(args: &Dir, out: Out) -> Result<(), Failure> {
    let status = Control::open(&args.dir)?.status()?;
    let listening = status
        .listening
        .map_or_else(|| "no daemon runs".to_owned(), |at| at.to_string());
    let address = status.listening.map(|at| format!("{at}#{}", status.id));
    let since = status.since.map(|since| since.to_string());
    let entries = status.checkpoint.lines().nth(1).unwrap_or("0").to_owned();
    let mut lines = vec![
        format!("id         {}", status.id),
        format!("log        {} ({entries} entries)", status.origin),
        format!("listening  {listening}"),
    ];
    lines.extend(
        address
            .as_ref()
            .map(|address| format!("address    {address}")),
    );
    lines.extend(since.as_ref().map(|since| format!("since      {since}")));
    let endorsements = status.endorsements.as_deref();
    lines.extend(endorsements.unwrap_or_default().iter().map(endorsed));
    let endorsements = endorsements.map(|all| {
        let one = |one: &Endorsed| {
            json!({
                "what": one.what,
                "until": one.until.map(|until| until.to_string()),
                "refused": one.refused,
            })
        };
        all.iter().map(one).collect::<Vec<_>>()
    });
    out.result(
        &crate::printable::lines(&lines),
        &json!({
            "id": status.id.to_string(),
            "origin": status.origin,
            "listening": status.listening.map(|at| at.to_string()),
            "address": address,
            "since": since,
            "generation": status.generation,
            "endorsements": endorsements,
            "checkpoint": status.checkpoint,
        }),
    )
}

/// A line of the status about one Endorsement.
fn endorsed(one: &Endorsed) -> String {
    let Endorsed {
        what,
        until,
        refused,
    } = one;
    match (until, refused) {
        (Some(until), _) => format!("endorsed   until {until}: {what}"),
        (None, Some(why)) => format!("refused    {what}: {why}"),
        (None, None) => format!("endorsed   {what}"),
    }
}
